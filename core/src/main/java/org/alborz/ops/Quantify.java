package org.alborz.ops;

import org.alborz.backend.Backend;
import org.alborz.backend.ReduceOp;

/**
 * Whether any or all elements of a bool tensor are true along some axes: of no elements, not any and all.
 *
 * @param keepDims whether the axes stay, with size 1
 */
public record Quantify(Quantifier quantifier, boolean keepDims, IntTuple axes) implements Op {
    /** How many have to be true. */
    public enum Quantifier {
        ANY,
        ALL
    }

    @Override
    public String name() {
        return quantifier == Quantifier.ANY ? "any" : "all";
    }

    @Override
    public void infer(Call call) {
        call.bool(0);
        call.result(Reduction.of(call.shape(0), axes).shape(keepDims));
    }

    @Override
    public void compute(Backend backend, Call call) {
        ReduceOp op = quantifier == Quantifier.ANY ? ReduceOp.MAX : ReduceOp.MIN;
        Reduction.of(call.shape(0), axes).compute(op, backend, call, keepDims);
    }

    @Override
    public int gradients() {
        return 0;
    }
}
