package org.alborz.cpu.vector;

/**
 * Reads memory in order, for kernels that read it in another one soon after: a processor fetches ahead where lines follow each other, but hardly
 * where a kernel walks along several rows at once, and then waits for each line.
 */
final class ReadAhead {
    /** Floats in a line of the cache; longer lines are read more than once. */
    private static final int LINE = 16;

    /** The most floats that are worth it: what the second cache holds. */
    private static final int MOST = 1 << 18;

    private ReadAhead() {}

    /**
     * Brings {@code n} floats from {@code at} on into the cache, or none of too many.
     *
     * @return what is to be stored somewhere, or the compiler would leave the reads out
     */
    static float of(float[] x, int at, int n) {
        float sum = 0;
        for (int i = 0; n <= MOST && i < n; i += LINE) {
            sum += x[at + i];
        }
        return sum;
    }
}
