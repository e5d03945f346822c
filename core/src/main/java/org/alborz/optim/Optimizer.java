package org.alborz.optim;

import java.util.Map;
import org.alborz.nn.Model;
import org.alborz.nn.TrainingStep;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;

/** Changes a model's values by its gradients. An optimizer serves one model, to which {@link #attach} ties it. */
public interface Optimizer {
    /** Returns the name that checkpoints record, such as {@code adam}. */
    String name();

    /** Returns the learning rate that a schedule scales. */
    double learningRate();

    /** Makes the state for a model; it lives until {@link #detach}, at most as long as the model. */
    void attach(Model model);

    /** Returns the model that the optimizer serves, or null before {@link #attach}. */
    Model model();

    /**
     * Gives back the memory of the state; {@link #attach} may then tie the optimizer to another model. A trainer that is closed does it.
     * An optimizer with state has to override this, which does nothing.
     */
    default void detach() {}

    /**
     * Updates the values from {@link Model#gradients}.
     *
     * @param learningRate of this step, finite and at least 0
     * @param step the number of this step, from 1
     * @throws IllegalArgumentException for any other learning rate or step, before anything is changed
     */
    void step(double learningRate, long step);

    /**
     * Updates the values of its model by the gradients of a training step, at the optimizer's own learning rate. An optimizer that serves
     * no model yet is first tied to that of the step.
     *
     * @throws IllegalStateException when the step has no gradients yet, is of another model, or an optimizer has used it already
     */
    default void step(TrainingStep step) {
        step(step, learningRate());
    }

    /** Updates the values as {@link #step(TrainingStep)} does, at a learning rate such as one that a {@link Schedule} gives. */
    default void step(TrainingStep step, double learningRate) {
        if (model() != null) {
            model().session().check();
        }
        Given.value(step, "An optimizer", "a training step");
        if (model() == null && step.models().size() == 1) {
            attach(step.models().get(0));
        }
        if (model() == null) {
            throw new IllegalStateException("The optimizer serves no model yet, and the step has "
                    + step.models().size() + "; call attach(model) first");
        }
        step.use(model());
        if (!step.isSkipped()) {
            step(learningRate, step.updateNumber());
        }
    }

    /**
     * Returns the state by name, each a flat tensor laid out as {@link Model#values}, of the {@link org.alborz.type.DType#accumulator}
     * of their type.
     */
    Map<String, Tensor> state();

    /**
     * Returns by name what else is kept from step to step, tensors of shapes of their own; checkpoints save them with {@link #state}. Of
     * most optimizers there are none.
     */
    default Map<String, Tensor> parameterState() {
        return Map.of();
    }

    /** Returns the settings in words, so that a resumed run can tell whether they changed. */
    String settings();
}
