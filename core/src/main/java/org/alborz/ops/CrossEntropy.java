package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.backend.SoftmaxCrossEntropy;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * Cross-entropy of softmax scores against class labels, one loss a row: {@code −Σ t·logSoftmax(logits)} with t = (1 − ε)·onehot(label) + ε
 * / C. Inputs are logits {@code [N, C]} and labels {@code [N]}, int32 or int64; the result is {@code [N]}.
 */
public record CrossEntropy(double labelSmoothing) implements Op {
    private static final int LOGITS = 0;
    private static final int LABELS = 1;

    public CrossEntropy {
        if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
            throw new IllegalArgumentException("crossEntropy expects label smoothing in [0, 1), got " + labelSmoothing);
        }
    }

    @Override
    public String name() {
        return "crossEntropy";
    }

    @Override
    public void infer(Call call) {
        require(call);
        call.rowMajor(LOGITS);
        call.rowMajor(LABELS);
        call.result(call.shape(LABELS));
    }

    @Override
    public void compute(Backend backend, Call call) {
        SoftmaxCrossEntropy fusion = backend.fusion(SoftmaxCrossEntropy.class).orElse(null);
        if (fusion == null) {
            call.give(0, composed(call.tensor(LOGITS), call.tensor(LABELS), labelSmoothing));
        } else {
            fusion.forward(labelSmoothing, call.in(LOGITS), call.in(LABELS), call.out(0));
        }
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
                        ? composedGradient(logits, labels, dy, labelSmoothing)
                        : Engine.apply(new CrossEntropyBackward(labelSmoothing), logits, labels, dy));
    }

    /** Refuses logits and labels that do not fit. */
    static void require(Call call) {
        call.floating(LOGITS);
        call.rank(LOGITS, "logits", 2, "[N, C]");
        Shape logits = call.shape(LOGITS);
        call.indices(LABELS, logits.size(1));
        call.rank(LABELS, "labels", 1, "[N]");
        if (call.shape(LABELS).size(0) != logits.size(0)) {
            throw new IllegalArgumentException("crossEntropy expects one label for each of " + logits.size(0)
                    + " rows, got " + call.describe(LABELS));
        }
        if (logits.size(1) < 1) {
            throw new IllegalArgumentException("crossEntropy expects at least one class, got " + call.describe(LOGITS));
        }
    }

    /**
     * Computes the same from softmax, choice and sum; what a backend's fusion is checked against. Scores of other classes are left out,
     * not multiplied by 0, since they may be −∞.
     */
    public static Tensor composed(Tensor logits, Tensor labels, double labelSmoothing) {
        Tensor scores = logits.logSoftmax();
        Tensor isOwn = oneHot(logits, labels, DType.BOOL);
        Tensor own = Where.apply(isOwn, scores, Full.like(scores, 0)).sum(false, 1);
        if (labelSmoothing == 0) {
            return own.neg();
        }
        return own.mul(1 - labelSmoothing)
                .add(scores.mean(false, 1).mul(labelSmoothing))
                .neg();
    }

    /** Computes the gradient likewise. */
    static Tensor composedGradient(Tensor logits, Tensor labels, Tensor dLosses, double labelSmoothing) {
        Tensor column = dLosses.reshape(Shape.of(logits.shape().size(0), 1));
        Tensor targets = oneHot(logits, labels, logits.dtype())
                .mul(1 - labelSmoothing)
                .add(labelSmoothing / logits.shape().size(1));
        return logits.softmax().sub(targets).mul(column);
    }

    private static Tensor oneHot(Tensor logits, Tensor labels, DType dtype) {
        return Engine.apply(new OneHot(logits.shape().size(1), dtype), labels);
    }
}
