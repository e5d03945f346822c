package org.alborz.nn;

import org.alborz.ops.CrossEntropy;
import org.alborz.ops.Engine;
import org.alborz.ops.MeanCrossEntropy;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * The mean cross-entropy, {@code −Σ w·t·ln softmax(x)} over the classes, of logits x {@code [N, …, C]} against classes {@code [N, …]}, int32 or int64, or against soft targets t {@code [N, …, C]},
 * floating: the probabilities of the classes, as mixing samples makes them.
 *
 * <p>A term is {@code −Σ w·t·logSoftmax(logits)} over the classes, t being 1 − ε for the target's class with ε / C added to all, or as {@link
 * #smoothingOthers} says; soft targets are t·(1 − ε) + ε / C. With class weights the mean is over Σ w of the targets that are not ignored, as in
 * PyTorch, and NaN where all are ignored; with soft targets it is over the samples.
 */
public final class CrossEntropyLoss implements TermLoss {
    private final double labelSmoothing;

    /** Whether the smoothing is shared by the other classes alone. */
    private final boolean byOthers;

    private final ClassTargets targets;

    CrossEntropyLoss(double labelSmoothing) {
        this(labelSmoothing, false, ClassTargets.ALL);
    }

    private CrossEntropyLoss(double labelSmoothing, boolean byOthers, ClassTargets targets) {
        if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
            throw new IllegalArgumentException("crossEntropy expects label smoothing in [0, 1), got " + labelSmoothing);
        }
        this.labelSmoothing = labelSmoothing;
        this.byOthers = byOthers;
        this.targets = targets;
    }

    /** Returns one that leaves out targets of the given number, such as padding; −100 is usual. Not for soft targets. */
    public CrossEntropyLoss ignoreIndex(int target) {
        return new CrossEntropyLoss(labelSmoothing, byOthers, targets.ignoring(target));
    }

    /**
     * Returns one that weights terms by their class, such as rare classes more. With label smoothing each class's part of a target has its
     * own weight, as in PyTorch.
     *
     * @param byClass finite numbers of at least 0, one for each class
     */
    public CrossEntropyLoss classWeights(double... byClass) {
        return new CrossEntropyLoss(labelSmoothing, byOthers, targets.weighted(byClass));
    }

    /**
     * Returns one whose targets are 1 − ε for the class and ε / (C − 1) for each other one, as some textbooks have it; {@link
     * Loss#crossEntropy(double)} gives the class its share of ε as well (Szegedy et al. 2016). It is the same as that with ε·C / (C − 1).
     *
     * @param epsilon in [0, (C − 1) / C), of which logits of at least two classes are asked
     */
    public CrossEntropyLoss smoothingOthers(double epsilon) {
        return new CrossEntropyLoss(epsilon, true, targets);
    }

    @Override
    public Tensor of(Tensor logits, Tensor labels) {
        if (labels.dtype().isFloating()) {
            Tensor wide = LossInput.of(logits);
            return softTerms(wide, labels).mean().to(wide.dtype());
        }
        DType result = LossInput.typeOf(logits);
        if (targets.isPlain() && logits.shape().rank() == 2) {
            return mean(logits, labels).to(result);
        }
        requireFitting(logits, labels);
        Tensor flat = labels.reshape(-1);
        if (targets.isPlain()) {
            return mean(logits.reshape(-1, classesOf(logits)), flat).to(result);
        }
        DType type = logits.dtype().accumulator();
        Tensor weights = targets.terms(flat, classesOf(logits), type);
        return flatTerms(logits, flat, weights).sum().div(weights.sum()).to(result);
    }

    /**
     * Computes {@code [N, …]}: the weighted losses, 0 for targets that are ignored.
     *
     * @param labels classes, or probabilities of the logits' shape
     */
    @Override
    public Tensor terms(Tensor logits, Tensor labels) {
        if (labels.dtype().isFloating()) {
            return softTerms(LossInput.of(logits), labels);
        }
        requireFitting(logits, labels);
        Tensor flat = labels.reshape(-1);
        Tensor terms;
        if (targets.isPlain()) {
            terms = fused(logits.reshape(-1, classesOf(logits)), flat);
        } else {
            DType type = logits.dtype().accumulator();
            terms = flatTerms(logits, flat, targets.terms(flat, classesOf(logits), type));
        }
        return terms.reshape(labels.shape());
    }

    private Tensor mean(Tensor logits, Tensor labels) {
        return Engine.apply(new MeanCrossEntropy(smoothing(logits)), logits, labels);
    }

    private Tensor fused(Tensor logits, Tensor labels) {
        return Engine.apply(new CrossEntropy(smoothing(logits)), logits, labels);
    }

    /** Returns the weighted losses {@code [K]} of what is not plain. */
    private Tensor flatTerms(Tensor logits, Tensor flat, Tensor weights) {
        DType type = logits.dtype().accumulator();
        Tensor scores = logits.reshape(-1, classesOf(logits));
        Tensor named = targets.named(flat, type);
        if (labelSmoothing == 0 || targets.weights() == null) {
            Tensor losses = fused(scores, named).to(type);
            return ClassTargets.counted(weights, losses).mul(weights);
        }
        Tensor shares = LossInput.isOwn(scores, named).to(type);
        Tensor losses = expected(scores.to(type), smoothed(shares, smoothing(logits)));
        return targets.ignored() == null ? losses : ClassTargets.counted(targets.counts(flat, type), losses);
    }

    private Tensor softTerms(Tensor logits, Tensor probabilities) {
        LossInput.requireAlike("crossEntropy", "logits and soft targets", logits, probabilities);
        if (targets.ignored() != null) {
            throw new IllegalArgumentException(
                    "crossEntropy with ignoreIndex expects classes of int32 or int64, got soft" + " targets "
                            + probabilities.describe() + "; give what is to be ignored a target of zeros");
        }
        if (logits.shape().rank() < 1) {
            throw new IllegalArgumentException("crossEntropy expects logits [N, …, C], got " + logits.describe());
        }
        DType type = logits.dtype().accumulator();
        return expected(logits.to(type), smoothed(probabilities.to(type), labelSmoothing == 0 ? 0 : smoothing(logits)));
    }

    private static Tensor smoothed(Tensor shares, double smoothing) {
        return smoothing == 0
                ? shares
                : shares.mul(1 - smoothing).add(smoothing / shares.shape().size(-1));
    }

    /** Returns −Σ w·t·logSoftmax(x) along the last axis. */
    private Tensor expected(Tensor scores, Tensor shares) {
        Tensor factors = shares;
        if (targets.weights() != null) {
            LossInput.requireWeightOfEach("classWeights", scores.shape().size(-1), targets.weights());
            factors = shares.mul(LossInput.vector(scores.session(), scores.dtype(), targets.weights()));
        }
        return LossInput.weighted(factors, scores.logSoftmax()).sum(false, -1).neg();
    }

    /** Returns ε in the form in which the target's class has its share of it. */
    private double smoothing(Tensor logits) {
        if (!byOthers || labelSmoothing == 0) {
            return labelSmoothing;
        }
        int classes = classesOf(logits);
        double smoothing = labelSmoothing * classes / (classes - 1);
        if (!(smoothing < 1)) {
            throw new IllegalArgumentException(
                    "smoothingOthers expects epsilon in [0, (C − 1) / C) and logits of C >= 2"
                            + " classes, got epsilon " + labelSmoothing + " and logits " + logits.describe());
        }
        return smoothing;
    }

    private static int classesOf(Tensor logits) {
        return logits.shape().rank() == 0 ? 0 : logits.shape().size(-1);
    }

    private static void requireFitting(Tensor logits, Tensor labels) {
        LossInput.requireClasses("crossEntropy", "logits", logits, labels);
    }

    @Override
    public Tensor weight(Tensor logits, Tensor labels) {
        return labels.dtype().isFloating() ? null : targets.weight(logits, labels);
    }

    @Override
    public String settings() {
        return "cross_entropy label_smoothing=" + labelSmoothing + (byOthers ? " by_others" : "") + targets.settings();
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
    public TargetKind targetKind() {
        return new TargetKind(true, targets.ignored());
    }
}
