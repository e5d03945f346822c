package org.alborz.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.Model;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/** The mean loss and the metrics over the batches so far. The sums stay on the device: adding waits for nothing, reading does. */
public final class RunningMetrics implements AutoCloseable {
    /** How many numbers {@link #totals} has after the sums of the metrics. */
    private static final int COUNTS = 4;

    private final MetricSums metrics;
    private final Tensor lossSum;
    private final Tensor weightSum;
    private boolean weighted;
    private long samples;

    /** Makes metrics that live until they are closed, at most as long as the model. */
    public RunningMetrics(Model model, List<Metric> metrics) {
        Given.value(model, "RunningMetrics", "a model");
        this.metrics = new MetricSums(model, Given.value(metrics, "RunningMetrics", "metrics"));
        lossSum = MetricSums.zeros(model, Shape.scalar()).named("loss sum");
        weightSum = MetricSums.zeros(model, Shape.scalar()).named("weight sum");
    }

    /** Adds a batch with its {@link BatchTensors#LOSS}; its temporaries belong to the innermost scope. */
    public void add(BatchTensors batch) {
        accumulate(batch);
        count(batch.size());
    }

    /** Does the device's part of {@link #add}, which a captured step repeats. */
    public void accumulate(BatchTensors batch) {
        lossSum.session().check();
        Tensor loss = batch.get(BatchTensors.LOSS).detach();
        requireOne("loss", loss);
        metrics.update(batch);
        DType dtype = lossSum.dtype();
        if (batch.has(BatchTensors.WEIGHT)) {
            Tensor weight = batch.get(BatchTensors.WEIGHT).detach();
            requireOne("weight", weight);
            Tensor terms = scalar(weight).to(dtype);
            weighted = true;
            Metric.add(weightSum, terms);
            Metric.add(lossSum, MetricSums.weighted(scalar(loss).to(dtype), terms));
        } else {
            MetricSums.add(lossSum, scalar(loss), batch.size());
        }
    }

    private static Tensor scalar(Tensor value) {
        return value.shape().rank() == 0 ? value : value.reshape(Shape.scalar());
    }

    private static void requireOne(String what, Tensor value) {
        if (value.shape().elements() != 1) {
            throw new IllegalArgumentException("Metrics expect a " + what + " of one element, got " + value.describe());
        }
    }

    /** Does the host's part of {@link #add}. */
    public void count(int batch) {
        lossSum.session().requireOwner();
        samples += batch;
    }

    /** Returns the mean loss; NaN before the first batch. Waits for the device. */
    public double loss() {
        return lossSum.item() / (weighted ? weightSum.item() : samples);
    }

    /** Returns the values of the metrics by name. Waits for the device. */
    public Map<String, Double> values() {
        return metrics.values(samples);
    }

    /**
     * Returns the value of one metric. Waits for the device.
     *
     * @throws IllegalArgumentException when there is none of that name
     */
    public double value(String name) {
        return metrics.value(name, samples);
    }

    /** Returns the share of right predictions; NaN before the first batch. Waits for the device. */
    public double accuracy() {
        return value("accuracy");
    }

    public long samples() {
        return samples;
    }

    /** Starts over. */
    public void reset() {
        restore(0, 0, 0);
        metrics.reset();
    }

    /** Returns the sum of the losses, to be restored. */
    public double lossSum() {
        return lossSum.item();
    }

    /** Returns the sum of the weights of the losses, to be restored; 0 where they are weighted by their samples. */
    public double weightSum() {
        return weightSum.item();
    }

    /** Returns the sums of the metrics by name, to be saved and assigned. */
    public Map<String, Tensor> sums() {
        return metrics.tensors();
    }

    /** Continues from sums taken before; those of the metrics are assigned to {@link #sums}. */
    public void restore(double savedLossSum, double savedWeightSum, long savedSamples) {
        lossSum.fill(savedLossSum);
        weightSum.fill(savedWeightSum);
        weighted |= savedWeightSum != 0;
        samples = savedSamples;
    }

    /** Returns all sums and counts one after another, to be merged with those of other ranks. Waits for the device. */
    public double[] totals() {
        double[] own = metrics.totals();
        double[] totals = Arrays.copyOf(own, own.length + COUNTS);
        totals[own.length] = lossSum();
        totals[own.length + 1] = weightSum();
        totals[own.length + 2] = samples;
        totals[own.length + 3] = weighted ? 1 : 0;
        return totals;
    }

    /**
     * Continues from the sums and counts of several ranks, merged in their order.
     *
     * @param totals of each rank, as {@link #totals} returned them
     */
    public void restoreMerged(double[][] totals) {
        lossSum.session().requireOwner();
        metrics.restoreMerged(totals);
        int from = totals[0].length - COUNTS;
        double[] counts = new double[COUNTS];
        for (double[] own : totals) {
            for (int i = 0; i < COUNTS; i++) {
                counts[i] += own[from + i];
            }
        }
        restore(counts[0], counts[1], (long) counts[2]);
        weighted = counts[3] > 0;
    }

    /** Gives back the memory of the sums. */
    @Override
    public void close() {
        lossSum.close();
        weightSum.close();
        metrics.close();
    }
}
