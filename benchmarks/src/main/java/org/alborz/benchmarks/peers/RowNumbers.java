package org.alborz.benchmarks.peers;

import java.util.Random;

/** The numbers that functions of a matrix are computed of, the same for every contestant. */
public record RowNumbers(int rows, int columns) {
    /** Each contestant's result is compared at every so many places: a prime, so that all rows and columns are met. */
    private static final int STEP = 97;

    private static final float MOST = 4;

    /** Returns a matrix of numbers in [−4, 4), one for each seed. */
    public float[] matrix(int seed) {
        return uniform(seed, rows * columns);
    }

    /** Returns a matrix of numbers in (0, 4]. */
    public float[] positive() {
        float[] values = matrix(7);
        for (int i = 0; i < values.length; i++) {
            values[i] = MOST - Math.abs(values[i]) + 0x1p-10f;
        }
        return values;
    }

    /** Returns numbers in [−4, 4). */
    public float[] uniform(int seed, int count) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (random.nextFloat() * 2 - 1) * MOST;
        }
        return values;
    }

    /** Returns indices from 0 to {@code end}, exclusive. */
    public int[] indices(int seed, int count, int end) {
        return new Random(seed).ints(count, 0, end).toArray();
    }

    /** Returns some of the numbers of a result, which all contestants must agree on. */
    public static float[] sample(float[] result) {
        float[] sample = new float[(result.length + STEP - 1) / STEP];
        for (int i = 0; i < sample.length; i++) {
            sample[i] = result[i * STEP];
        }
        return sample;
    }
}
