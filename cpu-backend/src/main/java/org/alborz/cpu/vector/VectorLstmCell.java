package org.alborz.cpu.vector;

import org.alborz.backend.LstmCell;
import org.alborz.backend.Operand;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.type.DType;

/** An LSTM's gates row by row: of float32 in {@link LstmRows}, of other types in float64. */
final class VectorLstmCell implements LstmCell {
    /** How many numbers of a state are a task's work. */
    private static final int TASK = 2048;

    private final WorkerPool workers;

    VectorLstmCell(WorkerPool workers) {
        this.workers = workers;
    }

    /** What is done with a row of the batch. */
    interface Row {
        void run(int row);
    }

    /** Runs through the rows of a state {@code [N, H]} on all threads. */
    static void forEach(WorkerPool workers, Operand state, Row work) {
        int rows = state.shape().size(0);
        int perTask = Math.max(1, TASK / Math.max(1, state.shape().size(1)));
        workers.run(Gemm.ceilDiv(rows, perTask), (task, worker) -> {
            for (int row = task * perTask; row < Math.min(rows, (task + 1) * perTask); row++) {
                work.run(row);
            }
        });
    }

    @Override
    public void forward(Operand ofInput, Operand ofHidden, Operand cell, Operand hidden, Operand next, Operand gates) {
        int n = cell.shape().size(1);
        int width = 4 * n;
        if (cell.dtype() != DType.FLOAT32) {
            plain(ofInput, ofHidden, cell, hidden, next, gates);
            return;
        }
        float[] x = Floats.of(ofInput);
        float[] h = Floats.of(ofHidden);
        float[] c = Floats.of(cell);
        float[] y = Floats.of(hidden);
        float[] to = Floats.of(next);
        float[] g = Floats.of(gates);
        forEach(workers, cell, row -> {
            int gi = Floats.at(gates) + row * width;
            int ni = Floats.at(next) + row * n;
            int yi = Floats.at(hidden) + row * n;
            LstmRows.add(x, Floats.at(ofInput) + row * width, h, Floats.at(ofHidden) + row * width, g, gi, width);
            LstmRows.step(g, gi, c, Floats.at(cell) + row * n, to, ni, y, yi, n);
        });
    }

    private void plain(Operand ofInput, Operand ofHidden, Operand cell, Operand hidden, Operand next, Operand gates) {
        int n = cell.shape().size(1);
        CpuBuffer x = CpuBuffer.of(ofInput);
        CpuBuffer h = CpuBuffer.of(ofHidden);
        CpuBuffer c = CpuBuffer.of(cell);
        CpuBuffer y = CpuBuffer.of(hidden);
        CpuBuffer to = CpuBuffer.of(next);
        CpuBuffer g = CpuBuffer.of(gates);
        forEach(workers, cell, row -> {
            int gi = Floats.at(gates) + row * 4 * n;
            int xi = Floats.at(ofInput) + row * 4 * n;
            int hi = Floats.at(ofHidden) + row * 4 * n;
            for (int i = 0; i < 4 * n; i++) {
                double sum = x.get(xi + i) + h.get(hi + i);
                g.set(gi + i, i / n == 2 ? Math.tanh(sum) : sigmoid(sum));
            }
            for (int i = 0; i < n; i++) {
                double state = g.get(gi + n + i) * c.get(Floats.at(cell) + row * n + i)
                        + g.get(gi + i) * g.get(gi + 2 * n + i);
                to.set(Floats.at(next) + row * n + i, state);
                y.set(Floats.at(hidden) + row * n + i, g.get(gi + 3 * n + i) * Math.tanh(state));
            }
        });
    }

    static double sigmoid(double x) {
        double e = Math.exp(-Math.abs(x));
        return (x < 0 ? e : 1) / (1 + e);
    }

    @Override
    public void backward(
            Operand cell, Operand next, Operand gates, Operand dHidden, Operand dNext, Operand dSums, Operand dCell) {
        int n = cell.shape().size(1);
        if (cell.dtype() != DType.FLOAT32) {
            plainBackward(cell, next, gates, dHidden, dNext, dSums, dCell);
            return;
        }
        float[] c = Floats.of(cell);
        float[] state = Floats.of(next);
        float[] g = Floats.of(gates);
        float[] dh = Floats.of(dHidden);
        float[] dn = dNext == null ? null : Floats.of(dNext);
        float[] ds = Floats.of(dSums);
        float[] dc = Floats.of(dCell);
        forEach(workers, cell, row -> {
            LstmRows.gradient(
                    c,
                    Floats.at(cell) + row * n,
                    state,
                    Floats.at(next) + row * n,
                    g,
                    Floats.at(gates) + row * 4 * n,
                    dh,
                    Floats.at(dHidden) + row * n,
                    dn,
                    dn == null ? 0 : Floats.at(dNext) + row * n,
                    ds,
                    Floats.at(dSums) + row * 4 * n,
                    dc,
                    Floats.at(dCell) + row * n,
                    n);
        });
    }

    private void plainBackward(
            Operand cell, Operand next, Operand gates, Operand dHidden, Operand dNext, Operand dSums, Operand dCell) {
        int n = cell.shape().size(1);
        CpuBuffer c = CpuBuffer.of(cell);
        CpuBuffer state = CpuBuffer.of(next);
        CpuBuffer g = CpuBuffer.of(gates);
        CpuBuffer dh = CpuBuffer.of(dHidden);
        CpuBuffer dn = dNext == null ? null : CpuBuffer.of(dNext);
        CpuBuffer ds = CpuBuffer.of(dSums);
        CpuBuffer dc = CpuBuffer.of(dCell);
        forEach(workers, cell, row -> {
            int gi = Floats.at(gates) + row * 4 * n;
            int si = Floats.at(dSums) + row * 4 * n;
            for (int i = 0; i < n; i++) {
                int at = row * n + i;
                double input = g.get(gi + i);
                double forget = g.get(gi + n + i);
                double candidate = g.get(gi + 2 * n + i);
                double output = g.get(gi + 3 * n + i);
                double squashed = Math.tanh(state.get(Floats.at(next) + at));
                double slope = dh.get(Floats.at(dHidden) + at);
                double ofNext = dn == null ? 0 : dn.get(Floats.at(dNext) + at);
                double ofState = slope * output * (1 - squashed * squashed) + ofNext;
                ds.set(si + i, ofState * candidate * (input - input * input));
                ds.set(si + n + i, ofState * c.get(Floats.at(cell) + at) * (forget - forget * forget));
                ds.set(si + 2 * n + i, ofState * input * (1 - candidate * candidate));
                ds.set(si + 3 * n + i, slope * squashed * (output - output * output));
                dc.set(Floats.at(dCell) + at, ofState * forget);
            }
        });
    }
}
