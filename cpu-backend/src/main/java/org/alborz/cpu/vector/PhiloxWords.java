package org.alborz.cpu.vector;

import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.alborz.backend.RandomKey;
import org.alborz.random.Philox;

/** The words of {@link Philox}, several blocks at a time: a lane of 64 bits holds a word and takes its products. */
final class PhiloxWords {
    private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED;
    private static final int BLOCKS = LONGS.length();
    private static final long MULTIPLIER_0 = 0xD2511F53L;
    private static final long MULTIPLIER_1 = 0xCD9E8D57L;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;
    private static final int ROUNDS = 10;
    private static final long LOW = 0xFFFFFFFFL;

    private PhiloxWords() {}

    /**
     * Computes words {@code 4·first} to {@code 4·(first + blocks)}, exclusive, of a sequence.
     *
     * @param lanes room for {@code 4·BLOCKS} numbers
     */
    static void fill(RandomKey key, int first, int blocks, int[] words, long[] lanes) {
        int whole = blocks - blocks % BLOCKS;
        for (int block = 0; block < whole; block += BLOCKS) {
            long counter = key.counter() + first + block;
            for (int i = 0; i < BLOCKS; i++) {
                lanes[i] = counter + i & LOW;
                lanes[BLOCKS + i] = counter + i >>> 32;
            }
            mix(key.seed(), key.stream(), lanes);
            for (int i = 0; i < BLOCKS; i++) {
                int at = 4 * (block + i);
                words[at] = (int) lanes[i];
                words[at + 1] = (int) lanes[BLOCKS + i];
                words[at + 2] = (int) lanes[2 * BLOCKS + i];
                words[at + 3] = (int) lanes[3 * BLOCKS + i];
            }
        }
        for (int block = whole; block < blocks; block++) {
            Philox.block(key.seed(), key.stream(), key.counter() + first + block, words, 4 * block);
        }
    }

    /** Returns how many numbers {@code lanes} must hold. */
    static int lanes() {
        return 4 * BLOCKS;
    }

    private static void mix(long seed, long stream, long[] lanes) {
        LongVector x0 = LongVector.fromArray(LONGS, lanes, 0);
        LongVector x1 = LongVector.fromArray(LONGS, lanes, BLOCKS);
        LongVector x2 = LongVector.broadcast(LONGS, stream & LOW);
        LongVector x3 = LongVector.broadcast(LONGS, stream >>> 32);
        int k0 = (int) seed;
        int k1 = (int) (seed >>> 32);
        for (int round = 0; round < ROUNDS; round++) {
            LongVector p0 = x0.mul(MULTIPLIER_0);
            LongVector p1 = x2.mul(MULTIPLIER_1);
            x0 = p1.lanewise(VectorOperators.LSHR, 32)
                    .lanewise(VectorOperators.XOR, x1)
                    .lanewise(VectorOperators.XOR, k0 & LOW);
            x2 = p0.lanewise(VectorOperators.LSHR, 32)
                    .lanewise(VectorOperators.XOR, x3)
                    .lanewise(VectorOperators.XOR, k1 & LOW);
            x1 = p1.lanewise(VectorOperators.AND, LOW);
            x3 = p0.lanewise(VectorOperators.AND, LOW);
            k0 += WEYL_0;
            k1 += WEYL_1;
        }
        x0.intoArray(lanes, 0);
        x1.intoArray(lanes, BLOCKS);
        x2.intoArray(lanes, 2 * BLOCKS);
        x3.intoArray(lanes, 3 * BLOCKS);
    }
}
