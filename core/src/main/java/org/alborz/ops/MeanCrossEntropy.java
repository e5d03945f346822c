package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.backend.MeanSoftmaxCrossEntropy;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** The mean of the losses that {@link CrossEntropy} computes of the same inputs, a scalar of their type; NaN of no rows. */
public record MeanCrossEntropy(double labelSmoothing) implements Op {
    private static final int LOGITS = 0;
    private static final int LABELS = 1;

    public MeanCrossEntropy {
        CrossEntropy.requireSmoothing(labelSmoothing);
    }

    @Override
    public String name() {
        return "crossEntropy";
    }

    @Override
    public void infer(Call call) {
        CrossEntropy.require(call);
        call.rowMajor(LOGITS);
        call.rowMajor(LABELS);
        call.result(call.dtype(LOGITS).accumulator(), Layout.rowMajor(Shape.scalar()));
    }

    @Override
    public void compute(Backend backend, Call call) {
        MeanSoftmaxCrossEntropy fusion = fusion(backend, call);
        if (fusion == null) {
            call.give(0, composed(call.tensor(LOGITS), call.tensor(LABELS), labelSmoothing));
        } else {
            fusion.forward(labelSmoothing, call.in(LOGITS), call.in(LABELS), call.out(0));
        }
    }

    /** Returns the backend's own, or null where there is none, or there are no rows to take a mean of. */
    static MeanSoftmaxCrossEntropy fusion(Backend backend, Call call) {
        return call.shape(LABELS).elements() == 0
                ? null
                : backend.fusion(MeanSoftmaxCrossEntropy.class).orElse(null);
    }

    /** Computes the same by two operations; what a backend's fusion is checked against. */
    public static Tensor composed(Tensor logits, Tensor labels, double labelSmoothing) {
        return Engine.apply(new CrossEntropy(labelSmoothing), logits, labels).mean();
    }

    /** Returns the gradient of each loss, of that of their mean. */
    static Tensor ofEach(Tensor dMean, Tensor labels) {
        return dMean.mul(1.0 / labels.shape().elements()).expand(labels.shape());
    }

    @Override
    public int saves() {
        return Op.input(LOGITS) | Op.input(LABELS);
    }

    @Override
    public boolean differentiable(int input) {
        return input == LOGITS;
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        Tensor logits = inputs.input(LOGITS);
        Tensor labels = inputs.input(LABELS);
        inputs.add(
                LOGITS,
                inputs.differentiable()
                        ? CrossEntropy.composedGradient(logits, labels, ofEach(dy, labels), labelSmoothing)
                        : Engine.apply(new MeanCrossEntropyBackward(labelSmoothing), logits, labels, dy));
    }
}
