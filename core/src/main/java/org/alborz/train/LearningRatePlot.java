package org.alborz.train;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.alborz.train.LearningRateCurve.Point;

/** Draws a curve of losses as SVG. */
final class LearningRatePlot {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 400;
    private static final int LEFT = 70;
    private static final int RIGHT = 20;
    private static final int TOP = 30;
    private static final int BOTTOM = 50;

    /** Lines of the grid along the losses. */
    private static final int LEVELS = 5;

    private final LearningRateCurve curve;
    private final double first;
    private final double last;
    private final double low;
    private final double high;

    LearningRatePlot(LearningRateCurve curve) {
        this.curve = curve;
        List<Point> points = curve.points();
        first = points.isEmpty() ? 0 : Math.log10(points.get(0).learningRate());
        double end =
                points.isEmpty() ? 0 : Math.log10(points.get(points.size() - 1).learningRate());
        last = end > first ? end : first + 1;
        double least =
                points.stream().mapToDouble(LearningRatePlot::lower).min().orElse(0);
        double most = points.stream().mapToDouble(Point::smoothedLoss).max().orElse(1);
        low = least;
        high = most > least ? most : least + 1;
    }

    private static double lower(Point point) {
        return Math.min(point.loss(), point.smoothedLoss());
    }

    String svg() {
        StringBuilder svg = new StringBuilder();
        add(
                svg,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\""
                        + " font-family=\"sans-serif\" font-size=\"12\">%n",
                WIDTH,
                HEIGHT,
                WIDTH,
                HEIGHT);
        add(svg, "<rect width=\"%d\" height=\"%d\" fill=\"white\"/>%n", WIDTH, HEIGHT);
        grid(svg);
        line(svg, Point::loss, "#bbbbbb", 1);
        line(svg, Point::smoothedLoss, "#1f77b4", 2);
        curve.suggestion().ifPresent(rate -> {
            double at = x(rate);
            add(
                    svg,
                    "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#d62728\" stroke-dasharray=\"4\"/>%n",
                    at,
                    TOP,
                    at,
                    HEIGHT - BOTTOM);
            add(
                    svg,
                    "<text x=\"%.1f\" y=\"%d\" fill=\"#d62728\" text-anchor=\"middle\">%.2e</text>%n",
                    at,
                    TOP - 8,
                    rate);
        });
        add(
                svg,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">learning rate</text>%n",
                (LEFT + WIDTH - RIGHT) / 2,
                HEIGHT - 12);
        add(
                svg,
                "<text transform=\"translate(16,%d) rotate(-90)\" text-anchor=\"middle\">loss</text>%n",
                (TOP + HEIGHT - BOTTOM) / 2);
        return svg.append("</svg>\n").toString();
    }

    private void grid(StringBuilder svg) {
        for (int decade = (int) Math.ceil(first); decade <= last; decade++) {
            double at = x(Math.pow(10, decade));
            add(
                    svg,
                    "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#eeeeee\"/>%n",
                    at,
                    TOP,
                    at,
                    HEIGHT - BOTTOM);
            add(
                    svg,
                    "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">1e%d</text>%n",
                    at,
                    HEIGHT - BOTTOM + 18,
                    decade);
        }
        for (int i = 0; i <= LEVELS; i++) {
            double loss = low + (high - low) * i / LEVELS;
            add(
                    svg,
                    "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#eeeeee\"/>%n",
                    LEFT,
                    y(loss),
                    WIDTH - RIGHT,
                    y(loss));
            add(svg, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.3g</text>%n", LEFT - 6, y(loss) + 4, loss);
        }
    }

    private void line(StringBuilder svg, ToDoubleFunction<Point> of, String colour, int width) {
        add(svg, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"%d\" points=\"", colour, width);
        for (Point point : curve.points()) {
            add(svg, "%.1f,%.1f ", x(point.learningRate()), y(Math.min(high, of.applyAsDouble(point))));
        }
        add(svg, "\"/>%n");
    }

    private double x(double rate) {
        return LEFT + (Math.log10(rate) - first) / (last - first) * (WIDTH - LEFT - RIGHT);
    }

    private double y(double loss) {
        return HEIGHT - BOTTOM - (loss - low) / (high - low) * (HEIGHT - TOP - BOTTOM);
    }

    private static void add(StringBuilder svg, String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format.replace("%n", "\n"), values));
    }
}
