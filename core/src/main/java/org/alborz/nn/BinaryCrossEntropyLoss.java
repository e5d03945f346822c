package org.alborz.nn;

import java.util.Arrays;
import java.util.List;
import org.alborz.ops.Concat;
import org.alborz.ops.Engine;
import org.alborz.ops.IntTuple;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * The mean of {@code −(p·y·ln σ(x) + (1 − y)·ln(1 − σ(x)))} over finite logits x and targets y from 0 to 1 of any type.
 *
 * <p>A trainer with this loss refuses data with other targets, also in evaluation. An objective or a loop of one's own has to look at its targets
 * itself: here they are on the device.
 *
 * @param positiveWeights p: what targets of 1 count, beside those of 0; one number, or one for each class along the last axis
 */
public record BinaryCrossEntropyLoss(List<Double> positiveWeights) implements TermLoss {
    private static final TargetRange TARGETS =
            new TargetRange(0, 1, "of targets from -1 to 1 take (x + 1) / 2, else correct the data");

    public BinaryCrossEntropyLoss {
        positiveWeights = List.copyOf(positiveWeights);
        for (double weight : positiveWeights) {
            if (!(weight > 0) || Double.isInfinite(weight)) {
                throw new IllegalArgumentException("binaryCrossEntropy expects a finite positive weight above 0, got "
                        + (positiveWeights.size() == 1 ? weight : positiveWeights));
            }
        }
        if (positiveWeights.isEmpty()) {
            throw new IllegalArgumentException("binaryCrossEntropy expects at least one positive weight, got none");
        }
    }

    BinaryCrossEntropyLoss() {
        this(List.of(1.0));
    }

    /** Returns one that counts targets of 1 so often, such as the number of negative samples over that of positive ones. */
    public BinaryCrossEntropyLoss positiveWeight(double weight) {
        return new BinaryCrossEntropyLoss(List.of(weight));
    }

    /**
     * Returns one that counts targets of 1 so often in each class, for logits {@code [N, …, C]} of C binary labels.
     *
     * @param byClass finite numbers above 0, one for each class
     */
    public BinaryCrossEntropyLoss positiveWeights(double... byClass) {
        return new BinaryCrossEntropyLoss(Arrays.stream(byClass).boxed().toList());
    }

    @Override
    public Tensor of(Tensor output, Tensor target) {
        Tensor logits = LossInput.of(output);
        return flat(logits, target).mean().neg().to(logits.dtype());
    }

    /** Computes a term for each logit, in the logits' shape. */
    @Override
    public Tensor terms(Tensor output, Tensor target) {
        Tensor logits = LossInput.of(output);
        return flat(logits, target).neg().reshape(logits.shape());
    }

    private Tensor flat(Tensor logits, Tensor target) {
        DType type = logits.dtype().accumulator();
        Tensor y =
                Targets.inShapeOf("binaryCrossEntropy", logits, target).to(type).reshape(-1);
        Tensor x = logits.to(type).reshape(-1, 1);
        Tensor zero = logits.session().empty(type, Layout.rowMajor(x.shape())).fill(0);
        // ln σ(x) and ln(1 − σ(x)) as the log-softmax of x and 0: finite for any x, and with the right slope at 0.
        Tensor both = Engine.apply(new Concat(1, IntTuple.of(1, 1)), x, zero).logSoftmax();
        Tensor positive = both.narrow(1, 0, 1).reshape(-1).mul(y);
        Tensor negative = both.narrow(1, 1, 1).reshape(-1).mul(y.neg().add(1));
        return weighted(positive, logits.shape()).add(negative);
    }

    private Tensor weighted(Tensor positive, Shape logits) {
        if (positiveWeights.size() == 1) {
            double weight = positiveWeights.get(0);
            return weight == 1 ? positive : positive.mul(weight);
        }
        if (logits.rank() < 1 || logits.size(-1) != positiveWeights.size()) {
            throw new IllegalArgumentException("binaryCrossEntropy with " + positiveWeights.size()
                    + " positive weights expects logits [N, …, " + positiveWeights.size() + "], got " + logits);
        }
        double[] weights =
                positiveWeights.stream().mapToDouble(Double::doubleValue).toArray();
        Tensor byClass = LossInput.vector(positive.session(), positive.dtype(), weights);
        return positive.reshape(-1, weights.length).mul(byClass).reshape(-1);
    }

    @Override
    public TargetRange targets() {
        return TARGETS;
    }

    @Override
    public String settings() {
        Object weights = positiveWeights.size() == 1 ? positiveWeights.get(0) : positiveWeights;
        return "binary_cross_entropy positive_weight=" + weights;
    }
}
