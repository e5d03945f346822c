package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.alborz.random.Philox;
import org.alborz.random.RandomKey;

/**
 * The words of {@link Philox}, several blocks at a time, a word a lane of 32 bits. The upper half of a product of two words is added up from products of
 * 16 bits: AVX2 has no product of 64-bit lanes, and four of these take less time than what stands for one. Neither AVX-512, which has one, nor NEON was
 * measured. An instance belongs to one thread.
 */
final class PhiloxWords {
    private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, S.vectorShape());

    /** Blocks of a vector. */
    static final int BLOCKS = L;

    static final int WORDS_PER_BLOCK = 4;
    private static final int DROPPED_BITS = 8;
    private static final int MULTIPLIER_0 = 0xD2511F53;
    private static final int MULTIPLIER_1 = 0xCD9E8D57;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;
    private static final int ROUNDS = 10;
    private static final int WORD = 32;
    private static final int HALF = 16;
    private static final int LOW_HALF = 0xFFFF;
    private static final long LOW = 0xFFFFFFFFL;

    // Each worker has its own; see Workspace.APART.
    private final int[] lanes = new int[WORDS_PER_BLOCK * BLOCKS + Workspace.APART];
    private final long[] words = new long[WORDS_PER_BLOCK * BLOCKS + Workspace.APART];

    /** The lower and the upper words of the blocks' counters. */
    private final int[] counters = new int[2 * BLOCKS + Workspace.APART];

    /**
     * Computes the upper 24 bits of words {@code 4·first} to {@code 4·(first + blocks)}, exclusive, of a sequence.
     *
     * @param upper receives them, which a float holds exactly; whole vectors of blocks are written
     */
    void fill(RandomKey key, long first, int blocks, float[] upper) {
        for (int block = 0; block < blocks; block += BLOCKS) {
            mix(key.seed(), key.stream(), key.counter() + first + block);
            for (int i = 0; i < BLOCKS; i++) {
                int at = WORDS_PER_BLOCK * (block + i);
                upper[at] = lanes[i] >>> DROPPED_BITS;
                upper[at + 1] = lanes[BLOCKS + i] >>> DROPPED_BITS;
                upper[at + 2] = lanes[2 * BLOCKS + i] >>> DROPPED_BITS;
                upper[at + 3] = lanes[3 * BLOCKS + i] >>> DROPPED_BITS;
            }
        }
    }

    /**
     * Computes {@link #BLOCKS} blocks from {@code first} on.
     *
     * @return the first words of the blocks, as unsigned numbers, then all second ones, and so on; overwritten by the next call
     */
    long[] words(RandomKey key, int first) {
        mix(key.seed(), key.stream(), key.counter() + first);
        for (int i = 0; i < WORDS_PER_BLOCK * BLOCKS; i++) {
            words[i] = lanes[i] & LOW;
        }
        return words;
    }

    /** Returns how long an array {@link #fill} needs for a number of words. */
    static int length(int words) {
        return Gemm.roundUp(words, WORDS_PER_BLOCK * BLOCKS);
    }

    private void mix(long seed, long stream, long counter) {
        for (int i = 0; i < BLOCKS; i++) {
            counters[i] = (int) (counter + i);
            counters[BLOCKS + i] = (int) (counter + i >>> WORD);
        }
        IntVector x0 = IntVector.fromArray(INTS, counters, 0);
        IntVector x1 = IntVector.fromArray(INTS, counters, BLOCKS);
        IntVector x2 = IntVector.broadcast(INTS, (int) stream);
        IntVector x3 = IntVector.broadcast(INTS, (int) (stream >>> WORD));
        int k0 = (int) seed;
        int k1 = (int) (seed >>> WORD);
        for (int round = 0; round < ROUNDS; round++) {
            IntVector high0 = high(x0, MULTIPLIER_0);
            IntVector high1 = high(x2, MULTIPLIER_1);
            IntVector low0 = x0.mul(MULTIPLIER_0);
            IntVector low1 = x2.mul(MULTIPLIER_1);
            x0 = high1.lanewise(VectorOperators.XOR, x1).lanewise(VectorOperators.XOR, k0);
            x2 = high0.lanewise(VectorOperators.XOR, x3).lanewise(VectorOperators.XOR, k1);
            x1 = low1;
            x3 = low0;
            k0 += WEYL_0;
            k1 += WEYL_1;
        }
        x0.intoArray(lanes, 0);
        x1.intoArray(lanes, BLOCKS);
        x2.intoArray(lanes, 2 * BLOCKS);
        x3.intoArray(lanes, 3 * BLOCKS);
    }

    /** Returns the upper word of a product of unsigned words; no sum of this exceeds a word. */
    private static IntVector high(IntVector x, int multiplier) {
        int low = multiplier & LOW_HALF;
        int high = multiplier >>> HALF;
        IntVector xLow = x.and(LOW_HALF);
        IntVector xHigh = x.lanewise(VectorOperators.LSHR, HALF);
        IntVector middle = xHigh.mul(low).add(xLow.mul(low).lanewise(VectorOperators.LSHR, HALF));
        IntVector other = xLow.mul(high).add(middle.and(LOW_HALF));
        return xHigh.mul(high)
                .add(middle.lanewise(VectorOperators.LSHR, HALF))
                .add(other.lanewise(VectorOperators.LSHR, HALF));
    }
}
