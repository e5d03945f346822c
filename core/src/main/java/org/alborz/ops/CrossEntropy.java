package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.backend.Operand;
import org.alborz.backend.SoftmaxCrossEntropy;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * Cross-entropy of softmax scores against class labels, one loss a row: {@code −Σ t·logSoftmax(logits)} with t = (1 − ε)·onehot(label) + ε
 * / C. Inputs are logits {@code [N, C]} and labels {@code [N]}, int32 or int64; the result is {@code [N]}, of the logits' {@link DType#accumulator}.
 */
public record CrossEntropy(double labelSmoothing) implements Op {
    private static final int LOGITS = 0;
    private static final int LABELS = 1;

    public CrossEntropy {
        requireSmoothing(labelSmoothing);
    }

    static void requireSmoothing(double labelSmoothing) {
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
        call.result(call.dtype(LOGITS).accumulator(), Layout.rowMajor(call.shape(LABELS)));
    }

    @Override
    public void compute(Backend backend, Call call) {
        SoftmaxCrossEntropy fusion = backend.fusion(SoftmaxCrossEntropy.class).orElse(null);
        if (fusion == null) {
            call.give(0, composed(call.tensor(LOGITS), call.tensor(LABELS), labelSmoothing));
        } else {
            fusion.forward(labelSmoothing, logits(fusion, call), call.in(LABELS), call.out(0));
        }
    }

    /** Returns the logits, in float32 where they have 16 bits that a backend does not take. */
    static Operand logits(SoftmaxCrossEntropy fusion, Call call) {
        return isWidened(fusion, call)
                ? call.tensor(LOGITS).to(call.dtype(LOGITS).accumulator())
                : call.in(LOGITS);
    }

    static boolean isWidened(SoftmaxCrossEntropy fusion, Call call) {
        return call.dtype(LOGITS) != call.dtype(LOGITS).accumulator() && !fusion.takesHalf();
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

    /** Refuses a gradient of losses that is not of the type that sums of logits have. */
    static void requireWide(Call call, int gradient) {
        DType wide = call.dtype(LOGITS).accumulator();
        if (call.dtype(gradient) != wide) {
            throw new IllegalArgumentException(
                    call.name() + " expects a gradient of " + wide + ", got " + call.describe(gradient));
        }
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
        Tensor scores = logits.to(logits.dtype().accumulator()).logSoftmax();
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
        DType wide = logits.dtype().accumulator();
        Tensor targets = oneHot(logits, labels, wide)
                .mul(1 - labelSmoothing)
                .add(labelSmoothing / logits.shape().size(1));
        return logits.to(wide).softmax().sub(targets).mul(column).to(logits.dtype());
    }

    private static Tensor oneHot(Tensor logits, Tensor labels, DType dtype) {
        return Engine.apply(new OneHot(logits.shape().size(1), dtype), labels);
    }
}
