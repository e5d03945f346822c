package org.alborz.ops;

import java.util.List;
import org.alborz.backend.Attention;
import org.alborz.backend.Backend;
import org.alborz.tensor.Tensor;
import org.alborz.type.AttentionParameters;
import org.alborz.type.Shape;

/**
 * The gradient of {@link AttentionOp} by blocks: of queries, keys, values, the mask or null, the result, its statistics and the result's
 * gradient it makes those of queries, keys and values.
 */
public record AttentionBackward(AttentionParameters parameters) implements Op {
    private static final int RESULT = 4;
    private static final int STATISTICS = 5;
    private static final int D_RESULT = 6;

    @Override
    public void infer(Call call) {
        Shape result =
                AttentionOp.require(call).with(3, call.shape(AttentionOp.VALUE).size(3));
        for (int i : new int[] {RESULT, D_RESULT}) {
            call.sameType(0, i);
            if (!call.shape(i).equals(result)) {
                throw new IllegalArgumentException(call.name() + " expects " + result + ", got " + call.describe(i));
            }
            call.rowMajor(i);
        }
        if (!call.shape(STATISTICS).equals(result.with(3, 2))
                || call.dtype(STATISTICS) != call.dtype(0).accumulator()) {
            throw new IllegalArgumentException(call.name() + " expects statistics " + result.with(3, 2) + " of "
                    + call.dtype(0).accumulator() + ", got " + call.describe(STATISTICS));
        }
        call.rowMajor(STATISTICS);
        for (int i = 0; i < AttentionOp.MASK; i++) {
            call.result(call.shape(i));
        }
    }

    /** Scores again, and a product for each of the gradients of weights, values, queries and keys. */
    @Override
    public long multiplyAdds(List<TensorSpec> inputs, List<TensorSpec> results) {
        Shape k = inputs.get(1).shape();
        Shape y = inputs.get(RESULT).shape();
        return y.with(3, 1).elements() * k.size(2) * (3L * k.size(3) + 2L * y.size(3));
    }

    @Override
    public void compute(Backend backend, Call call) {
        Attention fusion = AttentionOp.fusion(backend, call);
        if (fusion != null) {
            Attention.Inputs inputs = new Attention.Inputs(
                    call.in(0),
                    call.in(1),
                    call.in(2),
                    call.in(AttentionOp.MASK),
                    call.in(RESULT),
                    call.in(STATISTICS),
                    call.in(D_RESULT));
            fusion.backward(parameters, inputs, call.out(0), call.out(1), call.out(2));
            return;
        }
        Tensor[] gradients = AttentionOp.composedGradient(
                parameters,
                call.tensor(0),
                call.tensor(1),
                call.tensor(2),
                call.tensor(AttentionOp.MASK),
                call.tensor(D_RESULT));
        for (int i = 0; i < AttentionOp.MASK; i++) {
            call.give(i, gradients[i]);
        }
    }

    @Override
    public int gradients() {
        return 0;
    }
}
