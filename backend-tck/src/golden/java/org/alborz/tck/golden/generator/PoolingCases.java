package org.alborz.tck.golden.generator;

import java.util.List;

/** Two-dimensional pooling; in the maximum's cases no two inputs are equal. */
final class PoolingCases {
    private PoolingCases() {}

    static List<GoldenCase> all() {
        return List.of(
                max("maxpool2d-2x2", 2, 2, 0, 6, 4),
                max("maxpool2d-2x2-remainder", 2, 2, 0, 5, 7),
                max("maxpool2d-3x3-stride2-padding1", 3, 2, 1, 7, 6),
                max("maxpool2d-3x3-stride1-padding1", 3, 1, 1, 4, 5),
                average("avgpool2d-2x2", 2, 2, 0, 6, 4),
                average("avgpool2d-3x3-stride2-padding1", 3, 2, 1, 7, 6),
                globalAverage());
    }

    private static GoldenCase max(String name, int kernel, int stride, int padding, int height, int width) {
        Values input = new Inputs(name).distinct(2, 3, height, width);
        return pooling(name, "MaxPool2d", kernel, stride, padding)
                .variable("input", input)
                .run(t -> Torch.maxPool2d(t.get("input"), kernel, stride, padding));
    }

    private static GoldenCase average(String name, int kernel, int stride, int padding, int height, int width) {
        Values input = new Inputs(name).uniform(2, 3, height, width);
        return pooling(name, "AvgPool2d", kernel, stride, padding)
                .parameter("count_include_pad", true)
                .variable("input", input)
                .run(t -> Torch.avgPool2d(t.get("input"), kernel, stride, padding));
    }

    private static GoldenCase globalAverage() {
        return GoldenCase.of("global-avgpool2d", "AdaptiveAvgPool2d")
                .parameter("output_size", new long[] {1, 1})
                .variable("input", new Inputs("global-avgpool2d").uniform(2, 3, 5, 4))
                .run(t -> Torch.adaptiveAvgPool2d(t.get("input"), 1));
    }

    private static GoldenCase pooling(String name, String layer, long kernel, long stride, long padding) {
        return GoldenCase.of(name, layer)
                .parameter("kernel_size", new long[] {kernel, kernel})
                .parameter("stride", new long[] {stride, stride})
                .parameter("padding", new long[] {padding, padding});
    }
}
