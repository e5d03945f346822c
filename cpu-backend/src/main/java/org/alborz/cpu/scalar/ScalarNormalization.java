package org.alborz.cpu.scalar;

import org.alborz.backend.Normalization;
import org.alborz.backend.Operand;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.type.Activation;
import org.alborz.type.DType;

/**
 * Batch normalisation in two passes over the elements, mean first: as distances from a channel's first number, so that the mean of
 * equal numbers is just that. What rounding takes off a mean is given back wherever the mean is taken off.
 *
 * <p>Both layouts that the operation knows are rows of channels: N of them, or N·H·W.
 */
public final class ScalarNormalization implements Normalization {
    private final RowBuffer row = new RowBuffer();
    private final RowBuffer gradientRow = new RowBuffer();
    private final RowBuffer firsts = new RowBuffer();
    private final RowBuffer means = new RowBuffer();
    private final RowBuffer rests = new RowBuffer();
    private final RowBuffer variances = new RowBuffer();
    private final RowBuffer gammas = new RowBuffer();
    private final RowBuffer betas = new RowBuffer();
    private final RowBuffer gammaGradients = new RowBuffer();
    private final RowBuffer betaGradients = new RowBuffer();

    @Override
    public void batchNorm(
            double epsilon,
            Operand x,
            Operand gamma,
            Operand beta,
            Operand addend,
            Activation activation,
            Operand y,
            Operand mean,
            Operand variance) {
        int channels = x.shape().size(1);
        int rows = rows(x);
        double[] rest = rests.filled(channels, 0);
        double[] mu = mean(x, rows, channels, rest);
        double[] sigma2 = variance(x, rows, channels, mu, rest);
        double[] scale = read(gamma, 0, channels, gammas);
        double[] shift = read(beta, 0, channels, betas);
        boolean isMixed = gamma.dtype() != x.dtype();
        for (int r = 0; r < rows; r++) {
            double[] values = read(x, r, channels, row);
            for (int c = 0; c < channels; c++) {
                values[c] = (values[c] - mu[c] - rest[c]) / Math.sqrt(sigma2[c] + epsilon) * scale[c] + shift[c];
            }
            write(isMixed ? rounded(values, channels) : values, y, r, channels);
            if (addend != null) {
                add(addend, r, channels, read(y, r, channels, row));
                write(values, y, r, channels);
            }
            if (activation != Activation.NONE) {
                activate(activation, read(y, r, channels, row), channels);
                write(values, y, r, channels);
            }
        }
        write(mu, mean, 0, channels);
        write(sigma2, variance, 0, channels);
    }

    /** Returns the means, and stores in {@code rest} how much more they are. */
    private double[] mean(Operand x, int rows, int channels, double[] rest) {
        double[] sums = means.filled(channels, 0);
        double[] first = rows == 0 ? firsts.filled(channels, 0) : read(x, 0, channels, firsts);
        for (int r = 0; r < rows; r++) {
            double[] values = read(x, r, channels, row);
            for (int c = 0; c < channels; c++) {
                sums[c] += values[c] - first[c];
            }
        }
        for (int c = 0; c < channels; c++) {
            double beyond = sums[c] / rows;
            sums[c] = first[c] + beyond;
            rest[c] = beyond - (sums[c] - first[c]);
        }
        return sums;
    }

    private double[] variance(Operand x, int rows, int channels, double[] mu, double[] rest) {
        double[] sums = variances.filled(channels, 0);
        for (int r = 0; r < rows; r++) {
            double[] values = read(x, r, channels, row);
            for (int c = 0; c < channels; c++) {
                double distance = values[c] - mu[c] - rest[c];
                sums[c] += distance * distance;
            }
        }
        for (int c = 0; c < channels; c++) {
            sums[c] /= rows;
        }
        return sums;
    }

    /**
     * With x̂ = (x − mean) / √(variance + ε) and m elements a channel: dbeta = Σ dy, dgamma = Σ dy·x̂ and
     * dx = gamma / √(variance + ε) · (dy − dbeta / m − x̂·dgamma / m), the chain rule worked out. The saved mean is rounded; the mean of x̂
     * says by how much.
     */
    @Override
    public void batchNormBackward(
            double epsilon,
            Operand x,
            Operand gamma,
            Operand mean,
            Operand variance,
            Activation activation,
            Operand y,
            Operand dy,
            Operand dx,
            Operand dgamma,
            Operand dbeta,
            Operand daddend) {
        int channels = x.shape().size(1);
        int rows = rows(x);
        double[] mu = read(mean, 0, channels, means);
        double[] inverseDeviation = read(variance, 0, channels, variances);
        for (int c = 0; c < channels; c++) {
            inverseDeviation[c] = 1 / Math.sqrt(inverseDeviation[c] + epsilon);
        }
        double[] dscale = gammaGradients.filled(channels, 0);
        double[] dshift = betaGradients.filled(channels, 0);
        double[] rest = rests.filled(channels, 0);
        for (int r = 0; r < rows; r++) {
            double[] gradients = gradients(activation, dy, y, r, channels);
            if (daddend != null) {
                write(gradients, daddend, r, channels);
            }
            double[] normalized = normalized(x, r, channels, mu, inverseDeviation);
            for (int c = 0; c < channels; c++) {
                dscale[c] += gradients[c] * normalized[c];
                dshift[c] += gradients[c];
                rest[c] += normalized[c];
            }
        }
        for (int c = 0; c < channels; c++) {
            rest[c] /= Math.max(1, rows);
            dscale[c] -= rest[c] == 0 ? 0 : rest[c] * dshift[c];
        }
        double[] scale = read(gamma, 0, channels, gammas);
        boolean isMixed = gamma.dtype() != x.dtype();
        for (int r = 0; r < rows; r++) {
            double[] gradients = gradients(activation, dy, y, r, channels);
            double[] normalized = normalized(x, r, channels, mu, inverseDeviation);
            for (int c = 0; c < channels; c++) {
                double centred = gradients[c] - dshift[c] / rows - (normalized[c] - rest[c]) * dscale[c] / rows;
                gradients[c] = scale[c] * inverseDeviation[c] * centred;
            }
            write(isMixed ? rounded(gradients, channels) : gradients, dx, r, channels);
        }
        write(dscale, dgamma, 0, channels);
        write(dshift, dbeta, 0, channels);
    }

    @Override
    public void normalize(
            Operand x, Operand mean, Operand scale, Operand shift, Operand addend, Activation activation, Operand y) {
        int channels = x.shape().size(1);
        double[] mu = read(mean, 0, channels, means);
        double[] factors = read(scale, 0, channels, gammas);
        double[] terms = read(shift, 0, channels, betas);
        for (int r = 0; r < rows(x); r++) {
            double[] values = read(x, r, channels, row);
            for (int c = 0; c < channels; c++) {
                values[c] = (values[c] - mu[c]) * factors[c] + terms[c];
            }
            if (addend != null) {
                add(addend, r, channels, values);
            }
            activate(activation, values, channels);
            write(values, y, r, channels);
        }
    }

    @Override
    public void moveStatistics(
            double momentum,
            double correction,
            Operand mean,
            Operand variance,
            Operand runningMean,
            Operand runningVariance) {
        int channels = mean.shape().size(0);
        boolean isDouble = mean.dtype() == DType.FLOAT64;
        double kept = isDouble ? 1 - momentum : (float) (1 - momentum);
        double ofMean = isDouble ? momentum : (float) momentum;
        double ofVariance = isDouble ? momentum * correction : (float) (momentum * correction);
        move(kept, ofMean, mean, runningMean, channels);
        move(kept, ofVariance, variance, runningVariance, channels);
    }

    private void move(double kept, double share, Operand observed, Operand running, int channels) {
        double[] values = read(running, 0, channels, means);
        double[] more = read(observed, 0, channels, rests);
        boolean isDouble = running.dtype() == DType.FLOAT64;
        for (int c = 0; c < channels; c++) {
            double old = values[c] * kept;
            double taken = more[c] * share;
            values[c] = isDouble ? old + taken : (float) old + (double) (float) taken;
        }
        write(values, running, 0, channels);
    }

    /** Returns a row of dy, 0 where a rectified result is at most 0. */
    private double[] gradients(Activation activation, Operand dy, Operand y, int r, int channels) {
        double[] gradients = read(dy, r, channels, gradientRow);
        if (y != null && activation != Activation.NONE) {
            double[] results = read(y, r, channels, row);
            for (int c = 0; c < channels; c++) {
                boolean isBound = results[c] <= 0 || activation == Activation.RELU6 && results[c] >= 6;
                gradients[c] = isBound ? 0 : gradients[c];
            }
        }
        return gradients;
    }

    private void add(Operand addend, int r, int channels, double[] values) {
        double[] more = read(addend, r, channels, gradientRow);
        for (int c = 0; c < channels; c++) {
            values[c] += more[c];
        }
    }

    private static void activate(Activation activation, double[] values, int channels) {
        for (int c = 0; c < channels; c++) {
            values[c] = BiasActivation.activated(activation, values[c]);
        }
    }

    private double[] normalized(Operand x, int r, int channels, double[] mu, double[] inverseDeviation) {
        double[] values = read(x, r, channels, row);
        for (int c = 0; c < channels; c++) {
            values[c] = (values[c] - mu[c]) * inverseDeviation[c];
        }
        return values;
    }

    /** Rounds to float32 what a tensor of 16 bits takes beside parameters of float32. */
    private static double[] rounded(double[] values, int count) {
        for (int i = 0; i < count; i++) {
            values[i] = (float) values[i];
        }
        return values;
    }

    private static int rows(Operand x) {
        return (int) (x.shape().elements() / Math.max(1, x.shape().size(1)));
    }

    private static double[] read(Operand operand, int r, int channels, RowBuffer buffer) {
        double[] values = buffer.of(channels);
        CpuBuffer.of(operand).read((int) operand.layout().offset() + r * channels, 1, channels, values, 0);
        return values;
    }

    private static void write(double[] values, Operand operand, int r, int channels) {
        CpuBuffer.of(operand).write((int) operand.layout().offset() + r * channels, 1, channels, values, 0);
    }
}
