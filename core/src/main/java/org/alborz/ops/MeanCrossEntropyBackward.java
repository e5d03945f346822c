package org.alborz.ops;

import org.alborz.backend.Backend;
import org.alborz.backend.MeanSoftmaxCrossEntropy;
import org.alborz.tensor.Tensor;

/** The fused gradient of {@link MeanCrossEntropy}: of logits, labels and the gradient of the mean it makes that of the logits. */
public record MeanCrossEntropyBackward(double labelSmoothing) implements Op {
    private static final int LOGITS = 0;
    private static final int LABELS = 1;
    private static final int D_MEAN = 2;

    @Override
    public String name() {
        return "crossEntropy's gradient";
    }

    @Override
    public void infer(Call call) {
        CrossEntropy.require(call);
        CrossEntropy.requireWide(call, D_MEAN);
        call.rank(D_MEAN, "the gradient of the mean", 0, "[]");
        call.rowMajor(LOGITS);
        call.rowMajor(LABELS);
        call.result(call.shape(LOGITS));
    }

    @Override
    public void compute(Backend backend, Call call) {
        MeanSoftmaxCrossEntropy fusion = MeanCrossEntropy.fusion(backend, call);
        if (fusion == null) {
            Tensor labels = call.tensor(LABELS);
            Tensor each = MeanCrossEntropy.ofEach(call.tensor(D_MEAN), labels);
            call.give(0, Engine.apply(new CrossEntropyBackward(labelSmoothing), call.tensor(LOGITS), labels, each));
        } else {
            fusion.backward(labelSmoothing, call.in(LOGITS), call.in(LABELS), call.in(D_MEAN), call.out(0));
        }
    }

    @Override
    public int gradients() {
        return 0;
    }
}
