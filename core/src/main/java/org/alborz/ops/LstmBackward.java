package org.alborz.ops;

import java.util.List;
import org.alborz.backend.Backend;
import org.alborz.backend.LstmSequence;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * The fused gradient of {@link LstmOp}: of the recurrent weight, the cell state before the first step, the cell states and the applied gates of
 * all steps, the gradient of the hidden states, and, each of them or null, that of the last cell state and the lengths, it makes those of
 * the sums and of the states before the first step.
 */
public record LstmBackward(boolean reverse) implements Op {
    static final int RESULTS = 3;
    private static final int WEIGHT = 0;
    private static final int CELL = 1;
    private static final int CELLS = 2;
    private static final int GATES = 3;
    private static final int D_HIDDEN = 4;
    private static final int D_LAST = 5;
    private static final int LENGTHS = 6;

    @Override
    public void infer(Call call) {
        call.floating(WEIGHT);
        Shape state = LstmOp.requireLayer(call, WEIGHT, CELL);
        call.rank(CELLS, "the cell states", 3, "[N, T, H]");
        call.elements(CELLS, 1);
        int steps = call.shape(CELLS).size(1);
        LstmOp.requireSteps(call, CELLS, state, steps, 1);
        LstmOp.requireSteps(call, GATES, state, steps, LstmGates.COUNT);
        LstmOp.requireSteps(call, D_HIDDEN, state, steps, 1);
        if (call.has(D_LAST)) {
            CellInputs.require(call, D_LAST, state, 1);
        }
        LstmOp.requireLengths(call, LENGTHS, state.size(0));
        call.result(call.shape(GATES));
        call.result(state);
        call.result(state);
    }

    @Override
    public void compute(Backend backend, Call call) {
        Shape states = call.shape(CELLS);
        LstmSequence fusion = LstmOp.fusion(backend, call.dtype(WEIGHT), states);
        if (fusion != null) {
            LstmSequence.Saved saved = new LstmSequence.Saved(
                    reverse, call.in(WEIGHT), call.in(CELL), call.in(LENGTHS), call.in(CELLS), call.in(GATES));
            fusion.backward(saved, call.in(D_HIDDEN), call.in(D_LAST), call.out(0), call.out(1), call.out(2));
            return;
        }
        Tensor[] results = new LstmSteps(reverse, states.size(1), call.tensor(LENGTHS))
                .gradient(
                        call.tensor(WEIGHT),
                        call.tensor(CELL),
                        call.tensor(CELLS),
                        call.tensor(GATES),
                        call.tensor(D_HIDDEN),
                        call.tensor(D_LAST));
        for (int i = 0; i < RESULTS; i++) {
            call.give(i, results[i]);
        }
    }

    @Override
    public long multiplyAdds(List<TensorSpec> inputs, List<TensorSpec> results) {
        return inputs.get(GATES).shape().elements() * inputs.get(CELL).shape().size(1);
    }

    @Override
    public int gradients() {
        return 0;
    }
}
