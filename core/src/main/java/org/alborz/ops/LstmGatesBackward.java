package org.alborz.ops;

import org.alborz.backend.Backend;
import org.alborz.backend.LstmCell;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * The fused gradient of {@link LstmGates}: of the cell state, the next one, the applied gates, the gradient of the hidden state and that of
 * the next cell state or null, it makes those of the sums and of the cell state.
 */
public record LstmGatesBackward() implements Op {
    static final LstmGatesBackward INSTANCE = new LstmGatesBackward();
    private static final int CELL = 0;
    private static final int NEXT = 1;
    private static final int GATES = 2;
    private static final int D_HIDDEN = 3;
    private static final int D_NEXT = 4;

    @Override
    public void infer(Call call) {
        call.floating(CELL);
        call.rank(CELL, "a state", 2, "[N, H]");
        Shape state = call.shape(CELL);
        CellInputs.require(call, GATES, state, LstmGates.COUNT);
        for (int i : new int[] {NEXT, D_HIDDEN, D_NEXT}) {
            if (i != D_NEXT || call.has(D_NEXT)) {
                CellInputs.require(call, i, state, 1);
            }
        }
        call.rowMajor(CELL);
        call.result(call.shape(GATES));
        call.result(state);
    }

    @Override
    public void compute(Backend backend, Call call) {
        LstmCell fusion = backend.fusion(LstmCell.class).orElse(null);
        if (fusion != null) {
            fusion.backward(
                    call.in(CELL),
                    call.in(NEXT),
                    call.in(GATES),
                    call.in(D_HIDDEN),
                    call.in(D_NEXT),
                    call.out(0),
                    call.out(1));
            return;
        }
        Tensor[] results = LstmGates.composedGradient(
                call.tensor(CELL),
                call.tensor(NEXT),
                call.tensor(GATES),
                call.tensor(D_HIDDEN),
                call.tensor(D_NEXT),
                null);
        call.give(0, results[0]);
        call.give(1, results[1]);
    }

    @Override
    public int gradients() {
        return 0;
    }
}
