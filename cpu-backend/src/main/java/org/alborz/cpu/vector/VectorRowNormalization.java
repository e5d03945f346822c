package org.alborz.cpu.vector;

import java.util.Arrays;
import java.util.function.Supplier;
import org.alborz.backend.Operand;
import org.alborz.backend.RowNormalization;
import org.alborz.type.DType;

/**
 * Normalisation of float32 rows, and of rows of 16 bits beside parameters of float32 or none, on all threads; other types go to the reference.
 *
 * <p>A row is read into the cache once, and there a few times more. Its mean is found by distances from its first number; what rounding it to float32
 * takes away is given back. Moments that float32 does not hold are added up in float64. The gradients of gamma and beta are added up over
 * chunks of rows, whose number depends on the sizes alone, and the chunks' in order.
 */
final class VectorRowNormalization implements RowNormalization {
    /** The most rows whose gradients are added up in float32. */
    private static final int ROWS = 64;

    /** The fewest rows of a chunk, since each has sums of its own. */
    private static final int LEAST_ROWS = 32;

    private final WorkerPool workers;
    private final Slices<RowNormalization> slices;

    // The call that runs now; kept here, so that a call makes no objects.
    private final FloatRows x = new FloatRows(Workspace.Use.FRAME);
    private final FloatRows dy = new FloatRows(Workspace.Use.GRADIENT);
    private final FloatRows result = new FloatRows(Workspace.Use.BLOCK);
    private boolean isCentred;
    private double epsilon;
    private int rows;
    private int width;
    private int chunkRows;
    private float[] gammas;
    private float[] betas;

    /** For each chunk and column the sums for gamma and for beta; null where there is no gamma. */
    private double[] sums;

    private final ThreadTeam.Task forward = this::forwardRows;
    private final ThreadTeam.Task backward = this::backwardRows;

    VectorRowNormalization(WorkerPool workers, Supplier<RowNormalization> reference) {
        this.workers = workers;
        slices = new Slices<>(workers, RowNormalization.class, reference);
    }

    /** Tells whether what is computed is float32. */
    private static boolean isFast(Operand x, Operand gamma) {
        return x.dtype().accumulator() == DType.FLOAT32 && (gamma == null || gamma.dtype() == DType.FLOAT32);
    }

    @Override
    public void rowNorm(boolean centred, double epsilon, Operand from, Operand gamma, Operand beta, Operand into) {
        if (from.shape().elements() == 0) {
            return;
        }
        if (!isFast(from, gamma)) {
            Operand scale = Slices.shared(gamma);
            Operand shift = Slices.shared(beta);
            if (from.shape().rank() < 2) {
                slices.whole().rowNorm(centred, epsilon, from, gamma, beta, into);
            } else {
                slices.forEach(
                        (family, of) -> family.rowNorm(centred, epsilon, of[0], scale, shift, of[1]), from, into);
            }
            return;
        }
        start(centred, epsilon, from, gamma, into, 1);
        betas = ofRow(1, beta, 0);
        workers.run(chunks(), forward);
        end();
    }

    @Override
    public void rowNormBackward(
            boolean centred,
            double epsilon,
            Operand from,
            Operand gamma,
            Operand gradient,
            Operand into,
            Operand dgamma,
            Operand dbeta) {
        if (!isFast(from, gamma) || from.shape().elements() == 0) {
            slices.whole().rowNormBackward(centred, epsilon, from, gamma, gradient, into, dgamma, dbeta);
            return;
        }
        start(centred, epsilon, from, gamma, into, LEAST_ROWS);
        dy.set(gradient);
        // sums[chunk][gamma, beta][column]
        sums = dgamma == null ? null : workers.shared().doubles(2L * chunks() * width);
        workers.run(chunks(), backward);
        if (dgamma != null) {
            join(0, dgamma);
        }
        if (dbeta != null) {
            join(1, dbeta);
        }
        end();
    }

    private void start(boolean centred, double least, Operand from, Operand gamma, Operand into, int leastRows) {
        isCentred = centred;
        epsilon = least;
        width = from.shape().size(-1);
        rows = (int) (from.shape().elements() / width);
        chunkRows = Math.max(leastRows, ParallelStridedIterator.TASK_ELEMENTS / width);
        x.set(from);
        result.set(into);
        gammas = ofRow(0, gamma, 1);
    }

    private void end() {
        x.end(); // the arrays may go back to the pool
        dy.end();
        result.end();
        sums = null;
    }

    private float[] ofRow(int block, Operand operand, float otherwise) {
        float[] values = workers.shared().block(block, width);
        if (operand == null) {
            Arrays.fill(values, 0, width, otherwise);
        } else {
            System.arraycopy(Floats.of(operand), Floats.at(operand), values, 0, width);
        }
        return values;
    }

    private int chunks() {
        return Gemm.ceilDiv(rows, chunkRows);
    }

    private int end(int chunk) {
        return Math.min(rows, (chunk + 1) * chunkRows);
    }

    /** Returns the mean of a row, which is 0 where rows are not centred. */
    private double mean(float[] values, int at, float[] scratch) {
        if (!isCentred) {
            return 0;
        }
        float first = values[at];
        double sum = RowMoments.distances(values, at, width, first, scratch);
        if (!Double.isFinite(sum)) {
            sum = 0;
            for (int i = 0; i < width; i++) {
                sum += (double) values[at + i] - first;
            }
        }
        return first + sum / width;
    }

    /** Returns 1 / √(variance + ε) of a row, of which the mean is known and rounded. */
    private double inverse(float[] values, int at, double mean, float[] scratch) {
        float rounded = (float) mean;
        double lost = mean - rounded;
        double squares = RowMoments.squares(values, at, width, rounded, scratch);
        if (Double.isFinite(squares)) {
            squares = Math.max(0, squares - width * lost * lost);
        } else {
            squares = 0;
            for (int i = 0; i < width; i++) {
                double distance = values[at + i] - mean;
                squares += distance * distance;
            }
        }
        return 1 / Math.sqrt(squares / width + epsilon);
    }

    /** Returns what x̂ lacks where the rounded mean was taken off. */
    private static float rest(double mean, double inverse) {
        double lost = mean - (float) mean;
        return lost == 0 ? 0 : (float) (-lost * inverse);
    }

    private void forwardRows(int chunk, int worker) {
        Workspace workspace = workers.workspace(worker);
        float[] scratch = workspace.block(2);
        for (int row = chunk * chunkRows; row < end(chunk); row++) {
            int first = row * width;
            float[] values = x.read(workspace, first, width);
            int at = x.at(first);
            double mean = mean(values, at, scratch);
            double inverse = inverse(values, at, mean, scratch);
            float[] target = result.target(workspace, width);
            RowMoments.normalize(
                    values,
                    at,
                    width,
                    (float) mean,
                    (float) inverse,
                    rest(mean, inverse),
                    gammas,
                    betas,
                    target,
                    result.at(first));
            result.store(target, first, width);
        }
    }

    private void backwardRows(int chunk, int worker) {
        Workspace workspace = workers.workspace(worker);
        float[] dgamma = workspace.block(0, width);
        float[] dbeta = workspace.block(1, width);
        if (sums != null) {
            Arrays.fill(sums, 2 * chunk * width, 2 * (chunk + 1) * width, 0);
        }
        for (int row = chunk * chunkRows; row < end(chunk); row += ROWS) {
            Arrays.fill(dgamma, 0, width, 0);
            Arrays.fill(dbeta, 0, width, 0);
            for (int r = row; r < Math.min(row + ROWS, end(chunk)); r++) {
                backwardRow(workspace, r, dgamma, dbeta);
            }
            for (int c = 0; sums != null && c < width; c++) {
                sums[2 * chunk * width + c] += dgamma[c];
                sums[(2 * chunk + 1) * width + c] += dbeta[c];
            }
        }
    }

    private void backwardRow(Workspace workspace, int row, float[] dgamma, float[] dbeta) {
        float[] scratch = workspace.block(2);
        int first = row * width;
        float[] values = x.read(workspace, first, width);
        float[] gradients = dy.read(workspace, first, width);
        int at = x.at(first);
        int dyAt = dy.at(first);
        double exact = mean(values, at, scratch);
        double precise = inverse(values, at, exact, scratch);
        float mean = (float) exact;
        float inverse = (float) precise;
        float rest = rest(exact, precise);
        double sum = isCentred ? RowMoments.sum(gradients, dyAt, width, gammas, scratch) : 0;
        double products = RowMoments.products(values, at, gradients, dyAt, width, mean, inverse, rest, gammas, scratch);
        if (sums != null) {
            RowMoments.addGradients(values, at, gradients, dyAt, width, mean, inverse, rest, dgamma, dbeta);
        }
        float[] target = result.target(workspace, width);
        RowMoments.gradient(
                values,
                at,
                gradients,
                dyAt,
                width,
                mean,
                inverse,
                rest,
                gammas,
                (float) (-products / width * precise),
                (float) (-sum / width * precise),
                target,
                result.at(first));
        result.store(target, first, width);
    }

    private void join(int part, Operand into) {
        float[] values = Floats.of(into);
        for (int c = 0; c < width; c++) {
            double total = 0;
            for (int chunk = 0; chunk < chunks(); chunk++) {
                total += sums[(2 * chunk + part) * width + c];
            }
            values[Floats.at(into) + c] = (float) total;
        }
    }
}
