package org.alborz.optim;

import org.alborz.tensor.Tensor;

/**
 * Finds a step length along a direction that meets the strong Wolfe conditions (Nocedal and Wright 2006, algorithms 3.5 and 3.6, with the
 * cubic interpolation of minFunc), with the constants and the order of evaluations of PyTorch's {@code LBFGS}.
 */
final class LineSearch {
    /** The least share of the expected decrease, and the most of the slope that may remain. */
    private static final double DECREASE = 1e-4;

    private static final double CURVATURE = 0.9;
    private static final int MOST_EVALUATIONS = 25;

    /**
     * What the objective is at a step length.
     *
     * @param gradient of the parameters
     * @param slope the derivative by the step length
     */
    record Point(double length, double loss, Tensor gradient, double slope) {}

    /** Evaluates the objective. */
    interface Line {
        /** Returns the point at a step length; its loss is infinite where it is not finite. */
        Point at(double length);
    }

    private final Line line;
    private final Point start;
    private final double tolerance;
    private int searches;
    private Point low;
    private Point high;

    /**
     * Prepares a search.
     *
     * @param start at length 0
     * @param tolerance a bracket of less than this, in step lengths, is not refined
     */
    LineSearch(Line line, Point start, double tolerance) {
        this.line = line;
        this.start = start;
        this.tolerance = tolerance;
    }

    /** Returns the number of evaluations of the last search. */
    int evaluations() {
        return searches + 1;
    }

    /** Returns the point found; it is the best of the bracket where the conditions are met nowhere. */
    Point from(double length) {
        searches = 0;
        Point found = bracket(line.at(length));
        return found == null ? refine() : found;
    }

    private boolean decreasesTooLittle(Point point) {
        return point.loss > start.loss + DECREASE * point.length * start.slope;
    }

    private boolean isFlat(Point point) {
        return Math.abs(point.slope) <= -CURVATURE * start.slope;
    }

    /** Goes on until a bracket is found, or returns a point that meets the conditions. */
    private Point bracket(Point first) {
        Point before = start;
        Point now = first;
        while (searches < MOST_EVALUATIONS) {
            if (decreasesTooLittle(now) || searches > 1 && now.loss >= before.loss) {
                return order(before, now);
            }
            if (isFlat(now)) {
                return now;
            }
            if (now.slope >= 0) {
                return order(before, now);
            }
            double least = now.length + 0.01 * (now.length - before.length);
            double next = minimum(before, now, least, 10 * now.length);
            before = now;
            now = line.at(next);
            searches++;
        }
        return order(start, now);
    }

    private Point order(Point a, Point b) {
        low = a.loss <= b.loss ? a : b;
        high = a.loss <= b.loss ? b : a;
        return null;
    }

    /** Makes the bracket smaller until its better end meets the conditions. */
    private Point refine() {
        boolean tooNear = false;
        while (searches < MOST_EVALUATIONS && Math.abs(high.length - low.length) >= tolerance) {
            double left = Math.min(low.length, high.length);
            double right = Math.max(low.length, high.length);
            double margin = 0.1 * (right - left);
            double next = minimum(low, high, left, right);
            if (Math.min(right - next, next - left) >= margin) {
                tooNear = false;
            } else if (tooNear || next >= right || next <= left) {
                next = Math.abs(next - right) < Math.abs(next - left) ? right - margin : left + margin;
                tooNear = false;
            } else {
                tooNear = true;
            }
            Point point = line.at(next);
            searches++;
            if (decreasesTooLittle(point) || point.loss >= low.loss) {
                order(low, point);
            } else if (isFlat(point)) {
                return point;
            } else {
                if (point.slope * (high.length - low.length) >= 0) {
                    high = low;
                }
                low = point;
            }
        }
        return low;
    }

    /** Returns where the cubic through two points with their slopes is least, within bounds. */
    private static double minimum(Point a, Point b, double least, double most) {
        Point left = a.length <= b.length ? a : b;
        Point right = a.length <= b.length ? b : a;
        double d1 = left.slope + right.slope - 3 * (left.loss - right.loss) / (left.length - right.length);
        double square = d1 * d1 - left.slope * right.slope;
        if (!(square >= 0) || Double.isInfinite(square)) {
            return (least + most) / 2;
        }
        double d2 = Math.sqrt(square);
        double at = right.length
                - (right.length - left.length) * ((right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2));
        return Double.isNaN(at) ? (least + most) / 2 : Math.min(Math.max(at, least), most);
    }
}
