package org.alborz.ops;

import org.alborz.backend.Backend;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.Operand;
import org.alborz.backend.RowNormalizationSum;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;

/**
 * The fused gradient of {@link RowNorm}: of x, dy and gamma, which may be null, it makes dx, and where there is a gamma dgamma, and dbeta
 * if asked for, of its type. A fourth input, like x and row-major, is overwritten by its sum with dx, which is the first result then.
 *
 * @param shifted whether there is a beta whose gradient is needed
 */
public record RowNormBackward(boolean centred, double epsilon, boolean shifted) implements Op {
    private static final int X = 0;
    private static final int DY = 1;
    private static final int GAMMA = 2;
    private static final int SUM = 3;

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
        if (call.has(SUM)) {
            requireSum(call);
            call.overwrite(SUM);
        } else {
            call.result(call.shape(X));
        }
        if (call.has(GAMMA)) {
            Layout row = Layout.rowMajor(call.shape(GAMMA));
            call.result(call.dtype(GAMMA), row);
            if (shifted) {
                call.result(call.dtype(GAMMA), row);
            }
        }
    }

    private void requireSum(Call call) {
        call.alike(X, SUM);
        if (!call.shape(SUM).equals(call.shape(X)) || !call.layout(SUM).isRowMajor()) {
            throw new IllegalArgumentException(
                    name() + " expects a sum " + call.shape(X) + " stored row-major, got " + call.describe(SUM));
        }
    }

    @Override
    public void compute(Backend backend, Call call) {
        RowNormalizationSum fusion =
                call.has(SUM) ? backend.fusion(RowNormalizationSum.class).orElse(null) : null;
        if (call.has(SUM) && fusion == null) {
            composed(call);
            return;
        }
        Operand dgamma = call.has(GAMMA) ? call.out(1) : null;
        Operand dbeta = shifted ? call.out(2) : null;
        if (fusion == null) {
            backend.rowNormalization()
                    .rowNormBackward(
                            centred, epsilon, call.in(X), call.in(GAMMA), call.in(DY), call.out(0), dgamma, dbeta);
        } else {
            fusion.addRowNormBackward(
                    centred, epsilon, call.in(X), call.in(GAMMA), call.in(DY), call.in(SUM), dgamma, dbeta);
        }
    }

    private void composed(Call call) {
        int results = results(call.has(GAMMA), shifted);
        Tensor[] gradients = Engine.applyAll(this, results, call.tensor(X), call.tensor(DY), call.tensor(GAMMA));
        call.tensor(SUM).update(BinaryOp.ADD, gradients[0]);
        for (int i = 1; i < results; i++) {
            call.give(i, gradients[i]);
        }
    }

    /** Returns how many results there are. */
    static int results(boolean scaled, boolean shifted) {
        return !scaled ? 1 : shifted ? 3 : 2;
    }

    @Override
    public int gradients() {
        return 0;
    }
}
