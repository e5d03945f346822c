package org.alborz.ops;

import java.util.List;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;

/** A layer of an LSTM composed step by step of products and gates; what a backend's own is checked against. */
final class LstmSteps {
    private static final LinearOp LINEAR = new LinearOp(Activation.NONE);

    private final boolean reverse;
    private final int steps;
    private final Tensor lengths;

    /** @param lengths int32 or int64 {@code [N]}, or null where all steps are data */
    LstmSteps(boolean reverse, int steps, Tensor lengths) {
        this.reverse = reverse;
        this.steps = steps;
        this.lengths = lengths;
    }

    /** Returns which step is the given one in the order of computation. */
    private int at(int number) {
        return reverse ? steps - 1 - number : number;
    }

    /** Returns bool {@code [N, 1]}: whether a step is data; null where it always is. */
    private Tensor isData(int step) {
        return lengths == null ? null : lengths.gt(step).unsqueeze(1);
    }

    /** Returns the results of {@link LstmOp}, those for the gradient only if asked to. */
    Tensor[] forward(Tensor sums, Tensor weight, Tensor first, Tensor firstCell, boolean recorded) {
        List<Tensor> ofInput = sums.unbind(1);
        Tensor[] outputs = new Tensor[steps];
        Tensor[] cells = new Tensor[steps];
        Tensor[] gates = new Tensor[steps];
        Tensor hidden = first;
        Tensor cell = firstCell;
        for (int number = 0; number < steps; number++) {
            int at = at(number);
            Tensor ofHidden = Engine.apply(LINEAR, hidden, weight, null);
            Tensor[] next = Engine.applyAll(LstmGates.INSTANCE, LstmGates.RESULTS, ofInput.get(at), ofHidden, cell);
            ofInput.get(at).close();
            ofHidden.close();
            Tensor isData = isData(at);
            if (isData != null) {
                next[0] = Tensor.where(isData, next[0], hidden);
                next[1] = Tensor.where(isData, next[1], cell);
                next[2] = Tensor.where(isData, next[2], Full.like(next[2], 0));
            }
            outputs[at] = hidden = next[0];
            cells[at] = cell = next[1];
            gates[at] = next[2];
            if (!recorded) {
                gates[at].close();
            }
        }
        Tensor all = Tensor.stack(1, outputs);
        return recorded
                ? new Tensor[] {all, cell, Tensor.stack(1, cells), Tensor.stack(1, gates)}
                : new Tensor[] {all, cell};
    }

    /** Returns the results of {@link LstmBackward}, each step's gates in one operation. */
    Tensor[] gradient(Tensor weight, Tensor firstCell, Tensor cells, Tensor gates, Tensor dHidden, Tensor dLast) {
        return gradient(weight, firstCell, cells, gates, dHidden, dLast, null, null, false);
    }

    /** Returns the same of operations that have gradients. */
    Tensor[] gradient(
            Tensor weight,
            Tensor firstCell,
            Tensor cells,
            Tensor gates,
            Tensor dHidden,
            Tensor dLast,
            Tensor dCells,
            Tensor dGates) {
        return gradient(weight, firstCell, cells, gates, dHidden, dLast, dCells, dGates, true);
    }

    private Tensor[] gradient(
            Tensor weight,
            Tensor firstCell,
            Tensor cells,
            Tensor gates,
            Tensor dHidden,
            Tensor dLast,
            Tensor dCells,
            Tensor dGates,
            boolean differentiable) {
        List<Tensor> states = cells.unbind(1);
        List<Tensor> applied = gates.unbind(1);
        List<Tensor> slopes = dHidden.unbind(1);
        Tensor[] dSums = new Tensor[steps];
        Tensor dh = null;
        Tensor dc = dLast;
        for (int number = steps - 1; number >= 0; number--) {
            int at = at(number);
            Tensor before = number == 0 ? firstCell : states.get(at(number - 1));
            Tensor slope = dh == null ? slopes.get(at) : slopes.get(at).add(dh);
            if (dCells != null) {
                Tensor further = dCells.select(1, at);
                dc = dc == null ? further : dc.add(further);
            }
            Tensor further = dGates == null ? null : dGates.select(1, at);
            Tensor[] step = differentiable
                    ? LstmGates.composedGradient(before, states.get(at), applied.get(at), slope, dc, further)
                    : Engine.applyAll(
                            LstmGatesBackward.INSTANCE, 2, before, states.get(at), applied.get(at), slope, dc);
            Tensor ofHidden = step[0].matmul(weight);
            Tensor isData = isData(at);
            if (isData != null) {
                step[0] = Tensor.where(isData, step[0], Full.like(step[0], 0));
                step[1] = Tensor.where(isData, step[1], dc == null ? Full.like(step[1], 0) : dc);
                ofHidden = Tensor.where(isData, ofHidden, slope);
            }
            dSums[at] = step[0];
            dh = ofHidden;
            dc = step[1];
        }
        return new Tensor[] {Tensor.stack(1, dSums), dh, dc};
    }
}
