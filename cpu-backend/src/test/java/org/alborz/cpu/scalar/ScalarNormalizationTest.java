package org.alborz.cpu.scalar;

import static org.alborz.cpu.scalar.Tensor.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;

class ScalarNormalizationTest {
    private static final double EPSILON = 1e-3;

    private final ScalarNormalization normalization = new ScalarNormalization();

    @FloatingTypes
    void normalizesByHand(DType dtype) {
        // Means 2 and 6, variances 1 and 4; ε = 0.
        Tensor x = Tensor.of(dtype, Layout.rowMajor(Shape.of(2, 2)), 1, 4, 3, 8);
        Tensor y = Tensor.undefined(dtype, 2, 2);
        Tensor mean = Tensor.undefined(dtype, 2);
        Tensor variance = Tensor.undefined(dtype, 2);
        normalization.batchNorm(
                0, x, vector(dtype, 10, 1), vector(dtype, 0, 5), null, Activation.NONE, y, mean, variance);
        y.assertValues(-10, 4, 10, 6);
        mean.assertValues(2, 6);
        variance.assertValues(1, 4);
    }

    @FloatingTypes
    void normalizesEachChannelOfImages(DType dtype) {
        Layout layout = Layout.channelsLast(Shape.of(3, 2, 2, 2));
        Tensor x = Tensor.random(dtype, layout.shift(2), new Random(3));
        Tensor y = Tensor.undefined(dtype, layout);
        Tensor mean = Tensor.undefined(dtype, 2);
        Tensor variance = Tensor.undefined(dtype, 2);
        normalization.batchNorm(
                EPSILON, x, vector(dtype, 1, 2), vector(dtype, 0, 3), null, Activation.NONE, y, mean, variance);
        double[] values = x.values();
        for (int c = 0; c < 2; c++) {
            double sum = 0;
            double squares = 0;
            for (int i = 0; i < 24; i++) {
                double value = i / 4 % 2 == c ? values[i] : 0;
                sum += value;
                squares += value * value;
            }
            double mu = sum / 12;
            double sigma2 = squares / 12 - mu * mu;
            assertThat(mean.get(c)).isCloseTo(mu, within(1e-6));
            assertThat(variance.get(c)).isCloseTo(sigma2, within(1e-6));
            double expected = (x.get(1, c, 0, 1) - mu) / Math.sqrt(sigma2 + EPSILON) * (c + 1) + 3 * c;
            assertThat(y.get(1, c, 0, 1)).isCloseTo(expected, within(1e-5));
        }
    }

    /** Compares with central differences of the sum of y·dy. */
    @Test
    void gradientsAgreeWithDifferences() {
        Layout layout = Layout.channelsLast(Shape.of(2, 3, 2, 1));
        Random random = new Random(4);
        DType dtype = DType.FLOAT64;
        Tensor x = Tensor.random(dtype, layout, random);
        Tensor gamma = vector(dtype, 1, 2, -0.5);
        Tensor beta = vector(dtype, 0, 1, 2);
        Tensor dy = Tensor.random(dtype, layout, random);
        Tensor mean = Tensor.undefined(dtype, 3);
        Tensor variance = Tensor.undefined(dtype, 3);
        normalization.batchNorm(
                EPSILON, x, gamma, beta, null, Activation.NONE, Tensor.undefined(dtype, layout), mean, variance);
        Tensor dx = Tensor.undefined(dtype, layout);
        Tensor dgamma = Tensor.undefined(dtype, 3);
        Tensor dbeta = Tensor.undefined(dtype, 3);
        normalization.batchNormBackward(
                EPSILON, x, gamma, mean, variance, Activation.NONE, null, dy, dx, dgamma, dbeta, null);
        assertGradient(x, dx, x, gamma, beta, dy);
        assertGradient(gamma, dgamma, x, gamma, beta, dy);
        assertGradient(beta, dbeta, x, gamma, beta, dy);
    }

    private void assertGradient(Tensor of, Tensor gradient, Tensor x, Tensor gamma, Tensor beta, Tensor dy) {
        double h = 1e-5;
        for (int i = 0; i < of.shape().elements(); i++) {
            double value = of.buffer().get(i);
            of.buffer().set(i, value + h);
            double above = loss(x, gamma, beta, dy);
            of.buffer().set(i, value - h);
            double below = loss(x, gamma, beta, dy);
            of.buffer().set(i, value);
            assertThat(gradient.buffer().get(i)).isCloseTo((above - below) / (2 * h), within(1e-7));
        }
    }

    private double loss(Tensor x, Tensor gamma, Tensor beta, Tensor dy) {
        Tensor y = Tensor.undefined(DType.FLOAT64, x.layout());
        Tensor mean = Tensor.undefined(DType.FLOAT64, 3);
        normalization.batchNorm(
                EPSILON, x, gamma, beta, null, Activation.NONE, y, mean, Tensor.undefined(DType.FLOAT64, 3));
        double sum = 0;
        for (int i = 0; i < x.shape().elements(); i++) {
            sum += y.buffer().get(i) * dy.buffer().get(i);
        }
        return sum;
    }

    @FloatingTypes
    void differentiatesByHand(DType dtype) {
        Tensor x = Tensor.of(dtype, Layout.rowMajor(Shape.of(2, 1)), 1, 3);
        Tensor one = vector(dtype, 1);
        Tensor dx = Tensor.undefined(dtype, 2, 1);
        Tensor dgamma = Tensor.undefined(dtype, 1);
        Tensor dbeta = Tensor.undefined(dtype, 1);
        Tensor dy = Tensor.of(dtype, Layout.rowMajor(Shape.of(2, 1)), 2, 5);
        // x̂ = (-1, 1) / √(1 + 3): dgamma = 1.5, dbeta = 7, dx = (dy - 3.5 - 0.75·x̂) / 2.
        normalization.batchNormBackward(
                3, x, one, vector(dtype, 2), one, Activation.NONE, null, dy, dx, dgamma, dbeta, null);
        dgamma.assertValues(1.5);
        dbeta.assertValues(7);
        dx.assertValues(-0.5625, 0.5625);
    }

    @FloatingTypes
    void anEmptyBatchHasNoGradient(DType dtype) {
        Tensor x = Tensor.undefined(dtype, 0, 2);
        Tensor ones = vector(dtype, 1, 1);
        Tensor mean = Tensor.undefined(dtype, 2);
        normalization.batchNorm(EPSILON, x, ones, ones, null, Activation.NONE, x, mean, Tensor.undefined(dtype, 2));
        Tensor dgamma = Tensor.undefined(dtype, 2);
        Tensor dbeta = Tensor.undefined(dtype, 2);
        normalization.batchNormBackward(EPSILON, x, ones, ones, ones, Activation.NONE, null, x, x, dgamma, dbeta, null);
        dgamma.assertValues(0, 0);
        dbeta.assertValues(0, 0);
    }
}
