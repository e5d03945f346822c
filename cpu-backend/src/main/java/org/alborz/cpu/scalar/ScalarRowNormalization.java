package org.alborz.cpu.scalar;

import org.alborz.backend.Operand;
import org.alborz.backend.RowNormalization;
import org.alborz.cpu.memory.CpuBuffer;

/** Normalisation row by row: the mean as a distance from a row's first number, so that equal numbers have exactly them as mean. */
public final class ScalarRowNormalization implements RowNormalization {
    private final RowBuffer row = new RowBuffer();
    private final RowBuffer gradientRow = new RowBuffer();
    private final RowBuffer gammas = new RowBuffer();
    private final RowBuffer betas = new RowBuffer();
    private final RowBuffer gammaGradients = new RowBuffer();
    private final RowBuffer betaGradients = new RowBuffer();

    @Override
    public void rowNorm(boolean centred, double epsilon, Operand x, Operand gamma, Operand beta, Operand y) {
        int width = x.shape().size(-1);
        double[] scale = ofRow(gamma, width, 1, gammas);
        double[] shift = ofRow(beta, width, 0, betas);
        boolean isMixed = gamma != null && gamma.dtype() != x.dtype();
        for (int r = 0; r < rows(x, width); r++) {
            double[] values = read(x, r, width, row);
            normalize(centred, epsilon, values, width);
            for (int i = 0; i < width; i++) {
                values[i] = values[i] * scale[i] + shift[i];
            }
            write(values, isMixed, y, r, width);
        }
    }

    @Override
    public void rowNormBackward(
            boolean centred,
            double epsilon,
            Operand x,
            Operand gamma,
            Operand dy,
            Operand dx,
            Operand dgamma,
            Operand dbeta) {
        int width = x.shape().size(-1);
        double[] scale = ofRow(gamma, width, 1, gammas);
        double[] dscale = gammaGradients.filled(width, 0);
        double[] dshift = betaGradients.filled(width, 0);
        boolean isMixed = gamma != null && gamma.dtype() != x.dtype();
        for (int r = 0; r < rows(x, width); r++) {
            double[] normalized = read(x, r, width, row);
            double inverse = normalize(centred, epsilon, normalized, width);
            double[] gradients = read(dy, r, width, gradientRow);
            double sum = 0;
            double products = 0;
            for (int i = 0; i < width; i++) {
                dscale[i] += gradients[i] * normalized[i];
                dshift[i] += gradients[i];
                gradients[i] *= scale[i];
                sum += gradients[i];
                products += gradients[i] * normalized[i];
            }
            double mean = centred ? sum / width : 0;
            for (int i = 0; i < width; i++) {
                gradients[i] = (gradients[i] - mean - normalized[i] * (products / width)) * inverse;
            }
            write(gradients, isMixed, dx, r, width);
        }
        if (dgamma != null) {
            write(dscale, false, dgamma, 0, width);
        }
        if (dbeta != null) {
            write(dshift, false, dbeta, 0, width);
        }
    }

    /** Replaces a row by x̂ and returns what its deviations were multiplied by. */
    private static double normalize(boolean centred, double epsilon, double[] values, int width) {
        if (centred) {
            double first = values[0];
            double sum = 0;
            for (int i = 0; i < width; i++) {
                values[i] -= first;
                sum += values[i];
            }
            double mean = sum / width;
            for (int i = 0; i < width; i++) {
                values[i] -= mean;
            }
        }
        double squares = 0;
        for (int i = 0; i < width; i++) {
            squares += values[i] * values[i];
        }
        double inverse = 1 / Math.sqrt(squares / width + epsilon);
        for (int i = 0; i < width; i++) {
            values[i] *= inverse;
        }
        return inverse;
    }

    private static int rows(Operand x, int width) {
        return width == 0 ? 0 : (int) (x.shape().elements() / width);
    }

    private static double[] ofRow(Operand operand, int width, double otherwise, RowBuffer buffer) {
        return operand == null ? buffer.filled(width, otherwise) : read(operand, 0, width, buffer);
    }

    private static double[] read(Operand operand, int r, int width, RowBuffer buffer) {
        double[] values = buffer.of(width);
        CpuBuffer.of(operand).read((int) operand.layout().offset() + r * width, 1, width, values, 0);
        return values;
    }

    /** Writes a row, rounded to float32 first where a tensor of 16 bits stands beside parameters of float32. */
    private static void write(double[] values, boolean isMixed, Operand operand, int r, int width) {
        for (int i = 0; isMixed && i < width; i++) {
            values[i] = (float) values[i];
        }
        CpuBuffer.of(operand).write((int) operand.layout().offset() + r * width, 1, width, values, 0);
    }
}
