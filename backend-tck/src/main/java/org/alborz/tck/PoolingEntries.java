package org.alborz.tck;

import java.util.ArrayList;
import java.util.List;
import org.alborz.ops.AvgPool2dBackward;
import org.alborz.ops.AvgPool2dOp;
import org.alborz.ops.Engine;
import org.alborz.ops.MaxPool2dBackward;
import org.alborz.ops.MaxPool2dGather;
import org.alborz.ops.MaxPool2dOp;
import org.alborz.type.Padding2d;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.Shape;

/** Pooling with windows side by side, overlapping, padded, with gaps, and leaving a rest. */
final class PoolingEntries {
    private PoolingEntries() {}

    static List<OpEntry> all() {
        Pool2dParameters[] windows = {
            new Pool2dParameters(2, 2, 2, 2, 0, 0),
            new Pool2dParameters(3, 3, 2, 2, 1, 1),
            new Pool2dParameters(3, 3, 1, 1, 1, 1),
            new Pool2dParameters(3, 2, 1, 3, 0, 1),
            new Pool2dParameters(1, 1, 2, 2, 0, 0),
            Pool2dParameters.of(3).withStride(2).withPadding(new Padding2d(1, 0, 0, 1)),
            Pool2dParameters.of(3).withStride(2).withPadding(1).withCountPadding(false),
            Pool2dParameters.of(2).withCeil(true),
            Pool2dParameters.of(3, 2)
                    .withStride(3, 2)
                    .withPadding(new Padding2d(0, 1, 1, 0))
                    .withCeil(true),
            Pool2dParameters.of(3).withStride(2).withPadding(1).withCeil(true).withCountPadding(false),
            Pool2dParameters.of(2).withStride(1).withDilation(2),
            Pool2dParameters.of(3, 2)
                    .withStride(1, 2)
                    .withPadding(1)
                    .withDilation(2)
                    .withCountPadding(false),
            Pool2dParameters.of(2)
                    .withStride(3)
                    .withPadding(new Padding2d(1, 0, 1, 1))
                    .withDilation(3)
                    .withCeil(true)
        };
        List<OpEntry> entries = new ArrayList<>();
        for (Pool2dParameters p : windows) {
            entries.add(max(p));
            entries.add(average(p));
        }
        return entries;
    }

    private static OpEntry max(Pool2dParameters p) {
        HostArray withNan = HostArray.distinct(71, Shape.of(2, 3, 6, 5));
        withNan.add(Double.NaN, 1, 2, 2, 3);
        HostArray ties = HostArray.filled(-2, Shape.of(1, 3, 4, 4));
        return OpEntry.of("max pooling " + p, 1, in -> Engine.apply(new MaxPool2dOp(p), in[0]), in -> maximum(p, in[0]))
                .covering(MaxPool2dOp.class, MaxPool2dBackward.class, MaxPool2dGather.class)
                .within(Tolerance.rounded())
                .atSpecialValues(SelectionSpecials.maxPooling())
                .on(samples())
                .on(
                        Sample.forward(withNan).named("one NaN"),
                        Sample.forward(ties).named("all equal and negative"));
    }

    private static OpEntry average(Pool2dParameters p) {
        OpEntry entry = OpEntry.of(
                        "average pooling " + p,
                        1,
                        in -> Engine.apply(new AvgPool2dOp(p), in[0]),
                        in -> average(p, in[0]))
                .covering(AvgPool2dOp.class, AvgPool2dBackward.class)
                .on(samples());
        return LinearSpecials.added(entry, 0);
    }

    private static List<Sample> samples() {
        return List.of(
                Sample.smooth(HostArray.distinct(72, Shape.of(2, 3, 6, 5))),
                Sample.smooth(HostArray.distinct(72, Shape.of(0, 3, 6, 5))),
                Sample.forward(HostArray.distinct(73, Shape.of(1, 1, 7, 31))),
                Sample.forward(HostArray.distinct(74, Shape.of(2, 17, 5, 7))),
                Sample.forward(HostArray.distinct(75, Shape.of(1, 33, 3, 4))));
    }

    /** Takes the elements of one window that are on the image. */
    private interface Window {
        double of(double so, double element);
    }

    private static HostArray pooled(Pool2dParameters p, HostArray x, double initial, Window join) {
        Shape images = x.shape();
        Shape shape = images.with(2, p.outputH(images.size(2))).with(3, p.outputW(images.size(3)));
        return HostArray.compute(shape, i -> {
            double result = initial;
            for (int u = 0; u < p.kernelH(); u++) {
                for (int v = 0; v < p.kernelW(); v++) {
                    int row = i[2] * p.strideH() - p.padding().top() + u * p.dilationH();
                    int column = i[3] * p.strideW() - p.padding().left() + v * p.dilationW();
                    if (row >= 0 && row < images.size(2) && column >= 0 && column < images.size(3)) {
                        result = join.of(result, x.at(i[0], i[1], row, column));
                    }
                }
            }
            return result;
        });
    }

    private static HostArray maximum(Pool2dParameters p, HostArray x) {
        return pooled(p, x, Double.NEGATIVE_INFINITY, (a, b) -> Double.isNaN(a) || a > b ? a : b);
    }

    private static HostArray average(Pool2dParameters p, HostArray x) {
        HostArray sums = pooled(p, x, 0, Double::sum);
        Padding2d counted = p.countPadding() ? p.padding() : Padding2d.NONE;
        int height = x.shape().size(2);
        int width = x.shape().size(3);
        return HostArray.compute(sums.shape(), i -> {
            int rows = 0;
            for (int u = 0; u < p.kernelH(); u++) {
                int row = i[2] * p.strideH() - p.padding().top() + u * p.dilationH();
                rows += row >= -counted.top() && row < height + counted.bottom() ? 1 : 0;
            }
            int columns = 0;
            for (int v = 0; v < p.kernelW(); v++) {
                int column = i[3] * p.strideW() - p.padding().left() + v * p.dilationW();
                columns += column >= -counted.left() && column < width + counted.right() ? 1 : 0;
            }
            return sums.at(i) / Math.max(1, rows * columns);
        });
    }
}
