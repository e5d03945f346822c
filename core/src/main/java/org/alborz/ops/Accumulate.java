package org.alborz.ops;

import org.alborz.backend.Accumulation;
import org.alborz.backend.Backend;
import org.alborz.backend.BinaryOp;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;

/** Adds a tensor times a number to a sum of its shape, float64 and row-major, in place. Inputs are the sum and the tensor, of any type. */
public record Accumulate(double factor) implements Op {
    private static final int SUM = 0;
    private static final int X = 1;

    /** Refuses a factor that is not finite. */
    public Accumulate {
        requireFinite(factor);
    }

    static void requireFinite(double factor) {
        if (!Double.isFinite(factor)) {
            throw new IllegalArgumentException("What is added to a sum expects a finite factor, got " + factor);
        }
    }

    @Override
    public void infer(Call call) {
        requireSum(call, SUM);
        if (!call.shape(X).equals(call.shape(SUM))) {
            throw new IllegalArgumentException(name() + " expects what is added to " + call.describe(SUM)
                    + " in its shape, got " + call.describe(X));
        }
        call.rowMajor(X);
        call.overwrite(SUM);
    }

    /** Refuses a sum that is not of float64 and row-major. */
    static void requireSum(Call call, int input) {
        if (call.dtype(input) != DType.FLOAT64 || !call.layout(input).isRowMajor()) {
            throw new IllegalArgumentException(
                    call.name() + " expects a row-major sum of float64, got " + call.describe(input));
        }
    }

    @Override
    public void compute(Backend backend, Call call) {
        Accumulation fusion = backend.fusion(Accumulation.class).orElse(null);
        if (fusion == null) {
            composed(factor, call.tensor(SUM), call.tensor(X));
        } else {
            fusion.add(factor, call.in(X), call.in(SUM));
        }
    }

    /** Does the same by single operations; what a backend's fusion is checked against. */
    public static void composed(double factor, Tensor sum, Tensor x) {
        Tensor wide = x.to(DType.FLOAT64);
        sum.update(BinaryOp.ADD, factor == 1 ? wide : wide.mul(factor));
    }

    @Override
    public int gradients() {
        return 0;
    }
}
