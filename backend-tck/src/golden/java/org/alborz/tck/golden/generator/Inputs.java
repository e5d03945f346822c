package org.alborz.tck.golden.generator;

import java.util.Arrays;
import java.util.Random;

/**
 * Draws the inputs of one case, seeded by the case's name.
 *
 * <p>Every element is a small multiple of a power of two, so that float32 backends start from exactly the same numbers.
 */
final class Inputs {
    private static final int STEPS = 1024;

    private final Random random;

    Inputs(String caseName) {
        random = new Random(caseName.hashCode());
    }

    /** Draws from [−2, 2]. */
    Values uniform(long... shape) {
        return uniform(2, shape);
    }

    /** Draws from [−bound, bound], bound a power of two. */
    Values scaled(double bound, long... shape) {
        return uniform(bound, shape);
    }

    /** Draws from [0.5, 1.5). */
    Values positive(long... shape) {
        double[] elements = new double[count(shape)];
        Arrays.setAll(elements, i -> 0.5 + random.nextInt(STEPS) / (double) STEPS);
        return Values.of(elements, shape);
    }

    /** Shuffles numbers that all differ, so that no maximum is a tie. */
    Values distinct(long... shape) {
        double[] elements = new double[count(shape)];
        Arrays.setAll(elements, i -> (i - elements.length / 2) / 64.0);
        for (int i = elements.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            double swapped = elements[i];
            elements[i] = elements[j];
            elements[j] = swapped;
        }
        return Values.of(elements, shape);
    }

    /** Draws n class labels from [0, classes). */
    Values labels(int n, int classes) {
        return Values.labels(random.ints(n, 0, classes).asDoubleStream().toArray());
    }

    private Values uniform(double bound, long[] shape) {
        double[] elements = new double[count(shape)];
        Arrays.setAll(elements, i -> bound * (random.nextInt(2 * STEPS + 1) - STEPS) / STEPS);
        return Values.of(elements, shape);
    }

    private static int count(long[] shape) {
        return (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    }
}
