package org.alborz.cpu.vector;

import java.util.Arrays;
import org.alborz.backend.Normalization;
import org.alborz.backend.Operand;
import org.alborz.type.DType;

/**
 * Batch normalisation of float32 rows of channels; other types go to the reference.
 *
 * <p>The rows are cut into chunks of a fixed size. For each chunk, mean and squared deviations are found in pieces of
 * {@link Columns#ROWS} rows about the piece's own mean and joined in float64 (Chan, Golub and LeVeque 1983), so that a large mean
 * costs no digits of the variance. The chunks are joined in order.
 */
final class VectorNormalization implements Normalization {
    private final Workplace workplace;
    private final Normalization reference;

    VectorNormalization(Workplace workplace, Normalization reference) {
        this.workplace = workplace;
        this.reference = reference;
    }

    /** How rows of channels are cut into chunks. */
    private record Rows(int rows, int channels, int chunk) {
        static Rows of(Operand x) {
            int channels = x.shape().size(1);
            int rows = (int) (x.shape().elements() / channels);
            return new Rows(rows, channels, Gemm.roundUp(Math.max(1, Walk.TASK_ELEMENTS / channels), Columns.ROWS));
        }

        int chunks() {
            return Gemm.ceilDiv(rows, chunk);
        }

        int first(int chunk) {
            return chunk * this.chunk;
        }

        int end(int chunk) {
            return Math.min(rows, first(chunk) + this.chunk);
        }
    }

    private static boolean isFast(Operand x) {
        return x.dtype() == DType.FLOAT32 && x.shape().elements() > 0;
    }

    @Override
    public void batchNorm(
            double epsilon, Operand x, Operand gamma, Operand beta, Operand y, Operand mean, Operand variance) {
        if (!isFast(x)) {
            reference.batchNorm(epsilon, x, gamma, beta, y, mean, variance);
            return;
        }
        Rows r = Rows.of(x);
        int channels = r.channels;
        // moments[chunk][mean or squares][channel]
        double[] moments = workplace.shared().doubles((long) r.chunks() * 2 * channels);
        workplace.run(
                r.chunks(),
                (chunk, member) -> moments(
                        Floats.of(x),
                        Floats.at(x),
                        r,
                        chunk,
                        moments,
                        chunk * 2 * channels,
                        workplace.scratch(member)));
        joinChunks(r, moments);
        float[] means = workplace.shared().block(0, channels);
        float[] scales = workplace.shared().block(1, channels);
        float[] shifts = workplace.shared().block(2, channels);
        for (int c = 0; c < channels; c++) {
            double sigma2 = moments[channels + c] / r.rows;
            means[c] = (float) moments[c];
            scales[c] = (float) (Floats.of(gamma)[Floats.at(gamma) + c] / Math.sqrt(sigma2 + epsilon));
            shifts[c] = Floats.of(beta)[Floats.at(beta) + c];
            Floats.of(mean)[Floats.at(mean) + c] = (float) moments[c];
            Floats.of(variance)[Floats.at(variance) + c] = (float) sigma2;
        }
        workplace.run(r.chunks(), (chunk, member) -> {
            for (int row = r.first(chunk); row < r.end(chunk); row += Columns.ROWS) {
                int count = Math.min(Columns.ROWS, r.end(chunk) - row);
                Columns.scale(
                        Floats.of(x),
                        Floats.at(x) + row * channels,
                        count,
                        channels,
                        means,
                        scales,
                        shifts,
                        Floats.of(y),
                        Floats.at(y) + row * channels);
            }
        });
    }

    /** Finds each channel's mean and sum of squared deviations over a chunk. */
    private static void moments(
            float[] x, int at, Rows r, int chunk, double[] moments, int momentsAt, Scratch scratch) {
        int channels = r.channels;
        float[] mean = scratch.block(0, channels);
        float[] squares = scratch.block(1, channels);
        for (int row = r.first(chunk); row < r.end(chunk); row += Columns.ROWS) {
            int count = Math.min(Columns.ROWS, r.end(chunk) - row);
            int done = row - r.first(chunk);
            Columns.sum(x, at + row * channels, count, channels, mean);
            for (int c = 0; c < channels; c++) {
                mean[c] /= count;
            }
            Columns.squares(x, at + row * channels, count, channels, mean, squares);
            for (int c = 0; c < channels; c++) {
                int i = momentsAt + c;
                if (done == 0) {
                    moments[i] = mean[c];
                    moments[i + channels] = squares[c];
                } else {
                    join(moments, i, channels, done, mean[c], squares[c], count);
                }
            }
        }
    }

    /** Joins the moments of {@code count} further rows to those of {@code done} rows. */
    private static void join(double[] moments, int i, int channels, int done, double mean, double squares, int count) {
        double difference = mean - moments[i];
        double share = (double) count / (done + count);
        moments[i] += difference * share;
        moments[i + channels] += squares + difference * difference * done * share;
    }

    /** Joins all chunks to the first. */
    private static void joinChunks(Rows r, double[] moments) {
        int channels = r.channels;
        for (int chunk = 1; chunk < r.chunks(); chunk++) {
            int from = chunk * 2 * channels;
            for (int c = 0; c < channels; c++) {
                join(
                        moments,
                        c,
                        channels,
                        r.first(chunk),
                        moments[from + c],
                        moments[from + channels + c],
                        r.end(chunk) - r.first(chunk));
            }
        }
    }

    /**
     * With d = 1 / √(variance + ε) and m rows: dbeta = Σ dy, dgamma = d·Σ dy·(x − mean), and
     * dx = gamma·d·(dy − dbeta / m − (x − mean)·d·dgamma / m), which is linear in dy and in x − mean.
     */
    @Override
    public void batchNormBackward(
            double epsilon,
            Operand x,
            Operand gamma,
            Operand mean,
            Operand variance,
            Operand dy,
            Operand dx,
            Operand dgamma,
            Operand dbeta) {
        if (!isFast(x)) {
            reference.batchNormBackward(epsilon, x, gamma, mean, variance, dy, dx, dgamma, dbeta);
            return;
        }
        Rows r = Rows.of(x);
        int channels = r.channels;
        float[] means = workplace.shared().block(0, channels);
        System.arraycopy(Floats.of(mean), Floats.at(mean), means, 0, channels);
        // sums[chunk][dy or products][channel]
        double[] sums = workplace.shared().doubles((long) r.chunks() * 2 * channels);
        workplace.run(
                r.chunks(),
                (chunk, member) ->
                        gradientSums(x, dy, r, chunk, means, sums, chunk * 2 * channels, workplace.scratch(member)));
        float[] scales = workplace.shared().block(1, channels);
        float[] slopes = workplace.shared().block(2, channels);
        float[] shifts = workplace.shared().block(3, channels);
        for (int c = 0; c < channels; c++) {
            double dyTotal = 0;
            double productTotal = 0;
            for (int chunk = 0; chunk < r.chunks(); chunk++) {
                dyTotal += sums[chunk * 2 * channels + c];
                productTotal += sums[chunk * 2 * channels + channels + c];
            }
            double d = 1 / Math.sqrt(Floats.of(variance)[Floats.at(variance) + c] + epsilon);
            double scale = Floats.of(gamma)[Floats.at(gamma) + c] * d;
            scales[c] = (float) scale;
            slopes[c] = (float) (scale * d * d * productTotal / r.rows);
            shifts[c] = (float) (scale * dyTotal / r.rows);
            Floats.of(dgamma)[Floats.at(dgamma) + c] = (float) (d * productTotal);
            Floats.of(dbeta)[Floats.at(dbeta) + c] = (float) dyTotal;
        }
        workplace.run(r.chunks(), (chunk, member) -> {
            for (int row = r.first(chunk); row < r.end(chunk); row += Columns.ROWS) {
                int count = Math.min(Columns.ROWS, r.end(chunk) - row);
                Columns.scaleGradient(
                        Floats.of(x),
                        Floats.at(x) + row * channels,
                        Floats.of(dy),
                        Floats.at(dy) + row * channels,
                        count,
                        channels,
                        means,
                        scales,
                        slopes,
                        shifts,
                        Floats.of(dx),
                        Floats.at(dx) + row * channels);
            }
        });
    }

    private static void gradientSums(
            Operand x, Operand dy, Rows r, int chunk, float[] means, double[] sums, int sumsAt, Scratch scratch) {
        int channels = r.channels;
        float[] dySum = scratch.block(0, channels);
        float[] products = scratch.block(1, channels);
        Arrays.fill(sums, sumsAt, sumsAt + 2 * channels, 0);
        for (int row = r.first(chunk); row < r.end(chunk); row += Columns.ROWS) {
            int count = Math.min(Columns.ROWS, r.end(chunk) - row);
            int dyAt = Floats.at(dy) + row * channels;
            Columns.sum(Floats.of(dy), dyAt, count, channels, dySum);
            Columns.products(
                    Floats.of(x), Floats.at(x) + row * channels, Floats.of(dy), dyAt, count, channels, means, products);
            for (int c = 0; c < channels; c++) {
                sums[sumsAt + c] += dySum[c];
                sums[sumsAt + channels + c] += products[c];
            }
        }
    }
}
