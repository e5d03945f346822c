package org.alborz.nn;

import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * The mean of −w·logp of each target's class, over log-probabilities {@code [N, …, C]}, such as log-softmax gives, and classes {@code [N, …]},
 * int32 or int64. With class weights it is over Σ w of the targets that are not ignored, as in PyTorch; NaN where all are ignored.
 */
public final class NegativeLogLikelihoodLoss implements TermLoss {
    private final ClassTargets targets;

    NegativeLogLikelihoodLoss() {
        this(ClassTargets.ALL);
    }

    private NegativeLogLikelihoodLoss(ClassTargets targets) {
        this.targets = targets;
    }

    /** Returns one that leaves out targets of the given number, such as padding; −100 is usual. */
    public NegativeLogLikelihoodLoss ignoreIndex(int target) {
        return new NegativeLogLikelihoodLoss(targets.ignoring(target));
    }

    /**
     * Returns one that weights targets by their class.
     *
     * @param byClass finite numbers of at least 0, one for each class
     */
    public NegativeLogLikelihoodLoss classWeights(double... byClass) {
        return new NegativeLogLikelihoodLoss(targets.weighted(byClass));
    }

    @Override
    public Tensor of(Tensor output, Tensor labels) {
        Tensor logs = LossInput.of(output);
        Tensor sum = terms(logs, labels).sum();
        Tensor weight = targets.weight(logs, labels);
        return (weight == null ? sum.div(labels.shape().elements()) : sum.div(weight)).to(logs.dtype());
    }

    /** Computes {@code [N, …]}: the weighted losses, 0 for targets that are ignored. */
    @Override
    public Tensor terms(Tensor output, Tensor labels) {
        Tensor logs = LossInput.wide("nll", LossInput.of(output));
        LossInput.requireClasses("nll", "log-probabilities", logs, labels);
        DType type = logs.dtype();
        Tensor flat = labels.reshape(-1);
        Tensor rows = logs.reshape(-1, logs.shape().size(-1));
        Tensor losses =
                LossInput.own(rows, targets.named(flat, type)).reshape(-1).neg();
        if (!targets.isPlain()) {
            Tensor weights = targets.terms(flat, rows.shape().size(1), type);
            losses = ClassTargets.counted(weights, losses).mul(weights);
        }
        return losses.reshape(labels.shape());
    }

    @Override
    public Tensor weight(Tensor output, Tensor labels) {
        return targets.weight(output, labels);
    }

    @Override
    public String settings() {
        return "nll" + targets.settings();
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
