package org.alborz.cpu.scalar;

import org.alborz.backend.Operand;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.type.Activation;

/** What happens to a row of sums before it is stored: the bias is added, the activation applied. */
final class BiasActivation {
    private final RowBuffer biases = new RowBuffer();
    private double[] bias;
    private Activation activation;

    /**
     * Prepares for rows of {@code width} sums.
     *
     * @param operand {@code [width]}, contiguous, or null
     */
    void prepare(Operand operand, Activation function, int width) {
        activation = function;
        if (operand == null) {
            bias = biases.filled(width, 0);
        } else {
            bias = biases.of(width);
            CpuBuffer.of(operand).read((int) operand.layout().offset(), 1, width, bias, 0);
        }
    }

    void apply(double[] row, int width) {
        for (int i = 0; i < width; i++) {
            double sum = row[i] + bias[i];
            row[i] = activated(activation, sum);
        }
    }

    /** Returns what an activation makes of a number. */
    static double activated(Activation activation, double x) {
        return switch (activation) {
            case NONE -> x;
            case RELU -> Math.max(x, 0);
            case RELU6 -> Math.min(Math.max(x, 0), 6);
        };
    }
}
