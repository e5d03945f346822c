package org.alborz.ops;

import java.util.List;
import org.alborz.tensor.Tensor;

/**
 * An operation that was applied.
 *
 * @param inputs null for one that was left out
 * @param results one that overwrites a tensor is that tensor
 * @param inPlace whether the result was written into a tensor that is not itself an input by which the operation says so, such as by
 *     {@link Tensor#fill} and {@link Tensor#update}
 * @param nanos how long it took; on a device that queues work, how long it took to queue
 */
public record Applied(Op op, List<Tensor> inputs, List<Tensor> results, boolean inPlace, long nanos) {}
