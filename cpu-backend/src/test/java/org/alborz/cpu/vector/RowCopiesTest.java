package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Rows shorter than a vector, of whole vectors and a rest, and long ones; nothing is written beside them. */
final class RowCopiesTest {
    private static final int[] WIDTHS = {1, 2, 3, 4, 5, 7, 8, 9, 10, 15, 16, 17, 31, 32, 33, 100, 127, 128, 129};
    private static final int ROWS = 5;
    private static final int GAP = 3;

    @Test
    void copiesRowsThatAreApart() {
        for (int width : WIDTHS) {
            int apart = width + GAP;
            float[] x = numbers(1 + ROWS * apart);
            float[] y = new float[2 + ROWS * (apart + 1)];
            RowCopies.copy(x, 1, apart, y, 2, apart + 1, ROWS, width);
            float[] expected = new float[y.length];
            for (int row = 0; row < ROWS; row++) {
                System.arraycopy(x, 1 + row * apart, expected, 2 + row * (apart + 1), width);
            }
            assertThat(y).as("width %d", width).isEqualTo(expected);
        }
    }

    @Test
    void gathersRows() {
        int[] index = {9, 4, 0, 3, 3, 1};
        for (int width : WIDTHS) {
            float[] x = numbers(2 + ROWS * width);
            float[] y = new float[1 + ROWS * width + GAP];
            RowCopies.gather(x, 2, index, 1, y, 1, ROWS, width);
            float[] expected = new float[y.length];
            for (int row = 0; row < ROWS; row++) {
                System.arraycopy(x, 2 + index[1 + row] * width, expected, 1 + row * width, width);
            }
            assertThat(y).as("width %d", width).isEqualTo(expected);
        }
    }

    @Test
    void repeatsNumbers() {
        float[] x = numbers(2 * ROWS);
        for (int width : WIDTHS) {
            float[] y = new float[ROWS * width + Lanes.L];
            RowCopies.repeat(x, 1, 2, y, 0, ROWS, width);
            for (int i = 0; i < ROWS * width; i++) {
                assertThat(y[i]).as("width %d, place %d", width, i).isEqualTo(x[1 + i / width * 2]);
            }
        }
    }

    private static float[] numbers(int count) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = i + 1;
        }
        return numbers;
    }
}
