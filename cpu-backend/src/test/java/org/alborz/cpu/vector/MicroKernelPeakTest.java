package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.ToIntFunction;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the micro-kernels' share of what a loop of multiply-adds reaches that touches registers only. A kernel whose accumulators the
 * compiler puts on the stack falls to 0.4 or less, one whose accumulators it puts on the heap to 0.1.
 *
 * <p>Both loops run in turn, in slices far shorter than the system's time slice, and the best slice of each counts, so other programs have
 * to take the processor almost all the time to matter; then the test is skipped.
 */
@Tag("sweep")
final class MicroKernelPeakTest {
    private static final Logger log = LoggerFactory.getLogger(MicroKernelPeakTest.class);

    private static final int TERMS = 256;
    private static final int ROWS = 24;
    private static final int SLICES = 200;
    private static final int ATTEMPTS = 10;

    /** Calls in a slice, some tenths of a millisecond. */
    private static final int CALLS = 400;

    /** A thread that has less of a processor shares it with other programs. */
    private static final double UNDISTURBED = 0.8;

    private final float[] a = filled(2 * ROWS * TERMS);
    private final float[] b = filled(2 * L * TERMS);
    private final float[] c = new float[ROWS * 2 * L];

    private static float[] filled(int length) {
        float[] values = new float[length];
        Arrays.fill(values, 0.5f);
        return values;
    }

    @Test
    void theMatrixProductNearsThePeak() {
        holds("the matrix product", 0.6, test -> {
            GemmKernel.run(TERMS, test.a, 0, test.b, 0, test.c, 0, 2 * L, test.c, 0, 2 * L, Float.NEGATIVE_INFINITY);
            return GemmKernel.ROWS * 2 * L * TERMS;
        });
    }

    @Test
    void winogradsProductKeepsItsSumsInRegisters() {
        holds("Winograd's product", 0.45, test -> {
            BlockedProduct.product(8, 2 * L, test.a, 0, TERMS, TERMS, test.b, 0, test.c, 0, 2 * L);
            return 8 * 2 * L * TERMS;
        });
    }

    @Test
    void winogradsProductInBlocksNearsThePeak() {
        int terms = 2 * MicroKernels.BLOCK_TERMS;
        float[] zeros = new float[ROWS * 2 * L];
        assumeTrue(BlockedProduct.isInBlocks(terms, 2 * L), "Products in blocks are for 16 registers");
        holds("Winograd's product in blocks", 0.55, test -> {
            BlockedProduct.blocks(ROWS, test.a, 0, terms, test.b, 0, zeros, test.c, 0);
            return ROWS * 2 * L * terms;
        });
    }

    @Test
    void winogradsTransposedProductKeepsItsSumsInRegisters() {
        holds("Winograd's transposed product", 0.45, test -> {
            BlockedProduct.addTransposed(8, 2 * L, test.a, 0, TERMS, test.b, 0, test.c, 0, 2 * L);
            return 8 * 2 * L * TERMS;
        });
    }

    private void holds(String name, double least, ToIntFunction<MicroKernelPeakTest> kernel) {
        assumeTrue(SpeedProbe.result().isFast(), "Vectors are objects here, so there is no peak to be near to");
        double peak = 0;
        double best = 0;
        long wall = System.nanoTime();
        long processor = processorNanos();
        for (int attempt = 0; attempt < ATTEMPTS && (attempt < 2 || best < least * peak); attempt++) {
            for (int slice = 0; slice < SLICES; slice++) {
                peak = Math.max(peak, rate(MicroKernelPeakTest::registersOnly));
                best = Math.max(best, rate(kernel));
            }
        }
        double had = (processorNanos() - processor) / (double) (System.nanoTime() - wall);
        String result = String.format(
                Locale.ROOT,
                "%s: %.1f GFLOP/s with %d lanes, %.2f of the peak, %.2f of a processor",
                name,
                2 * best,
                L,
                best / peak,
                had);
        log.info("{}", result);
        if (best < least * peak && had < UNDISTURBED) {
            log.warn("SKIPPED, as other programs use the machine: {}", result);
            assumeTrue(false, result);
        }
        assertThat(best / peak).as(result).isGreaterThanOrEqualTo(least);
    }

    /** Returns multiply-adds a nanosecond. */
    private double rate(ToIntFunction<MicroKernelPeakTest> kernel) {
        long done = 0;
        long begin = System.nanoTime();
        for (int i = 0; i < CALLS; i++) {
            done += kernel.applyAsInt(this);
        }
        return done / (double) Math.max(1, System.nanoTime() - begin);
    }

    private static long processorNanos() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return threads.isCurrentThreadCpuTimeSupported() ? threads.getCurrentThreadCpuTime() : System.nanoTime();
    }

    /** Does multiply-adds of 12 accumulators, enough for any processor's latency and few enough for 16 registers. */
    private static int registersOnly(MicroKernelPeakTest test) {
        FloatVector x = FloatVector.fromArray(S, test.a, 0);
        FloatVector y = FloatVector.fromArray(S, test.b, 0);
        FloatVector c0 = FloatVector.zero(S);
        FloatVector c1 = FloatVector.zero(S);
        FloatVector c2 = FloatVector.zero(S);
        FloatVector c3 = FloatVector.zero(S);
        FloatVector c4 = FloatVector.zero(S);
        FloatVector c5 = FloatVector.zero(S);
        FloatVector c6 = FloatVector.zero(S);
        FloatVector c7 = FloatVector.zero(S);
        FloatVector c8 = FloatVector.zero(S);
        FloatVector c9 = FloatVector.zero(S);
        FloatVector c10 = FloatVector.zero(S);
        FloatVector c11 = FloatVector.zero(S);
        for (int i = 0; i < TERMS; i++) {
            c0 = x.fma(y, c0);
            c1 = x.fma(y, c1);
            c2 = x.fma(y, c2);
            c3 = x.fma(y, c3);
            c4 = x.fma(y, c4);
            c5 = x.fma(y, c5);
            c6 = x.fma(y, c6);
            c7 = x.fma(y, c7);
            c8 = x.fma(y, c8);
            c9 = x.fma(y, c9);
            c10 = x.fma(y, c10);
            c11 = x.fma(y, c11);
        }
        c0.intoArray(test.c, 0);
        c1.intoArray(test.c, L);
        c2.intoArray(test.c, 2 * L);
        c3.intoArray(test.c, 3 * L);
        c4.intoArray(test.c, 4 * L);
        c5.intoArray(test.c, 5 * L);
        c6.intoArray(test.c, 6 * L);
        c7.intoArray(test.c, 7 * L);
        c8.intoArray(test.c, 8 * L);
        c9.intoArray(test.c, 9 * L);
        c10.intoArray(test.c, 10 * L);
        c11.intoArray(test.c, 11 * L);
        return 12 * L * TERMS;
    }
}
