package org.alborz.optim;

import java.util.List;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.UnaryOp;
import org.alborz.nn.Parameter;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;

/**
 * A stretch of a model's flat tensors that an optimizer updates in one call: parameters one behind the other that learn alike.
 *
 * @param parameters those of the stretch; each begins at a multiple of 32 elements, and zeros are between them
 * @param values the stretch of {@link org.alborz.nn.Model#values}
 * @param gradients that of {@link org.alborz.nn.Model#gradients}
 * @param states those of the optimizer's states, in the order in which they were made
 * @param rateFactor what the learning rate of each step is multiplied by
 * @param weightDecay of its parameters
 * @param decoupled whether the weight decay is subtracted from the values as ηλθ; otherwise it is added to the gradient as λθ
 * @param l1 of its parameters
 */
public record Span(
        List<Parameter> parameters,
        Tensor values,
        Tensor gradients,
        List<Tensor> states,
        double rateFactor,
        double weightDecay,
        boolean decoupled,
        double l1) {
    /**
     * Adds the gradient of the penalty {@code λ₁·|θ|}, {@code λ₁·sign(θ)}, to the gradients where there is one; to be called at the start
     * of a step.
     */
    public void addPenalty() {
        if (l1 != 0) {
            try (Scope scope = values.session().scope("penalty")) {
                gradients.update(BinaryOp.ADD, values.apply(UnaryOp.SIGN).mul(l1));
            }
        }
    }

    /** Returns what the gradient is to grow by for each unit of a value: the weight decay, or 0 where it is decoupled. */
    public double coupledDecay() {
        return decoupled ? 0 : weightDecay;
    }

    /** Returns what a step multiplies the values by: 1, or less where the weight decay is decoupled. */
    public double shrink(double learningRate) {
        return decoupled ? 1 - learningRate * weightDecay : 1;
    }

    /** Returns a state, or null where there are not so many. */
    Tensor stateOrNull(int index) {
        return index < states.size() ? states.get(index) : null;
    }
}
