package org.alborz.tck.golden.generator;

import java.util.List;

/** Two-dimensional convolutions. */
final class ConvolutionCases {
    private ConvolutionCases() {}

    static List<GoldenCase> all() {
        Window depthwise = Window.of(2, 1, 1, 3);
        Window plain = Window.of(1, 0, 1, 1);
        Window asymmetric = new Window(new long[] {2, 1}, new long[] {1, 2}, Window.square(1), 1);
        Window asymmetricDilation = new Window(new long[] {1, 2}, new long[] {2, 0}, new long[] {2, 1}, 1);
        return List.of(
                conv2d("conv2d", input(2, 3, 5, 6), output(4, 3, 3), plain, true),
                conv2d("conv2d-no-bias", input(2, 2, 5, 5), output(3, 3, 3), plain, false),
                conv2d("conv2d-padding1", input(2, 3, 5, 4), output(4, 3, 3), Window.of(1, 1, 1, 1), true),
                conv2d("conv2d-stride2-padding1", input(2, 3, 8, 7), output(4, 3, 3), Window.of(2, 1, 1, 1), true),
                conv2d("conv2d-dilation2", input(2, 2, 7, 6), output(3, 3, 3), Window.of(1, 0, 2, 1), true),
                conv2d("conv2d-groups2", input(2, 4, 5, 5), output(6, 3, 3), Window.of(1, 1, 1, 2), true),
                conv2d("conv2d-depthwise", input(2, 4, 5, 5), output(4, 3, 3), Window.of(1, 1, 1, 4), true),
                conv2d("conv2d-depthwise-multiplier2", input(2, 3, 6, 5), output(6, 3, 3), depthwise, false),
                conv2d("conv2d-1x1", input(2, 5, 4, 3), output(6, 1, 1), plain, true),
                conv2d("conv2d-1x1-stride2", input(2, 3, 5, 5), output(4, 1, 1), Window.of(2, 0, 1, 1), false),
                conv2d("conv2d-5x5-asymmetric", input(2, 2, 9, 7), output(3, 5, 5), asymmetric, true),
                conv2d("conv2d-3x2-asymmetric-dilation", input(2, 2, 6, 7), output(3, 3, 2), asymmetricDilation, true),
                conv2d("conv2d-odd-channels", input(1, 5, 5, 4), output(17, 3, 3), Window.of(1, 1, 1, 1), true));
    }

    private static GoldenCase conv2d(String name, long[] input, long[] output, Window window, boolean bias) {
        Inputs inputs = new Inputs(name);
        long channels = input[1];
        GoldenCase golden = GoldenCase.of(name, "Conv2d")
                .parameter("in_channels", (int) channels)
                .parameter("out_channels", (int) output[0])
                .parameter("kernel_size", new long[] {output[1], output[2]})
                .parameter("stride", window.stride())
                .parameter("padding", window.padding())
                .parameter("dilation", window.dilation())
                .parameter("groups", window.groups())
                .parameter("bias", bias)
                .variable("input", inputs.uniform(input))
                .variable("weight", inputs.uniform(output[0], channels / window.groups(), output[1], output[2]));
        if (bias) {
            golden.variable("bias", inputs.uniform(output[0]));
        }
        return golden.run(t -> Torch.conv2d(t.get("input"), t.get("weight"), t.get("bias"), window));
    }

    private static long[] input(long n, long c, long h, long w) {
        return new long[] {n, c, h, w};
    }

    private static long[] output(long channels, long kernelH, long kernelW) {
        return new long[] {channels, kernelH, kernelW};
    }
}
