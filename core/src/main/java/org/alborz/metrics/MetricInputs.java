package org.alborz.metrics;

import org.alborz.nn.BatchTensors;
import org.alborz.nn.TargetKind;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.text.Quoted;

/**
 * What a metric compares: an output and its target, by their names in the batch.
 *
 * @param target empty for {@link BatchTensors#TARGET} where there is one, else field 1 of data with two fields
 * @param kind what the target is; a trainer sets that of its objective where no target is named
 */
public record MetricInputs(String output, String target, TargetKind kind) {
    /** The output of the model, and the target that the objective named, or field 1 of data with two fields. */
    public static final MetricInputs STANDARD = new MetricInputs(BatchTensors.OUTPUT, "");

    public MetricInputs {
        Given.value(output, "A metric", "the name of an output");
        Given.value(target, "A metric", "the name of a target");
        Given.value(kind, "A metric", "a kind of target");
    }

    /** Compares an output with a target of which nothing more is known. */
    public MetricInputs(String output, String target) {
        this(output, target, TargetKind.ANY);
    }

    /** Returns these inputs with another kind of target. */
    public MetricInputs of(TargetKind value) {
        return new MetricInputs(output, target, value);
    }

    /** Returns these inputs with the kind of target that an objective has, unless another target is named or a kind was given. */
    MetricInputs forTargets(TargetKind value) {
        return target.isEmpty() && kind.equals(TargetKind.ANY) ? of(value) : this;
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

    /** Returns the inputs in words, which a resumed run must have as well; a kind that leaves nothing out changes no run. */
    @Override
    public String toString() {
        return "MetricInputs[output=" + output + ", target=" + target
                + (kind.ignored() == null ? "" : ", ignored=" + kind.ignored()) + "]";
    }
}
