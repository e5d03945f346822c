package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.backend.LstmCell;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * What an LSTM does with its gates in one step (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000), in PyTorch's
 * order input, forget, cell, output: with {@code i, f, o} the sigmoids and {@code g} the hyperbolic tangent of their sums, {@code c' = f·c +
 * i·g} and {@code h' = o·tanh(c')}.
 *
 * <p>Inputs are the gates' sums of the input and of the hidden state, {@code [N, 4H]} each, and the cell state c {@code [N, H]}. Results are
 * h' and c', {@code [N, H]}, and the gates {@code [N, 4H]} as they were applied, which the gradient reads.
 */
public record LstmGates() implements Op {
    /** The operation; it has no settings. */
    public static final LstmGates INSTANCE = new LstmGates();

    /** The number of results. */
    public static final int RESULTS = 3;

    static final int CELL = 2;
    static final int NEXT_CELL = 1;
    static final int GATES = 2;
    static final int COUNT = 4;

    @Override
    public void infer(Call call) {
        Shape state = CellInputs.require(call, COUNT, CELL);
        call.result(state);
        call.result(state);
        call.result(call.shape(0));
    }

    @Override
    public void compute(Backend backend, Call call) {
        LstmCell fusion = backend.fusion(LstmCell.class).orElse(null);
        if (fusion != null) {
            fusion.forward(call.in(0), call.in(1), call.in(CELL), call.out(0), call.out(NEXT_CELL), call.out(GATES));
            return;
        }
        Tensor[] results = composed(call.tensor(0), call.tensor(1), call.tensor(CELL));
        for (int i = 0; i < RESULTS; i++) {
            call.give(i, results[i]);
        }
    }

    @Override
    public int saves() {
        return Op.input(CELL) | Op.result(NEXT_CELL) | Op.result(GATES);
    }

    @Override
    public int gradients() {
        return RESULTS;
    }

    @Override
    public void gradient(Tensor dh, GradientSink inputs) {
        Tensor cell = inputs.input(CELL);
        Tensor next = inputs.result(NEXT_CELL);
        Tensor gates = inputs.result(GATES);
        Tensor dNext = inputs.gradientOf(NEXT_CELL);
        Tensor dGates = inputs.gradientOf(GATES);
        Tensor[] gradients = inputs.differentiable() || dGates != null
                ? composedGradient(cell, next, gates, dh, dNext, dGates)
                : Engine.applyAll(LstmGatesBackward.INSTANCE, 2, cell, next, gates, dh, dNext);
        inputs.add(0, gradients[0]);
        inputs.add(1, gradients[0]);
        inputs.add(CELL, gradients[1]);
    }

    /** Computes the same from other operations; what a backend's fusion is checked against. */
    public static Tensor[] composed(Tensor ofInput, Tensor ofHidden, Tensor cell) {
        int hidden = cell.shape().size(1);
        Tensor sums = ofInput.add(ofHidden);
        Tensor input = gate(sums, 0, hidden).sigmoid();
        Tensor forget = gate(sums, 1, hidden).sigmoid();
        Tensor candidate = gate(sums, 2, hidden).tanh();
        Tensor output = gate(sums, 3, hidden).sigmoid();
        Tensor next = forget.mul(cell).add(input.mul(candidate));
        return new Tensor[] {
            output.mul(next.tanh()), next, Tensor.concat(1, input, forget, candidate, output),
        };
    }

    /**
     * Computes the gradients of the sums and of the cell state likewise.
     *
     * @param dNext the gradient of the next cell state, or null for 0
     * @param dGates that of the applied gates, or null
     */
    static Tensor[] composedGradient(Tensor cell, Tensor next, Tensor gates, Tensor dh, Tensor dNext, Tensor dGates) {
        int hidden = cell.shape().size(1);
        Tensor input = gate(gates, 0, hidden);
        Tensor forget = gate(gates, 1, hidden);
        Tensor candidate = gate(gates, 2, hidden);
        Tensor output = gate(gates, 3, hidden);
        Tensor squashed = next.tanh();
        Tensor ofHidden = dh.mul(output).mul(squashed.square().rsub(1));
        Tensor dc = dNext == null ? ofHidden : ofHidden.add(dNext);
        Tensor applied = Tensor.concat(1, dc.mul(candidate), dc.mul(cell), dc.mul(input), dh.mul(squashed));
        Tensor all = dGates == null ? applied : applied.add(dGates);
        Tensor slopes = Tensor.concat(
                1,
                input.sub(input.square()),
                forget.sub(forget.square()),
                candidate.square().rsub(1),
                output.sub(output.square()));
        return new Tensor[] {all.mul(slopes), dc.mul(forget)};
    }

    private static Tensor gate(Tensor gates, int number, int hidden) {
        return gates.narrow(1, number * hidden, hidden);
    }
}
