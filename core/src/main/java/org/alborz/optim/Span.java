package org.alborz.optim;

import java.util.List;
import org.alborz.tensor.Tensor;

/**
 * A stretch of a model's flat tensors that an optimizer updates in one call: parameters one behind the other that learn alike.
 *
 * @param values the stretch of {@link org.alborz.nn.Model#values}
 * @param gradients that of {@link org.alborz.nn.Model#gradients}
 * @param states those of the optimizer's states, in the order in which they were made
 * @param rateFactor what the learning rate of each step is multiplied by
 * @param weightDecay of its parameters
 */
public record Span(Tensor values, Tensor gradients, List<Tensor> states, double rateFactor, double weightDecay) {}
