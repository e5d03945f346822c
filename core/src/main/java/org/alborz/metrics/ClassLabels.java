package org.alborz.metrics;

import org.alborz.nn.BatchTensors;
import org.alborz.nn.TargetKind;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;

/**
 * Logits and what they are compared with by metrics of classes.
 *
 * @param logits {@code [N, …, C]}
 * @param labels {@code [N, …]}, int32 or int64; class 0 in place of those that do not count
 * @param counted bool {@code [N, …]}; null where all labels count
 */
record ClassLabels(Tensor logits, Tensor labels, Tensor counted) {
    /**
     * Takes labels of int32 or int64, or probabilities of the classes, of which the largest is the label.
     *
     * @throws IllegalArgumentException when logits and labels do not belong together
     */
    static ClassLabels of(MetricInputs inputs, BatchTensors batch) {
        Tensor logits = inputs.output(batch);
        Tensor target = inputs.target(batch);
        TargetKind kind = inputs.kind();
        if (areProbabilities(logits, target)) {
            return new ClassLabels(logits, target.argMax(-1), null);
        }
        require(logits, target);
        if (kind.ignored() == null) {
            return new ClassLabels(logits, target, null);
        }
        Tensor counted = target.ne(kind.ignored());
        return new ClassLabels(logits, target.mul(counted.to(target.dtype())), counted);
    }

    /** Tells whether a target holds a floating number for each logit of two classes or more. */
    static boolean areProbabilities(Tensor logits, Tensor target) {
        int last = logits.shape().rank() - 1;
        return last >= 1
                && logits.shape().size(last) > 1
                && target.dtype().isFloating()
                && target.shape().equals(logits.shape());
    }

    /** Returns the shares of labels that count: 1, or 0 for those that do not, {@code [M]}; null where all count. */
    Tensor weights(DType type) {
        return counted == null ? null : counted.to(type).reshape(-1);
    }

    /** Refuses anything but logits {@code [N, …, C]} and labels {@code [N, …]} of int32 or int64. */
    private static void require(Tensor logits, Tensor labels) {
        int rank = logits.shape().rank();
        boolean fits = rank >= 2
                && (labels.dtype() == DType.INT32 || labels.dtype() == DType.INT64)
                && labels.shape().rank() == rank - 1
                && labels.shape().size(0) > 0;
        for (int i = 0; fits && i < rank - 1; i++) {
            fits = labels.shape().size(i) == logits.shape().size(i);
        }
        if (!fits) {
            throw new IllegalArgumentException("Metrics of a classifier expect logits [N, C] and labels int32 [N], or"
                    + " [N, …, C] and [N, …], got logits " + logits.describe() + " and labels " + labels.describe()
                    + "; labels are int32 or int64, one for each sample or place, or probabilities of the shape of the"
                    + " logits");
        }
    }
}
