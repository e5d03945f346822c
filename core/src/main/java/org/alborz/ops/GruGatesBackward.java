package org.alborz.ops;

import org.alborz.backend.Backend;
import org.alborz.backend.GruCell;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * The fused gradient of {@link GruGates}: of the hidden state, what the gates were and the gradient of the next state it makes those of the
 * sums of the input and of the hidden state, and of the hidden state.
 */
public record GruGatesBackward() implements Op {
    static final GruGatesBackward INSTANCE = new GruGatesBackward();
    private static final int HIDDEN = 0;
    private static final int GATES = 1;
    private static final int D_NEXT = 2;

    @Override
    public void infer(Call call) {
        call.floating(HIDDEN);
        call.rank(HIDDEN, "a state", 2, "[N, H]");
        Shape state = call.shape(HIDDEN);
        CellInputs.require(call, GATES, state, GruGates.KEPT);
        CellInputs.require(call, D_NEXT, state, 1);
        call.rowMajor(HIDDEN);
        Shape sums = state.with(1, Math.toIntExact((long) GruGates.COUNT * state.size(1)));
        call.result(sums);
        call.result(sums);
        call.result(state);
    }

    @Override
    public void compute(Backend backend, Call call) {
        GruCell fusion = backend.fusion(GruCell.class).orElse(null);
        if (fusion != null) {
            fusion.backward(call.in(HIDDEN), call.in(GATES), call.in(D_NEXT), call.out(0), call.out(1), call.out(2));
            return;
        }
        Tensor[] results =
                GruGates.composedGradient(call.tensor(HIDDEN), call.tensor(GATES), call.tensor(D_NEXT), null);
        for (int i = 0; i < results.length; i++) {
            call.give(i, results[i]);
        }
    }

    @Override
    public int gradients() {
        return 0;
    }
}
