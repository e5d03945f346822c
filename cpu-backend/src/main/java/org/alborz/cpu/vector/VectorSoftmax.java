package org.alborz.cpu.vector;

import java.util.function.Supplier;
import org.alborz.backend.Operand;
import org.alborz.backend.Softmax;
import org.alborz.type.DType;

/** Softmax of float32 rows; of other types as the reference computes it; on all threads. */
final class VectorSoftmax implements Softmax {
    private final WorkerPool workers;
    private final Slices<Softmax> slices;

    // The call that runs now; kept here, so that a call makes no objects.
    private float[] x;
    private float[] y;
    private int xAt;
    private int yAt;
    private int rows;
    private int width;

    private final ThreadTeam.Task softmax = this::softmaxRows;
    private final ThreadTeam.Task logSoftmax = this::logSoftmaxRows;

    VectorSoftmax(WorkerPool workers, Supplier<Softmax> reference) {
        this.workers = workers;
        slices = new Slices<>(workers, Softmax.class, reference);
    }

    @Override
    public void softmax(Operand from, Operand into) {
        if (isFloats(from)) {
            run(softmax, from, into);
        } else if (from.shape().rank() < 2) {
            slices.whole().softmax(from, into);
        } else {
            slices.forEach((reference, parts) -> reference.softmax(parts[0], parts[1]), from, into);
        }
    }

    @Override
    public void logSoftmax(Operand from, Operand into) {
        if (isFloats(from)) {
            run(logSoftmax, from, into);
        } else if (from.shape().rank() < 2) {
            slices.whole().logSoftmax(from, into);
        } else {
            slices.forEach((reference, parts) -> reference.logSoftmax(parts[0], parts[1]), from, into);
        }
    }

    /** Tells whether the operand is float32 and fits an array; one that repeats its elements can be longer. */
    private static boolean isFloats(Operand operand) {
        return operand.dtype() == DType.FLOAT32 && operand.shape().elements() <= Integer.MAX_VALUE;
    }

    private void run(ThreadTeam.Task task, Operand from, Operand into) {
        if (from.shape().elements() == 0) {
            return;
        }
        x = Floats.of(from);
        y = Floats.of(into);
        xAt = Floats.at(from);
        yAt = Floats.at(into);
        width = from.shape().size(-1);
        rows = (int) (from.shape().elements() / width);
        workers.run(Gemm.ceilDiv(rows, SoftmaxRows.perTask(width)), task);
        x = null; // they may go back to the pool
        y = null;
    }

    private void softmaxRows(int task, int worker) {
        int first = task * SoftmaxRows.perTask(width);
        int count = Math.min(SoftmaxRows.perTask(width), rows - first);
        float[] sums = workers.workspace(worker).block(0);
        float[] maxima = workers.workspace(worker).block(1, count);
        SoftmaxRows.exponentials(x, xAt + first * width, count, width, y, yAt + first * width, maxima);
        for (int row = first; row < first + count; row++) {
            int at = yAt + row * width;
            SoftmaxRows.scale((float) (1 / SoftmaxRows.sum(y, at, width, sums)), 0, y, at, width);
        }
    }

    private void logSoftmaxRows(int task, int worker) {
        int first = task * SoftmaxRows.perTask(width);
        int count = Math.min(SoftmaxRows.perTask(width), rows - first);
        float[] sums = workers.workspace(worker).block(0);
        float[] maxima = workers.workspace(worker).block(1, count);
        SoftmaxRows.exponentials(x, xAt + first * width, count, width, y, yAt + first * width, maxima);
        for (int row = first; row < first + count; row++) {
            int from = xAt + row * width;
            int into = yAt + row * width;
            float log = SoftmaxRows.log(SoftmaxRows.sum(y, into, width, sums));
            SoftmaxRows.subtract(maxima[row - first], log, x, from, y, into, width);
        }
    }
}
