package org.alborz.ops;

import org.alborz.backend.Backend;
import org.alborz.backend.SoftmaxCrossEntropy;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;

/** The fused gradient of {@link CrossEntropy}: of logits, labels and the gradients of the losses it makes those of the logits. */
public record CrossEntropyBackward(double labelSmoothing) implements Op {
    @Override
    public void infer(Call call) {
        CrossEntropy.require(call);
        CrossEntropy.requireWide(call, 2);
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
        } else if (CrossEntropy.isWidened(fusion, call)) {
            Tensor wide = call.tensor(0).session().empty(call.dtype(0).accumulator(), Layout.rowMajor(call.shape(0)));
            fusion.backward(labelSmoothing, CrossEntropy.logits(fusion, call), call.in(1), call.in(2), wide);
            call.give(0, wide.to(call.dtype(0)));
        } else {
            fusion.backward(labelSmoothing, call.in(0), call.in(1), call.in(2), call.out(0));
        }
    }

    @Override
    public int gradients() {
        return 0;
    }
}
