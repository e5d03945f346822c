package org.alborz.monitor;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntConsumer;
import org.alborz.data.Batch;
import org.alborz.data.BatchIterator;
import org.alborz.data.DataLoader;
import org.alborz.data.Dataset;
import org.alborz.metrics.ConfusionMatrix;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.train.Batches;
import org.alborz.type.Shape;

/**
 * What a classifier gets right and wrong.
 *
 * @param classes their names
 * @param confusion counts, a row for each true class, a column for each predicted one
 * @param mistakes the pictures to whose class the model gave the lowest probability, the worst first
 * @param note on what it was measured on
 */
public record ClassifierReport(List<String> classes, long[][] confusion, List<Mistake> mistakes, String note) {
    private static final int BATCH = 256;

    /**
     * A picture that was taken for another class.
     *
     * @param picture as a {@code data:} URI
     * @param truth the class that it is of
     * @param predicted the class that it was taken for
     * @param probability that the model gave to that
     * @param truthProbability that it gave to the right one
     */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Mistake(
            String picture, String truth, String predicted, double probability, double truthProbability) {}

    private record Wrong(int sample, int truth, int predicted, double probability, double truthProbability) {}

    /**
     * Measures a model that makes logits {@code [N, classes]} of field 0 of the data.
     *
     * @param samples images with the names of their classes, the number of which is field 1
     * @param most how many mistakes are shown
     * @param progress is told how many samples are done
     * @throws IllegalArgumentException when the model has another number of outputs
     */
    public static ClassifierReport of(Model model, Dataset samples, int most, String note, IntConsumer progress) {
        ConfusionMatrix confusion = new ConfusionMatrix(samples.classes().size());
        List<Wrong> wrong = new ArrayList<>();
        DataLoader loader = DataLoader.of(samples, BATCH).build();
        int first = 0;
        try (BatchIterator batches = loader.epoch(0)) {
            for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
                try (Scope scope = model.session().scope("classifier report")) {
                    BatchTensors tensors = Batches.upload(model.session(), batch);
                    double[] logits = logits(model, tensors.get(0), confusion.classes());
                    for (int i = 0; i < batch.size(); i++) {
                        add(
                                first + i,
                                batch.ints(1)[i],
                                probabilities(logits, i, confusion.classes()),
                                confusion,
                                wrong);
                    }
                }
                first += batch.size();
                progress.accept(first);
            }
        }
        wrong.sort(Comparator.comparingDouble(Wrong::truthProbability));
        List<Mistake> mistakes = new ArrayList<>();
        for (Wrong each : wrong.subList(0, Math.min(most, wrong.size()))) {
            SamplePicture.of(samples, each.sample())
                    .ifPresent(picture -> mistakes.add(new Mistake(
                            picture.toDataUri(),
                            samples.classes().get(each.truth()),
                            samples.classes().get(each.predicted()),
                            each.probability(),
                            each.truthProbability())));
        }
        return new ClassifierReport(samples.classes(), confusion.toArray(), mistakes, note);
    }

    private static double[] logits(Model model, Tensor inputs, int classes) {
        Tensor logits = model.forward(inputs, Pass.evaluation());
        if (!logits.shape().equals(Shape.of(inputs.shape().size(0), classes))) {
            throw new IllegalArgumentException("ClassifierReport expects logits of the " + classes
                    + " classes of the data, [N, " + classes + "], got " + logits.shape()
                    + "; give it the data that the model was trained on");
        }
        return logits.toDoubles();
    }

    private static void add(
            int sample, int truth, double[] probabilities, ConfusionMatrix confusion, List<Wrong> wrong) {
        int predicted = 0;
        for (int i = 1; i < probabilities.length; i++) {
            predicted = probabilities[i] > probabilities[predicted] ? i : predicted;
        }
        confusion.add(truth, predicted);
        if (predicted != truth) {
            wrong.add(new Wrong(sample, truth, predicted, probabilities[predicted], probabilities[truth]));
        }
    }

    /** Returns the softmax of a row. */
    private static double[] probabilities(double[] logits, int row, int classes) {
        double[] values = new double[classes];
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < classes; i++) {
            max = Math.max(max, logits[row * classes + i]);
        }
        double sum = 0;
        for (int i = 0; i < classes; i++) {
            values[i] = Math.exp(logits[row * classes + i] - max);
            sum += values[i];
        }
        for (int i = 0; i < classes; i++) {
            values[i] /= sum;
        }
        return values;
    }
}
