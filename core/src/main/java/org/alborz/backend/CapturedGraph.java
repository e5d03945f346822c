package org.alborz.backend;

import org.alborz.random.RandomKey;

/** Captured work. It reads and writes the same memory each time; what it allocated stays reserved until it is closed. */
public interface CapturedGraph extends AutoCloseable {
    /**
     * Does the work, after what was asked of the backend before.
     *
     * @param advance added to the counter of every {@link RandomKey} in it, so that each replay draws its own numbers
     */
    default void replay(long advance) {
        replay(advance, null);
    }

    /**
     * Does the same after it has written numbers that the work reads; with the advance, in one launch where they are few.
     *
     * @param numbers dense float64 memory of at least so many elements, or null for none
     * @param values what its first elements become
     */
    void replay(long advance, Operand numbers, double... values);

    /** Gives the reserved memory back. */
    @Override
    void close();
}
