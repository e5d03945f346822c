package org.alborz.checkpoint;

import java.util.function.IntToDoubleFunction;

/**
 * What numbers of a tensor a checkpoint may hold. Learned parameters and optimizer states are finite; a model's state may be infinite,
 * such as a mask of −∞, and no number is NaN.
 */
final class FiniteNumbers {
    private FiniteNumbers() {}

    /**
     * Refuses numbers that are not finite.
     *
     * @param file how the message begins
     * @param infinite whether infinite numbers are allowed
     * @param remedy the end of the message
     */
    static void require(
            String file,
            SafetensorsEntry entry,
            int count,
            IntToDoubleFunction numbers,
            boolean infinite,
            String remedy) {
        int first = -1;
        int wrong = 0;
        for (int i = 0; i < count; i++) {
            double number = numbers.applyAsDouble(i);
            if (!Double.isFinite(number) && (!infinite || Double.isNaN(number))) {
                first = wrong == 0 ? i : first;
                wrong++;
            }
        }
        if (wrong > 0) {
            throw new CheckpointException(file + ": tensor " + entry + " holds numbers that are not finite: " + wrong
                    + " of " + count + ", the first at index " + first + ", " + numbers.applyAsDouble(first) + "; "
                    + remedy);
        }
    }
}
