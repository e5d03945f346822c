package org.alborz.nn;

import org.alborz.ops.Concat;
import org.alborz.ops.Engine;
import org.alborz.ops.IntTuple;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;

/**
 * The mean of {@code −(p·y·ln σ(x) + (1 − y)·ln(1 − σ(x)))} over logits x and targets y from 0 to 1 of any type.
 *
 * <p>A trainer with this loss refuses data with other targets, also in evaluation. An objective or a loop of one's own has to look at its targets
 * itself: here they are on the device.
 *
 * @param positiveWeight p: what targets of 1 count, beside those of 0
 */
public record BinaryCrossEntropyLoss(double positiveWeight) implements Loss {
    private static final TargetRange TARGETS =
            new TargetRange(0, 1, "of targets from -1 to 1 take (x + 1) / 2, else correct the data");

    public BinaryCrossEntropyLoss {
        if (!(positiveWeight > 0) || Double.isInfinite(positiveWeight)) {
            throw new IllegalArgumentException(
                    "binaryCrossEntropy expects a finite positive weight above 0, got " + positiveWeight);
        }
    }

    /** Returns one that counts targets of 1 so often, such as the number of negative samples over that of positive ones. */
    public BinaryCrossEntropyLoss positiveWeight(double weight) {
        return new BinaryCrossEntropyLoss(weight);
    }

    @Override
    public Tensor of(Tensor output, Tensor target) {
        Tensor logits = LossInput.of(output);
        DType type = logits.dtype().accumulator();
        Tensor y =
                Targets.inShapeOf("binaryCrossEntropy", logits, target).to(type).reshape(-1);
        Tensor x = logits.to(type).reshape(-1, 1);
        Tensor zero = logits.session().empty(type, Layout.rowMajor(x.shape())).fill(0);
        // ln σ(x) and ln(1 − σ(x)) as the log-softmax of x and 0: finite for any x, and with the right slope at 0.
        Tensor both = Engine.apply(new Concat(1, IntTuple.of(1, 1)), x, zero).logSoftmax();
        Tensor positive = both.narrow(1, 0, 1).reshape(-1).mul(y);
        Tensor negative = both.narrow(1, 1, 1).reshape(-1).mul(y.neg().add(1));
        Tensor weighted = positiveWeight == 1 ? positive : positive.mul(positiveWeight);
        return weighted.add(negative).mean().neg().to(logits.dtype());
    }

    @Override
    public TargetRange targets() {
        return TARGETS;
    }

    @Override
    public String settings() {
        return "binary_cross_entropy positive_weight=" + positiveWeight;
    }
}
