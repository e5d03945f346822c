/**
 * Optimizers and learning-rate schedules.
 *
 * <p>The rule of this folder: an {@link org.alborz.optim.Optimizer} keeps its state in flat tensors laid out as the model's values
 * and updates all parameters in one call, by the backend's fused step where it has one and by composition otherwise.
 */
package org.alborz.optim;
