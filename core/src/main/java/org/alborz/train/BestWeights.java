package org.alborz.train;

import java.util.LinkedHashMap;
import java.util.Map;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.tensor.Tensor;

/** A copy of all that training has made of a model, to go back to: its weights, their moving average if any, and states such as running means. */
final class BestWeights implements AutoCloseable {
    private static final String WEIGHTS = "weights";
    private static final String STATE = "state";

    /** Null once it is closed, as the model is. */
    private Trainer trainer;

    private Model model;
    private final Map<String, Tensor> copies = new LinkedHashMap<>();
    private final Map<String, Tensor> originals = new LinkedHashMap<>();

    /** Copies what the trainer has now; closed with it. */
    BestWeights(Trainer trainer) {
        this.trainer = trainer;
        model = trainer.model();
        originals.put(WEIGHTS, model.values());
        Tensor average = trainer.parameterStates().get(Trainer.WEIGHT_AVERAGE);
        if (average != null) {
            originals.put(Trainer.WEIGHT_AVERAGE, average);
        }
        model.parameters().forEach((name, parameter) -> {
            if (!parameter.isTrainable()) {
                originals.put(STATE + "." + name, parameter.value());
            }
        });
        originals.forEach((name, tensor) -> copies.put(
                name,
                model.own(model.session().empty(tensor.dtype(), tensor.layout().compact()))
                        .named("best " + name)));
        keep();
        trainer.whenClosed(this::close);
    }

    boolean isClosed() {
        return trainer == null;
    }

    boolean isOf(Trainer other) {
        return trainer == other;
    }

    /** Copies what the model has now. */
    void keep() {
        copies.forEach(
                (name, copy) -> copy.assign(name.equals(WEIGHTS) ? trainer.trainedValues() : originals.get(name)));
    }

    /** Gives the model what it had then. */
    void putBack() {
        boolean swapped = trainer.trainedValues() != model.values();
        trainer.swapOutAverage();
        originals.forEach((name, tensor) -> tensor.assign(copies.get(name)));
        if (swapped) {
            trainer.swapInAverage();
        }
    }

    /** Returns the copies by name, weights by their parameter, as views of the innermost scope. */
    Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        copies.forEach((name, copy) -> {
            if (name.startsWith(STATE)) {
                tensors.put(name, copy);
                return;
            }
            for (Parameter parameter : model.trainable()) {
                tensors.put(name + "." + parameter.name(), model.part(copy, parameter));
            }
        });
        return tensors;
    }

    @Override
    public void close() {
        copies.values().forEach(Tensor::close);
        copies.clear();
        originals.clear();
        trainer = null;
        model = null;
    }
}
