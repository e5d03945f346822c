package org.alborz.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.Model;
import org.alborz.nn.TargetKind;
import org.alborz.ops.Accumulate;
import org.alborz.ops.Engine;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * The sums of some metrics on the device, in float64 whatever the session's type.
 */
public final class MetricSums implements AutoCloseable {
    private final List<Metric> metrics;
    private final List<List<Tensor>> sums = new ArrayList<>();
    private final Session session;

    /** Makes sums of 0 that live until they are closed, at most as long as the model. */
    public MetricSums(Model model, List<Metric> metrics) {
        this.session = Given.value(model, "MetricSums", "a model").session();
        this.metrics = requireDistinct(metrics);
        try {
            for (Metric metric : metrics) {
                List<Tensor> own = new ArrayList<>();
                sums.add(own);
                for (Shape shape : metric.sums()) {
                    own.add(zeros(model, shape).named("sum of " + metric.name()));
                }
            }
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** Refuses two metrics of one name. */
    public static List<Metric> requireDistinct(List<Metric> metrics) {
        Set<String> names = new HashSet<>(Set.of(BatchTensors.LOSS));
        for (Metric metric : metrics) {
            if (!names.add(metric.name())) {
                throw new IllegalArgumentException("Two metrics are named '" + metric.name()
                        + "', or one is named as the loss is; give each a name of its own");
            }
        }
        return List.copyOf(metrics);
    }

    /** Returns metrics for the targets of an objective; see {@link Metric#forTargets}. */
    public static List<Metric> forTargets(List<Metric> metrics, TargetKind kind) {
        return metrics.stream().map(metric -> metric.forTargets(kind)).toList();
    }

    static Tensor zeros(Model model, Shape shape) {
        Session session = model.session();
        return model.own(session.empty(DType.FLOAT64, Layout.rowMajor(shape))).fill(0);
    }

    /** Adds the number, or numbers, of a batch times a factor to a sum of the same shape. */
    static void add(Tensor sum, Tensor value, double factor) {
        Engine.applyAll(new Accumulate(factor), 0, sum, value);
    }

    /** Returns value times weight; 0 where the weight is, as of a batch without terms, whose mean is NaN. */
    static Tensor weighted(Tensor value, Tensor weight) {
        return Tensor.where(weight.ne(0), value, weight).mul(weight);
    }

    /** Adds a batch; its temporaries belong to the innermost scope. */
    public void update(BatchTensors batch) {
        for (int i = 0; i < metrics.size(); i++) {
            metrics.get(i).update(batch, sums.get(i));
        }
    }

    /** Returns the values by name, of those that have one. Waits for the device. */
    public Map<String, Double> values(long samples) {
        session.check();
        Map<String, Double> values = new LinkedHashMap<>();
        for (int i = 0; i < metrics.size(); i++) {
            if (metrics.get(i).isScalar()) {
                values.put(metrics.get(i).name(), metrics.get(i).value(read(i), samples));
            }
        }
        return values;
    }

    /**
     * Returns the value of one. Waits for the device.
     *
     * @throws IllegalArgumentException when there is no metric of that name; it lists those there are
     */
    public double value(String name, long samples) {
        session.check();
        for (int i = 0; i < metrics.size(); i++) {
            if (metrics.get(i).name().equals(name)) {
                return metrics.get(i).value(read(i), samples);
            }
        }
        throw new IllegalArgumentException("There is no metric '" + name + "'; there are "
                + metrics.stream().map(Metric::name).toList() + ". Give the trainer those you ask for");
    }

    /** Returns what the sums of a metric came to. */
    double[][] read(int metric) {
        return sums.get(metric).stream().map(Tensor::toDoubles).toArray(double[][]::new);
    }

    /** Returns the counts of the confusion matrix among the metrics, or null where there is none. */
    public ConfusionMatrix confusion() {
        for (int i = 0; i < metrics.size(); i++) {
            if (metrics.get(i) instanceof Confusion confusion) {
                return confusion.matrix(read(i));
            }
        }
        return null;
    }

    /** Returns the sums by name, to be saved and assigned. */
    public Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (int i = 0; i < metrics.size(); i++) {
            for (int j = 0; j < sums.get(i).size(); j++) {
                tensors.put(metrics.get(i).name() + "." + j, sums.get(i).get(j));
            }
        }
        return tensors;
    }

    /** Returns all sums one after another, to be merged with those of other ranks. Waits for the device. */
    public double[] totals() {
        session.check();
        return sums.stream()
                .flatMap(List::stream)
                .flatMapToDouble(sum -> Arrays.stream(sum.toDoubles()))
                .toArray();
    }

    /**
     * Goes on from the sums of several ranks, merged in their order.
     *
     * @param totals of each rank, as {@link #totals} returned them
     */
    public void restoreMerged(double[][] totals) {
        session.check();
        int from = 0;
        for (int i = 0; i < metrics.size(); i++) {
            double[][] merged = split(i, totals[0], from);
            for (int rank = 1; rank < totals.length; rank++) {
                metrics.get(i).merge(merged, split(i, totals[rank], from));
            }
            for (int j = 0; j < merged.length; j++) {
                session.write(merged[j], sums.get(i).get(j));
                from += merged[j].length;
            }
        }
    }

    /** Returns the sums of a metric, which begin at some place of all. */
    private double[][] split(int metric, double[] totals, int from) {
        List<Tensor> own = sums.get(metric);
        double[][] values = new double[own.size()][];
        int at = from;
        for (int j = 0; j < values.length; j++) {
            int to = at + (int) own.get(j).shape().elements();
            values[j] = Arrays.copyOfRange(totals, at, to);
            at = to;
        }
        return values;
    }

    /** Starts over. */
    public void reset() {
        session.check();
        for (List<Tensor> own : sums) {
            own.forEach(sum -> sum.fill(0));
        }
    }

    /** Gives back the memory of the sums. */
    @Override
    public void close() {
        session.requireOwner();
        for (List<Tensor> own : sums) {
            own.forEach(Tensor::close);
        }
    }
}
