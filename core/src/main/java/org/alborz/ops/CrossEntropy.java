package org.alborz.ops;

import java.util.Optional;
import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.backend.SoftmaxCrossEntropy;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** Cross-entropy of softmax scores against class labels, one loss a row. */
public final class CrossEntropy implements Op {
    private final SoftmaxCrossEntropy fusion;
    private final double labelSmoothing;
    private final Tensor logits;
    private final Tensor labels;

    private CrossEntropy(SoftmaxCrossEntropy fusion, double labelSmoothing, Tensor logits, Tensor labels) {
        this.fusion = fusion;
        this.labelSmoothing = labelSmoothing;
        this.logits = logits;
        this.labels = labels;
    }

    /**
     * Computes {@code −Σ t·logSoftmax(logits)} for each row, with t = (1 − ε)·onehot(label) + ε / C.
     *
     * @param logits {@code [N, C]}
     * @param labels int32 {@code [N]}
     * @return {@code [N]}
     */
    public static Tensor apply(Tensor logits, Tensor labels, double labelSmoothing) {
        require(logits, labels, labelSmoothing);
        Optional<SoftmaxCrossEntropy> fusion = logits.session().backend().fusion(SoftmaxCrossEntropy.class);
        if (fusion.isEmpty()) {
            return composed(logits, labels, labelSmoothing);
        }
        Tensor scores = Operands.rowMajor(logits);
        Tensor classes = Operands.rowMajor(labels);
        Tensor losses = Operands.result(logits, labels.shape());
        fusion.get().forward(labelSmoothing, scores, classes, losses);
        Node node = Node.record(losses, logits);
        if (node != null) {
            node.complete(
                    new CrossEntropy(fusion.get(), labelSmoothing, node.save(scores, logits), node.save(classes)));
        }
        Operands.closeCopy(scores, logits);
        Operands.closeCopy(classes, labels);
        return losses;
    }

    /**
     * Computes the same from softmax, choice and sum; what a backend's fusion is checked against. Scores of other classes are left out,
     * not multiplied by 0, since they may be −∞.
     */
    public static Tensor composed(Tensor logits, Tensor labels, double labelSmoothing) {
        require(logits, labels, labelSmoothing);
        Tensor scores = logits.logSoftmax();
        Tensor own = Where.apply(oneHot(logits, labels), scores, Operands.scalar(logits, 0))
                .sum(false, 1);
        if (labelSmoothing == 0) {
            return own.neg();
        }
        return own.mul(1 - labelSmoothing)
                .add(scores.mean(false, 1).mul(labelSmoothing))
                .neg();
    }

    private static Tensor oneHot(Tensor logits, Tensor labels) {
        return Indices.oneHot(labels, logits.shape().size(1), logits.dtype());
    }

    private static Tensor targets(Tensor logits, Tensor labels, double labelSmoothing) {
        return oneHot(logits, labels)
                .mul(1 - labelSmoothing)
                .add(labelSmoothing / logits.shape().size(1));
    }

    private static void require(Tensor logits, Tensor labels, double labelSmoothing) {
        Operands.requireFloating("crossEntropy", logits);
        Operands.requireRank("crossEntropy", "logits", logits, 2, "[N, C]");
        Operands.requireIndices("crossEntropy", logits, labels);
        if (labels.shape().size(0) != logits.shape().size(0)) {
            throw new IllegalArgumentException("crossEntropy expects one label for each of "
                    + logits.shape().size(0) + " rows, got " + labels.describe());
        }
        if (logits.shape().size(1) < 1) {
            throw new IllegalArgumentException("crossEntropy expects at least one class, got " + logits.describe());
        }
        if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
            throw new IllegalArgumentException("crossEntropy expects label smoothing in [0, 1), got " + labelSmoothing);
        }
    }

    @Override
    public void gradient(Tensor dLosses, GradientSink inputs) {
        if (inputs.differentiable()) {
            Tensor column = dLosses.reshape(Shape.of(logits.shape().size(0), 1));
            inputs.add(
                    0,
                    logits.softmax()
                            .sub(targets(logits, labels, labelSmoothing))
                            .mul(column));
            return;
        }
        Tensor weights = Operands.rowMajor(dLosses);
        Tensor dLogits = Operands.result(logits, logits.shape());
        fusion.backward(labelSmoothing, logits, labels, weights, dLogits);
        inputs.add(0, dLogits);
    }
}
