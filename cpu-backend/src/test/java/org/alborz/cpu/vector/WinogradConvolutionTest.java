package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import org.alborz.cpu.vector.ConvolutionCase.Ending;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WinogradConvolutionTest {
    private static Conv2dParameters padded(int padding) {
        return new Conv2dParameters(1, 1, padding, padding, 1, 1, 1);
    }

    private static boolean isWinograd(Conv2dParameters p, int n, int c, int h, int w, int o) {
        Shape y = Shape.of(n, o, p.outputH(h, 3), p.outputW(w, 3));
        return WinogradPlan.isFor(p, Shape.of(n, c, h, w), Shape.of(o, c, 3, 3), y);
    }

    /** The bounds are the ones that docs/performance.md states; a wrong coefficient is off by far more. */
    @ParameterizedTest(name = "n {0}, c {1}, {2}x{3}, o {4}, padding {5}")
    @CsvSource({
        "8, 16, 32, 32, 16, 1",
        "2, 32, 16, 16, 32, 1",
        "3, 17, 31, 31, 33, 1",
        "4, 33, 13, 29, 17, 0",
        "2, 48, 10, 31, 80, 1",
        "6, 40, 9, 7, 24, 2",
        "2, 16, 30, 30, 19, 3",
        "33, 64, 8, 8, 64, 1",
        "40, 16, 32, 32, 16, 1",
        "3, 9, 16, 16, 12, 1",
        "2, 16, 8, 11, 16, 4",
        "2, 16, 8, 16, 16, 7",
        "1, 16, 9, 70, 16, 1",
        "2, 32, 12, 45, 32, 1",
        "4, 15, 12, 12, 15, 1",
        "1, 8, 17, 33, 9, 1",
    })
    void equalsTheReferenceInAllThreeDirections(int n, int c, int h, int w, int o, int padding) {
        var p = padded(padding);
        assertThat(isWinograd(p, n, c, h, w, o)).isTrue();
        try (Pair pair = new Pair(2)) {
            for (Ending ending : Ending.values()) {
                ConvolutionCase test = ConvolutionCase.of(pair, p, n, c, h, w, o, 3, 3);
                test.runVector(pair, ending);
                test.runScalar(pair, ending);
                pair.assertClose("forward", test.y(), 16 + 10 * Math.sqrt(9 * c));
                pair.assertClose("backward data", test.dx(), 16 + 10 * Math.sqrt(9 * o));
                pair.assertClose("backward filter", test.dw(), 64 + 4 * Math.sqrt(n * h * w));
            }
        }
    }

    @Test
    void isBitIdenticalForAnyNumberOfThreads() {
        assertThat(isWinograd(padded(1), 40, 24, 19, 17, 40)).isTrue();
        float[][] expected = null;
        for (int threads : new int[] {1, 2, 3, 5}) {
            try (Pair pair = new Pair(threads)) {
                ConvolutionCase test = ConvolutionCase.of(pair, padded(1), 40, 24, 19, 17, 40, 3, 3);
                test.runVector(pair, Ending.BIAS_ADDEND_AND_RELU);
                float[][] actual = {pair.read(test.y()), pair.read(test.dx()), pair.read(test.dw())};
                expected = expected == null ? actual : expected;
                assertThat(actual).as("%d threads", threads).isDeepEqualTo(expected);
            }
        }
    }

    /** Ones throughout, so that a result counts the pixels that its tap meets. */
    @Test
    void theFilterGradientOfManyChannelsKeepsItsScratchMemorySmall() {
        int n = 64;
        int channels = 256;
        try (Pair pair = new Pair(1);
                WorkerPool workers = new WorkerPool(1)) {
            ConvolutionCase test = ConvolutionCase.of(pair, padded(1), n, channels, 7, 7, channels, 3, 3);
            pair.vector.elementwise().fill(1, test.x().vector());
            pair.vector.elementwise().fill(1, test.dy().vector());
            var shape = new Conv2dShape(padded(1), n, channels, 7, 7, channels, 3, 3, 7, 7);
            new WinogradFilterGradient(workers, shape)
                    .run(test.x().vector(), test.dy().vector(), test.dw().vector());
            Workspace workspace = workers.workspace(0);
            assertThat(workspace.floats(Workspace.Use.LEFT, 0).length + workspace.floats(Workspace.Use.RIGHT, 0).length)
                    .isBetween(WinogradFilterGradient.MAX_TRANSFORMS / 2, WinogradFilterGradient.MAX_TRANSFORMS);
            float[] dw = pair.read(test.dw());
            double largest = 0;
            for (int i = 0; i < dw.length; i++) {
                int pixels = n * (i / 3 % 3 == 1 ? 7 : 6) * (i % 3 == 1 ? 7 : 6);
                largest = Math.max(largest, Math.abs(dw[i] - pixels));
            }
            assertThat(largest).as("largest error").isLessThan(0.01);
        }
    }

    @Test
    void isLeftAloneWhereItDoesNotFit() {
        var stride2 = new Conv2dParameters(2, 2, 1, 1, 1, 1, 1);
        assertThat(isWinograd(stride2, 8, 32, 16, 16, 32)).isFalse();
        assertThat(isWinograd(padded(1), 8, 3, 32, 32, 32)).as("few channels").isFalse();
        assertThat(isWinograd(padded(1), 8, 64, 3, 3, 64))
                .as("tiles mostly empty")
                .isFalse();
        assertThat(isWinograd(padded(1), 1, 64, 4, 4, 64))
                .as("a filter used once")
                .isFalse();
        assertThat(isWinograd(padded(1), 8, 1024, 16, 16, 1024))
                .as("transformed weights of 150 MB")
                .isFalse();
    }
}
