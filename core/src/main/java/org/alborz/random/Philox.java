package org.alborz.random;

/**
 * Philox4x32-10, the counter-based generator of Salmon et al. 2011 ("Parallel random numbers: as easy as 1, 2, 3").
 *
 * <p>Any block of four words can be computed from its counter alone, so every thread, backend and run that names the same counter
 * draws the same numbers.
 */
public final class Philox {
    private static final int MULTIPLIER_0 = 0xD2511F53;
    private static final int MULTIPLIER_1 = 0xCD9E8D57;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;
    private static final int ROUNDS = 10;

    private Philox() {}

    /**
     * Computes one block of four words.
     *
     * @param seed the key, its low 32 bits first
     * @param stream the counter's upper 64 bits
     * @param counter the counter's lower 64 bits
     * @param words receives the block in elements {@code at} to {@code at + 3}
     */
    public static void block(long seed, long stream, long counter, int[] words, int at) {
        int x0 = (int) counter;
        int x1 = (int) (counter >>> 32);
        int x2 = (int) stream;
        int x3 = (int) (stream >>> 32);
        int k0 = (int) seed;
        int k1 = (int) (seed >>> 32);
        for (int round = 0; round < ROUNDS; round++) {
            long p0 = (MULTIPLIER_0 & 0xFFFFFFFFL) * (x0 & 0xFFFFFFFFL);
            long p1 = (MULTIPLIER_1 & 0xFFFFFFFFL) * (x2 & 0xFFFFFFFFL);
            int y0 = (int) (p1 >>> 32) ^ x1 ^ k0;
            int y2 = (int) (p0 >>> 32) ^ x3 ^ k1;
            x1 = (int) p1;
            x3 = (int) p0;
            x0 = y0;
            x2 = y2;
            k0 += WEYL_0;
            k1 += WEYL_1;
        }
        words[at] = x0;
        words[at + 1] = x1;
        words[at + 2] = x2;
        words[at + 3] = x3;
    }
}
