package org.alborz.optim;

import java.util.Map;
import org.alborz.nn.Model;
import org.alborz.tensor.Tensor;

/** Changes a model's values by its gradients. An optimizer serves one model, to which {@link #attach} ties it. */
public interface Optimizer {
    /** Returns the name that checkpoints record, such as {@code adam}. */
    String name();

    /** Returns the learning rate that a schedule scales. */
    double learningRate();

    /** Makes the state for a model; it lives until {@link #detach}, at most as long as the model. */
    void attach(Model model);

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
     * Returns the state by name, each a flat tensor laid out as {@link Model#values}, of the {@link org.alborz.type.DType#accumulator}
     * of their type.
     */
    Map<String, Tensor> state();

    /** Returns the settings in words, so that a resumed run can tell whether they changed. */
    String settings();
}
