package org.alborz.cpu.vector;

/**
 * Rows that are short, where an operand is one row that is repeated, such as a bias, or a column of numbers each of which is repeated along
 * its row. These are laid into blocks as often as they fit, so that many rows make one span.
 */
final class ShortRows {
    private final WorkerPool workers;
    private final ParallelStridedIterator iterator;

    // The call that runs now; kept here, so that a call makes no objects.
    private float[][] arrays;
    private int operands;
    private int rowsPerTask;
    private VectorElementwise.Span span;
    private final ThreadTeam.Task task = this::runTask;

    /** Makes one that reads what the iterator was started with. */
    ShortRows(WorkerPool workers, ParallelStridedIterator iterator) {
        this.workers = workers;
        this.iterator = iterator;
    }

    /**
     * Tells whether rows are short and each operand is dense, a repeated row or a column, but not all are dense.
     *
     * @param floats the operands' arrays, null for those of another type, which have to be dense, as has the last one, the result
     */
    boolean fits(float[][] floats, int count) {
        if (iterator.isEmpty() || iterator.axes() != 2 || iterator.size(1) > Workspace.SPAN / 2) {
            return false;
        }
        boolean isDense = true;
        for (int i = 0; i < count; i++) {
            if (!isDense(i)) {
                isDense = false;
                if (!isRow(i) && !isColumn(i) || i == count - 1 || floats[i] == null) {
                    return false;
                }
            }
        }
        return !isDense;
    }

    /** Does what {@link #fits}, on all threads. */
    void run(float[][] floats, int count, VectorElementwise.Span what) {
        arrays = floats;
        operands = count;
        span = what;
        int width = iterator.size(1);
        rowsPerTask = Gemm.roundUp(Math.max(1, ParallelStridedIterator.TASK_ELEMENTS / width), Workspace.SPAN / width);
        workers.run(Gemm.ceilDiv(iterator.size(0), rowsPerTask), task);
    }

    private boolean isDense(int operand) {
        return iterator.step(operand) == 1 && iterator.stride(operand, 0) == iterator.size(1);
    }

    private boolean isRow(int operand) {
        return iterator.step(operand) == 1 && iterator.stride(operand, 0) == 0;
    }

    private boolean isColumn(int operand) {
        return iterator.step(operand) == 0;
    }

    private void runTask(int index, int worker) {
        int width = iterator.size(1);
        int rows = iterator.size(0);
        int together = Workspace.SPAN / width;
        Workspace workspace = workers.workspace(worker);
        float[][] stand = workspace.spans();
        for (int i = 0; i < operands; i++) {
            workspace.span(i, isDense(i) ? arrays[i] : workspace.block(i));
            for (int copy = 0; isRow(i) && copy < together; copy++) {
                System.arraycopy(arrays[i], iterator.origin(i), stand[i], copy * width, width);
            }
        }
        int[] places = workspace.places();
        int end = Math.min(rows, (index + 1) * rowsPerTask);
        for (int row = index * rowsPerTask; row < end; row += together) {
            int count = Math.min(together, end - row);
            for (int i = 0; i < operands; i++) {
                places[i] = stand[i] == arrays[i] ? iterator.origin(i) + row * width : 0;
                if (isColumn(i)) {
                    int step = iterator.stride(i, 0);
                    RowCopies.repeat(arrays[i], iterator.origin(i) + row * step, step, stand[i], 0, count, width);
                }
            }
            span.run(stand, places, count * width);
        }
    }
}
