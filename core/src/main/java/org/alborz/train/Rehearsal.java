package org.alborz.train;

import java.util.List;
import org.alborz.autograd.Tape;
import org.alborz.data.Batch;
import org.alborz.data.DataLoader;
import org.alborz.data.Field;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * Finds out before the first step what would end the training later, by running the model and the loss on samples of zeros. Nothing is
 * changed by it: the model's states are as they were.
 */
final class Rehearsal {
    /** A loss may compare samples, so more than one where a batch has more. */
    private static final int MOST_SAMPLES = 2;

    private final Model model;
    private final Loss loss;
    /** The model's output for samples with these inputs was looked at; null before. */
    private Field sample;

    /** The fields that were looked at last. */
    private List<Field> prepared;

    private Shape output;
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
        prepare(train.fields(), Math.min(train.batchSize(), train.dataset().size()));
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

    /**
     * Refuses validation data that the model cannot be evaluated on.
     *
     * @throws IllegalArgumentException when the samples do not fit the model, or the outputs are not one for each class
     */
    void requireValidation(DataLoader data) {
        try {
            Batches.requireClassification(data.fields());
            Field inputs = data.fields().get(0);
            Evaluation.requireClasses(inputs.equals(sample) ? output : run(inputs, 1), data);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "The validation data, " + data.dataset().description() + ", do not fit the model: "
                            + e.getMessage(),
                    e);
        }
    }

    /** Refuses labels that the loss has no output for, before a step changes anything. */
    void requireLabels(Batch batch) {
        prepare(batch.fields(), batch.size());
        int[] labels = batch.ints(1);
        for (int i = 0; i < batch.size(); i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new IllegalArgumentException("Sample " + batch.samples()[i] + " has the label " + labels[i]
                        + "; expected 0 to " + (classes - 1) + ", since the model has outputs for " + classes
                        + " classes. Correct the data, or the size of the last layer");
            }
        }
    }

    private void prepare(List<Field> fields, int samples) {
        if (fields == prepared) {
            return;
        }
        Batches.requireClassification(fields);
        if (!fields.get(0).equals(sample)) {
            output = run(fields.get(0), Math.min(samples, MOST_SAMPLES));
            classes = loss.classes(output);
            sample = fields.get(0);
        }
        prepared = fields;
    }

    /** Computes outputs and their loss, and returns the shape of the outputs. */
    private Shape run(Field inputs, int samples) {
        try (Scope scope = model.session().scope("rehearsal")) {
            Tensor result = model.forward(zeros(inputs, samples), Pass.evaluation());
            requireLoss(result, samples);
            return result.shape();
        }
    }

    /** Refuses a loss that does not compute one number from the outputs, on a tape. */
    private void requireLoss(Tensor result, int samples) {
        Session session = model.session();
        try (Tape tape = new Tape(session)) {
            Tensor labels = Batches.emptyLabels(session, samples).fill(0);
            Tensor mean = Losses.of(loss, tape.watch(result), labels);
            if (mean.shape().elements() != 1) {
                throw new IllegalArgumentException("A loss with one element is expected of " + loss.settings()
                        + ", got " + mean.describe() + "; reduce it with mean() or sum()");
            }
            if (mean.node() == null) {
                throw new IllegalArgumentException("The loss " + mean.describe() + " of " + loss.settings()
                        + " has no gradient, since it was not computed from the outputs, or was detached from them;"
                        + " compute it by operations on the outputs");
            }
        }
        if (result.shape().rank() != 2 || result.shape().size(0) != samples) {
            throw new IllegalArgumentException("A trainer expects a model with outputs [N, C], got " + result.shape()
                    + " for " + samples + " samples");
        }
    }

    private Tensor zeros(Field inputs, int samples) {
        return Batches.emptyInputs(model.session(), inputs.layout(inputs.shape().insert(0, samples)))
                .fill(0);
    }

    private void requireBatchOfOne(DataLoader train) {
        Session session = model.session();
        List<Parameter> states = model.parameters().values().stream()
                .filter(parameter -> !parameter.isTrainable())
                .toList();
        try (Scope scope = session.scope("rehearsal")) {
            List<Tensor> before = states.stream().map(Rehearsal::copy).toList();
            try {
                requireLoss(model.forward(zeros(sample, 1), Pass.training(null, 0, 0)), 1);
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
