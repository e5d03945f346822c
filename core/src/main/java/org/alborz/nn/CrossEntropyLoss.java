package org.alborz.nn;

import java.util.Arrays;
import org.alborz.ops.CrossEntropy;
import org.alborz.ops.Engine;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * The mean cross-entropy of logits {@code [N, …, C]} against classes {@code [N, …]}, int32 or int64.
 *
 * <p>With class weights it is Σ w·l / Σ w over the targets that are not ignored, as in PyTorch; NaN where all are ignored.
 */
public final class CrossEntropyLoss implements Loss {
    private final double labelSmoothing;

    /** Null where none is ignored. */
    private final Integer ignored;

    /** Null where all classes count the same. */
    private final double[] weights;

    CrossEntropyLoss(double labelSmoothing) {
        this(labelSmoothing, null, null);
    }

    private CrossEntropyLoss(double labelSmoothing, Integer ignored, double[] weights) {
        if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
            throw new IllegalArgumentException("crossEntropy expects label smoothing in [0, 1), got " + labelSmoothing);
        }
        if (labelSmoothing > 0 && weights != null) {
            throw new IllegalArgumentException("crossEntropy expects class weights or label smoothing, got both: what"
                    + " a smoothed target weighs is not defined here; leave one out");
        }
        this.labelSmoothing = labelSmoothing;
        this.ignored = ignored;
        this.weights = weights;
    }

    /** Returns one that leaves out targets of the given number, such as padding; −100 is usual. */
    public CrossEntropyLoss ignoreIndex(int target) {
        return new CrossEntropyLoss(labelSmoothing, target, weights);
    }

    /**
     * Returns one that weights targets by their class, such as rare classes more.
     *
     * @param byClass finite numbers of at least 0, one for each class
     */
    public CrossEntropyLoss classWeights(double... byClass) {
        for (double weight : byClass) {
            if (!(weight >= 0) || Double.isInfinite(weight)) {
                throw new IllegalArgumentException(
                        "classWeights expects finite numbers of at least 0, got " + Arrays.toString(byClass));
            }
        }
        return new CrossEntropyLoss(labelSmoothing, ignored, byClass.clone());
    }

    @Override
    public Tensor of(Tensor output, Tensor labels) {
        Tensor logits = LossInput.of(output);
        if (logits.shape().rank() == 2 && ignored == null && weights == null) {
            return Engine.apply(new CrossEntropy(labelSmoothing), logits, labels)
                    .mean();
        }
        requireFitting(logits, labels);
        int classes = logits.shape().size(logits.shape().rank() - 1);
        Tensor scores = logits.reshape(-1, classes);
        Tensor flat = labels.reshape(-1);
        if (ignored == null && weights == null) {
            return Engine.apply(new CrossEntropy(labelSmoothing), scores, flat).mean();
        }
        DType type = logits.dtype().accumulator();
        Tensor terms = terms(flat, classes, type);
        Tensor losses = Engine.apply(new CrossEntropy(labelSmoothing), scores, named(flat, type))
                .to(type);
        // Chosen, not multiplied by 0: the loss of what is ignored may be infinite.
        Tensor zero = filled(logits.session(), type, 1, 0).reshape(Shape.scalar());
        Tensor counted = Tensor.where(terms.ne(0), losses, zero).mul(terms);
        return counted.sum().div(terms.sum()).to(logits.dtype());
    }

    private static Tensor filled(Session session, DType type, int size, double value) {
        return session.empty(type, Layout.rowMajor(Shape.of(size))).fill(value);
    }

    /** Returns the labels with class 0 in the place of those that are ignored. */
    private Tensor named(Tensor labels, DType type) {
        return ignored == null
                ? labels
                : labels.to(type).mul(counts(labels, type)).to(DType.INT32);
    }

    /** Returns 1 for each label that counts and 0 for those ignored. */
    private Tensor counts(Tensor labels, DType type) {
        return labels.to(type).add(-ignored).abs().sign();
    }

    /** Returns what each label counts. */
    private Tensor terms(Tensor labels, int classes, DType type) {
        if (weights == null) {
            return counts(labels, type);
        }
        if (classes != weights.length) {
            throw new IllegalArgumentException(
                    "classWeights expects a weight for each of " + classes + " classes, got " + weights.length);
        }
        // Filled, not uploaded, so that the step can be captured.
        Tensor byClass = labels.session().empty(type, Layout.rowMajor(Shape.of(classes)));
        for (int i = 0; i < classes; i++) {
            byClass.narrow(0, i, 1).fill(weights[i]);
        }
        Tensor byLabel = byClass.gather(0, named(labels, type));
        return ignored == null ? byLabel : byLabel.mul(counts(labels, type));
    }

    private static void requireFitting(Tensor logits, Tensor labels) {
        int rank = logits.shape().rank();
        boolean whole = labels.dtype() == DType.INT32 || labels.dtype() == DType.INT64;
        boolean fits = rank >= 2 && whole && labels.shape().rank() == rank - 1;
        for (int i = 0; fits && i < rank - 1; i++) {
            fits = logits.shape().size(i) == labels.shape().size(i);
        }
        if (!fits) {
            throw new IllegalArgumentException(
                    "crossEntropy expects logits [N, …, C] and labels [N, …] of int32 or int64, got logits "
                            + logits.describe() + " and labels " + labels.describe());
        }
    }

    @Override
    public Tensor weight(Tensor logits, Tensor labels) {
        return ignored == null && weights == null
                ? null
                : terms(
                                labels.reshape(-1),
                                logits.shape().size(logits.shape().rank() - 1),
                                logits.dtype().accumulator())
                        .sum();
    }

    @Override
    public String settings() {
        return "cross_entropy label_smoothing=" + labelSmoothing + (ignored == null ? "" : " ignore_index=" + ignored)
                + (weights == null ? "" : " class_weights=" + Arrays.toString(weights));
    }

    @Override
    public String toString() {
        return settings();
    }

    @Override
    public int classes(Shape output) {
        return output.rank() >= 2 ? output.size(output.rank() - 1) : Integer.MAX_VALUE;
    }

    @Override
    public boolean ignores(int label) {
        return ignored != null && ignored == label;
    }
}
