package org.alborz.ops;

import org.alborz.backend.Backend;
import org.alborz.backend.GeluGradient;
import org.alborz.tensor.Tensor;

/** The gradient of GELU that needs no gradient itself: of dy and x it makes dy times the derivative at x. */
public record GeluBackward() implements Op {
    static final GeluBackward INSTANCE = new GeluBackward();

    @Override
    public void infer(Call call) {
        call.alike(0, 1);
        if (!call.shape(0).equals(call.shape(1))) {
            throw new IllegalArgumentException("gelu's gradient expects one for each element of " + call.describe(1)
                    + ", got " + call.describe(0));
        }
        for (int i = 0; i < 2; i++) {
            call.order(i, Layouts.dense(call.layout(1)));
        }
        call.result(Layouts.dense(call.layout(1)));
    }

    @Override
    public void compute(Backend backend, Call call) {
        GeluGradient fusion = backend.fusion(GeluGradient.class).orElse(null);
        if (fusion == null) {
            call.give(0, composed(call.tensor(0), call.tensor(1)));
        } else {
            fusion.apply(call.in(0), call.in(1), call.out(0));
        }
    }

    /** Computes the same from single operations; what a backend's fusion is checked against. */
    public static Tensor composed(Tensor dy, Tensor x) {
        return Unary.gelu(dy, x);
    }

    @Override
    public int gradients() {
        return 0;
    }
}
