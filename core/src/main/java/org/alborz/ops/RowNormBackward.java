package org.alborz.ops;

import org.alborz.backend.Backend;
import org.alborz.type.Layout;

/**
 * The fused gradient of {@link RowNorm}: of x, dy and gamma, which may be null, it makes dx, and where there is a gamma dgamma, and dbeta
 * if asked for, of its type.
 *
 * @param shifted whether there is a beta whose gradient is needed
 */
public record RowNormBackward(boolean centred, double epsilon, boolean shifted) implements Op {
    private static final int X = 0;
    private static final int DY = 1;
    private static final int GAMMA = 2;

    @Override
    public String name() {
        return RowNorm.name(centred) + "'s gradient";
    }

    @Override
    public void infer(Call call) {
        RowNorm.requireRows(call, GAMMA);
        call.alike(X, DY);
        if (!call.shape(DY).equals(call.shape(X))) {
            throw new IllegalArgumentException(name() + " expects dy " + call.shape(X) + ", got " + call.describe(DY));
        }
        if (shifted && !call.has(GAMMA)) {
            throw new IllegalArgumentException(name() + " by beta expects a gamma, got none");
        }
        call.rowMajor(X);
        call.rowMajor(DY);
        call.result(call.shape(X));
        if (call.has(GAMMA)) {
            Layout row = Layout.rowMajor(call.shape(GAMMA));
            call.result(call.dtype(GAMMA), row);
            if (shifted) {
                call.result(call.dtype(GAMMA), row);
            }
        }
    }

    @Override
    public void compute(Backend backend, Call call) {
        backend.rowNormalization()
                .rowNormBackward(
                        centred,
                        epsilon,
                        call.in(X),
                        call.in(GAMMA),
                        call.in(DY),
                        call.out(0),
                        call.in(GAMMA) == null ? null : call.out(1),
                        shifted ? call.out(2) : null);
    }

    @Override
    public int gradients() {
        return 0;
    }
}
