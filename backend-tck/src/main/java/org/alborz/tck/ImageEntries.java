package org.alborz.tck;

import java.util.ArrayList;
import java.util.List;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.Conv1dParameters;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.DType;
import org.alborz.type.GridPadding;
import org.alborz.type.Interpolation;
import org.alborz.type.Padding2d;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.Shape;

/** What is composed for signals and images: other convolutions, other sizes, sampling, and places of maxima. Long, as a list. */
final class ImageEntries {
    private ImageEntries() {}

    static List<OpEntry> all() {
        List<OpEntry> entries = new ArrayList<>(convolutions());
        entries.addAll(adaptive());
        entries.addAll(VolumeEntries.all());
        for (boolean alignCorners : new boolean[] {false, true}) {
            for (Interpolation mode : Interpolation.values()) {
                if (!alignCorners || !mode.isNearest()) {
                    entries.addAll(interpolations(mode, alignCorners));
                }
            }
            for (GridPadding padding : GridPadding.values()) {
                entries.add(gridSample(Interpolation.BILINEAR, padding, alignCorners));
                entries.add(gridSample(Interpolation.NEAREST, padding, alignCorners));
            }
        }
        entries.addAll(shuffles());
        entries.addAll(indices());
        return entries;
    }

    private static HostArray image(int... sizes) {
        return HostArray.uniform(81, -1, 1, Shape.of(sizes));
    }

    private static HostArray weight(int... sizes) {
        return HostArray.uniform(82, -1, 1, Shape.of(sizes));
    }

    // ---- convolutions ----

    private static List<OpEntry> convolutions() {
        List<OpEntry> entries = new ArrayList<>();
        Conv1dParameters[] rows = {
            Conv1dParameters.defaults(), new Conv1dParameters(2, 2, 0, 1, 1), new Conv1dParameters(1, 1, 3, 2, 2)
        };
        for (Conv1dParameters p : rows) {
            entries.add(conv1d(p));
            entries.add(convTranspose1d(p));
        }
        Conv2dParameters[] planes = {
            Conv2dParameters.defaults(),
            new Conv2dParameters(2, 2, 1, 1, 1, 1, 1),
            new Conv2dParameters(3, 2, new Padding2d(0, 1, 1, 0), 1, 2, 2)
        };
        for (Conv2dParameters p : planes) {
            entries.add(convTranspose2d(p, 0));
        }
        entries.add(convTranspose2d(planes[1], 1));
        return entries;
    }

    private static OpEntry conv1d(Conv1dParameters p) {
        HostArray bias = HostArray.uniform(83, -1, 1, Shape.of(6));
        return OpEntry.of("conv1d " + p, 3, in -> in[0].conv1d(in[1], in[2], p), in -> {
                    HostArray y = ConvolutionOracle.forward(
                            p.ofOneRow(),
                            in[0].reshape(in[0].shape().insert(2, 1)),
                            in[1].reshape(in[1].shape().insert(2, 1)),
                            in[2],
                            null,
                            Activation.NONE);
                    return y.reshape(y.shape().remove(2));
                })
                .withContiguous(2)
                .on(
                        Sample.smooth(image(2, 4, 7), weight(6, 4 / p.groups(), 3), bias),
                        Sample.smooth(image(0, 4, 7), weight(6, 4 / p.groups(), 3), bias),
                        Sample.forward(image(1, 4, 31), weight(6, 4 / p.groups(), 5), bias));
    }

    private static HostArray transposed(Conv2dParameters p, int[] outputPadding, HostArray... in) {
        Shape x = in[0].shape();
        Shape w = in[1].shape();
        Padding2d padding = p.padding();
        int h = (x.size(2) - 1) * p.strideH() - padding.top() - padding.bottom() + p.dilationH() * (w.size(2) - 1) + 1;
        int wide =
                (x.size(3) - 1) * p.strideW() - padding.left() - padding.right() + p.dilationW() * (w.size(3) - 1) + 1;
        Shape images = Shape.of(x.size(0), w.size(1) * p.groups(), h + outputPadding[0], wide + outputPadding[1]);
        HostArray sums = ConvolutionOracle.backwardData(p, in[0], in[1], images);
        return HostArray.compute(images, i -> sums.at(i) + in[2].at(i[1]));
    }

    private static OpEntry convTranspose1d(Conv1dParameters p) {
        int more = p.stride() - 1;
        return OpEntry.of("conv transpose 1d " + p, 3, in -> in[0].convTranspose1d(in[1], in[2], p, more), in -> {
                    HostArray y = transposed(
                            p.ofOneRow(),
                            new int[] {0, more},
                            in[0].reshape(in[0].shape().insert(2, 1)),
                            in[1].reshape(in[1].shape().insert(2, 1)),
                            in[2]);
                    return y.reshape(y.shape().remove(2));
                })
                .on(
                        Sample.smooth(
                                image(2, 4, 5),
                                weight(4, 3, 3),
                                HostArray.uniform(83, -1, 1, Shape.of(3 * p.groups()))),
                        Sample.smooth(
                                image(0, 4, 5),
                                weight(4, 3, 3),
                                HostArray.uniform(83, -1, 1, Shape.of(3 * p.groups()))));
    }

    private static OpEntry convTranspose2d(Conv2dParameters p, int more) {
        HostArray bias = HostArray.uniform(83, -1, 1, Shape.of(3 * p.groups()));
        return OpEntry.of(
                        "conv transpose 2d " + p + " output padding " + more,
                        3,
                        in -> in[0].convTranspose2d(in[1], in[2], p, more),
                        in -> transposed(p, new int[] {more, more}, in))
                .on(
                        Sample.smooth(image(2, 4, 3, 4), weight(4, 3, 3, 2), bias),
                        Sample.smooth(image(0, 4, 3, 4), weight(4, 3, 3, 2), bias),
                        Sample.forward(image(1, 4, 7, 9), weight(4, 3, 3, 3), bias));
    }

    private static boolean inside(int at, int size) {
        return at >= 0 && at < size;
    }

    // ---- pooling ----

    private static List<OpEntry> adaptive() {
        List<OpEntry> entries = new ArrayList<>();
        for (int[] size : new int[][] {{1, 1}, {3, 5}, {4, 2}, {7, 3}, {6, 5}}) {
            int height = size[0];
            int width = size[1];
            entries.add(OpEntry.of(
                            "adaptive average pooling to " + height + "x" + width,
                            1,
                            in -> in[0].adaptiveAvgPool2d(height, width),
                            in -> adaptive(in[0], height, width, false))
                    .on(
                            Sample.smooth(image(2, 3, 6, 5)),
                            Sample.smooth(image(0, 3, 6, 5)),
                            Sample.forward(image(1, 17, 11, 31))));
            entries.add(OpEntry.of(
                            "adaptive max pooling to " + height + "x" + width,
                            1,
                            in -> in[0].adaptiveMaxPool2d(height, width),
                            in -> adaptive(in[0], height, width, true))
                    .within(Tolerance.rounded())
                    .on(
                            Sample.smooth(HostArray.distinct(84, Shape.of(2, 3, 6, 5))),
                            Sample.smooth(HostArray.distinct(84, Shape.of(0, 3, 6, 5))),
                            Sample.forward(HostArray.distinct(84, Shape.of(1, 5, 11, 13)))));
        }
        return entries;
    }

    private static HostArray adaptive(HostArray x, int height, int width, boolean largest) {
        Shape s = x.shape();
        return HostArray.compute(s.with(2, height).with(3, width), i -> {
            int top = i[2] * s.size(2) / height;
            int bottom = (int) Math.ceil((i[2] + 1.0) * s.size(2) / height);
            int left = i[3] * s.size(3) / width;
            int right = (int) Math.ceil((i[3] + 1.0) * s.size(3) / width);
            double most = Double.NEGATIVE_INFINITY;
            double sum = 0;
            for (int row = top; row < bottom; row++) {
                for (int column = left; column < right; column++) {
                    double element = x.at(i[0], i[1], row, column);
                    most = Math.max(most, element);
                    sum += element;
                }
            }
            return largest ? most : sum / ((bottom - top) * (right - left));
        });
    }

    private static List<OpEntry> indices() {
        Pool2dParameters p = Pool2dParameters.of(3).withStride(2).withPadding(1);
        Pool2dParameters apart = Pool2dParameters.of(2);
        return List.of(
                OpEntry.of(
                                "places of the largest",
                                1,
                                in -> in[0].maxPool2dWithIndices(p).indices().to(in[0].dtype()),
                                in -> places(p, in[0]))
                        .watching()
                        .within(Tolerance.rounded())
                        .on(
                                Sample.forward(HostArray.distinct(85, Shape.of(2, 3, 6, 5))),
                                Sample.forward(HostArray.distinct(85, Shape.of(0, 3, 6, 5)))),
                OpEntry.of(
                                "unpooling of the largest",
                                1,
                                in -> unpooled(in[0], apart),
                                in -> HostArray.compute(in[0].shape(), i -> isLargest(in[0], i) ? in[0].at(i) : 0))
                        .within(Tolerance.rounded())
                        .on(
                                Sample.smooth(HostArray.distinct(86, Shape.of(2, 3, 6, 4))),
                                Sample.smooth(HostArray.distinct(86, Shape.of(0, 3, 6, 4)))));
    }

    private static Tensor unpooled(Tensor x, Pool2dParameters p) {
        var pooled = x.maxPool2dWithIndices(p);
        return pooled.values()
                .maxUnpool2d(
                        pooled.indices().to(DType.INT64),
                        x.shape().size(2),
                        x.shape().size(3));
    }

    /** Tells whether an element is the first of the largest in its window of 2×2. */
    private static boolean isLargest(HostArray x, int... i) {
        int top = i[2] / 2 * 2;
        int left = i[3] / 2 * 2;
        for (int k = 0; k < 4; k++) {
            double other = x.at(i[0], i[1], top + k / 2, left + k % 2);
            boolean before = 2 * (i[2] - top) + i[3] - left > k;
            if (other > x.at(i) || before && other == x.at(i)) {
                return false;
            }
        }
        return true;
    }

    private static HostArray places(Pool2dParameters p, HostArray x) {
        Shape s = x.shape();
        Shape y = s.with(2, p.outputH(s.size(2))).with(3, p.outputW(s.size(3)));
        return HostArray.compute(y, i -> {
            int best = -1;
            double most = Double.NEGATIVE_INFINITY;
            for (int u = 0; u < p.kernelH(); u++) {
                for (int v = 0; v < p.kernelW(); v++) {
                    int row = i[2] * p.strideH() - p.padding().top() + u;
                    int column = i[3] * p.strideW() - p.padding().left() + v;
                    if (inside(row, s.size(2)) && inside(column, s.size(3)) && x.at(i[0], i[1], row, column) > most) {
                        best = row * s.size(3) + column;
                        most = x.at(i[0], i[1], row, column);
                    }
                }
            }
            return best;
        });
    }

    // ---- other sizes ----

    private static List<OpEntry> interpolations(Interpolation mode, boolean alignCorners) {
        List<OpEntry> entries = new ArrayList<>();
        for (int[] size : new int[][] {{8, 10}, {3, 7}, {9, 3}, {1, 5}}) {
            int height = size[0];
            int width = size[1];
            entries.add(OpEntry.of(
                            "interpolation " + mode + (alignCorners ? " with corners on corners to " : " to ") + height
                                    + "x" + width,
                            1,
                            in -> in[0].interpolate(height, width, mode, alignCorners),
                            in -> interpolated(in[0], height, width, mode, alignCorners))
                    .on(
                            Sample.smooth(image(2, 3, 4, 5)),
                            Sample.smooth(image(0, 3, 4, 5)),
                            Sample.forward(image(1, 1, 1, 1)),
                            Sample.forward(image(1, 17, 7, 3))));
        }
        return entries;
    }

    private static HostArray interpolated(
            HostArray x, int height, int width, Interpolation mode, boolean alignCorners) {
        Shape s = x.shape();
        return HostArray.compute(s.with(2, height).with(3, width), i -> {
            double row = source(i[2], s.size(2), height, mode, alignCorners);
            double column = source(i[3], s.size(3), width, mode, alignCorners);
            double sum = 0;
            for (int u = 0; u < s.size(2); u++) {
                for (int v = 0; v < s.size(3); v++) {
                    sum += share(row, u, s.size(2), mode) * share(column, v, s.size(3), mode) * x.at(i[0], i[1], u, v);
                }
            }
            return sum;
        });
    }

    /** Returns where a pixel of the result is among those of the original. */
    private static double source(int i, int from, int to, Interpolation mode, boolean alignCorners) {
        double scale = (double) from / to;
        return switch (mode) {
            case NEAREST -> Math.floor(i * scale);
            case NEAREST_EXACT -> Math.floor((i + 0.5) * scale);
            case BILINEAR, BICUBIC -> alignCorners ? i * (from - 1.0) / Math.max(1, to - 1) : (i + 0.5) * scale - 0.5;
        };
    }

    /** Returns the weight of a pixel; those of places beyond the border are added to its pixel. */
    private static double share(double place, int pixel, int size, Interpolation mode) {
        double sum = 0;
        for (int at = -3; at <= size + 3; at++) {
            if (Math.min(Math.max(at, 0), size - 1) == pixel) {
                sum += kernel(Math.abs(place - at), mode);
            }
        }
        return sum;
    }

    private static double kernel(double d, Interpolation mode) {
        return switch (mode) {
            case NEAREST, NEAREST_EXACT -> d == 0 ? 1 : 0;
            case BILINEAR -> Math.max(0, 1 - d);
            case BICUBIC ->
                d < 1 ? 1.25 * d * d * d - 2.25 * d * d + 1 : d < 2 ? -0.75 * (d * d * d - 5 * d * d + 8 * d - 4) : 0;
        };
    }

    private static OpEntry gridSample(Interpolation mode, GridPadding padding, boolean alignCorners) {
        boolean smooth = mode == Interpolation.BILINEAR;
        OpEntry entry = OpEntry.of(
                        "grid sample " + mode + " " + padding + (alignCorners ? " with corners on corners" : ""),
                        2,
                        in -> in[0].gridSample(in[1], mode, padding, alignCorners),
                        in -> sampled(in[0], in[1], mode, padding, alignCorners))
                .on(
                        Sample.smooth(image(2, 3, 4, 5), grid(2, 3, 2, 4, 5, alignCorners)),
                        Sample.smooth(image(0, 3, 4, 5), grid(0, 3, 2, 4, 5, alignCorners)),
                        Sample.forward(image(1, 17, 7, 3), grid(1, 5, 9, 7, 3, alignCorners)));
        return smooth ? entry : entry.watching(0);
    }

    /** Makes places off those where pixels begin, some of them outside of the image. */
    private static HostArray grid(int n, int rows, int columns, int height, int width, boolean alignCorners) {
        HostArray drawn = HostArray.uniform(87, 0, 1, Shape.of(n, rows, columns, 2));
        return HostArray.compute(drawn.shape(), i -> {
            int size = i[3] == 0 ? width : height;
            double whole = Math.floor(drawn.at(i) * (size + 2)) - 1.5;
            double place = whole + 0.7 + 0.15 * ((i[1] + i[2]) % 2);
            return (float) (alignCorners ? 2 * place / (size - 1) - 1 : (2 * place + 1) / size - 1);
        });
    }

    private static HostArray sampled(
            HostArray x, HostArray grid, Interpolation mode, GridPadding padding, boolean alignCorners) {
        Shape s = x.shape();
        Shape g = grid.shape();
        return HostArray.compute(Shape.of(s.size(0), s.size(1), g.size(1), g.size(2)), i -> {
            double column = place(grid.at(i[0], i[2], i[3], 0), s.size(3), padding, alignCorners);
            double row = place(grid.at(i[0], i[2], i[3], 1), s.size(2), padding, alignCorners);
            double sum = 0;
            for (int u = 0; u < s.size(2); u++) {
                for (int v = 0; v < s.size(3); v++) {
                    double share = mode == Interpolation.NEAREST
                            ? (Math.rint(row) == u && Math.rint(column) == v ? 1 : 0)
                            : Math.max(0, 1 - Math.abs(row - u)) * Math.max(0, 1 - Math.abs(column - v));
                    sum += share * x.at(i[0], i[1], u, v);
                }
            }
            return sum;
        });
    }

    private static double place(double coordinate, int size, GridPadding padding, boolean alignCorners) {
        double place = alignCorners ? (coordinate + 1) / 2 * (size - 1) : ((coordinate + 1) * size - 1) / 2;
        return padding == GridPadding.BORDER ? Math.min(Math.max(place, 0), size - 1.0) : place;
    }

    private static List<OpEntry> shuffles() {
        return List.of(
                OpEntry.of(
                                "pixel shuffle",
                                1,
                                in -> in[0].pixelShuffle(2),
                                in -> HostArray.compute(
                                        Shape.of(in[0].shape().size(0), 3, 6, 10),
                                        i -> in[0].at(i[0], 4 * i[1] + 2 * (i[2] % 2) + i[3] % 2, i[2] / 2, i[3] / 2)))
                        .within(Tolerance.rounded())
                        .on(Sample.smooth(image(2, 12, 3, 5)), Sample.smooth(image(0, 12, 3, 5))),
                OpEntry.of(
                                "pixel unshuffle",
                                1,
                                in -> in[0].pixelUnshuffle(3),
                                in -> HostArray.compute(
                                        Shape.of(in[0].shape().size(0), 18, 2, 1),
                                        i -> in[0].at(i[0], i[1] / 9, 3 * i[2] + i[1] / 3 % 3, 3 * i[3] + i[1] % 3)))
                        .within(Tolerance.rounded())
                        .on(Sample.smooth(image(2, 2, 6, 3)), Sample.smooth(image(0, 2, 6, 3))),
                OpEntry.of(
                                "mirrored border",
                                1,
                                in -> in[0].reflectionPad2d(new Padding2d(2, 1, 0, 3)),
                                in -> HostArray.compute(
                                        Shape.of(in[0].shape().size(0), 3, 6, 8),
                                        i -> in[0].at(i[0], i[1], mirrored(i[2] - 2, 3), mirrored(i[3], 5))))
                        .within(Tolerance.rounded())
                        .on(Sample.smooth(image(2, 3, 3, 5)), Sample.smooth(image(0, 3, 3, 5))));
    }

    private static int mirrored(int at, int size) {
        int inFront = Math.abs(at);
        return inFront < size ? inFront : 2 * (size - 1) - inFront;
    }
}
