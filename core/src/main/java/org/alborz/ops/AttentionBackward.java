package org.alborz.ops;

import java.util.List;
import org.alborz.backend.Attention;
import org.alborz.backend.Backend;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Tensor;
import org.alborz.type.AttentionParameters;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * The gradient of {@link AttentionOp} by blocks: of queries, keys, values, the mask or null, the result, its statistics and the result's
 * gradient it makes those of queries, keys and values, and of the mask.
 *
 * @param ofMask whether the gradient of the mask, which is added, is asked for
 */
public record AttentionBackward(AttentionParameters parameters, double dropout, RandomKey key, boolean ofMask)
        implements Op {
    private static final int RESULT = 4;
    private static final int STATISTICS = 5;
    private static final int D_RESULT = 6;

    /** Refuses a rate of dropout outside of [0, 1). */
    public AttentionBackward {
        AttentionOp.requireRate(dropout);
    }

    @Override
    public void infer(Call call) {
        Shape mask = call.has(AttentionOp.MASK) ? call.shape(AttentionOp.MASK) : null;
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
        if (ofMask) {
            if (mask == null || call.dtype(AttentionOp.MASK) == DType.BOOL) {
                throw new IllegalArgumentException(call.name() + " has a gradient of a mask that is added, got "
                        + (mask == null ? "none" : call.describe(AttentionOp.MASK)));
            }
            call.result(mask);
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
        Attention fusion = ofMask ? null : AttentionOp.fusion(backend, call);
        if (fusion == null) {
            AttentionComposition composition = new AttentionComposition(parameters, dropout, key);
            Shape mask = ofMask ? call.out(AttentionOp.MASK).shape() : null;
            Tensor[] gradients = AttentionOp.blocks(call, composition).backward(call.tensor(D_RESULT), mask);
            for (int i = 0; i < gradients.length; i++) {
                if (gradients[i] != null) {
                    call.give(i, gradients[i]);
                }
            }
            return;
        }
        boolean narrow = !AttentionOp.takes(fusion, call, call.dtype(0));
        Attention.Inputs inputs = new Attention.Inputs(
                AttentionOp.widened(call, 0, narrow),
                AttentionOp.widened(call, 1, narrow),
                AttentionOp.widened(call, 2, narrow),
                call.in(AttentionOp.MASK),
                AttentionOp.widened(call, RESULT, narrow),
                call.in(STATISTICS),
                AttentionOp.widened(call, D_RESULT, narrow));
        Attention.Dropout dropped = AttentionOp.dropped(dropout, key);
        if (!narrow) {
            fusion.backward(parameters, dropped, inputs, call.out(0), call.out(1), call.out(2));
            return;
        }
        Tensor[] wide = new Tensor[AttentionOp.MASK];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = call.tensor(0)
                    .session()
                    .empty(DType.FLOAT32, Layout.rowMajor(call.in(i).shape()));
        }
        fusion.backward(parameters, dropped, inputs, wide[0], wide[1], wide[2]);
        for (int i = 0; i < wide.length; i++) {
            call.give(i, wide[i].to(call.dtype(0)));
        }
    }

    @Override
    public int gradients() {
        return 0;
    }
}
