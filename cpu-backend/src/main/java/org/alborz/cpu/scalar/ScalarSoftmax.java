package org.alborz.cpu.scalar;

import org.alborz.backend.Operand;
import org.alborz.backend.Softmax;
import org.alborz.cpu.memory.CpuBuffer;

/** Softmax row by row; the largest element is taken off first, so that no exponential overflows. */
public final class ScalarSoftmax implements Softmax {
    private final RowBuffer values = new RowBuffer();

    @Override
    public void softmax(Operand x, Operand y) {
        int width = x.shape().size(-1);
        long rows = rows(x, width);
        double[] row = values.of(width);
        for (int r = 0; r < rows; r++) {
            read(x, r, width, row);
            subtract(max(row, width), row, width);
            double sum = 0;
            for (int i = 0; i < width; i++) {
                row[i] = Math.exp(row[i]);
                sum += row[i];
            }
            for (int i = 0; i < width; i++) {
                row[i] /= sum;
            }
            write(row, width, y, r);
        }
    }

    @Override
    public void logSoftmax(Operand x, Operand y) {
        int width = x.shape().size(-1);
        long rows = rows(x, width);
        double[] row = values.of(width);
        for (int r = 0; r < rows; r++) {
            read(x, r, width, row);
            subtract(max(row, width), row, width);
            double sum = 0;
            for (int i = 0; i < width; i++) {
                sum += Math.exp(row[i]);
            }
            subtract(Math.log(sum), row, width);
            write(row, width, y, r);
        }
    }

    private static double max(double[] row, int width) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < width; i++) {
            largest = Math.max(largest, row[i]);
        }
        return largest;
    }

    private static void subtract(double value, double[] row, int width) {
        for (int i = 0; i < width; i++) {
            row[i] -= value;
        }
    }

    private static long rows(Operand x, int width) {
        return width == 0 ? 0 : x.shape().elements() / width;
    }

    private static void read(Operand x, int r, int width, double[] row) {
        CpuBuffer.of(x).read((int) x.layout().offset() + r * width, 1, width, row, 0);
    }

    private static void write(double[] row, int width, Operand y, int r) {
        CpuBuffer.of(y).write((int) y.layout().offset() + r * width, 1, width, row, 0);
    }
}
