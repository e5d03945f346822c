package org.alborz.cpu.scalar;

import org.alborz.backend.Operand;
import org.alborz.backend.RandomFill;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.random.Philox;
import org.alborz.random.RandomKey;

/** Random numbers from Philox, with {@link StrictMath} so that every machine draws the same. */
public final class ScalarRandomFill implements RandomFill {
    private static final int BLOCK = 4;
    private static final double TWO_TO_MINUS_24 = 0x1p-24;
    private static final double TWO_TO_MINUS_32 = 0x1p-32;

    private final int[] words = new int[BLOCK];
    private final double[] normals = new double[BLOCK];

    @Override
    public void uniform(RandomKey key, Operand y) {
        CpuBuffer into = CpuBuffer.of(y);
        int at = (int) y.layout().offset();
        int elements = (int) y.shape().elements();
        double largest = RandomFill.largestUniform(y.dtype());
        for (int i = 0; i < elements; i++) {
            if (i % BLOCK == 0) {
                draw(key, i);
            }
            into.set(at + i, Math.min(largest, (words[i % BLOCK] >>> 8) * TWO_TO_MINUS_24));
        }
    }

    @Override
    public void normal(RandomKey key, Operand y) {
        CpuBuffer into = CpuBuffer.of(y);
        int at = (int) y.layout().offset();
        int elements = (int) y.shape().elements();
        for (int i = 0; i < elements; i += BLOCK) {
            draw(key, i);
            boxMuller(0);
            boxMuller(2);
            into.write(at + i, 1, Math.min(BLOCK, elements - i), normals, 0);
        }
    }

    private void draw(RandomKey key, int element) {
        Philox.block(key.seed(), key.stream(), key.counter() + element / BLOCK, words, 0);
    }

    /** Makes two normal numbers of two words. */
    private void boxMuller(int first) {
        double u = (Integer.toUnsignedLong(words[first]) + 1) * TWO_TO_MINUS_32;
        double r = StrictMath.sqrt(-2 * StrictMath.log(u));
        double t = 2 * Math.PI * Integer.toUnsignedLong(words[first + 1]) * TWO_TO_MINUS_32;
        normals[first] = r * StrictMath.cos(t);
        normals[first + 1] = r * StrictMath.sin(t);
    }
}
