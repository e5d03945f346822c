package org.alborz.train;

import java.util.LinkedHashMap;
import java.util.Map;
import org.alborz.metrics.RunningMetrics;
import org.alborz.nn.LossScaler;
import org.alborz.nn.Model;
import org.alborz.optim.Optimizer;
import org.alborz.tensor.Tensor;

/** A copy of all that training steps change: weights, states, gradients, the optimizer's state and the loss scale, to go back to. */
final class TrainingSnapshot implements AutoCloseable {
    private final Model model;

    /** The sums of metrics that are gone back to as well; null for none. */
    private final RunningMetrics metrics;

    private final Map<Tensor, Tensor> copies = new LinkedHashMap<>();
    private double scale;
    private int scaleSteps;
    private long skipped;
    private double lossSum;
    private double weightSum;
    private long samples;

    /** Copies what a trainer's steps change, with averaged weights, accumulated gradients and sums of metrics. */
    TrainingSnapshot(Trainer trainer) {
        this(trainer.model(), trainer.optimizer(), trainer.metrics());
        trainer.parameterStates().values().forEach(this::copy);
        trainer.sums().values().forEach(this::copy);
        takeNumbers();
    }

    TrainingSnapshot(Model model, Optimizer optimizer) {
        this(model, optimizer, null);
        takeNumbers();
    }

    private TrainingSnapshot(Model model, Optimizer optimizer, RunningMetrics metrics) {
        this.model = model;
        this.metrics = metrics;
        copy(model.values());
        copy(model.gradients());
        model.parameters().values().forEach(parameter -> {
            if (!parameter.isTrainable()) {
                copy(parameter.value());
            }
        });
        optimizer.state().values().forEach(this::copy);
        optimizer.parameterState().values().forEach(this::copy);
    }

    /** Takes another copy in the place of this one. */
    void take() {
        copies.forEach((of, copy) -> copy.assign(of));
        takeNumbers();
    }

    private void takeNumbers() {
        LossScaler scaler = model.lossScaler();
        if (scaler != null) {
            scale = scaler.scale();
            scaleSteps = scaler.stepsSinceChange();
            skipped = scaler.skippedSteps();
        }
        if (metrics != null) {
            lossSum = metrics.lossSum();
            weightSum = metrics.weightSum();
            samples = metrics.samples();
        }
    }

    private void copy(Tensor of) {
        Tensor copy = model.session().empty(of.dtype(), of.layout().compact()).assign(of);
        copies.put(of, model.own(copy));
    }

    /** Restores everything, bit for bit. */
    void putBack() {
        copies.forEach(Tensor::assign);
        if (model.lossScaler() != null) {
            model.lossScaler().restore(scale, scaleSteps, skipped);
        }
        if (metrics != null) {
            metrics.restore(lossSum, weightSum, samples);
        }
    }

    @Override
    public void close() {
        copies.values().forEach(Tensor::close);
    }
}
