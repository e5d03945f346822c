package org.alborz.checkpoint;

import org.alborz.tensor.Tensor;

/** A tensor's values on their way from a file to the device, held on the host until all of the file is read and found whole. */
sealed interface HostValues extends SafetensorsFile.Sink permits FloatingValues, WholeValues {
    /** Makes room for a tensor of a type that the target can be assigned. */
    static HostValues of(SafetensorsEntry entry, Tensor target, FiniteNumbers allowed) {
        return target.dtype().isFloating()
                ? new FloatingValues(entry, target, allowed)
                : new WholeValues(entry, target);
    }

    SafetensorsEntry entry();

    /**
     * Makes sure that what was taken can be assigned.
     *
     * @throws CheckpointException when a finite number is too large for the target's type, a number is not finite that has to be, or a
     *     truth value is neither 0 nor 1
     */
    void requireAssignable(String file);

    /** Tells whether another tensor of the file, for the same target, holds the same. */
    boolean isSame(HostValues other);

    /**
     * Makes sure that another tensor of the file, for the same target, holds the same.
     *
     * @throws CheckpointException when it does not
     */
    default void requireSame(String file, HostValues other) {
        if (!isSame(other)) {
            throw new CheckpointException(file + ": tensors " + entry() + " and " + other.entry()
                    + " hold different numbers, and the model has one parameter for both; do not share it in the"
                    + " model, or skip one by a LoadOptions.rename that returns null for it");
        }
    }

    /** Overwrites the target. */
    void assign();
}
