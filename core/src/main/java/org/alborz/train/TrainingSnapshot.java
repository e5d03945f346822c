package org.alborz.train;

import java.util.LinkedHashMap;
import java.util.Map;
import org.alborz.nn.LossScaler;
import org.alborz.nn.Model;
import org.alborz.optim.Optimizer;
import org.alborz.tensor.Tensor;

/** A copy of all that training steps change: weights, states, gradients, the optimizer's state and the loss scale, to go back to. */
final class TrainingSnapshot implements AutoCloseable {
    private final Model model;
    private final Map<Tensor, Tensor> copies = new LinkedHashMap<>();
    private final double scale;
    private final int scaleSteps;
    private final long skipped;

    TrainingSnapshot(Model model, Optimizer optimizer) {
        this.model = model;
        LossScaler scaler = model.lossScaler();
        scale = scaler == null ? 0 : scaler.scale();
        scaleSteps = scaler == null ? 0 : scaler.stepsSinceChange();
        skipped = scaler == null ? 0 : scaler.skippedSteps();
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
    }

    @Override
    public void close() {
        copies.values().forEach(Tensor::close);
    }
}
