package org.alborz.backend;

import org.alborz.random.RandomKey;

/** Captured work. It reads and writes the same memory each time; what it allocated stays reserved until it is closed. */
public interface CapturedGraph extends AutoCloseable {
    /**
     * Does the work, after what was asked of the backend before.
     *
     * @param advance added to the counter of every {@link RandomKey} in it, so that each replay draws its own numbers
     */
    void replay(long advance);

    /** Gives the reserved memory back. */
    @Override
    void close();
}
