package org.alborz.cpu.scalar;

import static org.alborz.cpu.scalar.Tensor.vector;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ScalarConvolutionTest {
    private static final double[] PATCH = {178, 174, 177, 179, 178, 179, 168, 171, 178};

    private final ScalarConvolution convolution = new ScalarConvolution();
    private final Random random = new Random(1);

    private static Tensor image(DType dtype, Shape shape, double... values) {
        return Tensor.of(dtype, Layout.channelsLast(shape), values);
    }

    private static Tensor filter(DType dtype, Shape shape, double... values) {
        return Tensor.of(dtype, Layout.filter(shape), values);
    }

    /** A 3×3 patch under the Gaussian 1 2 1, 2 4 2, 1 2 1 (over 16) is 2819 / 16. */
    @FloatingTypes
    void smoothsAPatchByHand(DType dtype) {
        Tensor x = image(dtype, Shape.of(1, 1, 3, 3), PATCH);
        Tensor w = filter(dtype, Shape.of(1, 1, 3, 3), 1, 2, 1, 2, 4, 2, 1, 2, 1);
        Tensor y = Tensor.undefined(dtype, 1, 1, 1, 1);
        convolution.forward(Conv2dParameters.defaults(), x, w, null, null, Activation.NONE, y);
        y.assertValues(2819);
        convolution.forward(Conv2dParameters.defaults(), x, w, vector(dtype, -2820), null, Activation.NONE, y);
        y.assertValues(-1);
        convolution.forward(Conv2dParameters.defaults(), x, w, vector(dtype, -2820), null, Activation.RELU, y);
        y.assertValues(0);
    }

    /** One row, two channels in two groups, stride 2, dilation 2, padding 1. */
    @FloatingTypes
    void walksByHand(DType dtype) {
        Tensor x = image(dtype, Shape.of(1, 2, 1, 4), 1, 2, 3, 4, 10, 20, 30, 40);
        Tensor w = filter(dtype, Shape.of(2, 1, 1, 2), 1, 5, 1, 2);
        Conv2dParameters p = new Conv2dParameters(1, 2, 0, 1, 1, 2, 2);
        Tensor y = Tensor.undefined(dtype, Layout.channelsLast(Shape.of(1, 2, 1, 2)));
        convolution.forward(p, x, w, null, null, Activation.NONE, y);
        // Columns -1 and 1, then 1 and 3.
        y.assertValues(5 * 2, 2 + 5 * 4, 2 * 20, 20 + 2 * 40);

        Tensor dy = image(dtype, y.shape(), 1, 100, 1, 100);
        Tensor dx = Tensor.undefined(dtype, Layout.channelsLast(x.shape()));
        convolution.backwardData(p, dy, w, dx);
        dx.assertValues(0, 105, 0, 500, 0, 102, 0, 200);
        Tensor dw = Tensor.undefined(dtype, Layout.filter(w.shape()));
        convolution.backwardFilter(p, x, dy, dw);
        dw.assertValues(200, 402, 2000, 4020);
    }

    static List<Arguments> cases() {
        List<Conv2dParameters> all = List.of(
                Conv2dParameters.defaults(),
                new Conv2dParameters(1, 1, 1, 1, 1, 1, 1),
                new Conv2dParameters(2, 1, 0, 2, 1, 1, 1),
                new Conv2dParameters(1, 2, 2, 1, 2, 1, 1),
                new Conv2dParameters(3, 2, 1, 0, 1, 2, 2),
                new Conv2dParameters(1, 1, 2, 2, 2, 2, 4));
        List<Arguments> cases = new ArrayList<>();
        for (Conv2dParameters p : all) {
            cases.add(Arguments.of(p, DType.FLOAT32));
            cases.add(Arguments.of(p, DType.FLOAT64));
        }
        return cases;
    }

    /** Compares with the definition, forward and backward. */
    @ParameterizedTest
    @MethodSource("cases")
    void followsTheDefinition(Conv2dParameters p, DType dtype) {
        Shape xShape = Shape.of(2, 4, 6, 7);
        Shape wShape = Shape.of(8, 4 / p.groups(), 3, 2);
        Shape yShape = Shape.of(2, 8, p.outputH(6, 3), p.outputW(7, 2));
        Tensor x = Tensor.random(dtype, Layout.channelsLast(xShape).shift(3), random);
        Tensor w = Tensor.random(dtype, Layout.filter(wShape).shift(1), random);
        Tensor bias = Tensor.random(dtype, Layout.rowMajor(Shape.of(8)).shift(2), random);
        Tensor dy = Tensor.random(dtype, Layout.channelsLast(yShape).shift(5), random);
        Definition definition = new Definition(p, x, w, dy);

        Tensor y = Tensor.undefined(dtype, Layout.channelsLast(yShape).shift(4));
        convolution.forward(p, x, w, bias, null, Activation.NONE, y);
        double[] expected = definition.y;
        for (int i = 0; i < expected.length; i++) {
            expected[i] += bias.get(i / (yShape.size(2) * yShape.size(3)) % 8);
        }
        y.assertClose(expected, 1e-5);

        Tensor dx = Tensor.undefined(dtype, Layout.channelsLast(xShape).shift(2));
        convolution.backwardData(p, dy, w, dx);
        dx.assertClose(definition.dx, 1e-5);
        Tensor dw = Tensor.undefined(dtype, Layout.filter(wShape).shift(2));
        convolution.backwardFilter(p, x, dy, dw);
        dw.assertClose(definition.dw, 1e-5);
    }

    /** The sum of the operation's definition, every product noted in the result and in both gradients; all in row-major order. */
    private static final class Definition {
        final double[] y;
        final double[] dx;
        final double[] dw;

        Definition(Conv2dParameters p, Tensor x, Tensor w, Tensor dy) {
            y = new double[(int) dy.shape().elements()];
            dx = new double[(int) x.shape().elements()];
            dw = new double[(int) w.shape().elements()];
            Shape ys = dy.shape();
            for (int at = 0; at < y.length; at++) {
                int j = at % ys.size(3);
                int i = at / ys.size(3) % ys.size(2);
                int o = at / (ys.size(3) * ys.size(2)) % ys.size(1);
                int n = at / (ys.size(3) * ys.size(2) * ys.size(1));
                for (int k = 0; k < dw.length / ys.size(1); k++) {
                    add(p, x, w, dy, at, n, o, i, j, k);
                }
            }
        }

        private void add(Conv2dParameters p, Tensor x, Tensor w, Tensor dy, int at, int n, int o, int i, int j, int k) {
            Shape ws = w.shape();
            int v = k % ws.size(3);
            int u = k / ws.size(3) % ws.size(2);
            int c = k / (ws.size(3) * ws.size(2));
            int channel = o / (ws.size(0) / p.groups()) * ws.size(1) + c;
            int row = i * p.strideH() - p.padding().top() + u * p.dilationH();
            int column = j * p.strideW() - p.padding().left() + v * p.dilationW();
            Shape xs = x.shape();
            if (row < 0 || row >= xs.size(2) || column < 0 || column >= xs.size(3)) {
                return;
            }
            double gradient = dy.get(n, o, i, j);
            y[at] += x.get(n, channel, row, column) * w.get(o, c, u, v);
            dx[((n * xs.size(1) + channel) * xs.size(2) + row) * xs.size(3) + column] += w.get(o, c, u, v) * gradient;
            dw[o * (dw.length / ws.size(0)) + k] += x.get(n, channel, row, column) * gradient;
        }
    }

    @FloatingTypes
    void anEmptyBatchHasNoOutputAndNoGradient(DType dtype) {
        Conv2dParameters p = Conv2dParameters.defaults();
        Tensor x = Tensor.undefined(dtype, Layout.channelsLast(Shape.of(0, 2, 3, 3)));
        Tensor w = Tensor.random(dtype, Layout.filter(Shape.of(2, 2, 3, 3)), random);
        Tensor y = Tensor.undefined(dtype, Layout.channelsLast(Shape.of(0, 2, 1, 1)));
        convolution.forward(p, x, w, null, null, Activation.NONE, y);
        convolution.backwardData(p, y, w, x);
        assertThat(x.buffer().get(0)).isNaN();
        Tensor dw = Tensor.undefined(dtype, w.layout());
        convolution.backwardFilter(p, x, y, dw);
        dw.assertValues(new double[36]);
    }
}
