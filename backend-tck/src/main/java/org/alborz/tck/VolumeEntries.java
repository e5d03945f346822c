package org.alborz.tck;

import java.util.ArrayList;
import java.util.List;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Conv3dParameters;
import org.alborz.type.Padding2d;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.Pool3dParameters;
import org.alborz.type.Shape;

/** Convolutions and pooling of volumes, which are composed of those of images, against sums over every element. */
final class VolumeEntries {
    private VolumeEntries() {}

    static List<OpEntry> all() {
        List<OpEntry> entries = new ArrayList<>();
        Conv3dParameters[] convolutions = {
            Conv3dParameters.defaults(),
            new Conv3dParameters(2, 1, 0, 1, new Conv2dParameters(1, 2, 1, 0, 1, 1, 2)),
            Conv3dParameters.defaults().withPadding(1).withDilation(2)
        };
        for (Conv3dParameters p : convolutions) {
            entries.add(conv3d(p));
            entries.add(convTranspose3d(p, 0));
        }
        entries.add(convTranspose3d(
                new Conv3dParameters(3, 0, 1, 2, new Conv2dParameters(2, 2, new Padding2d(0, 1, 1, 0), 1, 1, 2)), 1));
        Pool3dParameters[] poolings = {
            Pool3dParameters.of(2),
            Pool3dParameters.of(3).withStride(2).withPadding(1).withCeil(true),
            Pool3dParameters.of(3).withStride(2).withPadding(1).withCountPadding(false),
            new Pool3dParameters(2, 1, 1, 0, 2, new Pool2dParameters(3, 1, 2, 1, 1, 0))
        };
        for (Pool3dParameters p : poolings) {
            entries.add(pooling(p, true));
            entries.add(pooling(p, false));
        }
        for (int[] size : new int[][] {{1, 1, 1}, {2, 3, 5}, {5, 2, 1}}) {
            entries.add(adaptive(size, true));
            entries.add(adaptive(size, false));
        }
        return entries;
    }

    private static HostArray image(int... sizes) {
        return HostArray.uniform(81, -1, 1, Shape.of(sizes));
    }

    private static HostArray weight(int... sizes) {
        return HostArray.uniform(82, -1, 1, Shape.of(sizes));
    }

    private static OpEntry conv3d(Conv3dParameters p) {
        int groups = p.plane().groups();
        HostArray bias = HostArray.uniform(83, -1, 1, Shape.of(4));
        return OpEntry.of("conv3d " + p, 3, in -> in[0].conv3d(in[1], in[2], p), in -> volumes(p, in))
                .withContiguous(2)
                .on(
                        Sample.smooth(image(2, 2, 5, 5, 6), weight(4, 2 / groups, 2, 3, 2), bias),
                        Sample.smooth(image(0, 2, 5, 5, 6), weight(4, 2 / groups, 2, 3, 2), bias),
                        Sample.forward(image(1, 2, 6, 7, 5), weight(4, 2 / groups, 3, 3, 3), bias));
    }

    /** Sums over every product of an input and a weight. */
    private static HostArray volumes(Conv3dParameters p, HostArray... in) {
        Conv2dParameters plane = p.plane();
        Shape x = in[0].shape();
        Shape w = in[1].shape();
        int perGroup = w.size(0) / plane.groups();
        Shape y = Shape.of(
                x.size(0),
                w.size(0),
                p.outputD(x.size(2), w.size(2)),
                plane.outputH(x.size(3), w.size(3)),
                plane.outputW(x.size(4), w.size(4)));
        Shape filter = Shape.of(w.size(1), w.size(2), w.size(3), w.size(4));
        return HostArray.compute(y, i -> {
            double[] sum = {in[2].at(i[1])};
            HostArray.forEachIndex(filter, f -> {
                int d = i[2] * p.strideD() - p.front() + f[1] * p.dilationD();
                int row = i[3] * plane.strideH() - plane.padding().top() + f[2] * plane.dilationH();
                int column = i[4] * plane.strideW() - plane.padding().left() + f[3] * plane.dilationW();
                if (inside(d, x.size(2)) && inside(row, x.size(3)) && inside(column, x.size(4))) {
                    int channel = i[1] / perGroup * w.size(1) + f[0];
                    sum[0] += in[0].at(i[0], channel, d, row, column) * in[1].at(i[1], f[0], f[1], f[2], f[3]);
                }
            });
            return sum[0];
        });
    }

    private static boolean inside(int at, int size) {
        return at >= 0 && at < size;
    }

    private static OpEntry convTranspose3d(Conv3dParameters p, int more) {
        HostArray bias = HostArray.uniform(83, -1, 1, Shape.of(3 * p.plane().groups()));
        return OpEntry.of(
                        "conv transpose 3d " + p + " output padding " + more,
                        3,
                        in -> in[0].convTranspose3d(in[1], in[2], p, more),
                        in -> transposed(p, more, in))
                .on(
                        Sample.smooth(image(2, 2, 3, 2, 3), weight(2, 3, 2, 3, 2), bias),
                        Sample.smooth(image(0, 2, 3, 2, 3), weight(2, 3, 2, 3, 2), bias),
                        Sample.forward(image(1, 4, 5, 6, 7), weight(4, 3, 3, 2, 3), bias));
    }

    private static int transposedSize(int size, int kernel, int stride, int padding, int dilation, int more) {
        return (size - 1) * stride - padding + dilation * (kernel - 1) + 1 + more;
    }

    /** Sums over every input and weight whose product is added to an output. */
    private static HostArray transposed(Conv3dParameters p, int more, HostArray... in) {
        Conv2dParameters plane = p.plane();
        Padding2d around = plane.padding();
        Shape x = in[0].shape();
        Shape w = in[1].shape();
        int inGroup = x.size(1) / plane.groups();
        Shape y = Shape.of(
                x.size(0),
                w.size(1) * plane.groups(),
                transposedSize(x.size(2), w.size(2), p.strideD(), p.front() + p.back(), p.dilationD(), more),
                transposedSize(
                        x.size(3), w.size(3), plane.strideH(), around.top() + around.bottom(), plane.dilationH(), more),
                transposedSize(
                        x.size(4),
                        w.size(4),
                        plane.strideW(),
                        around.left() + around.right(),
                        plane.dilationW(),
                        more));
        Shape filter = Shape.of(inGroup, w.size(2), w.size(3), w.size(4));
        return HostArray.compute(y, i -> {
            double[] sum = {in[2].at(i[1])};
            HostArray.forEachIndex(filter, f -> {
                int d = i[2] + p.front() - f[1] * p.dilationD();
                int row = i[3] + around.top() - f[2] * plane.dilationH();
                int column = i[4] + around.left() - f[3] * plane.dilationW();
                boolean whole = d % p.strideD() == 0 && row % plane.strideH() == 0 && column % plane.strideW() == 0;
                d /= p.strideD();
                row /= plane.strideH();
                column /= plane.strideW();
                if (whole && inside(d, x.size(2)) && inside(row, x.size(3)) && inside(column, x.size(4))) {
                    int channel = i[1] / w.size(1) * inGroup + f[0];
                    sum[0] += in[0].at(i[0], channel, d, row, column)
                            * in[1].at(channel, i[1] % w.size(1), f[1], f[2], f[3]);
                }
            });
            return sum[0];
        });
    }

    // ---- pooling ----

    private static OpEntry pooling(Pool3dParameters p, boolean largest) {
        String name = (largest ? "max" : "average") + " pooling 3d " + p;
        OpEntry entry = OpEntry.of(
                name, 1, in -> largest ? in[0].maxPool3d(p) : in[0].avgPool3d(p), in -> pooled(p, largest, in[0]));
        if (!largest) {
            return entry.on(
                    Sample.smooth(image(2, 3, 5, 4, 6)),
                    Sample.smooth(image(0, 3, 5, 4, 6)),
                    Sample.forward(image(1, 17, 7, 5, 9)));
        }
        return entry.within(Tolerance.rounded())
                .on(
                        Sample.smooth(HostArray.distinct(84, Shape.of(2, 2, 5, 4, 3))),
                        Sample.smooth(HostArray.distinct(84, Shape.of(0, 2, 5, 4, 3))),
                        Sample.forward(HostArray.distinct(84, Shape.of(1, 3, 7, 5, 4))));
    }

    private static HostArray pooled(Pool3dParameters p, boolean largest, HostArray x) {
        Shape s = x.shape();
        Pool2dParameters plane = p.plane();
        Shape y = Shape.of(
                s.size(0), s.size(1), p.outputD(s.size(2)), plane.outputH(s.size(3)), plane.outputW(s.size(4)));
        Shape window = Shape.of(p.kernelD(), plane.kernelH(), plane.kernelW());
        return HostArray.compute(y, i -> {
            double[] result = {largest ? Double.NEGATIVE_INFINITY : 0, 0};
            HostArray.forEachIndex(window, u -> {
                int d = i[2] * p.strideD() - p.front() + u[0] * p.dilationD();
                int row = i[3] * plane.strideH() - plane.padding().top() + u[1] * plane.dilationH();
                int column = i[4] * plane.strideW() - plane.padding().left() + u[2] * plane.dilationW();
                boolean counts = inside(d, s.size(2)) && inside(row, s.size(3)) && inside(column, s.size(4));
                boolean padded = d < s.size(2) + p.back()
                        && row < s.size(3) + plane.padding().bottom()
                        && column < s.size(4) + plane.padding().right();
                result[1] += counts || plane.countPadding() && padded ? 1 : 0;
                if (counts) {
                    double element = x.at(i[0], i[1], d, row, column);
                    result[0] = largest ? Math.max(result[0], element) : result[0] + element;
                }
            });
            return largest ? result[0] : result[0] / result[1];
        });
    }

    private static OpEntry adaptive(int[] size, boolean largest) {
        String name =
                "adaptive " + (largest ? "max" : "average") + " pooling to " + size[0] + "x" + size[1] + "x" + size[2];
        OpEntry entry = OpEntry.of(
                name,
                1,
                in -> largest
                        ? in[0].adaptiveMaxPool3d(size[0], size[1], size[2])
                        : in[0].adaptiveAvgPool3d(size[0], size[1], size[2]),
                in -> adapted(size, largest, in[0]));
        if (!largest) {
            return entry.on(
                    Sample.smooth(image(2, 2, 4, 6, 5)),
                    Sample.smooth(image(0, 2, 4, 6, 5)),
                    Sample.forward(image(1, 9, 7, 5, 11)));
        }
        return entry.within(Tolerance.rounded())
                .on(
                        Sample.smooth(HostArray.distinct(84, Shape.of(2, 1, 4, 6, 5))),
                        Sample.smooth(HostArray.distinct(84, Shape.of(0, 1, 4, 6, 5))),
                        Sample.forward(HostArray.distinct(84, Shape.of(1, 2, 7, 5, 3))));
    }

    private static HostArray adapted(int[] size, boolean largest, HostArray x) {
        Shape s = x.shape();
        return HostArray.compute(Shape.of(s.size(0), s.size(1), size[0], size[1], size[2]), i -> {
            double[] result = {largest ? Double.NEGATIVE_INFINITY : 0, 0};
            for (int d = first(i[2], s.size(2), size[0]); d < end(i[2], s.size(2), size[0]); d++) {
                for (int row = first(i[3], s.size(3), size[1]); row < end(i[3], s.size(3), size[1]); row++) {
                    for (int column = first(i[4], s.size(4), size[2]);
                            column < end(i[4], s.size(4), size[2]);
                            column++) {
                        double element = x.at(i[0], i[1], d, row, column);
                        result[0] = largest ? Math.max(result[0], element) : result[0] + element;
                        result[1]++;
                    }
                }
            }
            return largest ? result[0] : result[0] / result[1];
        });
    }

    private static int first(int window, int from, int to) {
        return window * from / to;
    }

    private static int end(int window, int from, int to) {
        return (int) Math.ceil((window + 1.0) * from / to);
    }
}
