package org.alborz.cpu.vector;

import org.alborz.backend.GruCell;
import org.alborz.backend.Operand;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.type.DType;

/** A GRU's gates row by row: of float32 in {@link GruRows}, of other types in float64. */
final class VectorGruCell implements GruCell {
    private final WorkerPool workers;

    VectorGruCell(WorkerPool workers) {
        this.workers = workers;
    }

    @Override
    public void forward(Operand ofInput, Operand ofHidden, Operand hidden, Operand next, Operand gates) {
        int n = hidden.shape().size(1);
        if (hidden.dtype() != DType.FLOAT32) {
            plain(ofInput, ofHidden, hidden, next, gates);
            return;
        }
        float[] x = Floats.of(ofInput);
        float[] h = Floats.of(ofHidden);
        float[] state = Floats.of(hidden);
        float[] to = Floats.of(next);
        float[] g = Floats.of(gates);
        VectorLstmCell.forEach(workers, hidden, row -> {
            int xi = Floats.at(ofInput) + row * 3 * n;
            int hi = Floats.at(ofHidden) + row * 3 * n;
            int gi = Floats.at(gates) + row * 4 * n;
            LstmRows.add(x, xi, h, hi, g, gi, 2 * n);
            Logistic.sigmoid(g, gi, g, gi, 2 * n);
            System.arraycopy(h, hi + 2 * n, g, gi + 3 * n, n);
            GruRows.candidate(x, xi + 2 * n, g, gi, h, hi + 2 * n, g, gi + 2 * n, n);
            Logistic.tanh(g, gi + 2 * n, g, gi + 2 * n, n);
            GruRows.next(g, gi, state, Floats.at(hidden) + row * n, to, Floats.at(next) + row * n, n);
        });
    }

    private void plain(Operand ofInput, Operand ofHidden, Operand hidden, Operand next, Operand gates) {
        int n = hidden.shape().size(1);
        CpuBuffer x = CpuBuffer.of(ofInput);
        CpuBuffer h = CpuBuffer.of(ofHidden);
        CpuBuffer state = CpuBuffer.of(hidden);
        CpuBuffer to = CpuBuffer.of(next);
        CpuBuffer g = CpuBuffer.of(gates);
        VectorLstmCell.forEach(workers, hidden, row -> {
            int xi = Floats.at(ofInput) + row * 3 * n;
            int hi = Floats.at(ofHidden) + row * 3 * n;
            int gi = Floats.at(gates) + row * 4 * n;
            for (int i = 0; i < n; i++) {
                double reset = VectorLstmCell.sigmoid(x.get(xi + i) + h.get(hi + i));
                double update = VectorLstmCell.sigmoid(x.get(xi + n + i) + h.get(hi + n + i));
                double inner = h.get(hi + 2 * n + i);
                double candidate = Math.tanh(x.get(xi + 2 * n + i) + reset * inner);
                g.set(gi + i, reset);
                g.set(gi + n + i, update);
                g.set(gi + 2 * n + i, candidate);
                g.set(gi + 3 * n + i, inner);
                double before = state.get(Floats.at(hidden) + row * n + i);
                to.set(Floats.at(next) + row * n + i, candidate + update * (before - candidate));
            }
        });
    }

    @Override
    public void backward(
            Operand hidden, Operand gates, Operand dNext, Operand dOfInput, Operand dOfHidden, Operand dHidden) {
        int n = hidden.shape().size(1);
        if (hidden.dtype() != DType.FLOAT32) {
            plainBackward(hidden, gates, dNext, dOfInput, dOfHidden, dHidden);
            return;
        }
        float[] g = Floats.of(gates);
        float[] state = Floats.of(hidden);
        float[] slope = Floats.of(dNext);
        float[] dx = Floats.of(dOfInput);
        float[] dh = Floats.of(dOfHidden);
        float[] ds = Floats.of(dHidden);
        VectorLstmCell.forEach(
                workers,
                hidden,
                row -> GruRows.backward(
                        g,
                        Floats.at(gates) + row * 4 * n,
                        state,
                        Floats.at(hidden) + row * n,
                        slope,
                        Floats.at(dNext) + row * n,
                        dx,
                        Floats.at(dOfInput) + row * 3 * n,
                        dh,
                        Floats.at(dOfHidden) + row * 3 * n,
                        ds,
                        Floats.at(dHidden) + row * n,
                        n));
    }

    private void plainBackward(
            Operand hidden, Operand gates, Operand dNext, Operand dOfInput, Operand dOfHidden, Operand dHidden) {
        int n = hidden.shape().size(1);
        CpuBuffer g = CpuBuffer.of(gates);
        CpuBuffer state = CpuBuffer.of(hidden);
        CpuBuffer slopes = CpuBuffer.of(dNext);
        CpuBuffer dx = CpuBuffer.of(dOfInput);
        CpuBuffer dh = CpuBuffer.of(dOfHidden);
        CpuBuffer ds = CpuBuffer.of(dHidden);
        VectorLstmCell.forEach(workers, hidden, row -> {
            int gi = Floats.at(gates) + row * 4 * n;
            int xi = Floats.at(dOfInput) + row * 3 * n;
            int hi = Floats.at(dOfHidden) + row * 3 * n;
            for (int i = 0; i < n; i++) {
                double reset = g.get(gi + i);
                double update = g.get(gi + n + i);
                double candidate = g.get(gi + 2 * n + i);
                double slope = slopes.get(Floats.at(dNext) + row * n + i);
                double before = state.get(Floats.at(hidden) + row * n + i);
                double ofCandidate = slope * (1 - update) * (1 - candidate * candidate);
                double ofReset = ofCandidate * g.get(gi + 3 * n + i) * (reset - reset * reset);
                double ofUpdate = slope * (before - candidate) * (update - update * update);
                dx.set(xi + i, ofReset);
                dh.set(hi + i, ofReset);
                dx.set(xi + n + i, ofUpdate);
                dh.set(hi + n + i, ofUpdate);
                dx.set(xi + 2 * n + i, ofCandidate);
                dh.set(hi + 2 * n + i, ofCandidate * reset);
                ds.set(Floats.at(dHidden) + row * n + i, slope * update);
            }
        });
    }
}
