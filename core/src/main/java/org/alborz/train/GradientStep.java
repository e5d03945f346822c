package org.alborz.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alborz.autograd.Tape;
import org.alborz.data.Batch;
import org.alborz.metrics.RunningMetrics;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.LossScaler;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.optim.Optimizer;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;

/** The device's part of training: the gradients of a batch, and what a step makes of them. */
final class GradientStep implements AutoCloseable {
    private final Model model;
    private final Optimizer optimizer;
    private final TrainerSettings settings;
    private final RunningMetrics metrics;
    private final List<Tensor> watched = new ArrayList<>();
    private final List<Tensor> places = new ArrayList<>();

    /** Null where a batch is a step. */
    private final GradientAccumulation accumulation;

    /** Null where the weights are not averaged. */
    private final WeightAverage average;

    /** Null where steps run eagerly. */
    private final CapturedSteps captured;

    GradientStep(Model model, Optimizer optimizer, TrainerSettings settings, RunningMetrics metrics) {
        this.model = model;
        this.optimizer = optimizer;
        this.settings = settings;
        this.metrics = metrics;
        this.accumulation = settings.accumulation() > 1 ? new GradientAccumulation(model) : null;
        this.average = settings.emaDecay() > 0 ? new WeightAverage(model, settings.emaDecay()) : null;
        this.captured = settings.graphCapture() ? CapturedSteps.of(model, this::compute) : null;
    }

    /**
     * Computes the gradients of a batch and adds it to the metrics.
     *
     * @param number of the batch in the run, from 1, which random numbers are drawn for
     */
    void computeGradients(Batch batch, long number) {
        model.updateComputed();
        if (captured == null || !captured.run(batch, number)) {
            Session session = model.session();
            try (Scope scope = session.scope("step")) {
                compute(Batches.upload(session, batch), number);
            }
        }
    }

    /** Does all of it that a captured step repeats. */
    private void compute(BatchTensors batch, long number) {
        Session session = model.session();
        try (Scope scope = session.scope("gradients");
                Tape tape = new Tape(session)) {
            Pass pass = Pass.training(tape, settings.seed(), number);
            Tensor mean = Losses.of(settings.objective(), batch, pass);
            takeGradients(tape, mean, pass);
            if (accumulation != null) {
                accumulation.add(model.gradients(), batch);
            }
            metrics.accumulate(batch);
        }
    }

    private void takeGradients(Tape tape, Tensor mean, Pass pass) {
        watched.clear();
        places.clear();
        List<Parameter> trainable = model.trainable();
        for (int i = 0; i < trainable.size(); i++) {
            Tensor used = pass.used(trainable.get(i));
            if (used != null) {
                watched.add(used);
                places.add(model.gradientViews().get(i));
            } else if (!trainable.get(i).isFrozen()) { // a frozen one's is 0 already
                model.gradientViews().get(i).fill(0);
            }
        }
        LossScaler scaler = model.lossScaler();
        tape.gradientsInto(scaler == null ? mean : scaler.scale(mean), watched, places);
    }

    /**
     * Changes the weights by the gradients of the batches since the last step, unless these are not finite in mixed float16.
     *
     * @param number of the step in the run, from 1
     */
    void update(double rate, long number) {
        if (accumulation != null) {
            accumulation.moveInto(model.gradients());
        }
        LossScaler scaler = model.lossScaler();
        if (scaler != null && !scaler.unscale()) {
            return;
        }
        settings.clipping().apply(model.gradients());
        long update = scaler == null ? number : number - scaler.skippedSteps();
        optimizer.step(rate, update);
        if (average != null) {
            average.update(update);
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
            states.put("ema", average.average());
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
