package org.alborz.train;

import java.util.LinkedHashMap;
import java.util.Map;
import org.alborz.metrics.RunningMetrics;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.Model;
import org.alborz.nn.TrainingStep;
import org.alborz.optim.Optimizer;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;

/**
 * What a trainer does with a batch: a {@link TrainingStep}, whose device's part may be captured, whose gradients may be added to those of
 * other batches, and after which the weights may be averaged.
 */
final class BatchTraining implements AutoCloseable {
    /** The change of the weights where it comes after the batch was computed, or not yet. */
    private static final Runnable LATER = () -> {};

    private final Model model;
    private final Optimizer optimizer;
    private final TrainerSettings settings;
    private final RunningMetrics metrics;

    /** Null where no other ranks take part. */
    private final DataParallel ranks;

    /** Null where a batch is a step. */
    private final GradientAccumulation accumulation;

    /** Null where the weights are not averaged. */
    private final WeightAverage average;

    /** Null where steps run eagerly. */
    private final CapturedSteps captured;

    /** Whether a captured step holds the exchange of its gradients with the other ranks: where it is made of a batch of each. */
    private final boolean capturesExchange;

    BatchTraining(
            Model model, Optimizer optimizer, TrainerSettings settings, RunningMetrics metrics, DataParallel ranks) {
        this.model = model;
        this.optimizer = optimizer;
        this.settings = settings;
        this.metrics = metrics;
        this.ranks = ranks;
        this.accumulation = settings.accumulation() > 1 ? new GradientAccumulation(model) : null;
        this.average = settings.averaging().isNone() ? null : new WeightAverage(model, settings.averaging());
        this.captured = settings.graphCapture()
                ? CapturedSteps.of(
                        model,
                        settings.seed(),
                        this::compute,
                        () -> CapturedOptimizer.of(
                                model, optimizer, settings.clipping(), accumulation, average, ranks == null))
                : null;
        this.capturesExchange = captured != null
                && ranks != null
                && ranks.capturesExchange()
                && settings.accumulation() == ranks.size();
    }

    /**
     * Computes the gradients of a batch and adds it to the metrics; then changes the weights where it is the last that this waits for.
     *
     * @param batch null where other ranks have one and this one has none
     * @param number of the batch in the run, from 1, which random numbers are drawn for
     * @param update the number of the change of the weights, from 1, or 0 to wait for more batches
     * @param rate the learning rate of the change
     */
    void run(InputBatch batch, long number, long update, double rate) {
        boolean changesWeights = captured != null && captured.changesWeights(update);
        model.updateComputed();
        try (TrainingStep step = model.step(settings.seed(), number)) {
            boolean exchanged = capturesExchange && ranks.isFull() && captured.run(batch, number, ranks);
            boolean exchanges = update > 0 && ranks != null && !exchanged;
            if (exchanges) {
                ranks.agree();
            }
            boolean replayed = exchanged;
            if (!exchanged && batch != null) {
                replayed = runCaptured(batch, number, update, rate);
                if (!replayed) {
                    compute(batch, step, exchanges);
                }
            }
            if (ranks != null) {
                ranks.endBatch(batch != null);
            }
            if (exchanges) {
                accumulation.reduce(ranks);
                ranks.awaitBegun();
            }
            if (update > 0 && !(replayed && changesWeights)) { // else the graph has changed them
                update(step, update, rate);
            }
        } catch (RuntimeException | Error e) {
            if (ranks != null) {
                ranks.abandon(e);
            }
            throw e;
        }
    }

    /** Runs a captured step without exchanges, or returns false where the step has to run eagerly. */
    private boolean runCaptured(InputBatch batch, long number, long update, double rate) {
        return captured != null && !capturesExchange && captured.run(batch, number, update, rate);
    }

    /** @param exchanges whether the ranks exchange gradients after it, and may begin meanwhile */
    private void compute(InputBatch batch, TrainingStep step, boolean exchanges) {
        boolean replays = captured != null && !capturesExchange;
        boolean overlap = exchanges && !replays && ranks.overlaps();
        compute(batch.tensors(model.session()), step, settings.objective(), overlap, LATER);
    }

    /** Does the same by another objective and operation by operation, for a listener to them. */
    void repeat(InputBatch batch, long number, long update, double rate, Objective objective) {
        model.updateComputed();
        try (TrainingStep step = model.step(settings.seed(), number)) {
            compute(batch.tensors(model.session()), step, objective, false, LATER);
            if (update > 0) {
                update(step, update, rate);
            }
        }
    }

    /** Does all of it that a captured step repeats. */
    private void compute(BatchTensors batch, TrainingStep step, Runnable change) {
        compute(batch, step, settings.objective(), capturesExchange, change);
        if (capturesExchange) {
            accumulation.reduce(ranks);
        }
    }

    /**
     * @param overlap whether the ranks exchange gradients while others are computed
     * @param change of the weights, where a captured step holds it
     */
    private void compute(BatchTensors batch, TrainingStep step, Objective objective, boolean overlap, Runnable change) {
        try (Scope scope = model.session().scope("gradients")) {
            if (ranks != null) {
                ranks.beginBatch(step.pass());
            }
            Tensor loss = Losses.of(objective, batch, step.pass());
            boolean weighed = ranks != null && ranks.weighsLosses();
            Tensor scaled = weighed ? ranks.weigh(loss, batch) : loss;
            if (overlap) {
                accumulation.addWhileComputed(step, scaled, batch, ranks);
            } else if (weighed) {
                step.computeGradients(scaled);
                accumulation.addWeighed(model.gradients(), batch, ranks.meanWeight());
            } else {
                step.computeGradients(loss);
                if (accumulation != null) {
                    accumulation.add(model.gradients(), batch);
                }
            }
            change.run(); // directly after the gradients: a device can do both at once
            metrics.accumulate(batch);
        }
    }

    private void update(TrainingStep step, long update, double rate) {
        if (accumulation != null) {
            accumulation.moveInto(model.gradients());
        }
        step.complete(update);
        if (!step.isSkipped()) {
            settings.clipping().apply(step);
        }
        optimizer.step(step, rate);
        if (average != null && !step.isSkipped()) {
            average.update(step.updateNumber());
        }
    }

    /** Forgets the gradients of batches that no step was made of yet. */
    void dropAccumulated() {
        if (accumulation != null) {
            accumulation.reset();
        }
    }

    WeightAverage average() {
        return average;
    }

    /** Returns by name what is kept for each parameter, laid out as the model's values. */
    Map<String, Tensor> parameterStates() {
        Map<String, Tensor> states = new LinkedHashMap<>();
        if (accumulation != null) {
            states.putAll(accumulation.parameterStates());
        }
        if (average != null) {
            states.put(Trainer.WEIGHT_AVERAGE, average.average());
        }
        return states;
    }

    /** Returns by name what else is kept. */
    Map<String, Tensor> sums() {
        return accumulation == null ? Map.of() : accumulation.sums();
    }

    @Override
    public void close() {
        try {
            if (captured != null) {
                captured.close();
            }
        } finally {
            if (accumulation != null) {
                accumulation.close();
            }
            if (average != null) {
                average.close();
            }
        }
    }
}
