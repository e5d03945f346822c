package org.alborz.metrics;

import org.alborz.nn.BatchTensors;
import org.alborz.nn.Targets;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;

/** What metrics of regression share. */
final class Differences {
    private Differences() {}

    /** Returns output minus target, not in 16 bits. */
    static Tensor of(String metric, MetricInputs inputs, BatchTensors batch) {
        Tensor output = inputs.output(batch);
        DType type = output.dtype().accumulator();
        return output.to(type)
                .sub(Targets.inShapeOf(metric, output, inputs.target(batch)).to(type));
    }

    /** Returns how many numbers a sample has. */
    static double each(Tensor values, BatchTensors batch) {
        return (double) values.shape().elements() / batch.size();
    }
}
