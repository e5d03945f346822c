package org.alborz.train;

import java.util.function.IntConsumer;
import org.alborz.data.Batch;
import org.alborz.data.BatchIterator;
import org.alborz.data.DataLoader;
import org.alborz.metrics.ConfusionMatrix;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.Shape;

/**
 * How good a model is on a dataset.
 *
 * @param loss the mean loss
 * @param confusion predictions by class
 */
public record Evaluation(double loss, ConfusionMatrix confusion) {
    /** Returns the share of right predictions. */
    public double accuracy() {
        return confusion.accuracy();
    }

    /** Runs the model in evaluation mode over every batch of a loader. */
    public static Evaluation of(Model model, Loss loss, DataLoader loader) {
        return of(model, loss, loader, batchesDone -> {});
    }

    /** Runs the model and tells after each batch how many are done. */
    public static Evaluation of(Model model, Loss loss, DataLoader loader, IntConsumer progress) {
        Given.value(model, "Evaluation", "a model");
        Given.value(loss, "Evaluation", "a loss");
        Given.value(loader, "Evaluation", "a data loader");
        Given.value(progress, "Evaluation", "what to tell of its progress");
        requireClassification(loader);
        ConfusionMatrix confusion =
                new ConfusionMatrix(loader.dataset().classes().size());
        double lossSum = 0;
        try (BatchIterator batches = loader.epoch(0)) {
            for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
                try (Scope scope = model.session().scope("evaluation")) {
                    Tensor labels = Batches.labels(model.session(), batch);
                    Tensor logits = model.forward(Batches.inputs(model.session(), batch), Pass.evaluation());
                    requireClasses(logits.shape(), loader);
                    lossSum += Losses.of(loss, logits, labels).item() * batch.size();
                    int[] predicted = logits.argMax(1).toInts();
                    for (int i = 0; i < predicted.length; i++) {
                        confusion.add(batch.ints(1)[i], predicted[i]);
                    }
                }
                progress.accept(batches.nextBatch());
            }
        }
        return new Evaluation(lossSum / confusion.total(), confusion);
    }

    private static void requireClassification(DataLoader loader) {
        Batches.requireClassification(loader.fields());
        if (loader.dataset().classes().isEmpty()) {
            throw new IllegalArgumentException("Evaluation expects data with the names of their classes, got "
                    + loader.dataset().description() + " without any; return them from classes()");
        }
    }

    /** Refuses outputs of another number of classes than the data have. */
    static void requireClasses(Shape logits, DataLoader loader) {
        int classes = loader.dataset().classes().size();
        if (logits.rank() != 2 || logits.size(1) != classes) {
            throw new IllegalArgumentException("Evaluation expects a model with outputs [N, " + classes + "] for "
                    + loader.dataset().description() + ", got " + logits);
        }
    }
}
