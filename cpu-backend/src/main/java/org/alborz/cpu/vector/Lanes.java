package org.alborz.cpu.vector;

import java.lang.invoke.VarHandle;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The widest float vector of this machine; constants, so that the compiler can turn vectors into registers. */
final class Lanes {
    static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;

    /** Floats in a vector. */
    static final int L = S.length();

    /** Vector registers. x86 has 32 with vectors of 16 floats (AVX-512) and 16 otherwise, others have 32. */
    static final int REGISTERS = L >= 16 || !isX86() ? 32 : 16;

    private Lanes() {}

    private static boolean isX86() {
        String machine = System.getProperty("os.arch");
        return machine.equals("amd64") || machine.equals("x86_64") || machine.equals("x86") || machine.equals("i386");
    }

    /**
     * Keeps the compiler, where there are 16 registers, from moving loads that follow before what precedes, which would need more registers than there are:
     * sums and weights would be kept on the stack. It is no instruction on x86, the only machine with 16.
     */
    static void keepOrder() {
        if (REGISTERS == 16) {
            VarHandle.loadLoadFence();
        }
    }

    /** Returns {@code count} rounded up to whole vectors. */
    static int wholeVectors(int count) {
        return (count + L - 1) / L * L;
    }

    /**
     * Adds up the lanes of a vector that was stored, from the first to the last. {@code reduceLanes} leaves the order of a sum open, and on
     * newer JVMs compiled code has another than interpreted code, so that results would depend on when a method is compiled. This does not take
     * the vector, which would become an object wherever the compiler does not put this method into its caller.
     *
     * @param stored at least {@link #L} floats
     */
    static float sum(float[] stored) {
        float sum = 0;
        for (int i = 0; i < L; i++) {
            sum += stored[i];
        }
        return sum;
    }
}
