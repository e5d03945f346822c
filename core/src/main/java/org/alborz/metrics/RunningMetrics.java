package org.alborz.metrics;

import org.alborz.backend.BinaryOp;
import org.alborz.nn.Model;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * Mean loss and accuracy over the batches so far. The sums stay on the device: adding waits for nothing, reading does.
 *
 * <p>They are float64 in a session of float64, else float32: there the count is exact up to 2²⁴ samples an epoch.
 */
public final class RunningMetrics implements AutoCloseable {
    private final Tensor lossSum;
    private final Tensor correct;
    private long samples;

    /** Makes metrics that live until they are closed, at most as long as the model. */
    public RunningMetrics(Model model) {
        Given.value(model, "RunningMetrics", "a model");
        lossSum = zero(model).named("loss sum");
        correct = zero(model).named("correct predictions");
    }

    private static Tensor zero(Model model) {
        Session session = model.session();
        DType dtype = session.dtype() == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
        Tensor sum = model.own(session.empty(dtype, Layout.rowMajor(Shape.scalar())));
        return sum.fill(0);
    }

    /**
     * Counts a batch; its temporaries belong to the innermost scope.
     *
     * @param loss the mean loss, a scalar
     * @param logits {@code [N, C]}
     * @param labels int32 {@code [N]}
     */
    public void add(Tensor loss, Tensor logits, Tensor labels) {
        accumulate(loss, logits, labels);
        count(labels.shape().size(0));
    }

    /** Does the device's part of {@link #add}, which a recorded step repeats. */
    public void accumulate(Tensor loss, Tensor logits, Tensor labels) {
        Tensor value = loss.detach();
        require(loss, logits, labels);
        int count = labels.shape().size(0);
        DType dtype = lossSum.dtype();
        Tensor hits = logits.detach().argMax(1).to(dtype).apply(BinaryOp.EQUAL, labels.to(dtype));
        correct.update(BinaryOp.ADD, hits.sum());
        Tensor scalar = value.shape().rank() == 0 ? value : value.reshape(Shape.scalar());
        lossSum.update(BinaryOp.ADD, scalar.to(dtype).mul(count));
    }

    private static void require(Tensor loss, Tensor logits, Tensor labels) {
        boolean fits = loss.shape().elements() == 1
                && logits.shape().rank() == 2
                && labels.shape().rank() == 1
                && labels.dtype() == DType.INT32
                && labels.shape().size(0) == logits.shape().size(0);
        if (!fits) {
            throw new IllegalArgumentException("Metrics of a classifier expect a loss of one element, logits [N, C] and"
                    + " labels int32 [N], got loss " + loss.describe() + ", logits " + logits.describe()
                    + " and labels " + labels.describe());
        }
    }

    /** Does the host's part of {@link #add}. */
    public void count(int batch) {
        lossSum.session().requireOwner();
        samples += batch;
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

    /** Gives back the memory of the sums. */
    @Override
    public void close() {
        lossSum.close();
        correct.close();
    }
}
