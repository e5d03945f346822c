package org.alborz.metrics;

import java.util.List;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.TargetKind;
import org.alborz.ops.Engine;
import org.alborz.ops.OneHot;
import org.alborz.ops.ScatterAdd;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * The area under the ROC curve of several classes, one versus the rest: for each class c that of the probabilities {@code softmax(z)[c]} of its
 * samples against those of all others ({@link Auc}), averaged over classes, {@code Σ area(c) / C}; {@code roc_auc_score(…, multi_class="ovr")} in scikit-learn.
 *
 * <p>Probabilities p are counted by their logit ln(p / (1 − p)) as {@link Auc} counts logits: exact where those of one class differ by more than
 * 1/64 and are between −16 and 16. Sums take 2·2,049·C numbers.
 *
 * @param average {@link Average#macro} or {@link Average#weighted}, over the classes that have an area: those with samples of their own, and
 *     others beside them
 */
public record MulticlassAuc(Average average, MetricInputs inputs) implements Metric {
    public MulticlassAuc {
        Average.Kind kind = Given.value(average, "MulticlassAuc", "an average").kind();
        if (kind != Average.Kind.MACRO && kind != Average.Kind.WEIGHTED) {
            throw new IllegalArgumentException(
                    "MulticlassAuc expects Average.macro(classes) or Average.weighted(classes)," + " got " + kind
                            + "; Auc is that of yes and no");
        }
        Given.value(inputs, "MulticlassAuc", "inputs");
        Math.multiplyExact(average.classes(), LogitCounts.BINS);
    }

    /** Compares the model's outputs {@code [N, …, C]} with classes {@code [N, …]}. */
    public MulticlassAuc(Average average) {
        this(average, MetricInputs.STANDARD);
    }

    @Override
    public String name() {
        return inputs.named(average.named("auc"));
    }

    /** Returns the counts by class and bin, {@code [C · bins]}, of the samples of other classes and of those of the class. */
    @Override
    public List<Shape> sums() {
        Shape counts = Shape.of(average.classes() * LogitCounts.BINS);
        return List.of(counts, counts);
    }

    @Override
    public void update(BatchTensors batch, List<Tensor> sums) {
        int classes = average.classes();
        ClassLabels labels = ClassLabels.of(inputs, batch);
        Tensor logits = labels.logits();
        if (logits.shape().size(logits.shape().rank() - 1) != classes) {
            throw new IllegalArgumentException(
                    name() + " of " + classes + " classes expects outputs [N, " + classes + "], got "
                            + logits.describe() + "; build the metric with as many classes as the model has outputs");
        }
        DType type = logits.dtype().accumulator();
        Tensor logs = logits.to(type).reshape(-1, classes).logSoftmax();
        Tensor bins = LogitCounts.bins(logs.sub(logs.expm1().neg().log()));
        // Made on the device, so that a step can be captured: 0, bins, 2·bins …
        Tensor firsts = logs.session()
                .empty(DType.INT32, Layout.rowMajor(Shape.of(classes)))
                .fill(LogitCounts.BINS)
                .cumSum(0)
                .add(-LogitCounts.BINS)
                .to(DType.INT32);
        Tensor places = bins.add(firsts);
        Tensor own = Engine.apply(new OneHot(classes, type), labels.labels().reshape(-1));
        Tensor others = own.neg().add(1);
        Tensor weights = labels.weights(type);
        Metric.add(sums.get(0), counts(others, weights, places));
        Metric.add(sums.get(1), counts(own, weights, places));
    }

    /** Adds up what samples {@code [M, C]} count in their places. */
    private static Tensor counts(Tensor samples, Tensor weights, Tensor places) {
        Tensor counted = weights == null ? samples : samples.mul(weights.reshape(-1, 1));
        int size = samples.shape().size(1) * LogitCounts.BINS;
        return Engine.apply(new ScatterAdd(0, size), counted.reshape(-1), places.reshape(-1));
    }

    /** Returns the average; NaN where no class has an area. */
    @Override
    public double value(double[][] sums, long samples) {
        double total = 0;
        double weights = 0;
        for (int c = 0; c < average.classes(); c++) {
            int from = c * LogitCounts.BINS;
            double area = LogitCounts.area(sums[0], sums[1], from);
            if (Double.isNaN(area)) {
                continue;
            }
            double weight = 1;
            if (average.kind() == Average.Kind.WEIGHTED) {
                weight = 0;
                for (int bin = from; bin < from + LogitCounts.BINS; bin++) {
                    weight += sums[1][bin];
                }
            }
            total += weight * area;
            weights += weight;
        }
        return total / weights;
    }

    @Override
    public Metric forTargets(TargetKind kind) {
        return new MulticlassAuc(average, inputs.forTargets(kind));
    }
}
