package org.alborz.metrics;

import org.alborz.nn.BatchTensors;
import org.alborz.nn.Targets;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;

/**
 * What metrics of yes and no compare: a logit for each target, which is positive for yes.
 *
 * @param logits {@code [M]}
 * @param targets 0 or 1, {@code [M]}
 */
record BinaryScores(Tensor logits, Tensor targets) {
    /** Takes outputs in the shape of the targets, or with an axis of two classes behind it, of which the second is yes. */
    static BinaryScores of(String metric, MetricInputs inputs, BatchTensors batch) {
        Tensor output = inputs.output(batch);
        DType type = output.dtype().accumulator();
        output = output.to(type);
        Tensor target = inputs.target(batch);
        int last = output.shape().rank() - 1;
        if (!Targets.alike(output.shape(), target.shape())
                && last >= 1
                && output.shape().size(last) == 2
                && Targets.alike(output.shape().remove(last), target.shape())) {
            Tensor both = output.reshape(-1, 2);
            output = both.narrow(1, 1, 1).sub(both.narrow(1, 0, 1)).reshape(target.shape());
        }
        Tensor fitting = Targets.inShapeOf(metric, output, target).to(type);
        return new BinaryScores(output.reshape(-1), fitting.reshape(-1));
    }
}
