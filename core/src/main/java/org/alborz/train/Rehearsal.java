package org.alborz.train;

import java.util.List;
import org.alborz.autograd.Tape;
import org.alborz.data.Batch;
import org.alborz.data.DataLoader;
import org.alborz.data.Field;
import org.alborz.metrics.Metric;
import org.alborz.metrics.MetricSums;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.notice.Warnings;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.text.Quoted;
import org.alborz.type.DType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out before the first step what would end the training later, by computing the objective and the metrics on samples of zeros.
 * Nothing is changed by it: the model's states are as they were.
 */
final class Rehearsal {
    private static final Logger log = LoggerFactory.getLogger(Trainer.class);

    /** A loss may compare samples, so more than one where a batch has more. */
    private static final int MOST_SAMPLES = 2;

    private final Model model;
    private final Objective objective;
    private final List<Metric> metrics;

    /** The fields that were looked at last; null before. */
    private List<Field> prepared;

    /** Whether it was said which parameters have no part in the loss. */
    private boolean warned;

    /** How many classes labels may name; the largest int where they are something else. */
    private int classes;

    Rehearsal(Model model, Objective objective, List<Metric> metrics) {
        this.model = model;
        this.objective = objective;
        this.metrics = metrics;
    }

    /**
     * Refuses data that the model cannot be trained on.
     *
     * @throws IllegalArgumentException when the samples do not fit the model or the objective, there are more classes than outputs, or an
     *     epoch has a batch of one sample that the model cannot train on
     */
    void require(DataLoader train) {
        prepare(train.fields(), samples(train));
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

    private static int samples(DataLoader data) {
        return Math.min(MOST_SAMPLES, Math.min(data.batchSize(), data.dataset().size()));
    }

    /**
     * Refuses validation data that the model cannot be evaluated on.
     *
     * @throws IllegalArgumentException when the samples do not fit the model, or the outputs not the metrics
     */
    void requireValidation(DataLoader data, List<Metric> evaluationMetrics) {
        try {
            run(data.fields(), samples(data), evaluationMetrics);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "The validation data, " + data.dataset().description() + ", do not fit the model: "
                            + e.getMessage(),
                    e);
        }
    }

    /** Refuses labels that the objective has no output for, and targets that it does not take, before a step changes anything. */
    void requireLabels(Batch batch) {
        prepare(batch.fields(), Math.min(MOST_SAMPLES, batch.size()));
        TargetCheck.require(objective, batch);
        int field = objective.labelField(batch.fields().size());
        if (classes == Integer.MAX_VALUE) {
            return; // there may be no such field
        }
        DType type = batch.fields().get(field).type();
        if (type != DType.INT32 && type != DType.INT64) {
            return;
        }
        int[] ints = type == DType.INT32 ? batch.ints(field) : null;
        long[] longs = type == DType.INT64 ? batch.longs(field) : null;
        long count = batch.shape(field).elements();
        long each = count / Math.max(1, batch.size());
        for (int i = 0; i < count; i++) {
            long label = ints != null ? ints[i] : longs[i];
            if ((label < 0 || label >= classes)
                    && !(label == (int) label && objective.targetKind().ignores((int) label))) {
                int sample = batch.samples()[(int) (i / each)];
                throw new IllegalArgumentException("Sample " + sample + " has the label " + label + "; expected 0 to "
                        + (classes - 1) + ", since the model has outputs for " + classes
                        + " classes. "
                        + (label == -1 && classes == 2
                                ? "Of labels -1 and 1 take (x + 1) / 2"
                                : "Correct the data, or the size of the last layer"));
            }
        }
    }

    private void prepare(List<Field> fields, int samples) {
        if (!fields.equals(prepared)) {
            classes = run(fields, samples, metrics);
            prepared = fields;
        }
    }

    /** Computes the loss and some metrics, and returns how many classes labels may name. */
    private int run(List<Field> fields, int samples, List<Metric> measured) {
        Session session = model.session();
        try (Scope scope = session.scope("rehearsal");
                Tape tape = new Tape(session);
                MetricSums sums = new MetricSums(model, measured)) {
            BatchTensors batch = Batches.zeros(session, fields, samples);
            Pass pass = Pass.evaluation(tape);
            requireLoss(Losses.of(objective, batch, pass));
            warnOfUnused(pass);
            sums.update(batch);
            return objective.classes(batch);
        }
    }

    /** Says once which parameters have no part in the loss, and so would stay as they are. */
    private void warnOfUnused(Pass pass) {
        List<String> unused = warned
                ? List.of()
                : model.trainable().stream()
                        .filter(parameter -> !parameter.isFrozen() && pass.used(parameter) == null)
                        .map(Parameter::name)
                        .toList();
        if (!unused.isEmpty()) {
            warned = true;
            Warnings.warn(
                    log,
                    "The loss was computed without " + Quoted.list(unused)
                            + ", and what has no part in it does not learn. A layer reads a parameter by pass.use(parameter);"
                            + " freeze what shall stay as it is.");
        }
    }

    /** Refuses a loss that is not one number computed from the parameters. */
    private void requireLoss(Tensor mean) {
        if (mean.shape().elements() != 1) {
            throw new IllegalArgumentException("A loss with one element is expected of " + objective.settings()
                    + ", got " + mean.describe() + "; reduce it with mean() or sum()");
        }
        if (!mean.isRecorded() && model.trainable().stream().allMatch(Parameter::isFrozen)) {
            throw new IllegalArgumentException("The loss " + mean.describe() + " of " + objective.settings()
                    + " has no gradient, since "
                    + (model.trainable().isEmpty()
                            ? "the model has no parameter that learns; add a layer with parameters"
                            : "all parameters of the model are frozen; let some learn with model.unfreeze(names)"));
        }
        if (!mean.isRecorded()) {
            throw new IllegalArgumentException("The loss " + mean.describe() + " of " + objective.settings()
                    + " has no gradient, since it was not computed from the model's parameters, or was detached from"
                    + " them; compute it by operations on what the model returns, in the pass that is given");
        }
    }

    private void requireBatchOfOne(DataLoader train) {
        Session session = model.session();
        List<Parameter> states = model.parameters().values().stream()
                .filter(parameter -> !parameter.isTrainable())
                .toList();
        try (Scope scope = session.scope("rehearsal")) {
            List<Tensor> before = states.stream().map(Rehearsal::copy).toList();
            try {
                Losses.of(objective, Batches.zeros(session, train.fields(), 1), Pass.training(null, 0, 0));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "An epoch of " + train.samplesPerEpoch() + " samples in batches of " + train.batchSize()
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
