package org.alborz.train;

import java.util.List;
import org.alborz.data.Batch;
import org.alborz.data.DataLoader;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * Finds out before the first step what would end the training later, by running the model on one sample of zeros. Nothing is changed by
 * it: the model's states are as they were.
 */
final class Rehearsal {
    private final Model model;
    private final Loss loss;
    private Shape sample;
    private int classes;

    Rehearsal(Model model, Loss loss) {
        this.model = model;
        this.loss = loss;
    }

    /**
     * Refuses data that the model cannot be trained on.
     *
     * @throws IllegalArgumentException when the samples do not fit the model, there are more classes than outputs, or an epoch has a
     *     batch of one sample that the model cannot train on
     */
    void require(DataLoader train) {
        prepare(train.dataset().sampleShape());
        int named = train.dataset().classes().size();
        if (named > classes) {
            throw new IllegalArgumentException("The data, " + train.dataset().description() + ", have " + named
                    + " classes, and the model has outputs for " + classes
                    + "; give its last layer " + named + " outputs, or use other data");
        }
        if (train.smallestBatch() == 1) {
            requireBatchOfOne(train);
        }
    }

    /** Refuses labels that the loss has no output for, before a step changes anything. */
    void requireLabels(Batch batch, Shape shape) {
        prepare(shape);
        int[] labels = batch.labels();
        for (int i = 0; i < batch.size(); i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new IllegalArgumentException("Sample " + batch.samples()[i] + " has the label " + labels[i]
                        + "; expected 0 to " + (classes - 1) + ", since the model has outputs for " + classes
                        + " classes. Correct the data, or the size of the last layer");
            }
        }
    }

    private void prepare(Shape shape) {
        if (shape == sample || shape.equals(sample)) {
            return;
        }
        Session session = model.session();
        try (Scope scope = session.scope("rehearsal")) {
            Tensor output = model.forward(zeros(shape), Pass.evaluation());
            classes = loss.classes(output.shape());
        }
        sample = shape;
    }

    private Tensor zeros(Shape shape) {
        return Batches.emptyInputs(model.session(), 1, shape).fill(0);
    }

    private void requireBatchOfOne(DataLoader train) {
        Session session = model.session();
        List<Parameter> states = model.parameters().values().stream()
                .filter(parameter -> !parameter.isTrainable())
                .toList();
        try (Scope scope = session.scope("rehearsal")) {
            List<Tensor> before = states.stream().map(Rehearsal::copy).toList();
            try {
                model.forward(zeros(sample), Pass.training(null, 0, 0));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "An epoch of " + train.dataset().size() + " samples in batches of " + train.batchSize()
                                + " has a batch of one sample, which the model cannot train on: " + e.getMessage()
                                + ". Leave it out with DataLoader's dropLast(true), or use another batch size",
                        e);
            } finally {
                for (int i = 0; i < before.size(); i++) {
                    states.get(i).value().assign(before.get(i));
                }
            }
        }
    }

    private static Tensor copy(Parameter state) {
        Tensor value = state.value();
        return value.session().empty(value.dtype(), value.layout().compact()).assign(value);
    }
}
