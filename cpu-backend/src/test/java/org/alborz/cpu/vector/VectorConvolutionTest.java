package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import org.alborz.cpu.vector.ConvolutionCase.Ending;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Padding2d;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class VectorConvolutionTest {
    @ParameterizedTest(
            name = "n {0}, c {1}, {2}x{3}, o {4}, kernel {5}x{6}, stride {7}, padding {8}, dilation {9}, groups {10}")
    @CsvSource({
        "1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1",
        "1, 3, 7, 7, 17, 3, 3, 1, 1, 1, 1",
        "2, 17, 5, 31, 33, 3, 3, 1, 1, 1, 1",
        "5, 33, 7, 7, 3, 3, 3, 2, 1, 1, 1",
        "2, 16, 8, 8, 32, 3, 3, 2, 1, 1, 1",
        "2, 16, 9, 7, 16, 1, 1, 2, 0, 1, 1",
        "2, 3, 31, 7, 32, 5, 5, 1, 2, 1, 1",
        "2, 4, 12, 11, 8, 3, 3, 1, 2, 2, 1",
        "1, 4, 13, 12, 8, 3, 2, 3, 1, 2, 2",
        "2, 6, 7, 9, 12, 3, 3, 2, 0, 1, 3",
        "3, 17, 6, 6, 17, 3, 3, 1, 1, 1, 17",
        "3, 24, 6, 9, 24, 3, 3, 1, 1, 1, 24",
        "2, 37, 11, 10, 37, 3, 3, 2, 1, 1, 37",
        "1, 16, 9, 23, 16, 5, 5, 3, 2, 1, 16",
        "2, 8, 12, 9, 8, 4, 2, 1, 3, 2, 8",
        "1, 32, 2, 3, 32, 7, 7, 2, 3, 1, 32",
        "2, 3, 9, 8, 3, 3, 3, 1, 1, 2, 3",
        "2, 20, 7, 6, 20, 1, 1, 2, 0, 1, 20",
        "1, 9, 3, 2, 9, 3, 3, 5, 2, 1, 9",
        "0, 8, 6, 6, 8, 3, 3, 1, 1, 1, 8",
        "2, 48, 19, 32, 48, 3, 3, 1, 1, 1, 48",
        "2, 144, 17, 13, 144, 3, 3, 1, 1, 1, 144",
        "2, 144, 18, 16, 144, 3, 3, 2, 1, 1, 144",
        "3, 50, 4, 4, 50, 3, 3, 1, 1, 1, 50",
        "3, 50, 4, 4, 50, 3, 3, 1, 0, 1, 50",
        "2, 20, 3, 7, 20, 3, 3, 1, 4, 1, 20",
        "2, 20, 1, 9, 20, 3, 3, 2, 4, 1, 20",
        "2, 720, 5, 9, 720, 3, 3, 1, 1, 1, 720",
        "0, 32, 6, 6, 32, 3, 3, 1, 1, 1, 32",
        "2, 64, 5, 5, 64, 3, 3, 1, 1, 1, 2",
        "1, 2, 3, 4, 3, 3, 4, 1, 0, 1, 1",
        "1, 2, 3, 4, 3, 1, 1, 1, 2, 1, 1",
        "1, 2, 9, 9, 3, 2, 2, 4, 0, 1, 1",
        "40, 3, 6, 6, 8, 3, 3, 1, 1, 1, 1",
        "2, 48, 10, 10, 80, 3, 3, 1, 1, 1, 1",
        "1, 1, 1, 31, 1, 1, 5, 1, 2, 1, 1",
        "1, 5, 64, 33, 7, 3, 3, 1, 1, 1, 1",
        "16, 6, 14, 14, 16, 5, 5, 1, 0, 1, 1",
        "4, 8, 16, 16, 16, 1, 1, 1, 0, 1, 1",
        "2, 16, 7, 9, 160, 1, 1, 1, 0, 1, 2",
        "2, 8, 9, 7, 200, 1, 1, 2, 0, 1, 1",
        "0, 3, 6, 6, 8, 3, 3, 1, 1, 1, 1",
        "3, 15, 9, 9, 17, 1, 1, 1, 0, 1, 1",
        "2, 33, 9, 10, 49, 1, 1, 1, 0, 1, 1",
        "3, 32, 7, 9, 40, 1, 1, 1, 0, 1, 1",
        "2, 264, 7, 5, 48, 1, 1, 1, 0, 1, 1",
        "1, 520, 1, 1, 24, 1, 1, 1, 0, 1, 1",
        "2, 3, 9, 11, 2, 5, 5, 1, 2, 1, 1",
        "2, 9, 11, 13, 33, 5, 5, 1, 2, 1, 1"
    })
    void equalsTheReferenceInAllThreeDirections(
            int n, int c, int h, int w, int o, int kh, int kw, int stride, int padding, int dilation, int groups) {
        var p = new Conv2dParameters(stride, stride, padding, padding, dilation, dilation, groups);
        try (Pair pair = new Pair(2)) {
            for (Ending ending : Ending.values()) {
                ConvolutionCase test = ConvolutionCase.of(pair, p, n, c, h, w, o, kh, kw);
                test.runVector(pair, ending);
                test.runScalar(pair, ending);
                pair.assertClose("forward", test.y(), 4 + 4 * Math.sqrt(c * kh * kw));
                pair.assertClose("backward data", test.dx(), 4 + 4 * Math.sqrt(o * kh * kw));
                pair.assertClose("backward filter", test.dw(), 4 + 4 * Math.sqrt(n * h * w));
            }
        }
    }

    @Test
    void walksRowsAndColumnsDifferently() {
        try (Pair pair = new Pair(2)) {
            ConvolutionCase test =
                    ConvolutionCase.of(pair, new Conv2dParameters(2, 3, 3, 1, 1, 2, 2), 2, 6, 11, 13, 10, 5, 3);
            test.runVector(pair, Ending.BIAS_ADDEND_AND_RELU);
            test.runScalar(pair, Ending.BIAS_ADDEND_AND_RELU);
            pair.assertClose("forward", test.y(), 60);
            pair.assertClose("backward data", test.dx(), 60);
            pair.assertClose("backward filter", test.dw(), 80);
        }
    }

    @Test
    void walksRowsAndColumnsOfOneChannelsFilterDifferently() {
        try (Pair pair = new Pair(2)) {
            for (int[] strides : new int[][] {{2, 1}, {1, 2}, {4, 1}, {5, 2}}) {
                var p = new Conv2dParameters(strides[0], strides[1], 1, 2, 1, 1, 35);
                ConvolutionCase test = ConvolutionCase.of(pair, p, 2, 35, 19, 14, 35, 3, 3);
                test.runVector(pair, Ending.BIAS_ADDEND_AND_RELU);
                test.runScalar(pair, Ending.BIAS_ADDEND_AND_RELU);
                pair.assertClose("forward", test.y(), 16);
                pair.assertClose("backward data", test.dx(), 16);
                pair.assertClose("backward filter", test.dw(), 80);
            }
        }
    }

    @Test
    void padsEachSideOnItsOwn() {
        try (Pair pair = new Pair(2)) {
            for (int groups : new int[] {1, 2, 12, 24}) {
                for (int stride : new int[] {1, 2}) {
                    int channels = Math.max(12, groups);
                    var p = new Conv2dParameters(stride, stride, new Padding2d(2, 0, 0, 1), 1, 1, groups);
                    ConvolutionCase test = ConvolutionCase.of(pair, p, 2, channels, 11, 13, channels, 3, 3);
                    test.runVector(pair, Ending.BIAS_ADDEND_AND_RELU);
                    test.runScalar(pair, Ending.BIAS_ADDEND_AND_RELU);
                    pair.assertClose("forward", test.y(), 60);
                    pair.assertClose("backward data", test.dx(), 60);
                    pair.assertClose("backward filter", test.dw(), 80);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 40})
    void isBitIdenticalForAnyNumberOfThreads(int groups) {
        float[][] expected = null;
        for (int threads : new int[] {1, 2, 3, 5}) {
            try (Pair pair = new Pair(threads)) {
                ConvolutionCase test = ConvolutionCase.of(
                        pair,
                        new Conv2dParameters(1, 1, 1, 1, 1, 1, groups),
                        21,
                        Math.max(5, groups),
                        19,
                        17,
                        groups == 1 ? 40 : groups,
                        3,
                        3);
                test.runVector(pair, Ending.BIAS_ADDEND_AND_RELU);
                float[][] actual = {pair.read(test.y()), pair.read(test.dx()), pair.read(test.dw())};
                expected = expected == null ? actual : expected;
                assertThat(actual).as("%d threads", threads).isDeepEqualTo(expected);
            }
        }
    }

    @Test
    void productsOfPixelsAreBitIdenticalForAnyNumberOfThreads() {
        float[][] expected = null;
        for (int threads : new int[] {1, 2, 5}) {
            try (Pair pair = new Pair(threads)) {
                ConvolutionCase test = ConvolutionCase.of(pair, Conv2dParameters.defaults(), 7, 272, 5, 7, 40, 1, 1);
                test.runVector(pair, Ending.BIAS_ADDEND_AND_RELU);
                float[][] actual = {pair.read(test.y()), pair.read(test.dx()), pair.read(test.dw())};
                expected = expected == null ? actual : expected;
                assertThat(actual).as("%d threads", threads).isDeepEqualTo(expected);
            }
        }
    }
}
