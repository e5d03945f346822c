package org.alborz.metrics;

import java.util.List;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.TargetKind;
import org.alborz.tensor.Tensor;
import org.alborz.text.Described;
import org.alborz.type.Shape;

/**
 * A figure of merit over many batches, such as accuracy. It keeps no state: it says which sums it needs, adds a batch to them on the
 * device, and computes its value from what they came to. So adding waits for nothing, and sums are saved with a run.
 */
public interface Metric {
    /** Returns the name that results, history and monitors know it by, such as {@code accuracy}. */
    String name();

    /** Returns the shapes of the sums; one number unless overridden. They are float64, which counts to 2⁵³. */
    default List<Shape> sums() {
        return List.of(Shape.scalar());
    }

    /**
     * Adds a batch to the sums with {@link #add}, in place and on the device: it must not read values, which would wait. In a group of ranks each adds
     * batches of its own, and {@link #merge} adds up the sums of all. The gradients of the batch were computed, and a captured step may have changed the weights
     * by them, so an objective that has a parameter among its results gives a copy of it.
     *
     * @param batch fields of the data and results of the objective, of which {@link BatchTensors#OUTPUT} is one as a rule
     * @param sums as {@link #sums} describes them, zeros at first
     * @throws IllegalArgumentException when the tensors are not of the shapes and types it expects
     */
    void update(BatchTensors batch, List<Tensor> sums);

    /**
     * Computes the value.
     *
     * @param sums the values of the sums, row-major
     * @param samples how many samples were added
     */
    double value(double[][] sums, long samples);

    /**
     * Adds sums that another rank began at 0 to these; number by number unless overridden. What {@link #update} does not merely add to, such as a running mean,
     * is combined here as {@code update} combines it with a batch.
     *
     * @param sums the values of the sums, row-major, changed in place
     * @param other those of the other rank, of the same sizes; all 0 where it had no batch
     */
    default void merge(double[][] sums, double[][] other) {
        for (int i = 0; i < sums.length; i++) {
            for (int j = 0; j < sums[i].length; j++) {
                sums[i][j] += other[i][j];
            }
        }
    }

    /** Adds the number, or numbers, of a batch to a sum of the same shape. */
    static void add(Tensor sum, Tensor value) {
        MetricSums.add(sum, value, 1);
    }

    /** Tells whether the value is a number to be shown and monitored, as by default; a confusion matrix has more to say. */
    default boolean isScalar() {
        return true;
    }

    /**
     * Returns this metric for targets of some kind, such as without those that the objective ignores; itself unless overridden. A trainer asks for it before the
     * first batch.
     */
    default Metric forTargets(TargetKind kind) {
        return this;
    }

    /** Returns the metric in words; a resumed run must have the same. */
    default String settings() {
        return Described.of(this);
    }
}
