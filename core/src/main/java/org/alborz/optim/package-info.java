/**
 * Optimizers and learning-rate schedules.
 *
 * <p>The rule of this folder: an {@link org.alborz.optim.Optimizer} keeps its state in flat tensors laid out as the model's values
 * and updates all parameters in one call, by the backend's fused step where it has one and by composition otherwise;
 * those that compute norms or matrices of each parameter, such as {@link org.alborz.optim.Lamb}, have a call for each. Where the values
 * are of 16 bits, the state is float32 and so is the computation; only the new values are rounded. A change of less than half of a
 * value's last bit is lost then: there are no float32 master weights.
 */
package org.alborz.optim;
