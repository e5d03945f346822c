package org.alborz.cli;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.alborz.metrics.Metric;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.optim.Optimizer;
import org.alborz.train.Trainer;

/** What a net learns. */
enum Task {
    /** The class of each sample, of which there are as many as outputs. */
    CLASSIFICATION,
    /** A number for each sample. */
    REGRESSION,
    /** The next token of a text, of which there are as many as outputs. */
    LANGUAGE_MODEL;

    /** The number in the place of a next token that is left out; no data of the command line have it. */
    private static final int NO_TOKEN = -100;

    /** Starts a trainer with the metrics of the task and more. */
    Trainer.Builder trainer(Model model, Optimizer optimizer, Metric... more) {
        Trainer.Builder builder = switch (this) {
            case CLASSIFICATION -> Trainer.classifier(model, optimizer, Loss.crossEntropy());
            case REGRESSION -> Trainer.regression(model, optimizer, ((TableModel) model.module()).loss());
            case LANGUAGE_MODEL -> Trainer.languageModel(model, optimizer, NO_TOKEN);
        };
        return builder.metrics(more);
    }

    /** Returns the names of the metrics that a trainer of the task always has. */
    List<String> metrics() {
        return switch (this) {
            case CLASSIFICATION -> List.of(MetricNames.ACCURACY);
            case REGRESSION -> List.of("mae", "r2");
            case LANGUAGE_MODEL -> List.of("perplexity");
        };
    }

    /** Returns the name of the figure that the best epoch is told by. */
    String bestFigure() {
        return this == CLASSIFICATION ? "val_accuracy" : "val_loss";
    }

    boolean isLargerBetter() {
        return this == CLASSIFICATION;
    }

    /** Returns a loss and metrics in words; the accuracy as a percentage. */
    static String figures(double loss, Map<String, Double> values) {
        return String.format(Locale.ROOT, "loss %.4f", loss)
                + values.entrySet().stream()
                        .map(value -> value.getKey().equals(MetricNames.ACCURACY)
                                ? String.format(Locale.ROOT, "  accuracy %5.1f %%", 100 * value.getValue())
                                : String.format(Locale.ROOT, "  %s %.4f", value.getKey(), value.getValue()))
                        .collect(Collectors.joining());
    }
}
