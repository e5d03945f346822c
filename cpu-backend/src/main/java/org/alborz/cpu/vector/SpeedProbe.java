package org.alborz.cpu.vector;

import java.util.Arrays;

/**
 * Measures whether the Vector API is compiled to vector instructions here. Where it is not, each vector is an object and the API is
 * slower than plain Java.
 *
 * @param vectorGflops billions of operations a second of the matrix product's micro-kernel
 * @param plainGflops the same of a plain loop
 */
public record SpeedProbe(double vectorGflops, double plainGflops) {
    private static final int TERMS = 64;
    private static final int REPEATS = 20;

    /**
     * Compiling the kernel takes a while, and on a busy machine a long while; a kernel still slow after this long stays slow. Only a
     * JVM that has no use for the backend waits so long.
     */
    private static final long PATIENCE_NANOS = 8_000_000_000L;

    /** So many rounds in a row the vector kernel has to be the faster one, the plain one having been compiled meanwhile. */
    private static final int FAST_ROUNDS = 50;

    /** Returns the measurement, made once in a JVM. */
    public static SpeedProbe result() {
        return Holder.RESULT;
    }

    /** Tells whether the vector kernel is at least as fast as the plain one; where vectors are objects it is far slower. */
    public boolean isFast() {
        return vectorGflops >= plainGflops;
    }

    private static final class Holder {
        static final SpeedProbe RESULT = measure();
    }

    private static SpeedProbe measure() {
        TypeProfiles.prepare();
        int rows = PackedTile.ROWS;
        int columns = PackedTile.COLUMNS;
        float[] a = new float[rows * TERMS];
        float[] b = new float[columns * TERMS];
        float[] c = new float[rows * columns];
        float[] start = new float[columns];
        Arrays.fill(a, 0.5f);
        Arrays.fill(b, 0.25f);
        double plain = 0;
        double vector = 0;
        long begin = System.nanoTime();
        // Both kernels are timed in turn while they are compiled, until the outcome is clear.
        int fastRounds = 0;
        while (fastRounds < FAST_ROUNDS && System.nanoTime() - begin < PATIENCE_NANOS) {
            plain = Math.max(plain, gflops(() -> multiply(a, b, c)));
            vector = Math.max(
                    vector,
                    gflops(() ->
                            PackedTile.run(TERMS, a, 0, b, 0, start, 0, 0, c, 0, columns, Float.NEGATIVE_INFINITY)));
            fastRounds = vector >= plain ? fastRounds + 1 : 0;
        }
        return new SpeedProbe(vector, plain);
    }

    private static double gflops(Runnable kernel) {
        long begin = System.nanoTime();
        for (int i = 0; i < REPEATS; i++) {
            kernel.run();
        }
        long nanos = Math.max(1, System.nanoTime() - begin);
        return 2.0 * REPEATS * PackedTile.ROWS * PackedTile.COLUMNS * TERMS / nanos;
    }

    /** Computes what the micro-kernel computes, by loops that the compiler may turn into vectors on its own. */
    private static void multiply(float[] a, float[] b, float[] c) {
        int rows = PackedTile.ROWS;
        int columns = PackedTile.COLUMNS;
        Arrays.fill(c, 0);
        for (int k = 0; k < TERMS; k++) {
            for (int r = 0; r < rows; r++) {
                float weight = a[k * rows + r];
                for (int j = 0; j < columns; j++) {
                    c[r * columns + j] += weight * b[k * columns + j];
                }
            }
        }
    }
}
