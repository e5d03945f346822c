package org.alborz.ops;

import org.alborz.backend.Backend;
import org.alborz.backend.SoftmaxCrossEntropy;

/** The fused gradient of {@link CrossEntropy}: of logits, labels and the gradients of the losses it makes those of the logits. */
public record CrossEntropyBackward(double labelSmoothing) implements Op {
    @Override
    public void infer(Call call) {
        CrossEntropy.require(call);
        call.alike(0, 2);
        if (!call.shape(2).equals(call.shape(1))) {
            throw new IllegalArgumentException("crossEntropy's gradient expects one for each of the losses "
                    + call.shape(1) + ", got " + call.describe(2));
        }
        for (int i = 0; i < 3; i++) {
            call.rowMajor(i);
        }
        call.result(call.shape(0));
    }

    @Override
    public void compute(Backend backend, Call call) {
        SoftmaxCrossEntropy fusion = backend.fusion(SoftmaxCrossEntropy.class).orElse(null);
        if (fusion == null) {
            call.give(0, CrossEntropy.composedGradient(call.tensor(0), call.tensor(1), call.tensor(2), labelSmoothing));
        } else {
            fusion.backward(labelSmoothing, call.in(0), call.in(1), call.in(2), call.out(0));
        }
    }

    @Override
    public int gradients() {
        return 0;
    }
}
