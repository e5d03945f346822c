package org.alborz.train;

import java.util.Map;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.UnaryOp;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.Model;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * Adds up the gradients of several batches, each weighted by what its loss is the mean of, so that their mean is the gradient of one
 * large batch.
 */
final class GradientAccumulation implements AutoCloseable {
    private final Tensor sum;
    private final Tensor weight;

    GradientAccumulation(Model model) {
        Tensor gradients = model.gradients();
        DType type = gradients.dtype().accumulator();
        sum = zeros(model, type, gradients.shape()).named("accumulated gradients");
        weight = zeros(model, type, Shape.scalar()).named("accumulated weight");
    }

    private static Tensor zeros(Model model, DType type, Shape shape) {
        return model.own(model.session().empty(type, Layout.rowMajor(shape))).fill(0);
    }

    /** Adds the gradients of a batch; a captured step repeats it. */
    void add(Tensor gradients, BatchTensors batch) {
        Tensor wide = gradients.to(sum.dtype());
        if (batch.has(BatchTensors.WEIGHT)) {
            Tensor terms = weightOf(batch);
            weight.update(BinaryOp.ADD, terms);
            sum.update(BinaryOp.ADD, wide.mul(terms));
        } else {
            weight.update(UnaryOp.ADD, batch.size());
            sum.update(BinaryOp.ADD, wide.mul(batch.size()));
        }
    }

    /**
     * Adds the gradients of a batch whose loss was multiplied by its weight before.
     *
     * @param divisor what the weight was divided by
     */
    void addWeighed(Tensor gradients, BatchTensors batch, double divisor) {
        if (batch.has(BatchTensors.WEIGHT)) {
            weight.update(BinaryOp.ADD, weightOf(batch));
        } else {
            weight.update(UnaryOp.ADD, batch.size());
        }
        sum.update(BinaryOp.ADD, gradients.to(sum.dtype()).mul(divisor));
    }

    private Tensor weightOf(BatchTensors batch) {
        return batch.get(BatchTensors.WEIGHT).detach().reshape(Shape.scalar()).to(sum.dtype());
    }

    /** Adds what the other ranks have added up. */
    void reduce(DataParallel ranks) {
        ranks.reduce(sum, weight);
    }

    /** Writes the mean over the gradients and starts over. */
    void moveInto(Tensor gradients) {
        try (Scope scope = gradients.session().scope("accumulated")) {
            gradients.assign(sum.div(weight));
        }
        reset();
    }

    void reset() {
        sum.fill(0);
        weight.fill(0);
    }

    /** Returns the sum by name, laid out as the model's values. */
    Map<String, Tensor> parameterStates() {
        return Map.of(Trainer.GRADIENT_SUM, sum);
    }

    Map<String, Tensor> sums() {
        return Map.of("gradient_weight", weight);
    }

    @Override
    public void close() {
        sum.close();
        weight.close();
    }
}
