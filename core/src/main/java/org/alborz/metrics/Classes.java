package org.alborz.metrics;

import org.alborz.tensor.Tensor;
import org.alborz.type.DType;

/** Checks of what metrics of classifiers compare. */
final class Classes {
    private Classes() {}

    /** Refuses anything but logits {@code [N, …, C]} and labels {@code [N, …]} of int32 or int64. */
    static void require(Tensor logits, Tensor labels) {
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
                    + "; labels are int32 or int64, one for each sample or place");
        }
    }
}
