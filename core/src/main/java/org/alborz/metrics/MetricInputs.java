package org.alborz.metrics;

import org.alborz.nn.BatchTensors;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.text.Quoted;

/**
 * What a metric compares: an output and its target, by their names in the batch.
 *
 * @param target empty for {@link BatchTensors#TARGET} where there is one, else field 1 of data with two fields
 */
public record MetricInputs(String output, String target) {
    /** The output of the model, and the target that the objective named, or field 1 of data with two fields. */
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
        if (batch.has(BatchTensors.TARGET)) {
            return batch.get(BatchTensors.TARGET);
        }
        if (batch.fields() != 2) {
            throw new IllegalArgumentException("A metric cannot tell which of " + Quoted.all(batch.names())
                    + " is the target of '" + output + "'; name it: new MetricInputs(\"" + output
                    + "\", \"…\") for the metric, or batch.put(\"" + BatchTensors.TARGET + "\", …) in the objective");
        }
        return batch.get(1);
    }

    /** Returns a metric's name, with the target's in front where one was given. */
    String named(String metric) {
        return target.isEmpty() ? metric : target + "_" + metric;
    }
}
