package org.alborz.ops;

import java.util.List;
import org.alborz.backend.Attention;
import org.alborz.backend.Backend;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * The gradient of {@link SelfAttention}: of the projection, the mask or null, the result, its statistics and the result's gradient it makes that of the
 * projection.
 */
public record SelfAttentionBackward(SelfAttention attention) implements Op {
    private static final int X = 0;
    private static final int RESULT = 2;
    private static final int STATISTICS = 3;
    private static final int D_RESULT = 4;

    @Override
    public String name() {
        return attention.name() + "'s gradient";
    }

    @Override
    public void infer(Call call) {
        Shape scores = attention.require(call);
        Shape x = call.shape(X);
        int width = x.size(2) / (attention.heads() + 2 * attention.groups()) * attention.heads();
        for (int i : new int[] {RESULT, D_RESULT}) {
            call.sameType(X, i);
            requireShape(call, i, x.with(2, width));
            call.rowMajor(i);
        }
        DType wide = call.dtype(X).accumulator();
        requireShape(call, STATISTICS, scores.with(3, 2));
        if (call.dtype(STATISTICS) != wide) {
            throw new IllegalArgumentException(
                    name() + " expects statistics of " + wide + ", got " + call.describe(STATISTICS));
        }
        call.rowMajor(STATISTICS);
        call.result(x);
    }

    private static void requireShape(Call call, int input, Shape expected) {
        if (!call.shape(input).equals(expected)) {
            throw new IllegalArgumentException(
                    call.name() + " expects " + expected + " as input " + input + ", got " + call.describe(input));
        }
    }

    @Override
    public void compute(Backend backend, Call call) {
        Attention fusion = attention.fusion(backend, call);
        if (fusion != null) {
            attention.computeGradient(fusion, call, RESULT, STATISTICS, D_RESULT);
            return;
        }
        Tensor[] parts = attention.parts(call.tensor(X));
        Tensor[] gradients = Engine.applyAll(
                new AttentionBackward(attention.parameters(), attention.dropout(), attention.key(), false),
                parts.length,
                parts[0],
                parts[1],
                parts[2],
                call.tensor(SelfAttention.MASK),
                SelfAttention.split(call.tensor(RESULT), attention.heads()),
                call.tensor(STATISTICS),
                SelfAttention.split(call.tensor(D_RESULT), attention.heads()));
        call.give(0, SelfAttention.joined(gradients));
    }

    /** As {@link AttentionBackward}. */
    @Override
    public long multiplyAdds(List<TensorSpec> inputs, List<TensorSpec> results) {
        Shape y = inputs.get(RESULT).shape();
        return 5 * y.elements() * y.size(1);
    }

    @Override
    public int gradients() {
        return 0;
    }
}
