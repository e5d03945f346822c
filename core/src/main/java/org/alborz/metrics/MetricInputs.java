package org.alborz.metrics;

import org.alborz.nn.BatchTensors;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;

/**
 * What a metric compares: an output and its target, by their names in the batch.
 *
 * @param target empty for field 1 of the data
 */
public record MetricInputs(String output, String target) {
    /** The output of the model, and field 1 of the data. */
    public static final MetricInputs STANDARD = new MetricInputs(BatchTensors.OUTPUT, "");

    public MetricInputs {
        Given.value(output, "A metric", "the name of an output");
        Given.value(target, "A metric", "the name of a target");
    }

    /** Returns the output, not recorded. */
    Tensor output(BatchTensors batch) {
        return batch.get(output).detach();
    }

    Tensor target(BatchTensors batch) {
        if (!target.isEmpty()) {
            return batch.get(target);
        }
        if (batch.fields() < 2) {
            throw new IllegalArgumentException("A metric compares the output with field 1 of the data, which have only "
                    + batch.names().subList(0, batch.fields()) + "; name the target: new MetricInputs(\"" + output
                    + "\", \"" + batch.names().get(0) + "\")");
        }
        return batch.get(1);
    }

    /** Returns a metric's name, with the target's in front where one was given. */
    String named(String metric) {
        return target.isEmpty() ? metric : target + "_" + metric;
    }
}
