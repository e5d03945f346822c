package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Function;
import org.alborz.backend.Backend;
import org.alborz.backend.UnaryOp;
import org.alborz.cpu.vector.Pair.TestOperand;
import org.alborz.cpu.vector.Pair.Twin;
import org.alborz.type.Activation;
import org.alborz.type.Layout;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pooling and batch normalisation against the reference. */
final class VectorLayersTest {
    @ParameterizedTest
    @CsvSource({
        "1, 1, 4, 4, 2, 2, 0",
        "2, 17, 7, 31, 2, 2, 0",
        "2, 33, 7, 9, 3, 2, 1",
        "5, 3, 6, 6, 3, 1, 1",
        "2, 64, 8, 8, 8, 8, 0",
        "1, 16, 5, 5, 2, 3, 1",
        "0, 4, 4, 4, 2, 2, 0"
    })
    void poolingEqualsTheReference(int n, int c, int h, int w, int kernel, int stride, int padding) {
        Pool2dParameters p = new Pool2dParameters(kernel, kernel, stride, stride, padding, padding);
        Shape output = Shape.of(n, c, p.outputH(h), p.outputW(w));
        try (Pair pair = new Pair(2)) {
            Twin x = pair.random(Layout.channelsLast(Shape.of(n, c, h, w)));
            for (boolean ties : new boolean[] {false, true}) {
                if (ties) {
                    pair.vector.elementwise().unary(UnaryOp.RELU, 0, x.vector(), x.vector());
                    pair.scalar.elementwise().unary(UnaryOp.RELU, 0, x.scalar(), x.scalar());
                }
                Twin y = pair.empty(Layout.channelsLast(output));
                Twin dy = pair.random(Layout.channelsLast(output));
                Twin dx = pair.empty(Layout.channelsLast(x.vector().shape()));
                pair.vector.pooling().max(p, x.vector(), y.vector());
                pair.scalar.pooling().max(p, x.scalar(), y.scalar());
                pair.assertClose("max", y, 0);
                pair.vector.pooling().maxBackward(p, x.vector(), y.vector(), dy.vector(), dx.vector());
                pair.scalar.pooling().maxBackward(p, x.scalar(), y.scalar(), dy.scalar(), dx.scalar());
                pair.assertClose("max backward", dx, 8);
                pair.vector.pooling().average(p, x.vector(), y.vector());
                pair.scalar.pooling().average(p, x.scalar(), y.scalar());
                pair.assertClose("average", y, 16);
                pair.vector.pooling().averageBackward(p, dy.vector(), dx.vector());
                pair.scalar.pooling().averageBackward(p, dy.scalar(), dx.scalar());
                pair.assertClose("average backward", dx, 8);
            }
        }
    }

    @Test
    void poolingPutsTheGradientOnTheFirstNaN() {
        Pool2dParameters p = new Pool2dParameters(2, 2, 2, 2, 0, 0);
        try (Pair pair = new Pair(1)) {
            Twin x = pair.random(Layout.channelsLast(Shape.of(1, 17, 2, 2)));
            float[] values = new float[3 + 68];
            for (int i = 0; i < 68; i++) {
                values[3 + i] = i % 3 == 0 ? Float.NaN : i;
            }
            pair.fill(x, values);
            Twin y = pair.empty(Layout.channelsLast(Shape.of(1, 17, 1, 1)));
            Twin dy = pair.random(Layout.channelsLast(Shape.of(1, 17, 1, 1)));
            Twin dx = pair.empty(Layout.channelsLast(Shape.of(1, 17, 2, 2)));
            pair.vector.pooling().max(p, x.vector(), y.vector());
            pair.scalar.pooling().max(p, x.scalar(), y.scalar());
            pair.assertClose("max", y, 0);
            pair.vector.pooling().maxBackward(p, x.vector(), y.vector(), dy.vector(), dx.vector());
            pair.scalar.pooling().maxBackward(p, x.scalar(), y.scalar(), dy.scalar(), dx.scalar());
            pair.assertClose("max backward", dx, 0);
        }
    }

    /** The operands of one batch normalisation. */
    private record Norm(
            Twin x,
            Twin gamma,
            Twin beta,
            Twin y,
            Twin mean,
            Twin variance,
            Twin dy,
            Twin dx,
            Twin dgamma,
            Twin dbeta) {
        static Norm of(Pair pair, Shape shape, double shift) {
            Layout layout = Layout.channelsLast(shape);
            Layout channels = Layout.rowMajor(Shape.of(shape.size(1)));
            Twin x = pair.random(layout);
            pair.vector.elementwise().unary(UnaryOp.ADD, shift, x.vector(), x.vector());
            pair.scalar.elementwise().unary(UnaryOp.ADD, shift, x.scalar(), x.scalar());
            return new Norm(
                    x,
                    pair.random(channels),
                    pair.random(channels),
                    pair.empty(layout),
                    pair.empty(channels),
                    pair.empty(channels),
                    pair.random(layout),
                    pair.empty(layout),
                    pair.empty(channels),
                    pair.empty(channels));
        }

        void run(Pair pair) {
            runOn(
                    pair.vector,
                    x.vector(),
                    gamma.vector(),
                    beta.vector(),
                    y.vector(),
                    mean.vector(),
                    variance.vector(),
                    dy.vector(),
                    dx.vector(),
                    dgamma.vector(),
                    dbeta.vector());
            runOn(
                    pair.scalar,
                    x.scalar(),
                    gamma.scalar(),
                    beta.scalar(),
                    y.scalar(),
                    mean.scalar(),
                    variance.scalar(),
                    dy.scalar(),
                    dx.scalar(),
                    dgamma.scalar(),
                    dbeta.scalar());
        }

        private static void runOn(
                Backend backend,
                TestOperand x,
                TestOperand gamma,
                TestOperand beta,
                TestOperand y,
                TestOperand mean,
                TestOperand variance,
                TestOperand dy,
                TestOperand dx,
                TestOperand dgamma,
                TestOperand dbeta) {
            backend.normalization().batchNorm(1e-5, x, gamma, beta, null, Activation.NONE, y, mean, variance);
            backend.normalization()
                    .batchNormBackward(
                            1e-5, x, gamma, mean, variance, Activation.NONE, null, dy, dx, dgamma, dbeta, null);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "7, 1, 1, 1",
        "5, 17, 1, 1",
        "2, 33, 7, 31",
        "5, 3, 9, 9",
        "70, 64, 8, 8",
        "3, 2000, 2, 2",
        "9, 24, 5, 7",
        "3, 20, 11, 23",
        "2, 96, 9, 9",
        "5, 130, 7, 7"
    })
    void batchNormEqualsTheReference(int n, int c, int h, int w) {
        for (double shift : new double[] {0, 100}) {
            try (Pair pair = new Pair(2)) {
                Norm test = Norm.of(pair, Shape.of(n, c, h, w), shift);
                test.run(pair);
                // A mean of 100 leaves a float32 x only some 17 bits of its deviation.
                double ulps = shift == 0 ? 64 : 4096;
                pair.assertClose("y", test.y, ulps);
                pair.assertClose("mean", test.mean, 16);
                pair.assertClose("variance", test.variance, ulps);
                pair.assertClose("dx", test.dx, 4 * ulps);
                pair.assertClose("dgamma", test.dgamma, ulps);
                pair.assertClose("dbeta", test.dbeta, 64);
            }
        }
    }

    /** The results that the gradient is masked by are given, below, at and above the bounds of the activation. */
    @ParameterizedTest
    @CsvSource({"9, 24, 5, 7", "3, 20, 11, 23", "2, 96, 9, 9", "5, 130, 7, 7", "3, 32, 9, 9", "5, 17, 3, 3"})
    void gradientOfBatchNormAndActivationEqualsTheReference(int n, int c, int h, int w) {
        for (Activation activation : new Activation[] {Activation.RELU, Activation.RELU6}) {
            for (boolean adds : new boolean[] {false, true}) {
                try (Pair pair = new Pair(2)) {
                    Norm test = Norm.of(pair, Shape.of(n, c, h, w), 0);
                    test.run(pair);
                    float[] y = new float[3 + n * c * h * w];
                    for (int i = 3; i < y.length; i++) {
                        y[i] = new float[] {-1, 0, 2, 6, 7, Float.POSITIVE_INFINITY}[i * 7 % 6];
                    }
                    pair.fill(test.y, y);
                    Twin daddend = adds ? pair.empty(test.x.vector().layout()) : null;
                    runGradient(pair.vector, test, activation, daddend, Twin::vector);
                    runGradient(pair.scalar, test, activation, daddend, Twin::scalar);
                    pair.assertClose("dx", test.dx, 256);
                    pair.assertClose("dgamma", test.dgamma, 64);
                    pair.assertClose("dbeta", test.dbeta, 64);
                    if (adds) {
                        pair.assertClose("daddend", daddend, 0);
                    }
                }
            }
        }
    }

    private static void runGradient(
            Backend backend, Norm test, Activation activation, Twin daddend, Function<Twin, TestOperand> side) {
        backend.normalization()
                .batchNormBackward(
                        1e-5,
                        side.apply(test.x),
                        side.apply(test.gamma),
                        side.apply(test.mean),
                        side.apply(test.variance),
                        activation,
                        side.apply(test.y),
                        side.apply(test.dy),
                        side.apply(test.dx),
                        side.apply(test.dgamma),
                        side.apply(test.dbeta),
                        daddend == null ? null : side.apply(daddend));
    }

    /** Distances or their squares that float32 does not hold. */
    @ParameterizedTest
    @CsvSource({"1e19, 4", "-1e19, 130", "3e38, 2", "-3e38, 64", "2e38, 20001"})
    void batchNormOfALargeSpreadEqualsTheReference(float value, int n) {
        try (Pair pair = new Pair(2)) {
            Norm test = Norm.of(pair, Shape.of(n, 17, 1, 1), 0);
            float[] x = new float[3 + n * 17];
            for (int i = 0; i < n * 17; i++) {
                x[3 + i] = i % 17 == 5 ? i : i / 17 % 2 == 0 ? value : -value;
            }
            pair.fill(test.x, x);
            test.run(pair);
            pair.assertClose("y", test.y, 0);
            pair.assertClose("mean", test.mean, 0);
            pair.assertClose("variance", test.variance, 0);
            for (float y : pair.read(test.y)) {
                assertThat(y).isFinite();
            }
        }
    }

    @Test
    void batchNormIsBitIdenticalForAnyNumberOfThreads() {
        float[][] expected = null;
        for (int threads : new int[] {1, 2, 3, 5}) {
            try (Pair pair = new Pair(threads)) {
                Norm test = Norm.of(pair, Shape.of(41, 19, 13, 13), 0);
                test.run(pair);
                float[][] actual = {
                    pair.read(test.y), pair.read(test.variance), pair.read(test.dx), pair.read(test.dgamma)
                };
                expected = expected == null ? actual : expected;
                assertThat(actual).as("%d threads", threads).isDeepEqualTo(expected);
            }
        }
    }
}
