package org.alborz.metrics;

import org.alborz.nn.BatchTensors;
import org.alborz.nn.Targets;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;

/** What metrics of regression share. */
final class Differences {
    private Differences() {}

    /** Returns output minus target in the type of the sums. */
    static Tensor of(String metric, MetricInputs inputs, BatchTensors batch, DType type) {
        Tensor output = inputs.output(batch);
        return output.to(type)
                .sub(Targets.inShapeOf(metric, output, inputs.target(batch)).to(type));
    }

    /** Returns how many numbers a sample has. */
    static double each(Tensor values, BatchTensors batch) {
        return (double) values.shape().elements() / batch.size();
    }
}
