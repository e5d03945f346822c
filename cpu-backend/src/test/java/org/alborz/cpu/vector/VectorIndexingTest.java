package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.Random;
import org.alborz.cpu.vector.Pair.Twin;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Gather, scatter-add and one-hot have the reference's bits for any shape, order in memory, type and number of threads. */
final class VectorIndexingTest {
    @ParameterizedTest
    @CsvSource({
        "1, 1, 1, 1",
        "1, 5, 7, 1",
        "3, 5, 7, 4",
        "1, 2000, 300, 10",
        "1, 300, 2000, 33",
        "1, 40, 50, 1000",
        "70, 31, 17, 1",
        "3000, 10, 12, 1",
        "2, 3, 4, 20000",
        "5, 40000, 9, 1",
        "1, 70, 40001, 1",
        "130, 9, 11, 40"
    })
    void equalsTheReference(int outer, int size, int count, int inner) {
        for (DType dtype : new DType[] {DType.FLOAT32, DType.FLOAT64, DType.BFLOAT16}) {
            for (boolean isRowMajor : new boolean[] {true, false}) {
                try (Pair pair = new Pair(3)) {
                    Layout ofX = layout(isRowMajor, outer, size, inner);
                    Layout ofY = layout(isRowMajor, outer, count, inner);
                    Twin x = converted(pair, dtype, pair.random(ofX));
                    Twin index = pair.labels(count, size);
                    Twin y = pair.empty(dtype, ofY);
                    pair.vector.indexing().gather(1, x.vector(), index.vector(), y.vector());
                    pair.scalar.indexing().gather(1, x.scalar(), index.scalar(), y.scalar());
                    assertSame(pair, "gather", dtype, y);
                    Twin sums = pair.empty(dtype, ofX);
                    pair.vector.indexing().scatterAdd(1, y.vector(), index.vector(), sums.vector());
                    pair.scalar.indexing().scatterAdd(1, y.scalar(), index.scalar(), sums.scalar());
                    assertSame(pair, "scatterAdd", dtype, sums);
                }
            }
        }
    }

    /** Numbers of every exponent, so that terms cancel, vanish and overflow; from no term of a target to eight, and all of one target. */
    @Test
    void scatterAddOfWideRowsHasTheBitsOfASumInFloat64() {
        int inner = 77;
        int rows = 200;
        Random random = new Random(5);
        float[] values = new float[3 + rows * inner];
        float[] few = {0f, -0f, 1, -1, Float.MIN_VALUE, -Float.MIN_VALUE, Float.MAX_VALUE, -Float.MAX_VALUE, 0x1p-24f};
        for (int i = 0; i < values.length; i++) {
            float any = Float.intBitsToFloat(random.nextInt());
            values[i] = i % 3 > 0 || Float.isNaN(any) ? few[random.nextInt(few.length)] : any;
        }
        values[3 + 5 * inner] = Float.NaN;
        values[3 + 6 * inner] = Float.NEGATIVE_INFINITY;
        try (Pair pair = new Pair(2)) {
            Twin x = pair.random(Layout.rowMajor(Shape.of(rows, inner)));
            pair.fill(x, values);
            for (int targets : new int[] {1, 40, 150, 1000}) {
                Twin index = pair.labels(rows, targets);
                Twin sums = pair.empty(Layout.rowMajor(Shape.of(targets, inner)));
                pair.vector.indexing().scatterAdd(0, x.vector(), index.vector(), sums.vector());
                pair.scalar.indexing().scatterAdd(0, x.scalar(), index.scalar(), sums.scalar());
                assertSame(pair, "scatterAdd", DType.FLOAT32, sums);
            }
        }
    }

    /** More lines than a task takes, and than are added side by side; from no term of a target to all of them. */
    @Test
    void scatterAddOfShortLinesHasTheBitsOfASumInFloat64() {
        int lines = 3000;
        float[] special = {
            0f, -0f, 1, -1, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0x1p-24f, 0x1p60f, -0x1p60f
        };
        int[][] indices = {
            {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 8, 7},
            {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2},
            {9, 3, 9, 3, 1, 9, 3, 5, 5, 0, 0, 9}
        };
        Random random = new Random(7);
        float[] values = new float[3 + lines * 12];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt(8) == 0 ? random.nextFloat() : special[random.nextInt(special.length)];
        }
        try (Pair pair = new Pair(2)) {
            Twin x = pair.random(Layout.rowMajor(Shape.of(lines, 12)));
            pair.fill(x, values);
            Twin index = pair.labels(12, 10);
            for (int[] places : indices) {
                pair.vector.upload(IntBuffer.wrap(places), index.vector().buffer(), 3);
                pair.scalar.upload(IntBuffer.wrap(places), index.scalar().buffer(), 3);
                Twin sums = pair.empty(Layout.rowMajor(Shape.of(lines, 10)));
                pair.vector.indexing().scatterAdd(1, x.vector(), index.vector(), sums.vector());
                pair.scalar.indexing().scatterAdd(1, x.scalar(), index.scalar(), sums.scalar());
                assertSame(pair, "scatterAdd", DType.FLOAT32, sums);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "5, 3", "4000, 10", "7, 40000", "100, 1000"})
    void oneHotEqualsTheReference(int rows, int classes) {
        for (DType dtype : new DType[] {DType.FLOAT32, DType.FLOAT16}) {
            for (boolean isRowMajor : new boolean[] {true, false}) {
                try (Pair pair = new Pair(2)) {
                    Twin index = pair.labels(rows, classes);
                    Layout layout = Layout.rowMajor(Shape.of(rows, classes));
                    Twin y = pair.empty(
                            dtype,
                            isRowMajor
                                    ? layout
                                    : Layout.rowMajor(Shape.of(classes, rows)).transpose(0, 1));
                    pair.vector.indexing().oneHot(index.vector(), y.vector());
                    pair.scalar.indexing().oneHot(index.scalar(), y.scalar());
                    assertSame(pair, "oneHot", dtype, y);
                }
            }
        }
    }

    @Test
    void namesThePlaceOfAnIndexOutsideTheAxis() {
        try (Pair pair = new Pair(2)) {
            Twin x = pair.random(Layout.rowMajor(Shape.of(4, 3)));
            Twin index = pair.labels(6, 4);
            pair.vector.upload(
                    IntBuffer.wrap(new int[] {0, 1, 2, 3, 4, 5}), index.vector().buffer(), 3);
            Twin y = pair.empty(Layout.rowMajor(Shape.of(6, 3)));
            String expected = "expects indices from 0 to 3, got 4 at position 4";
            assertThatThrownBy(() -> pair.vector.indexing().gather(0, x.vector(), index.vector(), y.vector()))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessageContaining("gather " + expected);
            assertThatThrownBy(() -> pair.vector.indexing().scatterAdd(0, y.vector(), index.vector(), x.vector()))
                    .hasMessageContaining("scatterAdd " + expected);
            Twin hot = pair.empty(Layout.rowMajor(Shape.of(6, 4)));
            assertThatThrownBy(() -> pair.vector.indexing().oneHot(index.vector(), hot.vector()))
                    .hasMessageContaining("oneHot " + expected);
        }
    }

    private static Layout layout(boolean isRowMajor, int outer, int size, int inner) {
        return isRowMajor
                ? Layout.rowMajor(Shape.of(outer, size, inner))
                : Layout.rowMajor(Shape.of(inner, size, outer)).transpose(0, 2);
    }

    private static Twin converted(Pair pair, DType dtype, Twin x) {
        Twin y = pair.empty(dtype, x.vector().layout().shift(-3));
        pair.vector.elementwise().copy(x.vector(), y.vector());
        pair.scalar.elementwise().copy(x.scalar(), y.scalar());
        return y;
    }

    private static void assertSame(Pair pair, String what, DType dtype, Twin y) {
        Twin floats = pair.empty(y.vector().layout().shift(-3));
        pair.vector.elementwise().copy(y.vector(), floats.vector());
        pair.scalar.elementwise().copy(y.scalar(), floats.scalar());
        assertThat(Arrays.equals(Pair.read(pair.vector, floats.vector()), Pair.read(pair.scalar, floats.scalar())))
                .as("%s of %s, %s", what, dtype, y.vector().layout())
                .isTrue();
    }
}
