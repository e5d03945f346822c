package org.alborz.cuda.blas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.List;
import org.alborz.backend.Buffer;
import org.alborz.backend.Operand;
import org.alborz.cuda.CudaBackend;
import org.alborz.cuda.SoftwareGpu;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How matrices are told to cuBLAS, above all those with axes of size 1, of which a stride says nothing. */
final class MatrixTest {
    private static final int ROOM = 4096;

    private final CudaBackend backend = SoftwareGpu.open();

    private record TestOperand(Buffer buffer, Layout layout) implements Operand {}

    @AfterEach
    void close() {
        backend.close();
    }

    private TestOperand operand(Layout layout) {
        double[] values = new double[ROOM];
        for (int i = 0; i < ROOM; i++) {
            values[i] = Math.sin(i + 1);
        }
        Buffer buffer = backend.allocate(DType.FLOAT64, ROOM);
        backend.upload(DoubleBuffer.wrap(values), buffer, 0);
        return new TestOperand(buffer, layout);
    }

    private void isStored(Layout layout, boolean transposed, int leading, long batchStride) {
        Matrix matrix = Matrix.of(operand(layout));
        assertThat(matrix.transposed()).as("transposed, of %s", layout).isEqualTo(transposed);
        assertThat(matrix.leading()).as("leading dimension of %s", layout).isEqualTo(leading);
        assertThat(matrix.batchStride()).as("batch stride of %s", layout).isEqualTo(batchStride);
    }

    @Test
    void rowsAndColumnsAreToldApart() {
        Layout matrix = Layout.rowMajor(Shape.of(3, 5));
        isStored(matrix, false, 5, 0);
        isStored(matrix.transpose(0, 1), true, 5, 0);
        isStored(Layout.rowMajor(Shape.of(3, 9)).narrow(1, 2, 5, 1), false, 9, 0);
        isStored(Layout.rowMajor(Shape.of(3, 9)).narrow(1, 2, 5, 1).transpose(0, 1), true, 9, 0);
    }

    @Test
    void aRowOrAColumnHasALeadingDimensionThatAMatrixCouldHave() {
        isStored(Layout.rowMajor(Shape.of(1, 5)), false, 5, 0);
        isStored(Layout.rowMajor(Shape.of(5, 1)), false, 1, 0);
        isStored(Layout.rowMajor(Shape.of(1, 5)).transpose(0, 1), false, 1, 0);
        isStored(Layout.rowMajor(Shape.of(5, 1)).transpose(0, 1), false, 5, 0);
        isStored(Layout.rowMajor(Shape.of(5, 7)).narrow(1, 3, 1, 1), false, 7, 0);
        isStored(Layout.rowMajor(Shape.of(5, 7)).narrow(1, 3, 1, 1).transpose(0, 1), true, 7, 0);
        isStored(Layout.of(Shape.of(1, 1), new long[] {0, 0}, 0), false, 1, 0);
        isStored(Layout.of(Shape.of(1, 4), new long[] {0, 1}, 0), false, 4, 0);
    }

    @Test
    void aBatchOfOneOrOfTheSameHasNoStride() {
        isStored(Layout.rowMajor(Shape.of(4, 3, 5)), false, 5, 15);
        isStored(Layout.rowMajor(Shape.of(1, 3, 5)), false, 5, 0);
        isStored(Layout.rowMajor(Shape.of(1, 3, 5)).expand(Shape.of(4, 3, 5)), false, 5, 0);
        isStored(Layout.rowMajor(Shape.of(3, 4, 5)).transpose(0, 1), false, 20, 5);
    }

    /** Returns the layouts that matrices of one shape may have. */
    private static List<Layout> ways(int batch, int rows, int columns) {
        List<Layout> ways = new ArrayList<>();
        Shape shape = Shape.of(batch, rows, columns);
        ways.add(Layout.rowMajor(shape));
        ways.add(Layout.rowMajor(Shape.of(batch, columns, rows)).transpose(1, 2));
        ways.add(Layout.rowMajor(Shape.of(batch, rows, columns + 3)).narrow(2, 2, columns, 1));
        ways.add(Layout.rowMajor(Shape.of(batch, columns, rows + 3))
                .narrow(2, 1, rows, 1)
                .transpose(1, 2));
        ways.add(Layout.rowMajor(Shape.of(1, rows, columns)).expand(shape));
        ways.add(Layout.rowMajor(Shape.of(1, columns, rows)).transpose(1, 2).expand(shape));
        ways.add(Layout.rowMajor(Shape.of(rows, batch, columns)).transpose(0, 1));
        return ways;
    }

    @Test
    void productsOfAllDegenerateShapesAreRight() {
        for (int batch : new int[] {1, 2}) {
            for (int m : new int[] {1, 2, 5}) {
                for (int n : new int[] {1, 2, 5}) {
                    for (int k : new int[] {1, 2, 4}) {
                        for (Layout a : ways(batch, m, k)) {
                            for (Layout b : ways(batch, k, n)) {
                                check(a, b, Layout.rowMajor(Shape.of(batch, m, n)));
                            }
                        }
                    }
                }
            }
        }
    }

    private void check(Layout aLayout, Layout bLayout, Layout yLayout) {
        TestOperand a = operand(aLayout);
        TestOperand b = operand(bLayout);
        TestOperand y = operand(yLayout);
        backend.matMul().multiply(a, b, null, Activation.NONE, y);
        double[] result = new double[Math.toIntExact(yLayout.shape().elements())];
        backend.download(y.buffer(), 0, DoubleBuffer.wrap(result));
        int n = yLayout.shape().size(2);
        int m = yLayout.shape().size(1);
        for (int i = 0; i < result.length; i++) {
            double sum = 0;
            for (int k = 0; k < aLayout.shape().size(2); k++) {
                sum += value(aLayout, i / (m * n), i / n % m, k) * value(bLayout, i / (m * n), k, i % n);
            }
            assertThat(result[i]).as("%s x %s, element %d", aLayout, bLayout, i).isCloseTo(sum, within(1e-12));
        }
        for (TestOperand operand : new TestOperand[] {a, b, y}) {
            backend.free(operand.buffer());
        }
    }

    private static double value(Layout layout, int batch, int row, int column) {
        return Math.sin(
                1 + layout.offset() + batch * layout.stride(0) + row * layout.stride(1) + column * layout.stride(2));
    }

    @Test
    void aProductOverNothingIsTheBias() {
        TestOperand a = operand(Layout.rowMajor(Shape.of(2, 0)));
        TestOperand b = operand(Layout.rowMajor(Shape.of(0, 3)));
        TestOperand bias = operand(Layout.rowMajor(Shape.of(3)));
        TestOperand y = operand(Layout.rowMajor(Shape.of(2, 3)));
        backend.matMul().multiply(a, b, null, Activation.NONE, y);
        double[] result = new double[6];
        backend.download(y.buffer(), 0, DoubleBuffer.wrap(result));
        assertThat(result).containsOnly(0);
        backend.matMul().multiply(a, b, bias, Activation.NONE, y);
        backend.download(y.buffer(), 0, DoubleBuffer.wrap(result));
        assertThat(result)
                .containsExactly(Math.sin(1), Math.sin(2), Math.sin(3), Math.sin(1), Math.sin(2), Math.sin(3));
    }
}
