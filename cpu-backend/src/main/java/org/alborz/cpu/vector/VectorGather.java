package org.alborz.cpu.vector;

import org.alborz.backend.Indexing;
import org.alborz.backend.Operand;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.cpu.memory.Int32Buffer;
import org.alborz.type.Shape;

/**
 * Reading by index on all threads, with the reference's bits. Row-major operands are seen as {@code [outer][axis][inner]}; others are read by
 * the reference, some indices a thread.
 */
final class VectorGather {
    private final WorkerPool workers;
    private final Slices<Indexing> slices;

    // The call that runs now; kept here, so that a call makes no objects.
    private Object source;
    private Object target;
    private int[] indices;
    private int indicesAt;
    private int xAt;
    private int yAt;
    private int outer;
    private int inner;

    /** Places along the axis in x and in y. */
    private int xSize;

    private int ySize;
    private int rowsPerTask;

    private final ThreadTeam.Task gatherRows = this::gatherRows;
    private final ThreadTeam.Task gatherNumbers = this::gatherNumbers;

    VectorGather(WorkerPool workers, Slices<Indexing> slices) {
        this.workers = workers;
        this.slices = slices;
    }

    /** Gathers indices that were checked into a result that is not empty. */
    void run(int axis, Operand x, Operand index, Operand y) {
        if (!VectorIndexing.isRowMajor(x, y)) {
            gatherAny(axis, x, index, y);
            return;
        }
        int count = index.shape().size(0);
        start(axis, x, index, y);
        if (inner == 1 && source instanceof float[]) {
            rowsPerTask = Math.max(1, ParallelStridedIterator.TASK_ELEMENTS / count);
            run(Gemm.ceilDiv(outer, rowsPerTask), gatherNumbers);
        } else {
            rowsPerTask = Math.max(1, ParallelStridedIterator.TASK_ELEMENTS / inner);
            run(Gemm.ceilDiv(outer * count, rowsPerTask), gatherRows);
        }
    }

    private void start(int axis, Operand x, Operand index, Operand y) {
        Shape shape = x.shape();
        outer = VectorIndexing.product(shape, 0, axis);
        inner = VectorIndexing.product(shape, axis + 1, shape.rank());
        xSize = shape.size(axis);
        ySize = y.shape().size(axis);
        source = VectorIndexing.array(CpuBuffer.of(x));
        target = VectorIndexing.array(CpuBuffer.of(y));
        xAt = Floats.at(x);
        yAt = Floats.at(y);
        indices = ((Int32Buffer) CpuBuffer.of(index)).array();
        indicesAt = Floats.at(index);
    }

    private void run(int tasks, ThreadTeam.Task task) {
        try {
            workers.run(tasks, task);
        } finally {
            source = null; // they may go back to the pool
            target = null;
            indices = null;
        }
    }

    private void gatherAny(int axis, Operand x, Operand index, Operand y) {
        int count = index.shape().size(0);
        int slice =
                (int) Math.min(ParallelStridedIterator.TASK_ELEMENTS, y.shape().elements() / count);
        int perTask = Math.max(1, ParallelStridedIterator.TASK_ELEMENTS / slice);
        Operand wholeX = Slices.shared(x);
        Operand wholeIndex = Slices.shared(index);
        Operand wholeY = Slices.shared(y);
        workers.run(Gemm.ceilDiv(count, perTask), (task, worker) -> {
            int first = task * perTask;
            int n = Math.min(perTask, count - first);
            slices.of(worker)
                    .gather(
                            axis,
                            wholeX,
                            new Slices.Slice(
                                    wholeIndex.buffer(), wholeIndex.layout().narrow(0, first, n, 1)),
                            new Slices.Slice(wholeY.buffer(), wholeY.layout().narrow(axis, first, n, 1)));
        });
    }

    private void gatherRows(int task, int worker) {
        int end = Math.min(outer * ySize, (task + 1) * rowsPerTask);
        if (source instanceof float[] x) {
            gatherRows(x, task * rowsPerTask, end);
            return;
        }
        for (int row = task * rowsPerTask; row < end; row++) {
            int place = row / ySize * xSize + indices[indicesAt + row % ySize];
            System.arraycopy(source, xAt + place * inner, target, yAt + row * inner, inner);
        }
    }

    private void gatherRows(float[] x, int first, int end) {
        int row = first;
        while (row < end) {
            int slice = row / ySize;
            int count = Math.min(end, (slice + 1) * ySize) - row;
            RowCopies.gather(
                    x,
                    xAt + slice * xSize * inner,
                    indices,
                    indicesAt + row % ySize,
                    (float[]) target,
                    yAt + row * inner,
                    count,
                    inner);
            row += count;
        }
    }

    private void gatherNumbers(int task, int worker) {
        int end = Math.min(outer, (task + 1) * rowsPerTask);
        for (int row = task * rowsPerTask; row < end; row++) {
            gatherNumbers(
                    (float[]) source,
                    xAt + row * xSize,
                    indices,
                    indicesAt,
                    (float[]) target,
                    yAt + row * ySize,
                    ySize);
        }
    }

    private static void gatherNumbers(float[] x, int xi, int[] index, int first, float[] y, int yi, int n) {
        for (int k = 0; k < n; k++) {
            y[yi + k] = x[xi + index[first + k]];
        }
    }
}
