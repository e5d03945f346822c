package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import org.alborz.FreshJvm;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnJre;
import org.junit.jupiter.api.condition.JRE;

/**
 * Vectors of a kernel stay in registers although checks of classes failed before in a method that every operation of it goes through; with the
 * compiler's own limits they become objects.
 */
@Tag("sweep")
final class FailedClassChecksSweepTest {
    /** A process that keeps vectors in registers still makes objects for its measurement. */
    private static final long FEW_BYTES = 20_000;

    private static final String BYTES = "bytes: ";

    @Test
    void vectorsStayInRegistersWithTheOptions() throws Exception {
        assertThat(bytesOfKernel()).isBetween(0L, FEW_BYTES);
    }

    /** Shows that checks do fail in {@link Kernel}. JDK 25 keeps vectors in registers without its profile too. */
    @Test
    @EnabledOnJre(JRE.JAVA_17)
    void vectorsBecomeObjectsWithTheCompilersLimits() throws Exception {
        assertThat(bytesOfKernel("-XX:PerMethodTrapLimit=100", "-XX:PerMethodRecompilationCutoff=400"))
                .isGreaterThan(100 * FEW_BYTES);
    }

    private static long bytesOfKernel(String... more) throws Exception {
        List<String> options = new ArrayList<>(List.of("@../jvm.options"));
        // The lookup is compiled at the same call in each process, before its callers.
        options.addAll(List.of(
                "-XX:-BackgroundCompilation", "-XX:Tier3InvokeNotifyFreqLog=0", "-XX:Tier4InvocationThreshold=2000"));
        options.addAll(List.of(more));
        String printed = FreshJvm.run(options, Kernel.class);
        return Long.parseLong(
                printed.substring(printed.indexOf(BYTES) + BYTES.length()).strip());
    }

    /** Makes checks fail in the lookup of operators, and prints how many bytes the kernel of the matrix product allocates after that. */
    static final class Kernel {
        private static final int TERMS = 256;
        private static final int ROUNDS = 900;
        private static final int CALLS = 3_000;
        private static final int MEASURED = 100;

        private Kernel() {}

        public static void main(String[] arguments) {
            float sum = speculate() + fail();
            TypeProfiles.prepare();
            float[] a = new float[MicroKernels.PANEL * TERMS];
            float[] b = new float[GemmKernel.COLUMNS * TERMS];
            float[] c = new float[GemmKernel.ROWS * GemmKernel.COLUMNS];
            for (int i = 0; i < CALLS; i++) {
                run(a, b, c);
            }
            ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long before = thread.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < MEASURED; i++) {
                run(a, b, c);
            }
            long bytes = thread.getCurrentThreadAllocatedBytes() - before;
            System.out.println(BYTES + (Float.isNaN(sum) ? -1 : bytes));
        }

        private static void run(float[] a, float[] b, float[] c) {
            GemmKernel.run(TERMS, a, 0, b, 0, c, 0, 0, c, 0, GemmKernel.COLUMNS, Float.NEGATIVE_INFINITY);
        }

        /**
         * Calls the lookup until it is compiled, three times a round so that it comes before its callers. While its profile is taken, it meets one
         * operator for the first time, so that it is compiled for operators of this kind only.
         */
        private static float speculate() {
            FloatVector x = FloatVector.broadcast(Lanes.S, 1);
            for (int i = 0; i < ROUNDS; i++) {
                x = x.add(x).neg().fma(x, x);
                if (i == ROUNDS / 3) {
                    x = FloatVector.broadcast(Lanes.S, x.reduceLanes(VectorOperators.MAX));
                }
            }
            return x.lane(0);
        }

        /** Lets it meet operators of other kinds. */
        private static float fail() {
            IntVector x = FloatVector.broadcast(Lanes.S, 1).reinterpretAsInts();
            return x.add(x).sub(x).mul(x).and(x).or(x).neg().max(x).min(x).lane(0);
        }
    }
}
