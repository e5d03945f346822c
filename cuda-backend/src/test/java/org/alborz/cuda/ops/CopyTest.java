package org.alborz.cuda.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.DoubleBuffer;
import java.nio.IntBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class CopyTest extends OnSoftwareGpu {
    private static final int[] SIZES = {1, 2, 31, 32, 33, 70};
    private static final int NEVER_WRITTEN = -1;

    /** Exchanges axes of integers, with a gap behind each row of the source and some elements in front. */
    @Test
    void batchesOfAwkwardMatricesAreTransposed() {
        for (int batch : new int[] {1, 3}) {
            for (int rows : SIZES) {
                for (int columns : SIZES) {
                    for (int gap : new int[] {0, 5}) {
                        Layout wide = Layout.rowMajor(Shape.of(batch, rows, columns + gap));
                        Layout from = wide.narrow(2, gap, columns, 1).transpose(1, 2);
                        check(from, (int) wide.shape().elements(), Layout.rowMajor(from.shape()));
                    }
                }
            }
        }
    }

    @Test
    void resultsWithGapsKeepWhatLiesBetween() {
        Layout wide = Layout.rowMajor(Shape.of(3, 35, 40));
        Layout into = wide.narrow(2, 3, 34, 1);
        check(Layout.rowMajor(Shape.of(3, 34, 35)).transpose(1, 2), 3 * 34 * 35, into);
    }

    @Test
    void imagesGoBetweenTheirOrders() {
        Shape shape = Shape.of(3, 5, 7, 9);
        check(Layout.rowMajor(shape), 945, Layout.channelsLast(shape));
        check(Layout.channelsLast(shape), 945, Layout.rowMajor(shape));
        check(Layout.filter(shape), 945, Layout.rowMajor(shape));
        check(Layout.rowMajor(shape), 945, Layout.filter(shape));
    }

    @Test
    void repeatedMatricesAreTransposed() {
        Shape shape = Shape.of(4, 33, 34);
        check(Layout.rowMajor(Shape.of(34, 33)).transpose(0, 1).expand(shape), 33 * 34, Layout.rowMajor(shape));
        check(Layout.rowMajor(Shape.of(4, 33, 1)).expand(shape), 4 * 33, Layout.rowMajor(shape));
        check(Layout.rowMajor(Shape.of(33, 1)).expand(Shape.of(33, 34)), 33, Layout.rowMajor(Shape.of(33, 34)));
    }

    private void check(Layout from, int size, Layout into) {
        int[] values = new int[size];
        Arrays.setAll(values, i -> i + 1);
        int room = Math.toIntExact(last(into) + 1);
        int[] result = new int[room];
        Arrays.fill(result, NEVER_WRITTEN);
        TestOperand x = operand(DType.INT32, IntBuffer.wrap(values), from);
        TestOperand y = operand(DType.INT32, IntBuffer.wrap(result), into);
        backend.elementwise().copy(x, y);
        int[] expected = result.clone();
        for (long i = 0; i < into.shape().elements(); i++) {
            expected[(int) at(into, i)] = values[(int) at(from, i)];
        }
        backend.download(y.buffer(), 0, IntBuffer.wrap(result));
        assertThat(result).as("%s to %s", from, into).isEqualTo(expected);
        backend.free(x.buffer());
        backend.free(y.buffer());
    }

    private static long last(Layout layout) {
        return at(layout, layout.shape().elements() - 1);
    }

    private static long at(Layout layout, long element) {
        long at = layout.offset();
        long left = element;
        for (int axis = layout.shape().rank() - 1; axis >= 0; axis--) {
            at += left % layout.shape().size(axis) * layout.stride(axis);
            left /= layout.shape().size(axis);
        }
        return at;
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void everyTypeIsTransposed(DType dtype) {
        int rows = 37;
        int columns = 41;
        double[] values = new double[rows * columns];
        Arrays.setAll(values, i -> dtype == DType.BOOL ? i / 7 % 2 : i % 251);
        TestOperand given = operand(DType.FLOAT64, DoubleBuffer.wrap(values), Layout.rowMajor(Shape.of(rows, columns)));
        TestOperand x = operand(dtype, values.length, given.layout());
        TestOperand y = operand(dtype, values.length, Layout.rowMajor(Shape.of(columns, rows)));
        TestOperand back = operand(DType.FLOAT64, values.length, y.layout());
        backend.elementwise().copy(given, x);
        backend.elementwise().copy(new TestOperand(x.buffer(), x.layout().transpose(0, 1)), y);
        backend.elementwise().copy(y, back);
        double[] turned = new double[values.length];
        backend.download(back.buffer(), 0, DoubleBuffer.wrap(turned));
        for (int i = 0; i < turned.length; i++) {
            assertThat(turned[i]).isEqualTo(values[i % rows * columns + i / rows]);
        }
    }

    @Test
    void aCopyOntoItselfDoesNothing() {
        TestOperand x = operand(DType.FLOAT16, ShortBuffer.wrap(new short[] {1, 2, 3}), Layout.rowMajor(Shape.of(3)));
        backend.elementwise().copy(x, x);
        short[] values = new short[3];
        backend.download(x.buffer(), 0, ShortBuffer.wrap(values));
        assertThat(values).containsExactly((short) 1, (short) 2, (short) 3);
    }
}
