package org.alborz.ops;

import java.util.List;
import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.backend.LstmSequence;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * One layer of an LSTM in one direction over all steps, each of which is {@link LstmGates} of the sums of its input and of the product of
 * the hidden state before.
 *
 * <p>Inputs are the gates' sums {@code [N, T, 4H]}, biases included, the recurrent weight {@code [4H, H]}, the hidden and the cell state before
 * the first step, {@code [N, H]} each, and lengths int32 or int64 {@code [N]}, or null: how many steps of a sequence are data. A step that is none
 * hands the states on. Results are the hidden states {@code [N, T, H]} and the last cell state {@code [N, H]}; and for the gradient the cell
 * states {@code [N, T, H]} and the gates as they were applied {@code [N, T, 4H]}, 0 in steps that are no data.
 *
 * @param reverse whether the last step comes first
 * @param recorded whether there are the results for the gradient; there is no gradient without them
 */
public record LstmOp(boolean reverse, boolean recorded) implements Op {
    static final int SUMS = 0;
    static final int WEIGHT = 1;
    static final int HIDDEN = 2;
    static final int CELL = 3;
    static final int LENGTHS = 4;

    static final int LAST = 1;
    static final int CELLS = 2;
    static final int GATES = 3;

    /**
     * Computes the hidden states and the last cell state, and keeps what a gradient reads if one of the inputs is recorded.
     *
     * @param lengths null where all steps are data
     */
    public static Tensor[] apply(
            boolean reverse, Tensor sums, Tensor weight, Tensor hidden, Tensor cell, Tensor lengths) {
        boolean recorded = sums.isRecorded() || weight.isRecorded() || hidden.isRecorded() || cell.isRecorded();
        LstmOp op = new LstmOp(reverse, recorded);
        Tensor[] results = Engine.applyAll(op, recorded ? GATES + 1 : LAST + 1, sums, weight, hidden, cell, lengths);
        for (int i = CELLS; i < results.length; i++) {
            results[i].close();
        }
        return results;
    }

    /** Computes the same step by step from other operations; what a backend's layer is checked against. */
    public static Tensor[] composed(
            boolean reverse, Tensor sums, Tensor weight, Tensor hidden, Tensor cell, Tensor lengths) {
        return new LstmSteps(reverse, sums.shape().size(1), lengths).forward(sums, weight, hidden, cell, false);
    }

    @Override
    public String name() {
        return "lstm";
    }

    @Override
    public void infer(Call call) {
        call.floating(SUMS);
        call.rank(SUMS, "the gates' sums", 3, "[N, T, 4H]");
        Shape sums = call.shape(SUMS);
        call.elements(SUMS, 1);
        Shape state = requireLayer(call, WEIGHT, CELL);
        CellInputs.require(call, HIDDEN, state, 1);
        requireSteps(call, SUMS, state, sums.size(1), LstmGates.COUNT);
        requireLengths(call, LENGTHS, state.size(0));
        Shape states = state.insert(1, sums.size(1));
        call.result(states);
        call.result(state);
        if (recorded) {
            call.result(states);
            call.result(sums);
        }
    }

    /** Refuses a recurrent weight that does not fit the state before the first step, asks for both row-major, and returns the state's shape. */
    static Shape requireLayer(Call call, int weight, int cell) {
        call.rank(cell, "a state", 2, "[N, H]");
        Shape state = call.shape(cell);
        CellInputs.require(call, cell, state, 1);
        call.sameType(0, weight);
        long width = (long) LstmGates.COUNT * state.size(1);
        Shape shape = call.shape(weight);
        if (shape.rank() != 2 || shape.size(0) != width || shape.size(1) != state.size(1)) {
            throw new IllegalArgumentException(call.name() + " expects a weight [" + width + ", " + state.size(1)
                    + "] for a state " + state + ", got " + call.describe(weight));
        }
        call.rowMajor(weight);
        return state;
    }

    /** Refuses an input that is not {@code [N, T, times·H]}, and asks for it row-major. */
    static void requireSteps(Call call, int input, Shape state, int steps, int times) {
        call.sameType(0, input);
        Shape shape = call.shape(input);
        long width = (long) times * state.size(1);
        if (shape.rank() != 3 || shape.size(0) != state.size(0) || shape.size(1) != steps || shape.size(2) != width) {
            throw new IllegalArgumentException(call.name() + " expects as input " + input + " [" + state.size(0) + ", "
                    + steps + ", " + width + "] for a state " + state + ", got " + call.describe(input));
        }
        call.rowMajor(input);
    }

    /** Refuses lengths that are not of integers {@code [N]}, and asks for them as int32. */
    static void requireLengths(Call call, int input, int batch) {
        if (!call.has(input)) {
            return;
        }
        if (!call.shape(input).equals(Shape.of(batch))
                || call.dtype(input) != DType.INT32 && call.dtype(input) != DType.INT64) {
            throw new IllegalArgumentException(
                    call.name() + " expects lengths int32 or int64 [" + batch + "], got " + call.describe(input));
        }
        call.indices(input, Integer.MAX_VALUE);
    }

    /** Returns the backend's own layer if it takes this one; else null. */
    static LstmSequence fusion(Backend backend, DType dtype, Shape states) {
        LstmSequence fusion = backend.fusion(LstmSequence.class).orElse(null);
        return fusion != null && fusion.takes(dtype, states.size(0), states.size(1), states.size(2)) ? fusion : null;
    }

    @Override
    public void compute(Backend backend, Call call) {
        Shape sums = call.shape(SUMS);
        LstmSequence fusion =
                fusion(backend, call.dtype(SUMS), sums.with(2, call.shape(CELL).size(1)));
        if (fusion != null) {
            LstmSequence.Inputs inputs = new LstmSequence.Inputs(
                    reverse, call.in(SUMS), call.in(WEIGHT), call.in(HIDDEN), call.in(CELL), call.in(LENGTHS));
            fusion.forward(
                    inputs,
                    call.out(0),
                    call.out(LAST),
                    recorded ? call.out(CELLS) : null,
                    recorded ? call.out(GATES) : null);
            return;
        }
        Tensor[] results = new LstmSteps(reverse, sums.size(1), call.tensor(LENGTHS))
                .forward(call.tensor(SUMS), call.tensor(WEIGHT), call.tensor(HIDDEN), call.tensor(CELL), recorded);
        for (int i = 0; i < (recorded ? GATES + 1 : LAST + 1); i++) {
            call.give(i, results[i]);
        }
    }

    @Override
    public long multiplyAdds(List<TensorSpec> inputs, List<TensorSpec> results) {
        return inputs.get(SUMS).shape().elements() * inputs.get(CELL).shape().size(1);
    }

    @Override
    public int saves() {
        return Op.input(WEIGHT)
                | Op.input(HIDDEN)
                | Op.input(CELL)
                | Op.input(LENGTHS)
                | Op.result(0)
                | Op.result(CELLS)
                | Op.result(GATES);
    }

    @Override
    public boolean differentiable(int input) {
        return input != LENGTHS;
    }

    @Override
    public int gradients() {
        return recorded ? GATES + 1 : 0;
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        Tensor weight = inputs.input(WEIGHT);
        Tensor cell = inputs.input(CELL);
        Tensor lengths = inputs.input(LENGTHS);
        Tensor cells = inputs.result(CELLS);
        Tensor gates = inputs.result(GATES);
        Tensor dLast = inputs.gradientOf(LAST);
        Tensor dCells = inputs.gradientOf(CELLS);
        Tensor dGates = inputs.gradientOf(GATES);
        Tensor[] gradients = inputs.differentiable() || dCells != null || dGates != null
                ? new LstmSteps(reverse, dy.shape().size(1), lengths)
                        .gradient(weight, cell, cells, gates, dy, dLast, dCells, dGates)
                : Engine.applyAll(
                        new LstmBackward(reverse),
                        LstmBackward.RESULTS,
                        weight,
                        cell,
                        cells,
                        gates,
                        dy,
                        dLast,
                        lengths);
        inputs.add(SUMS, gradients[0]);
        if (inputs.needs(HIDDEN)) {
            inputs.add(HIDDEN, gradients[1]);
        }
        if (inputs.needs(CELL)) {
            inputs.add(CELL, gradients[2]);
        }
        if (inputs.needs(WEIGHT)) {
            inputs.add(WEIGHT, ofWeight(gradients[0], inputs.result(0), inputs.input(HIDDEN)));
        }
    }

    /** Returns the gradient of the recurrent weight: one product over all steps, of the sums' gradients and the states before. */
    private Tensor ofWeight(Tensor dSums, Tensor hidden, Tensor first) {
        int steps = hidden.shape().size(1);
        Tensor before = first.unsqueeze(1);
        if (steps > 1) {
            before = reverse
                    ? Tensor.concat(1, hidden.narrow(1, 1, steps - 1), before)
                    : Tensor.concat(1, before, hidden.narrow(1, 0, steps - 1));
        }
        return rows(dSums).transpose(0, 1).matmul(rows(before));
    }

    private static Tensor rows(Tensor x) {
        return x.reshape(x.shape().size(0) * x.shape().size(1), x.shape().size(2));
    }
}
