package org.alborz.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ArrayTextTest {
    private static String of(int[] sizes, double... values) {
        return ArrayText.ofFractions(sizes, values);
    }

    @Test
    void aScalarIsANumber() {
        assertThat(of(new int[] {}, 2.302585)).isEqualTo("2.3026");
        assertThat(of(new int[] {}, 3)).isEqualTo("3.0");
    }

    @Test
    void columnsAreAligned() {
        assertThat(of(new int[] {2, 3}, 1, -0.5, 10, 0.25, 0, -100)).isEqualTo("""
                [[   1.00,   -0.50,   10.00],
                 [   0.25,    0.00, -100.00]]""");
    }

    @Test
    void matricesHaveAnEmptyLineBetweenThem() {
        assertThat(of(new int[] {2, 1, 2}, 1, 2, 3, 4)).isEqualTo("""
                [[[1.0, 2.0]],

                 [[3.0, 4.0]]]""");
    }

    @Test
    void fractionsHaveFourDigitsAtMost() {
        assertThat(of(new int[] {2}, 1 / 3.0, 0.5)).isEqualTo("[0.3333, 0.5000]");
        assertThat(of(new int[] {1}, 0.99999)).isEqualTo("[1.0]");
        assertThat(of(new int[] {2}, -0.0, 1)).isEqualTo("[-0.0,  1.0]");
    }

    @Test
    void farNumbersHaveExponents() {
        assertThat(of(new int[] {2}, 1e-5, 1)).isEqualTo("[1.0e-05, 1.0e+00]");
        assertThat(of(new int[] {2}, 0.5, 600)).isEqualTo("[5.0e-01, 6.0e+02]");
        assertThat(of(new int[] {2}, 1, 99_999_999)).isEqualTo("[       1.0, 99999999.0]");
        assertThat(of(new int[] {2}, 0, 123_456_789)).isEqualTo("[0.0000e+00, 1.2346e+08]");
        assertThat(of(new int[] {1}, 9.99999e9)).isEqualTo("[1.0e+10]");
        assertThat(of(new int[] {1}, -Double.MIN_VALUE)).isEqualTo("[-4.9407e-324]");
        assertThat(of(new int[] {1}, Float.MAX_VALUE)).isEqualTo("[3.4028e+38]");
    }

    @Test
    void whatIsNoNumberDoesNotDecideTheDigits() {
        assertThat(of(new int[] {3}, Double.NaN, 1.5, Double.NEGATIVE_INFINITY))
                .isEqualTo("[      NaN,       1.5, -Infinity]");
        assertThat(of(new int[] {1}, Double.NaN)).isEqualTo("[NaN]");
    }

    @Test
    void longAxesAreShortened() {
        double[] edges = {0, 1, 2, 998, 999, 1000};
        assertThat(of(new int[] {1001}, edges)).isEqualTo("[   0.0,    1.0,    2.0, ...,  998.0,  999.0, 1000.0]");
        double[] rows = IntStream.range(0, 12).asDoubleStream().toArray();
        assertThat(of(new int[] {600, 2}, rows)).isEqualTo("""
                [[ 0.0,  1.0],
                 [ 2.0,  3.0],
                 [ 4.0,  5.0],
                 ...,
                 [ 6.0,  7.0],
                 [ 8.0,  9.0],
                 [10.0, 11.0]]""");
        assertThat(ArrayText.shown(7)).isEqualTo(6);
        assertThat(ArrayText.shown(6)).isEqualTo(6);
        assertThat(ArrayText.shown(0)).isZero();
    }

    @Test
    void aThousandElementsAreNotShortened() {
        String text = of(new int[] {1000}, new double[1000]);
        assertThat(text).doesNotContain("...");
        assertThat(text.split("0\\.0", -1)).hasSize(1001);
    }

    @Test
    void longLinesAreBroken() {
        double[] values = IntStream.range(0, 60).asDoubleStream().toArray();
        String[] lines = of(new int[] {60}, values).split("\n");
        assertThat(lines)
                .hasSize(4)
                .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(ArrayText.LINE_WIDTH + 1));
        assertThat(lines[1]).startsWith(" 1");
    }

    @Test
    void emptyArraysAreBrackets() {
        assertThat(of(new int[] {0})).isEqualTo("[]");
        assertThat(of(new int[] {Integer.MAX_VALUE, 0})).isEqualTo("[]");
    }

    @Test
    void wordsAreAlignedToTheRight() {
        String[] words = {"true", "false"};
        assertThat(ArrayText.ofWords(new int[] {2}, words)).isEqualTo("[ true, false]");
        assertThat(Arrays.asList(words)).containsExactly("true", "false");
    }
}
