package org.alborz.metrics;

import org.alborz.backend.BinaryOp;
import org.alborz.nn.Model;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;

/**
 * Mean loss and accuracy over the batches so far. The sums stay on the device: adding waits for nothing, reading does.
 *
 * <p>They have the session's type: in float32 the count is exact up to 2²⁴ samples an epoch.
 */
public final class RunningMetrics {
    private final Tensor lossSum;
    private final Tensor correct;
    private long samples;

    /** Makes metrics that live as long as the model. */
    public RunningMetrics(Model model) {
        lossSum = model.own(model.session().scalar(0)).named("loss sum");
        correct = model.own(model.session().scalar(0)).named("correct predictions");
    }

    /**
     * Counts a batch; its temporaries belong to the innermost scope.
     *
     * @param loss the mean loss, a scalar
     * @param logits {@code [N, C]}
     * @param labels int32 {@code [N]}
     */
    public void add(Tensor loss, Tensor logits, Tensor labels) {
        int count = labels.shape().size(0);
        DType dtype = lossSum.dtype();
        Tensor hits = logits.detach().argMax(1).to(dtype).apply(BinaryOp.EQUAL, labels.to(dtype));
        correct.update(BinaryOp.ADD, hits.sum());
        lossSum.update(BinaryOp.ADD, loss.detach().mul(count));
        samples += count;
    }

    /** Returns the mean loss; NaN before the first batch. Waits for the device. */
    public double loss() {
        return lossSum.item() / samples;
    }

    /** Returns the share of right predictions; NaN before the first batch. Waits for the device. */
    public double accuracy() {
        return correct.item() / samples;
    }

    public long samples() {
        return samples;
    }

    /** Starts over. */
    public void reset() {
        restore(0, 0, 0);
    }

    /** Returns the sum of the losses, to be restored. */
    public double lossSum() {
        return lossSum.item();
    }

    /** Returns the number of right predictions, to be restored. */
    public double correct() {
        return correct.item();
    }

    /** Goes on from sums taken before. */
    public void restore(double savedLossSum, double savedCorrect, long savedSamples) {
        lossSum.fill(savedLossSum);
        correct.fill(savedCorrect);
        samples = savedSamples;
    }
}
