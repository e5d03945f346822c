package org.alborz.cpu.vector;

import org.alborz.backend.LstmSequence;
import org.alborz.backend.Operand;
import org.alborz.type.DType;

/**
 * An LSTM's layer of float32. The rows of a batch do not depend on each other, so a task takes some of them through all steps, with a weight that
 * was packed once, and no thread waits for another. A row's numbers do not depend on which others are in its task.
 */
final class VectorLstmSequence implements LstmSequence {
    /** The most rows of a task, whose product stays in the second cache. */
    private static final int MOST_ROWS = 32;

    /** The most numbers of a weight. */
    private static final long MOST_PACKED = 1L << 28;

    private final WorkerPool workers;

    VectorLstmSequence(WorkerPool workers) {
        this.workers = workers;
    }

    @Override
    public boolean takes(DType dtype, int batch, int steps, int hidden) {
        return dtype == DType.FLOAT32
                && batch > Gemv.MOST_ROWS
                && steps > 1
                && hidden > 0
                && 4L * Gemm.packedSize(hidden, hidden) <= MOST_PACKED;
    }

    @Override
    public void forward(Inputs inputs, Operand hidden, Operand last, Operand cells, Operand gates) {
        int n = inputs.cell().shape().size(1);
        Operand weight = inputs.weight();
        Matrix transposed = new Matrix(Floats.of(weight), Floats.at(weight), n, 4 * n, 1, n);
        run(new LstmForward(new RecurrentWeight(workers, transposed), inputs, hidden, last, cells, gates));
    }

    @Override
    public void backward(Saved saved, Operand dHidden, Operand dLast, Operand dSums, Operand dFirst, Operand dCell) {
        int n = saved.cell().shape().size(1);
        Operand weight = saved.weight();
        Matrix matrix = new Matrix(Floats.of(weight), Floats.at(weight), 4 * n, n, n, 1);
        run(new LstmBackwardRows(new RecurrentWeight(workers, matrix), saved, dHidden, dLast, dSums, dFirst, dCell));
    }

    /** Something that is done to some rows of the batch, one after the other. */
    interface Rows {
        int batch();

        void run(int from, int count, Workspace memory);
    }

    private void run(Rows work) {
        int batch = work.batch();
        int tasks = Gemm.roundUp(Gemm.ceilDiv(batch, MOST_ROWS), workers.threads());
        int rows = Gemm.roundUp(Gemm.ceilDiv(batch, tasks), RecurrentWeight.ROWS);
        workers.run(Gemm.ceilDiv(batch, rows), (task, worker) -> {
            int from = task * rows;
            work.run(from, Math.min(rows, batch - from), workers.workspace(worker));
        });
    }
}
