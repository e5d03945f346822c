package org.alborz.cpu.vector;

import java.util.Arrays;
import java.util.function.Supplier;
import org.alborz.backend.Normalization;
import org.alborz.backend.Operand;
import org.alborz.type.Activation;
import org.alborz.type.DType;

/**
 * Batch normalisation of float32 rows of channels, and of rows of 16 bits beside parameters of float32; other types go to the reference.
 *
 * <p>The rows are cut into chunks of a fixed size. For each chunk, mean and squared deviations are found in pieces of
 * {@link #PIECE} rows about the piece's own mean and joined in float64 (Chan, Golub and LeVeque 1983), so that a large mean
 * costs no digits of the variance. A piece's mean is found by the distances of parts from their first rows, and what rounding it to float32 takes
 * away is given back, so that equal numbers have exactly them as mean and 0 as variance. The chunks are joined in order. Moments that
 * are not finite are left to the reference, which squares in float64.
 *
 * <p>The file is long because both passes of both directions share the fields of one call.
 */
final class VectorNormalization implements Normalization {
    /** How many sums there are of each chunk and channel. */
    private static final int SUMS = 3;

    /** Rows whose squares are added up about one mean; joining two pieces takes as long as some ten rows. */
    private static final int PIECE = 4 * Columns.ROWS;

    private final WorkerPool workers;
    private final Normalization reference;
    private final Slices<Normalization> slices;
    // The call that runs now; kept here, so that a call makes no objects. A call's rows of channels are cut into
    // chunks.
    private int rows;
    private int channels;
    private int chunkRows;
    // Rows that sums take as one, and those that maps do.
    private int fold;
    private int together;
    private final FloatRows x = new FloatRows(Workspace.Use.FRAME);
    private final FloatRows dy = new FloatRows(Workspace.Use.GRADIENT);
    private final FloatRows result = new FloatRows(Workspace.Use.BLOCK);
    private final FloatRows addend = new FloatRows(Workspace.Use.LEFT);
    private final FloatRows rectified = new FloatRows(Workspace.Use.LEFT);
    private final FloatRows daddend = new FloatRows(Workspace.Use.RIGHT);
    private float floor;
    private float ceiling;
    // The upper bound of the activation that followed what the gradient is of, or NaN.
    private float bound;
    private float[] means;
    private float[] scales;
    private float[] slopes;
    private float[] shifts;

    /** For each chunk and channel: mean and squared deviations, or the sums of dy, of the products, and of x less its mean. */
    private double[] sums;

    private final ThreadTeam.Task moments = this::moments;
    private final ThreadTeam.Task normalize = this::normalize;
    private final ThreadTeam.Task gradientSums = this::gradientSums;
    private final ThreadTeam.Task gradient = this::gradient;

    VectorNormalization(WorkerPool workers, Supplier<Normalization> family) {
        this.workers = workers;
        this.slices = new Slices<>(workers, Normalization.class, family);
        this.reference = slices.whole();
    }

    private void start(Operand input, Operand output) {
        channels = input.shape().size(1);
        rows = (int) (input.shape().elements() / channels);
        chunkRows = Gemm.roundUp(Math.max(1, ParallelStridedIterator.TASK_ELEMENTS / channels), Columns.ROWS);
        x.set(input);
        result.set(output);
        // sums[chunk][SUMS][channel]
        sums = workers.shared().doubles((long) chunks() * SUMS * channels);
        fold = NormalizedRows.fold(channels);
        together = NormalizedRows.together(channels);
        means = workers.shared().block(0, NormalizedRows.repeated(channels));
        scales = workers.shared().block(1, NormalizedRows.repeated(channels));
        slopes = workers.shared().block(2, NormalizedRows.repeated(channels));
        shifts = workers.shared().block(3, NormalizedRows.repeated(channels));
    }

    /** Repeats the numbers of the channels for rows that are taken together. */
    private void repeat() {
        NormalizedRows.repeat(means, channels);
        NormalizedRows.repeat(scales, channels);
        NormalizedRows.repeat(slopes, channels);
        NormalizedRows.repeat(shifts, channels);
    }

    private void end() {
        x.end(); // the arrays may go back to the pool
        dy.end();
        result.end();
        addend.end();
        rectified.end();
        daddend.end();
    }

    private int chunks() {
        return Gemm.ceilDiv(rows, chunkRows);
    }

    private int first(int chunk) {
        return chunk * chunkRows;
    }

    private int end(int chunk) {
        return Math.min(rows, first(chunk) + chunkRows);
    }

    /** Tells whether the operands for the channels, and so what is computed, are float32. */
    private static boolean isFast(Operand x, Operand ofChannels) {
        return ofChannels.dtype() == DType.FLOAT32 && x.shape().elements() > 0;
    }

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
        if (!isFast(x, gamma)) {
            reference.batchNorm(epsilon, x, gamma, beta, addend, activation, y, mean, variance);
            return;
        }
        start(x, y);
        workers.run(chunks(), moments);
        joinChunks();
        if (!isFinite()) {
            end();
            reference.batchNorm(epsilon, x, gamma, beta, addend, activation, y, mean, variance);
            return;
        }
        for (int c = 0; c < channels; c++) {
            double sigma2 = sums[channels + c] / rows;
            double scale = Floats.of(gamma)[Floats.at(gamma) + c] / Math.sqrt(sigma2 + epsilon);
            means[c] = (float) sums[c];
            scales[c] = (float) scale;
            shifts[c] = (float) (Floats.of(beta)[Floats.at(beta) + c] + (means[c] - sums[c]) * scale);
            Floats.of(mean)[Floats.at(mean) + c] = (float) sums[c];
            Floats.of(variance)[Floats.at(variance) + c] = (float) sigma2;
        }
        repeat();
        this.addend.set(addend);
        floor = Floats.floor(activation);
        ceiling = Floats.ceiling(activation);
        workers.run(chunks(), normalize);
        end();
    }

    /** In float32; of other types as the reference does, since 16 bits would be rounded twice. */
    @Override
    public void normalize(
            Operand x, Operand mean, Operand scale, Operand shift, Operand addend, Activation activation, Operand y) {
        if (!isFast(x, x)) {
            Operand centre = Slices.shared(mean);
            Operand factor = Slices.shared(scale);
            Operand term = Slices.shared(shift);
            slices.forEach(
                    (part, of) -> part.normalize(of[0], centre, factor, term, of[1], activation, of[2]), x, addend, y);
            return;
        }
        start(x, y);
        System.arraycopy(Floats.of(mean), Floats.at(mean), means, 0, channels);
        System.arraycopy(Floats.of(scale), Floats.at(scale), scales, 0, channels);
        System.arraycopy(Floats.of(shift), Floats.at(shift), shifts, 0, channels);
        repeat();
        this.addend.set(addend);
        floor = Floats.floor(activation);
        ceiling = Floats.ceiling(activation);
        workers.run(chunks(), normalize);
        end();
    }

    private void normalize(int chunk, int worker) {
        Workspace workspace = workers.workspace(worker);
        for (int row = first(chunk); row < end(chunk); row += together) {
            int first = row * channels;
            int count = Math.min(together, end(chunk) - row);
            int n = count * channels;
            float[] values = x.read(workspace, first, n);
            float[] results = result.target(workspace, n);
            int at = result.at(first);
            if (!addend.isSet()) {
                NormalizedRows.scale(
                        values, x.at(first), count, channels, means, scales, shifts, floor, ceiling, results, at);
            } else if (result.isNarrow()) {
                scaleRoundAndAdd(workspace, values, first, count, results);
            } else {
                float[] more = addend.read(workspace, first, n);
                int moreAt = addend.at(first);
                NormalizedRows.scaleAndAdd(
                        values,
                        x.at(first),
                        count,
                        channels,
                        means,
                        scales,
                        shifts,
                        more,
                        moreAt,
                        floor,
                        ceiling,
                        results,
                        at);
            }
            result.store(results, first, n);
        }
    }

    /** Rounds results to 16 bits before the addition, as two operations would. */
    private void scaleRoundAndAdd(Workspace workspace, float[] values, int first, int count, float[] results) {
        int n = count * channels;
        int at = result.at(first);
        float least = Floats.floor(Activation.NONE);
        float most = Floats.ceiling(Activation.NONE);
        NormalizedRows.scale(values, x.at(first), count, channels, means, scales, shifts, least, most, results, at);
        result.store(results, first, n);
        float[] rounded = result.read(workspace, first, n);
        AddActivation.add(rounded, at, addend.read(workspace, first, n), addend.at(first), n, floor, ceiling);
    }

    /** Finds each channel's mean and sum of squared deviations over a chunk. */
    private void moments(int chunk, int worker) {
        Workspace workspace = workers.workspace(worker);
        int sumsAt = chunk * SUMS * channels;
        float[] mean = workspace.block(0, fold * channels);
        float[] squares = workspace.block(1, fold * channels);
        float[] distances = workspace.block(2, fold * channels);
        double[] totals = workspace.doubles((long) fold * channels);
        int count;
        for (int row = first(chunk); row < end(chunk); row += count) {
            count = wholeFolds(Math.min(PIECE, end(chunk) - row));
            int done = row - first(chunk);
            int first = row * channels;
            float[] values = x.read(workspace, first, count * channels);
            int at = x.at(first);
            int folded = count % fold == 0 ? fold : 1;
            int width = folded * channels;
            Arrays.fill(totals, 0, width, 0);
            for (int part = 0; part < count; part += Columns.ROWS) {
                int lines = Math.min(Columns.ROWS, count - part) / folded;
                int firstOfPart = at + part * channels;
                Columns.distances(values, firstOfPart, lines, width, distances);
                for (int c = 0; c < width; c++) {
                    totals[c] += distances[c] + (double) lines * values[firstOfPart + c];
                }
            }
            for (int c = channels; c < width; c++) {
                totals[c % channels] += totals[c];
            }
            for (int c = 0; c < width; c++) {
                mean[c] = (float) (totals[c % channels] / count);
            }
            Columns.squares(values, at, count / folded, width, mean, squares);
            for (int c = 0; c < channels; c++) {
                int i = sumsAt + c;
                double exact = totals[c] / count;
                double rounded = exact - mean[c];
                double squared = Math.max(0, sumOfFolds(squares, c, width) - count * rounded * rounded);
                if (done == 0) {
                    sums[i] = exact;
                    sums[i + channels] = squared;
                } else {
                    join(i, done, exact, squared, count);
                }
            }
        }
    }

    /** Returns how many of some rows are folded together: whole folds, or all where they make none. */
    private int wholeFolds(int count) {
        return count < fold ? count : count - count % fold;
    }

    private double sumOfFolds(float[] ofColumns, int channel, int width) {
        double sum = ofColumns[channel];
        for (int c = channel + channels; c < width; c += channels) {
            sum += ofColumns[c];
        }
        return sum;
    }

    /** Joins the moments of {@code count} further rows to those of {@code done} rows. */
    private void join(int i, int done, double mean, double squares, int count) {
        double difference = mean - sums[i];
        double share = (double) count / (done + count);
        sums[i] += difference * share;
        sums[i + channels] += squares + difference * difference * done * share;
    }

    /** Joins all chunks to the first. */
    private void joinChunks() {
        for (int chunk = 1; chunk < chunks(); chunk++) {
            int from = chunk * SUMS * channels;
            for (int c = 0; c < channels; c++) {
                join(c, first(chunk), sums[from + c], sums[from + channels + c], end(chunk) - first(chunk));
            }
        }
    }

    /** Returns whether the moments of all channels, joined, are. */
    private boolean isFinite() {
        for (int i = 0; i < 2 * channels; i++) {
            if (!Double.isFinite(sums[i])) {
                return false;
            }
        }
        return true;
    }

    /**
     * With d = 1 / √(variance + ε) and m rows: dbeta = Σ dy, dgamma = d·Σ dy·(x − mean), and
     * dx = gamma·d·(dy − dbeta / m − (x − mean)·d·dgamma / m), which is linear in dy and in x − mean. The saved mean is rounded; what that
     * took, the mean of x less it, is given back to the sum of products and in the shift.
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
        if (!isFast(x, gamma)) {
            reference.batchNormBackward(
                    epsilon, x, gamma, mean, variance, activation, y, dy, dx, dgamma, dbeta, daddend);
            return;
        }
        start(x, dx);
        this.dy.set(dy);
        rectified.set(activation == Activation.NONE ? null : y);
        bound = activation == Activation.RELU6 ? Floats.ceiling(activation) : Float.NaN;
        this.daddend.set(daddend);
        System.arraycopy(Floats.of(mean), Floats.at(mean), means, 0, channels);
        NormalizedRows.repeat(means, channels);
        workers.run(chunks(), gradientSums);
        for (int c = 0; c < channels; c++) {
            double dyTotal = 0;
            double productTotal = 0;
            double rest = 0;
            for (int chunk = 0; chunk < chunks(); chunk++) {
                int i = chunk * SUMS * channels + c;
                dyTotal += sums[i];
                productTotal += sums[i + channels];
                rest += sums[i + 2 * channels];
            }
            double lost = rest == 0 || !Double.isFinite(rest) ? 0 : rest / rows;
            productTotal -= lost == 0 ? 0 : lost * dyTotal;
            double d = 1 / Math.sqrt(Floats.of(variance)[Floats.at(variance) + c] + epsilon);
            double scale = Floats.of(gamma)[Floats.at(gamma) + c] * d;
            scales[c] = (float) scale;
            double slope = scale * d * d * productTotal / rows;
            slopes[c] = (float) slope;
            shifts[c] = (float) (scale * dyTotal / rows - (lost == 0 ? 0 : slope * lost));
            Floats.of(dgamma)[Floats.at(dgamma) + c] = (float) (d * productTotal);
            Floats.of(dbeta)[Floats.at(dbeta) + c] = (float) dyTotal;
        }
        repeat();
        if (daddend != null) {
            // What follows reads what the sums have stored.
            rectified.set(null);
            this.dy.set(daddend);
        }
        workers.run(chunks(), gradient);
        end();
    }

    @Override
    public void moveStatistics(
            double momentum,
            double correction,
            Operand mean,
            Operand variance,
            Operand runningMean,
            Operand runningVariance) {
        reference.moveStatistics(momentum, correction, mean, variance, runningMean, runningVariance);
    }

    private void gradient(int chunk, int worker) {
        Workspace workspace = workers.workspace(worker);
        for (int row = first(chunk); row < end(chunk); row += together) {
            int first = row * channels;
            int count = Math.min(together, end(chunk) - row);
            int n = count * channels;
            float[] values = x.read(workspace, first, n);
            float[] gradients = dy.read(workspace, first, n);
            float[] results = result.target(workspace, n);
            int at = result.at(first);
            int xAt = x.at(first);
            int dyAt = dy.at(first);
            if (copiesBounded(!NormalizedRows.takesCeiling(channels))) {
                NormalizedRows.gradient(
                        values,
                        xAt,
                        boundedGradient(workspace, first, n),
                        0,
                        count,
                        channels,
                        means,
                        scales,
                        slopes,
                        shifts,
                        results,
                        at);
            } else if (rectified.isSet()) {
                float[] y = rectified.read(workspace, first, n);
                int yAt = rectified.at(first);
                NormalizedRows.rectifiedGradient(
                        values, xAt, gradients, dyAt, y, yAt, bound, count, channels, means, scales, slopes, shifts,
                        results, at);
            } else {
                NormalizedRows.gradient(
                        values, xAt, gradients, dyAt, count, channels, means, scales, slopes, shifts, results, at);
            }
            result.store(results, first, n);
        }
    }

    private void gradientSums(int chunk, int worker) {
        Workspace workspace = workers.workspace(worker);
        int sumsAt = chunk * SUMS * channels;
        float[] dySum = workspace.block(0, fold * channels);
        float[] products = workspace.block(1, fold * channels);
        float[] rests = workspace.block(2, fold * channels);
        Arrays.fill(sums, sumsAt, sumsAt + SUMS * channels, 0);
        int count;
        for (int row = first(chunk); row < end(chunk); row += count) {
            count = wholeFolds(Math.min(Columns.ROWS, end(chunk) - row));
            int first = row * channels;
            int n = count * channels;
            float[] values = x.read(workspace, first, n);
            int folded = count % fold == 0 ? fold : 1;
            int width = folded * channels;
            int lines = count / folded;
            boolean wide = width >= Columns.MANY;
            if (daddend.isSet()) {
                float[] passed = addendGradient(workspace, first, n);
                int at = daddend.at(first);
                Columns.products(values, x.at(first), passed, at, lines, width, means, dySum, products, rests);
            } else if (copiesBounded(!wide)) {
                float[] passed = boundedGradient(workspace, first, n);
                Columns.products(values, x.at(first), passed, 0, lines, width, means, dySum, products, rests);
            } else {
                float[] gradients = dy.read(workspace, first, n);
                int xAt = x.at(first);
                int dyAt = dy.at(first);
                if (!rectified.isSet()) {
                    Columns.products(values, xAt, gradients, dyAt, lines, width, means, dySum, products, rests);
                } else {
                    float[] y = rectified.read(workspace, first, n);
                    int yAt = rectified.at(first);
                    if (wide) {
                        WideColumns.rectifiedProducts(
                                values, xAt, gradients, dyAt, y, yAt, bound, lines, width, means, dySum, products,
                                rests);
                    } else {
                        Columns.rectifiedProducts(
                                values, xAt, gradients, dyAt, y, yAt, lines, width, means, dySum, products, rests);
                    }
                }
            }
            for (int c = 0; c < channels; c++) {
                sums[sumsAt + c] += sumOfFolds(dySum, c, width);
                sums[sumsAt + channels + c] += sumOfFolds(products, c, width);
                sums[sumsAt + 2 * channels + c] += sumOfFolds(rests, c, width);
            }
        }
    }

    /** Tells whether the gradient before an activation with an upper bound is copied, where kernels know the lower bound only. */
    private boolean copiesBounded(boolean lowerOnly) {
        return lowerOnly && rectified.isSet() && !Float.isNaN(bound);
    }

    /** Stores the gradient of a few rows of the addend, and returns the array that it is in. */
    private float[] addendGradient(Workspace workspace, int first, int n) {
        float[] passed = daddend.target(workspace, n);
        pass(workspace, first, n, passed, daddend.at(first));
        daddend.store(passed, first, n);
        return passed;
    }

    /** Returns the gradient of a few rows before an activation with an upper bound, from 0 on. */
    private float[] boundedGradient(Workspace workspace, int first, int n) {
        float[] passed = workspace.floats(Workspace.Use.RIGHT, n);
        pass(workspace, first, n, passed, 0);
        return passed;
    }

    private void pass(Workspace workspace, int first, int n, float[] passed, int at) {
        float[] y = rectified.read(workspace, first, n);
        float[] slopesOfY = dy.read(workspace, first, n);
        if (Float.isNaN(bound)) {
            BinaryRows.reluBackward(y, rectified.at(first), slopesOfY, dy.at(first), passed, at, n);
        } else {
            BinaryRows.relu6Backward(y, rectified.at(first), slopesOfY, dy.at(first), passed, at, n);
        }
    }
}
