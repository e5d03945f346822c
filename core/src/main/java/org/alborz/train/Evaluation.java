package org.alborz.train;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.alborz.data.DataLoader;
import org.alborz.metrics.Accuracy;
import org.alborz.metrics.Confusion;
import org.alborz.metrics.ConfusionMatrix;
import org.alborz.metrics.Metric;
import org.alborz.metrics.MetricSums;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.text.Given;

/**
 * How good a model is on a dataset.
 *
 * @param loss the mean loss
 * @param values of the metrics, by name
 * @param confusion predictions by class; null where no metric counted them
 * @param samples how many there were
 */
public record Evaluation(double loss, Map<String, Double> values, ConfusionMatrix confusion, long samples) {
    public Evaluation {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /**
     * Returns the value of a metric, or the loss.
     *
     * @throws IllegalArgumentException when there is none of that name; it lists those there are
     */
    public double value(String name) {
        return Figures.value(name, loss, values);
    }

    /** Returns the share of right predictions, where a metric of that name was asked for. */
    public double accuracy() {
        return value("accuracy");
    }

    /** Runs a classifier in evaluation mode over every batch of a loader. */
    public static Evaluation of(Model model, Loss loss, DataLoader loader) {
        return of(model, loss, loader, batchesDone -> {});
    }

    /** Runs a classifier and tells after each batch how many are done. */
    public static Evaluation of(Model model, Loss loss, DataLoader loader, IntConsumer progress) {
        Given.value(model, "Evaluation", "a model");
        Given.value(loss, "Evaluation", "a loss");
        Given.value(loader, "Evaluation", "a data loader");
        return of(model, Objective.supervised(model, loss), classifierMetrics(loader), loader, progress);
    }

    /** Computes an objective in evaluation mode, and metrics, over every batch of a loader. */
    public static Evaluation of(Model model, Objective objective, List<Metric> metrics, DataLoader loader) {
        return of(model, objective, metrics, loader, batchesDone -> {});
    }

    /** Computes an objective and metrics, and tells after each batch how many are done. */
    public static Evaluation of(
            Model model, Objective objective, List<Metric> metrics, DataLoader loader, IntConsumer progress) {
        Given.value(model, "Evaluation", "a model");
        Given.value(objective, "Evaluation", "an objective");
        Given.value(metrics, "Evaluation", "metrics");
        Given.value(loader, "Evaluation", "a data loader");
        Given.value(progress, "Evaluation", "what to tell of its progress");
        return new Evaluator(model, objective, MetricSums.forTargets(metrics, objective.targetKind()))
                .run(loader, progress);
    }

    /** Returns accuracy and confusion matrix, by as many classes as the data have. */
    static List<Metric> classifierMetrics(DataLoader loader) {
        int classes = loader.dataset().classes().size();
        if (classes == 0) {
            throw new IllegalArgumentException(
                    "A classifier is evaluated on data with the names of their classes, got "
                            + loader.dataset().description()
                            + " without any; name them with classes(…) of ArrayDataset.builder(), or return them from the data set's classes()");
        }
        return List.of(new Accuracy(), new Confusion(classes));
    }

    /** Returns the figures in a line to print. */
    @Override
    public String toString() {
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("loss", loss);
        figures.putAll(values);
        return Figures.text(figures) + "  (" + samples + " samples)";
    }
}
