package org.alborz.cpu.vector;

import java.util.Arrays;
import org.alborz.backend.Accumulation;
import org.alborz.backend.Operand;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.cpu.memory.Float32Buffer;

/** Sums that measure a batch, without tensors between; the rows of hits are shared out to all threads. */
final class VectorAccumulation implements Accumulation {
    private final WorkerPool workers;

    /** Each worker's, {@link Workspace#APART} places apart. */
    private final int[] hits;

    // The call that runs now; kept here, so that a call makes no objects.
    private CpuBuffer x;
    private CpuBuffer labels;
    private int xAt;
    private int labelsAt;
    private int rows;
    private int columns;
    private int rowsPerTask;
    private final ThreadTeam.Task count = this::countHits;

    VectorAccumulation(WorkerPool workers) {
        this.workers = workers;
        hits = new int[Workspace.APART * workers.threads()];
    }

    @Override
    public void add(double factor, Operand from, Operand sum) {
        CpuBuffer terms = CpuBuffer.of(from);
        CpuBuffer sums = CpuBuffer.of(sum);
        int elements = (int) sum.shape().elements();
        for (int i = 0; i < elements; i++) {
            int at = Floats.at(sum) + i;
            sums.set(at, sums.get(at) + terms.get(Floats.at(from) + i) * factor);
        }
    }

    @Override
    public void addHits(double factor, Operand from, Operand at, Operand sum) {
        x = CpuBuffer.of(from);
        labels = CpuBuffer.of(at);
        xAt = Floats.at(from);
        labelsAt = Floats.at(at);
        rows = from.shape().size(0);
        columns = from.shape().size(1);
        rowsPerTask = Math.max(1, ParallelStridedIterator.TASK_ELEMENTS / columns);
        Arrays.fill(hits, 0);
        try {
            workers.run(Gemm.ceilDiv(rows, rowsPerTask), count);
        } finally {
            x = null; // they may go back to the pool
            labels = null;
        }
        long all = 0;
        for (int i = 0; i < hits.length; i += Workspace.APART) {
            all += hits[i];
        }
        CpuBuffer sums = CpuBuffer.of(sum);
        sums.set(Floats.at(sum), sums.get(Floats.at(sum)) + all * factor);
    }

    private void countHits(int task, int worker) {
        int first = task * rowsPerTask;
        int end = Math.min(rows, first + rowsPerTask);
        int found = 0;
        for (int row = first; row < end; row++) {
            int at = xAt + row * columns;
            int largest = x instanceof Float32Buffer floats
                    ? ArgExtremes.inLine(1, floats.array(), at, columns)
                    : largest(x, at, columns);
            found += largest == (int) labels.getLong(labelsAt + row) ? 1 : 0;
        }
        hits[Workspace.APART * worker] += found;
    }

    /** Returns the place, from 0, of the first largest of n numbers of any type; NaN is larger than all. */
    private static int largest(CpuBuffer x, int at, int n) {
        int best = 0;
        double largest = x.get(at);
        for (int i = 1; i < n && !Double.isNaN(largest); i++) {
            double value = x.get(at + i);
            if (value > largest || Double.isNaN(value)) {
                best = i;
                largest = value;
            }
        }
        return best;
    }
}
