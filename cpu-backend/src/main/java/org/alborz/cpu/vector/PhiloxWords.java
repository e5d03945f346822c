package org.alborz.cpu.vector;

import java.util.Arrays;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.alborz.random.Philox;
import org.alborz.random.RandomKey;

/**
 * The words of {@link Philox}, several blocks at a time: a lane of 64 bits holds a word and takes its products. An instance belongs to
 * one thread.
 */
final class PhiloxWords {
    /** Lanes of the same shape as a vector of floats, half as many. */
    static final VectorSpecies<Long> LONGS = VectorSpecies.of(long.class, Lanes.S.vectorShape());

    private static final int BLOCKS = LONGS.length();
    static final int WORDS_PER_BLOCK = 4;
    private static final int DROPPED_BITS = 8;
    private static final long MULTIPLIER_0 = 0xD2511F53L;
    private static final long MULTIPLIER_1 = 0xCD9E8D57L;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;
    private static final int ROUNDS = 10;
    private static final int WORD = 32;
    private static final long LOW = 0xFFFFFFFFL;

    private final long[] lanes = new long[WORDS_PER_BLOCK * BLOCKS];
    private final long[] firstLanes = new long[BLOCKS];

    PhiloxWords() {
        Arrays.setAll(firstLanes, i -> i);
    }

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
                upper[at] = (int) lanes[i] >>> DROPPED_BITS;
                upper[at + 1] = (int) lanes[BLOCKS + i] >>> DROPPED_BITS;
                upper[at + 2] = (int) lanes[2 * BLOCKS + i] >>> DROPPED_BITS;
                upper[at + 3] = (int) lanes[3 * BLOCKS + i] >>> DROPPED_BITS;
            }
        }
    }

    /**
     * Computes as many blocks from {@code first} on as a vector has lanes.
     *
     * @return the first words of the blocks, as unsigned numbers, then all second ones, and so on; overwritten by the next call
     */
    long[] words(RandomKey key, int first) {
        mix(key.seed(), key.stream(), key.counter() + first);
        return lanes;
    }

    /** Returns how long an array {@link #fill} needs for a number of words. */
    static int length(int words) {
        return Gemm.roundUp(words, WORDS_PER_BLOCK * BLOCKS);
    }

    private void mix(long seed, long stream, long counter) {
        LongVector counters = LongVector.fromArray(LONGS, firstLanes, 0).add(counter);
        LongVector x0 = counters.and(LOW);
        LongVector x1 = counters.lanewise(VectorOperators.LSHR, WORD);
        LongVector x2 = LongVector.broadcast(LONGS, stream & LOW);
        LongVector x3 = LongVector.broadcast(LONGS, stream >>> WORD);
        int k0 = (int) seed;
        int k1 = (int) (seed >>> WORD);
        for (int round = 0; round < ROUNDS; round++) {
            LongVector p0 = x0.mul(MULTIPLIER_0);
            LongVector p1 = x2.mul(MULTIPLIER_1);
            x0 = p1.lanewise(VectorOperators.LSHR, WORD)
                    .lanewise(VectorOperators.XOR, x1)
                    .lanewise(VectorOperators.XOR, k0 & LOW);
            x2 = p0.lanewise(VectorOperators.LSHR, WORD)
                    .lanewise(VectorOperators.XOR, x3)
                    .lanewise(VectorOperators.XOR, k1 & LOW);
            x1 = p1.and(LOW);
            x3 = p0.and(LOW);
            k0 += WEYL_0;
            k1 += WEYL_1;
        }
        x0.intoArray(lanes, 0);
        x1.intoArray(lanes, BLOCKS);
        x2.intoArray(lanes, 2 * BLOCKS);
        x3.intoArray(lanes, 3 * BLOCKS);
    }
}
