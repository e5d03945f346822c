package org.alborz.train;

import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.UnaryOp;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.Model;
import org.alborz.nn.TrainingStep;
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
        add(gradients, addWeight(batch));
    }

    /**
     * Adds the gradients of a batch whose loss was multiplied by its weight before.
     *
     * @param divisor what the weight was divided by
     */
    void addWeighed(Tensor gradients, BatchTensors batch, double divisor) {
        addWeight(batch);
        add(gradients, wide -> wide.mul(divisor));
    }

    private void add(Tensor gradients, UnaryOperator<Tensor> weighing) {
        sum.update(BinaryOp.ADD, weighing.apply(gradients.to(sum.dtype())));
    }

    /** Adds the weight of a batch; returns what multiplies its gradients by it. */
    private UnaryOperator<Tensor> addWeight(BatchTensors batch) {
        if (batch.has(BatchTensors.WEIGHT)) {
            Tensor terms = weightOf(batch);
            weight.update(BinaryOp.ADD, terms);
            return wide -> wide.mul(terms);
        }
        weight.update(UnaryOp.ADD, batch.size());
        return wide -> wide.mul(batch.size());
    }

    /**
     * Computes the gradients of a batch and adds them as {@link #add} does, those of the last layers first, and lets the ranks begin to exchange what is
     * complete while the rest is computed.
     */
    void addWhileComputed(TrainingStep step, Tensor loss, BatchTensors batch, DataParallel ranks) {
        boolean weighed = ranks.weighsLosses();
        UnaryOperator<Tensor> own = addWeight(batch);
        UnaryOperator<Tensor> weighing = weighed ? wide -> wide.mul(ranks.meanWeight()) : own;
        Tensor gradients = step.models().get(0).gradients();
        step.computeGradients(
                loss,
                from -> ranks.begin(sum, weight, from, (start, end) -> {
                    sum.narrow(0, start, end - start)
                            .update(
                                    BinaryOp.ADD,
                                    weighing.apply(gradients
                                            .narrow(0, start, end - start)
                                            .to(sum.dtype())));
                }));
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

    /** Returns what it changes. */
    List<Tensor> tensors() {
        return List.of(sum, weight);
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
