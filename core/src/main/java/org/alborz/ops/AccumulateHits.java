package org.alborz.ops;

import org.alborz.backend.Accumulation;
import org.alborz.backend.Backend;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * Adds a number for each row whose largest element is at its label to a sum, in place. Inputs are the sum, a scalar of float64; floating
 * rows {@code […, C]}; and labels {@code […]}, int32 or int64. Of equal elements the first is the largest, and NaN is larger than all.
 */
public record AccumulateHits(double factor) implements Op {
    private static final int SUM = 0;
    private static final int X = 1;
    private static final int LABELS = 2;

    /** Refuses a factor that is not finite. */
    public AccumulateHits {
        Accumulate.requireFinite(factor);
    }

    @Override
    public void infer(Call call) {
        Accumulate.requireSum(call, SUM);
        call.rank(SUM, "a sum", 0, "[]");
        call.floating(X);
        Shape x = call.shape(X);
        if (x.rank() < 1 || x.size(-1) < 1 || !x.remove(x.rank() - 1).equals(call.shape(LABELS))) {
            throw new IllegalArgumentException(name() + " expects rows [..., C] and labels [...], got "
                    + call.describe(X) + " and " + call.describe(LABELS));
        }
        call.rowMajor(X);
        call.indices(LABELS, x.size(-1));
        call.overwrite(SUM);
    }

    @Override
    public void compute(Backend backend, Call call) {
        Accumulation fusion = backend.fusion(Accumulation.class).orElse(null);
        if (fusion == null) {
            composed(factor, call.tensor(SUM), call.tensor(X), call.tensor(LABELS));
            return;
        }
        int rows = Math.toIntExact(call.shape(LABELS).elements());
        Shape flat = Shape.of(rows, call.shape(X).size(-1));
        fusion.addHits(
                factor,
                call.in(X, call.in(X).layout().reshape(flat)),
                call.in(LABELS, call.in(LABELS).layout().reshape(Shape.of(rows))),
                call.in(SUM));
    }

    /** Does the same by single operations; what a backend's fusion is checked against. */
    public static void composed(double factor, Tensor sum, Tensor x, Tensor labels) {
        Tensor hits = x.argMax(-1).eq(labels.to(DType.INT32));
        Accumulate.composed(factor, sum, hits.sum());
    }

    @Override
    public int gradients() {
        return 0;
    }
}
