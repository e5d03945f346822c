package org.alborz.cpu.scalar;

import java.util.Arrays;
import org.alborz.backend.MatMul;
import org.alborz.backend.Operand;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.type.Activation;
import org.alborz.type.Layout;

/** Matrix products: for each row of the result, the rows of {@code b} are added up, weighted by the row of {@code a}. */
public final class ScalarMatMul implements MatMul {
    private final RowBuffer matrix = new RowBuffer();
    private final RowBuffer weights = new RowBuffer();
    private final RowBuffer sums = new RowBuffer();
    private final BiasActivation biasActivation = new BiasActivation();

    @Override
    public void multiply(Operand a, Operand b, Operand bias, Activation activation, Operand y) {
        int batches = y.shape().rank() == 3 ? y.shape().size(0) : 1;
        biasActivation.prepare(bias, activation, y.shape().size(-1));
        for (int batch = 0; batch < batches; batch++) {
            multiply(a, place(a.layout(), batch), b, place(b.layout(), batch), y, place(y.layout(), batch));
        }
    }

    private void multiply(Operand a, int aAt, Operand b, int bAt, Operand y, int yAt) {
        int rows = y.shape().size(-2);
        int columns = y.shape().size(-1);
        int depth = a.shape().size(-1);
        double[] right = matrix.of((long) depth * columns);
        read(b, bAt, right);
        double[] left = weights.of(depth);
        double[] sum = sums.of(columns);
        CpuBuffer from = CpuBuffer.of(a);
        CpuBuffer into = CpuBuffer.of(y);
        for (int m = 0; m < rows; m++) {
            from.read(aAt + m * stride(a, -2), stride(a, -1), depth, left, 0);
            Arrays.fill(sum, 0, columns, 0);
            for (int k = 0; k < depth; k++) {
                addScaled(left[k], right, k * columns, sum, columns);
            }
            biasActivation.apply(sum, columns);
            into.write(yAt + m * columns, 1, columns, sum, 0);
        }
    }

    /** Reads a matrix, transposed or not, into rows that follow each other. */
    private static void read(Operand b, int at, double[] into) {
        CpuBuffer from = CpuBuffer.of(b);
        int rows = b.shape().size(-2);
        int columns = b.shape().size(-1);
        for (int k = 0; k < rows; k++) {
            from.read(at + k * stride(b, -2), stride(b, -1), columns, into, k * columns);
        }
    }

    private static void addScaled(double weight, double[] row, int at, double[] sum, int count) {
        for (int i = 0; i < count; i++) {
            sum[i] += weight * row[at + i];
        }
    }

    private static int stride(Operand operand, int axis) {
        return (int) operand.layout().stride(axis);
    }

    /** Returns where a matrix of the batch starts. */
    private static int place(Layout layout, int batch) {
        return (int) (layout.offset() + (layout.shape().rank() == 3 ? batch * layout.stride(0) : 0));
    }
}
