package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.backend.GruCell;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * What a GRU does with its gates in one step (Cho et al. 2014), in PyTorch's order reset, update, candidate: with {@code r} and {@code z} the
 * sigmoids of their sums and {@code n = tanh(xₙ + r·hₙ)}, {@code h' = n + z·(h − n)}.
 *
 * <p>Inputs are the gates' sums of the input and of the hidden state, {@code [N, 3H]} each, and the hidden state h {@code [N, H]}. Results
 * are h' {@code [N, H]}, and r, z, n and hₙ side by side, {@code [N, 4H]}, which the gradient reads.
 */
public record GruGates() implements Op {
    /** The operation; it has no settings. */
    public static final GruGates INSTANCE = new GruGates();

    /** The number of results. */
    public static final int RESULTS = 2;

    static final int HIDDEN = 2;
    static final int GATES = 1;
    static final int COUNT = 3;
    static final int KEPT = 4;

    @Override
    public void infer(Call call) {
        Shape state = CellInputs.require(call, COUNT, HIDDEN);
        call.result(state);
        call.result(state.with(1, Math.toIntExact((long) KEPT * state.size(1))));
    }

    @Override
    public void compute(Backend backend, Call call) {
        GruCell fusion = backend.fusion(GruCell.class).orElse(null);
        if (fusion != null) {
            fusion.forward(call.in(0), call.in(1), call.in(HIDDEN), call.out(0), call.out(GATES));
            return;
        }
        Tensor[] results = composed(call.tensor(0), call.tensor(1), call.tensor(HIDDEN));
        for (int i = 0; i < RESULTS; i++) {
            call.give(i, results[i]);
        }
    }

    @Override
    public int saves() {
        return Op.input(HIDDEN) | Op.result(GATES);
    }

    @Override
    public int gradients() {
        return RESULTS;
    }

    @Override
    public void gradient(Tensor dh, GradientSink inputs) {
        Tensor hidden = inputs.input(HIDDEN);
        Tensor gates = inputs.result(GATES);
        Tensor dGates = inputs.gradientOf(GATES);
        Tensor[] gradients = inputs.differentiable() || dGates != null
                ? composedGradient(hidden, gates, dh, dGates)
                : Engine.applyAll(GruGatesBackward.INSTANCE, 3, hidden, gates, dh);
        for (int i = 0; i <= HIDDEN; i++) {
            inputs.add(i, gradients[i]);
        }
    }

    /** Computes the same from other operations; what a backend's fusion is checked against. */
    public static Tensor[] composed(Tensor ofInput, Tensor ofHidden, Tensor hidden) {
        int size = hidden.shape().size(1);
        Tensor reset = gate(ofInput, 0, size).add(gate(ofHidden, 0, size)).sigmoid();
        Tensor update = gate(ofInput, 1, size).add(gate(ofHidden, 1, size)).sigmoid();
        Tensor inner = gate(ofHidden, 2, size);
        Tensor candidate = gate(ofInput, 2, size).add(reset.mul(inner)).tanh();
        Tensor next = candidate.add(update.mul(hidden.sub(candidate)));
        return new Tensor[] {next, Tensor.concat(1, reset, update, candidate, inner)};
    }

    /**
     * Computes the gradients of both sums and of the hidden state likewise.
     *
     * @param dGates the gradient of the second result, or null for 0
     */
    static Tensor[] composedGradient(Tensor hidden, Tensor gates, Tensor dh, Tensor dGates) {
        int size = hidden.shape().size(1);
        Tensor reset = gate(gates, 0, size);
        Tensor update = gate(gates, 1, size);
        Tensor candidate = gate(gates, 2, size);
        Tensor inner = gate(gates, 3, size);
        Tensor dUpdate = plus(dh.mul(hidden.sub(candidate)), dGates, 1, size);
        Tensor dCandidate = plus(dh.mul(update.rsub(1)), dGates, 2, size);
        Tensor ofCandidate = dCandidate.mul(candidate.square().rsub(1));
        Tensor dReset = plus(ofCandidate.mul(inner), dGates, 0, size);
        Tensor dInner = plus(ofCandidate.mul(reset), dGates, 3, size);
        Tensor ofReset = dReset.mul(reset.sub(reset.square()));
        Tensor ofUpdate = dUpdate.mul(update.sub(update.square()));
        return new Tensor[] {
            Tensor.concat(1, ofReset, ofUpdate, ofCandidate),
            Tensor.concat(1, ofReset, ofUpdate, dInner),
            dh.mul(update)
        };
    }

    private static Tensor plus(Tensor gradient, Tensor dGates, int number, int size) {
        return dGates == null ? gradient : gradient.add(gate(dGates, number, size));
    }

    private static Tensor gate(Tensor gates, int number, int size) {
        return gates.narrow(1, number * size, size);
    }
}
