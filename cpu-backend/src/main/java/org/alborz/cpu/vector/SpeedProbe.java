package org.alborz.cpu.vector;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Measures whether the Vector API is compiled to vector instructions here. Where it is not, each vector is an object and the API is
 * slower than plain Java.
 *
 * <p>Time is what the measuring thread had of a processor, so that other programs count little; a bad outcome on a busy machine is
 * measured once more, and never kept.
 *
 * @param vectorGflops billions of operations a second of the matrix product's micro-kernel
 * @param plainGflops the same of a plain loop
 * @param share how much of the time the thread had a processor, from 0 to 1
 */
public record SpeedProbe(double vectorGflops, double plainGflops, double share) {
    private static final int TERMS = 64;
    private static final int REPEATS = 20;

    /**
     * Compiling the kernel takes a while; one still slow after so much of a processor stays slow. Only a JVM that has no use for the
     * backend waits so long.
     */
    private static final long PATIENCE_NANOS = 8_000_000_000L;

    /** The most that the clock on the wall may show meanwhile. */
    private static final long WALL_NANOS = 30_000_000_000L;

    /** So many rounds in a row the vector kernel has to be the faster one, the plain one having been compiled meanwhile. */
    private static final int FAST_ROUNDS = 50;

    /** A thread that had less of a processor shared it with others, and so did the compiler's threads. */
    private static final double UNDISTURBED = 0.9;

    private static final AtomicReference<SpeedProbe> SETTLED = new AtomicReference<>();

    /** Returns the measurement; made once in a JVM, unless it came out badly on a busy machine, and kept in a file where the launcher names one. */
    public static SpeedProbe result() {
        return result(SETTLED, SpeedProbeFile.named(), SpeedProbe::measure);
    }

    /** @param file null for none */
    static SpeedProbe result(
            AtomicReference<SpeedProbe> settled, SpeedProbeFile file, Supplier<SpeedProbe> measurement) {
        synchronized (settled) {
            SpeedProbe found = settled.get();
            if (found == null && file != null) {
                found = file.read();
                settled.set(found);
            }
            if (found == null) {
                found = measurement.get();
                if (found.isDoubtful()) {
                    found = measurement.get();
                }
                if (!found.isDoubtful()) {
                    settled.set(found);
                    if (file != null) {
                        file.write(found);
                    }
                }
            }
            return found;
        }
    }

    /** Tells whether the vector kernel is at least as fast as the plain one; where vectors are objects it is far slower. */
    public boolean isFast() {
        return vectorGflops >= plainGflops;
    }

    /** Tells whether other programs took the processor meanwhile. */
    public boolean isDisturbed() {
        return share < UNDISTURBED;
    }

    private boolean isDoubtful() {
        return !isFast() && isDisturbed();
    }

    private static SpeedProbe measure() {
        TypeProfiles.prepare();
        int rows = GemmKernel.ROWS;
        int columns = GemmKernel.COLUMNS;
        float[] a = new float[MicroKernels.PANEL * TERMS];
        float[] b = new float[columns * TERMS];
        float[] c = new float[rows * columns];
        float[] start = new float[columns];
        Arrays.fill(a, 0.5f);
        Arrays.fill(b, 0.25f);
        LongSupplier clock = clock();
        double plain = 0;
        double vector = 0;
        long begin = clock.getAsLong();
        long wallBegin = System.nanoTime();
        // Both kernels are timed in turn while they are compiled, until the outcome is clear.
        int fastRounds = 0;
        while (fastRounds < FAST_ROUNDS
                && clock.getAsLong() - begin < PATIENCE_NANOS
                && System.nanoTime() - wallBegin < WALL_NANOS) {
            plain = Math.max(plain, gflops(clock, () -> multiply(a, b, c)));
            vector = Math.max(
                    vector,
                    gflops(
                            clock,
                            () -> GemmKernel.run(
                                    TERMS, a, 0, b, 0, start, 0, 0, c, 0, columns, Float.NEGATIVE_INFINITY)));
            fastRounds = vector >= plain ? fastRounds + 1 : 0;
        }
        double wall = Math.max(1, System.nanoTime() - wallBegin);
        return new SpeedProbe(vector, plain, Math.min(1, (clock.getAsLong() - begin) / wall));
    }

    /** Returns what tells the thread's time on a processor; the clock on the wall where that is too coarse or unknown. */
    private static LongSupplier clock() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        boolean coarse = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");
        return !coarse && threads.isCurrentThreadCpuTimeSupported() && threads.isThreadCpuTimeEnabled()
                ? threads::getCurrentThreadCpuTime
                : System::nanoTime;
    }

    private static double gflops(LongSupplier clock, Runnable kernel) {
        long begin = clock.getAsLong();
        for (int i = 0; i < REPEATS; i++) {
            kernel.run();
        }
        long nanos = Math.max(1, clock.getAsLong() - begin);
        return 2.0 * REPEATS * GemmKernel.ROWS * GemmKernel.COLUMNS * TERMS / nanos;
    }

    /** Computes what the micro-kernel computes, by loops that the compiler may turn into vectors on its own. */
    private static void multiply(float[] a, float[] b, float[] c) {
        int rows = GemmKernel.ROWS;
        int columns = GemmKernel.COLUMNS;
        Arrays.fill(c, 0);
        for (int k = 0; k < TERMS; k++) {
            for (int r = 0; r < rows; r++) {
                float weight = a[k * MicroKernels.PANEL + r];
                for (int j = 0; j < columns; j++) {
                    c[r * columns + j] += weight * b[k * columns + j];
                }
            }
        }
    }
}
