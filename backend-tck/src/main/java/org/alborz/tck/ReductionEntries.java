package org.alborz.tck;

import java.util.ArrayList;
import java.util.List;
import org.alborz.backend.ReduceOp;
import org.alborz.ops.Amax;
import org.alborz.ops.Amin;
import org.alborz.ops.MeanOp;
import org.alborz.ops.Sum;
import org.alborz.type.Shape;

/** One entry a {@link ReduceOp} and choice of axes. */
final class ReductionEntries {
    private static final Shape CUBE = Shape.of(3, 5, 4);
    private static final Shape IMAGES = Shape.of(2, 17, 3, 5);

    private ReductionEntries() {}

    static List<OpEntry> all() {
        List<OpEntry> entries = new ArrayList<>();
        for (ReduceOp op : ReduceOp.values()) {
            OpEntry last =
                    entry(op, "last axis", false, 2).on(lengths(op, false)).on(lengths(op, true));
            entries.add(
                    isExtreme(op)
                            ? last.atSpecialValues(SelectionSpecials.extremes(op))
                            : LinearSpecials.added(last, 0));
            entries.add(entry(op, "first axis", false, 0));
            entries.add(entry(op, "middle axis, kept", true, 1));
            entries.add(entry(op, "two outer axes", false, 0, 2));
            entries.add(entry(op, "all axes", false, 0, 1, 2));
            entries.add(entry(op, "no axis", true));
            entries.add(channels(op));
        }
        return entries;
    }

    private static OpEntry entry(ReduceOp op, String axesName, boolean keepDims, int... axes) {
        OpEntry entry = of(op, axesName, keepDims, axes)
                .on(Sample.smooth(numbers(op, CUBE)), Sample.smooth(numbers(op, Shape.of(1, 1, 1))))
                .on(Sample.smooth(HostArray.filled(0, emptyKept(axes))));
        HostArray nothing = HostArray.filled(0, Shape.of(0, 0, 0));
        return switch (op) {
            case SUM -> entry.on(Sample.smooth(nothing));
            case MEAN -> entry.on(Sample.forward(nothing));
            case MAX, MIN -> entry;
        };
    }

    /** Returns a shape without elements whose reduction has none either, if an axis is left. */
    private static Shape emptyKept(int... axes) {
        Shape shape = Shape.of(0, 0, 0);
        for (int axis : axes) {
            shape = shape.with(axis, axes.length == 3 ? 1 : 2);
        }
        return shape;
    }

    private static OpEntry of(ReduceOp op, String axesName, boolean keepDims, int... axes) {
        return OpEntry.of(
                        op + " over " + axesName,
                        1,
                        in -> switch (op) {
                            case SUM -> in[0].sum(keepDims, axes);
                            case MEAN -> in[0].mean(keepDims, axes);
                            case MAX -> in[0].max(keepDims, axes);
                            case MIN -> in[0].min(keepDims, axes);
                        },
                        in -> oracle(op, in[0], keepDims, axes))
                .covering(op, operation(op))
                .within(isExtreme(op) ? Tolerance.rounded() : Tolerance.accumulated());
    }

    private static Class<?> operation(ReduceOp op) {
        return switch (op) {
            case SUM -> Sum.class;
            case MEAN -> MeanOp.class;
            case MAX -> Amax.class;
            case MIN -> Amin.class;
        };
    }

    private static boolean isExtreme(ReduceOp op) {
        return op == ReduceOp.MAX || op == ReduceOp.MIN;
    }

    private static OpEntry channels(ReduceOp op) {
        HostArray withNan = HostArray.distinct(33, IMAGES);
        withNan.add(Double.NaN, 1, 16, 2, 4);
        return of(op, "the pixels of a channel", false, 0, 2, 3)
                .on(Sample.smooth(HostArray.distinct(33, IMAGES)))
                .on(Sample.forward(withNan).named("one NaN"));
    }

    /** Long and short reductions of many and of few rows, the last axis being reduced. */
    private static List<Sample> lengths(ReduceOp op, boolean wide) {
        List<Sample> samples = new ArrayList<>();
        for (int length : new int[] {1, 2, 7, 8, 15, 16, 17, 31, 33, 65, 1031}) {
            Shape shape = wide ? Shape.of(length, 3, 2) : Shape.of(1, 2, length);
            samples.add(Sample.forward(numbers(op, shape)));
        }
        return samples;
    }

    /** Returns numbers without ties for the extremes, and with a sum that is not 0. */
    private static HostArray numbers(ReduceOp op, Shape shape) {
        return isExtreme(op) ? HostArray.distinct(34, shape) : HostArray.uniform(34, -1, 1.5, shape);
    }

    static HostArray oracle(ReduceOp op, HostArray x, boolean keepDims, int... axes) {
        HostArray kept = switch (op) {
            case SUM -> x.reduce(0, Double::sum, axes);
            case MEAN -> mean(x, axes);
            case MAX -> x.reduce(Double.NEGATIVE_INFINITY, (a, b) -> Double.isNaN(a) || a > b ? a : b, axes);
            case MIN -> x.reduce(Double.POSITIVE_INFINITY, (a, b) -> Double.isNaN(a) || a < b ? a : b, axes);
        };
        return keepDims ? kept : kept.reshape(without(kept.shape(), axes));
    }

    private static HostArray mean(HostArray x, int... axes) {
        HostArray sums = x.reduce(0, Double::sum, axes);
        double count = 1;
        for (int axis : axes) {
            count *= x.shape().size(axis);
        }
        double divisor = count;
        return sums.map(sum -> sum / divisor);
    }

    private static Shape without(Shape shape, int... axes) {
        Shape left = shape;
        for (int i = axes.length - 1; i >= 0; i--) {
            left = left.remove(axes[i]);
        }
        return left;
    }
}
