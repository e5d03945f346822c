package org.alborz.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;

class NestedArrayTest {
    private static final float[][][] CUBE = {{{1, 2}, {3, 4}, {5, 6}}, {{7, 8}, {9, 10}, {11, 12}}};
    private static final float[] FLAT = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

    @Test
    void flattensInRowMajorOrder() {
        assertThat(NestedArray.shape(CUBE)).isEqualTo(Shape.of(2, 3, 2));
        assertThat(NestedArray.flatten(CUBE, Shape.of(2, 3, 2), new float[12])).containsExactly(FLAT);
        assertThat(NestedArray.shape(FLAT)).isEqualTo(Shape.of(12));
    }

    @Test
    void nestsAgain() {
        assertThat(NestedArray.nest(FLAT, Shape.of(2, 3, 2))).isEqualTo(CUBE);
        assertThat(NestedArray.nest(new int[] {1, 2}, Shape.of(2))).isEqualTo(new int[] {1, 2});
        assertThat(NestedArray.nest(new double[0], Shape.of(2, 0))).isEqualTo(new double[2][0]);
    }

    @Test
    void rowsMayBeEmptyButNotMissing() {
        assertThat(NestedArray.shape(new int[3][0])).isEqualTo(Shape.of(3, 0));
        assertThat(NestedArray.shape(new int[0])).isEqualTo(Shape.of(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NestedArray.shape(new float[0][]))
                .withMessageContaining("at least one row");
    }

    @Test
    void refusesRowsOfSeveralLengths() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NestedArray.shape(new float[][][] {{{1}, {2}}, {{3}, {4, 5}}}))
                .withMessage("An array [2, 2, 1] expects rows of one length, 1 elements at [1, 1], got 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NestedArray.shape(new int[][] {{1}, null}))
                .withMessageContaining("at [1], got null");
    }
}
