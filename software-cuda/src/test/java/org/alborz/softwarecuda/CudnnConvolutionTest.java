package org.alborz.softwarecuda;

import static jcuda.jcudnn.JCudnn.cudnnConvolutionBackwardBias;
import static jcuda.jcudnn.JCudnn.cudnnConvolutionBackwardData;
import static jcuda.jcudnn.JCudnn.cudnnConvolutionBackwardFilter;
import static jcuda.jcudnn.JCudnn.cudnnConvolutionBiasActivationForward;
import static jcuda.jcudnn.JCudnn.cudnnConvolutionForward;
import static jcuda.jcudnn.JCudnn.cudnnSetConvolutionMathType;
import static org.alborz.softwarecuda.Cudnn.NCHW;
import static org.alborz.softwarecuda.Cudnn.NHWC;
import static org.alborz.softwarecuda.Cudnn.factor;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import jcuda.jcudnn.cudnnActivationMode;
import jcuda.jcudnn.cudnnMathType;
import org.alborz.softwarecuda.DeviceArray.Type;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

final class CudnnConvolutionTest {
    @RegisterExtension
    final MathGpu gpu = new MathGpu();

    private static final long WORKSPACE = 1 << 20;
    private static final int PRECOMP_GEMM = 1;
    private static final int ALGORITHM_1 = 1;

    private Cudnn cudnn;
    private DeviceArray workspace;
    private final Random random = new Random(11);

    @BeforeEach
    void create() {
        cudnn = new Cudnn();
        workspace = DeviceArray.empty(Type.FLOAT, (int) WORKSPACE / 4);
    }

    @AfterEach
    void destroy() {
        workspace.close();
        cudnn.close();
    }

    static Stream<ConvolutionShape> shapes() {
        return Stream.of(
                ConvolutionShape.of(1, 1, 1, 1, 1, 1, 1),
                ConvolutionShape.of(2, 3, 5, 7, 4, 3, 3).pad(1, 1),
                ConvolutionShape.of(2, 5, 9, 8, 7, 3, 2).pad(2, 0).stride(2, 1),
                ConvolutionShape.of(1, 4, 11, 10, 6, 3, 3)
                        .pad(1, 2)
                        .dilate(2, 3)
                        .stride(1, 2),
                ConvolutionShape.of(3, 6, 6, 5, 4, 1, 1).stride(2, 2),
                ConvolutionShape.of(2, 6, 7, 7, 9, 5, 3).pad(2, 1).group(3),
                ConvolutionShape.of(2, 8, 6, 6, 8, 3, 3).pad(1, 1).group(8).stride(2, 2),
                ConvolutionShape.of(3, 2, 30, 31, 3, 3, 3).pad(1, 1),
                ConvolutionShape.of(1, 40, 4, 5, 70, 3, 3).pad(1, 1));
    }

    /** The arrays of one convolution in the order of a format, and its descriptors. */
    private final class Case {
        final ConvolutionShape shape;
        final Type type;
        final int format;
        final double[] x;
        final double[] w;
        final double[] y;

        Case(ConvolutionShape shape, Type type, int format) {
            this.shape = shape;
            this.type = type;
            this.format = format;
            x = DeviceArray.random(random, shape.sizeX());
            w = DeviceArray.random(random, shape.sizeW());
            y = DeviceArray.random(random, shape.sizeY());
        }

        double[] orderedX(double[] values) {
            return format == NCHW
                    ? values
                    : ConvolutionShape.channelsLast(values, shape.n(), shape.c(), shape.h(), shape.w());
        }

        double[] orderedW(double[] values) {
            return format == NCHW
                    ? values
                    : ConvolutionShape.channelsLast(
                            values, shape.k(), shape.c() / shape.groups(), shape.r(), shape.s());
        }

        double[] orderedY(double[] values) {
            return format == NCHW
                    ? values
                    : ConvolutionShape.channelsLast(values, shape.n(), shape.k(), shape.p(), shape.q());
        }

        double[] blend(double alpha, double[] sums, double beta, double[] before) {
            double[] result = new double[sums.length];
            Arrays.setAll(result, i -> alpha * sums[i] + (beta == 0 ? 0 : beta * before[i]));
            return result;
        }

        /** Runs all three directions; with a beta of 0 into memory that is full of NaN. */
        void check(double alpha, double beta) {
            var xd = cudnn.tensor(type, format, shape.n(), shape.c(), shape.h(), shape.w());
            var yd = cudnn.tensor(type, format, shape.n(), shape.k(), shape.p(), shape.q());
            var wd = cudnn.filter(type, format, shape.k(), shape.c() / shape.groups(), shape.r(), shape.s());
            var conv = cudnn.convolution(shape, type);
            var a = factor(type, alpha);
            var b = factor(type, beta);
            double[] sumX = new double[x.length];
            double[] sumW = new double[w.length];
            double[] sumY = new double[y.length];
            shape.visit((i, j, k) -> {
                sumY[k] += x[i] * w[j];
                sumX[i] += w[j] * y[k];
                sumW[j] += x[i] * y[k];
            });
            try (var dx = DeviceArray.of(type, orderedX(x));
                    var dw = DeviceArray.of(type, orderedW(w));
                    var dy = DeviceArray.of(type, orderedY(y));
                    var outX = beta == 0 ? DeviceArray.empty(type, x.length) : DeviceArray.of(type, orderedX(x));
                    var outW = beta == 0 ? DeviceArray.empty(type, w.length) : DeviceArray.of(type, orderedW(w));
                    var outY = beta == 0 ? DeviceArray.empty(type, y.length) : DeviceArray.of(type, orderedY(y))) {
                assertThat(cudnnConvolutionForward(
                                cudnn.handle,
                                a,
                                xd,
                                dx.pointer,
                                wd,
                                dw.pointer,
                                conv,
                                PRECOMP_GEMM,
                                workspace.pointer,
                                WORKSPACE,
                                b,
                                yd,
                                outY.pointer))
                        .isZero();
                outY.assertEquals(orderedY(blend(alpha, sumY, beta, y)));
                assertThat(cudnnConvolutionBackwardData(
                                cudnn.handle,
                                a,
                                wd,
                                dw.pointer,
                                yd,
                                dy.pointer,
                                conv,
                                ALGORITHM_1,
                                workspace.pointer,
                                WORKSPACE,
                                b,
                                xd,
                                outX.pointer))
                        .isZero();
                outX.assertEquals(orderedX(blend(alpha, sumX, beta, x)));
                assertThat(cudnnConvolutionBackwardFilter(
                                cudnn.handle,
                                a,
                                xd,
                                dx.pointer,
                                yd,
                                dy.pointer,
                                conv,
                                ALGORITHM_1,
                                workspace.pointer,
                                WORKSPACE,
                                b,
                                wd,
                                outW.pointer))
                        .isZero();
                outW.assertEquals(orderedW(blend(alpha, sumW, beta, w)));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void convolvesChannelsLast(ConvolutionShape shape) {
        new Case(shape, Type.FLOAT, NHWC).check(1, 0);
        new Case(shape, Type.FLOAT, NHWC).check(0.5, -2);
        new Case(shape, Type.HALF, NHWC).check(1, 0);
        new Case(shape, Type.BFLOAT16, NHWC).check(1, 1);
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void convolvesChannelsFirst(ConvolutionShape shape) {
        new Case(shape, Type.FLOAT, NCHW).check(1, 0);
        new Case(shape.flip(), Type.DOUBLE, NCHW).check(-1, 1);
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "HALF", "BFLOAT16"})
    void addsBiasAndAppliesReluWhichTakesNanForZero(Type type) {
        ConvolutionShape shape =
                ConvolutionShape.of(2, 3, 5, 4, 6, 3, 3).pad(1, 1).group(3);
        Case c = new Case(shape, type, NHWC);
        double[] bias = DeviceArray.random(random, shape.k());
        double[] expected = new double[shape.sizeY()];
        shape.visit((i, j, k) -> expected[k] += c.x[i] * c.w[j]);
        for (int i = 0; i < expected.length; i++) {
            double sum = 2 * expected[i] + 0.5 * c.y[i] + bias[i / (shape.p() * shape.q()) % shape.k()];
            expected[i] = Math.max(0, sum);
        }
        for (int i = 0; i < shape.p() * shape.q(); i++) {
            expected[i] = 0; // the first channel of the first image, by its z
            c.y[i] = Double.NaN;
        }
        try (var x = DeviceArray.of(type, c.orderedX(c.x));
                var w = DeviceArray.of(type, c.orderedW(c.w));
                var z = DeviceArray.of(type, c.orderedY(c.y));
                var b = DeviceArray.of(type, bias);
                var y = DeviceArray.empty(type, shape.sizeY())) {
            var yd = cudnn.tensor(type, NHWC, 2, 6, 5, 4);
            assertThat(cudnnConvolutionBiasActivationForward(
                            cudnn.handle,
                            factor(type, 2),
                            cudnn.tensor(type, NHWC, 2, 3, 5, 4),
                            x.pointer,
                            cudnn.filter(type, NHWC, 6, 1, 3, 3),
                            w.pointer,
                            cudnn.convolution(shape, type),
                            PRECOMP_GEMM,
                            workspace.pointer,
                            WORKSPACE,
                            factor(type, 0.5),
                            yd,
                            z.pointer,
                            cudnn.tensor(type, NHWC, 1, 6, 1, 1),
                            b.pointer,
                            cudnn.activation(cudnnActivationMode.CUDNN_ACTIVATION_RELU, 0),
                            yd,
                            y.pointer))
                    .isZero();
            y.assertEquals(c.orderedY(expected));
        }
    }

    @ParameterizedTest
    @EnumSource
    void sumsTheGradientOfABias(Type type) {
        double[] dy = DeviceArray.random(random, 3 * 5 * 4 * 2);
        double[] expected = new double[5];
        for (int i = 0; i < dy.length; i++) {
            expected[i % 5] += 2 * dy[i];
        }
        try (var in = DeviceArray.of(type, dy);
                var out = DeviceArray.empty(type, 5)) {
            assertThat(cudnnConvolutionBackwardBias(
                            cudnn.handle,
                            factor(type, 2),
                            cudnn.tensor(type, NHWC, 3, 5, 4, 2),
                            in.pointer,
                            factor(type, 0),
                            cudnn.tensor(type, NHWC, 1, 5, 1, 1),
                            out.pointer))
                    .isZero();
            out.assertEquals(expected);
        }
    }

    @Test
    void usesTf32UnlessTheMathTypeIsFma() {
        double fine = 1 + 0x1p-12;
        assertThat(convolveOne(fine, cudnnMathType.CUDNN_FMA_MATH)).isEqualTo((float) fine);
        assertThat(convolveOne(fine, cudnnMathType.CUDNN_DEFAULT_MATH)).isEqualTo(1);
        assertThat(convolveOne(fine, cudnnMathType.CUDNN_TENSOR_OP_MATH)).isEqualTo(1);
        assertThat(convolveOne(0x1p-20, cudnnMathType.CUDNN_TENSOR_OP_MATH)).isEqualTo(0x1p-20);
        assertThat(convolveOne(1e-9, cudnnMathType.CUDNN_TENSOR_OP_MATH_ALLOW_CONVERSION))
                .isZero();
    }

    private double convolveOne(double value, int math) {
        var tensor = cudnn.tensor(Type.FLOAT, NHWC, 1, 1, 1, 1);
        var conv = cudnn.convolution(ConvolutionShape.of(1, 1, 1, 1, 1, 1, 1), Type.FLOAT);
        assertThat(cudnnSetConvolutionMathType(conv, math)).isZero();
        try (var x = DeviceArray.of(Type.FLOAT, value);
                var w = DeviceArray.of(Type.FLOAT, 1);
                var y = DeviceArray.empty(Type.FLOAT, 1)) {
            assertThat(cudnnConvolutionForward(
                            cudnn.handle,
                            factor(Type.FLOAT, 1),
                            tensor,
                            x.pointer,
                            cudnn.filter(Type.FLOAT, NHWC, 1, 1, 1, 1),
                            w.pointer,
                            conv,
                            0,
                            null,
                            0,
                            factor(Type.FLOAT, 0),
                            tensor,
                            y.pointer))
                    .isZero();
            return y.read()[0];
        }
    }
}
