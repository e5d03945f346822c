package org.alborz.cpu.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The widest float vector of this machine; constants, so that the compiler can turn vectors into registers. */
final class Lanes {
    static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;

    /** Floats in a vector. */
    static final int L = S.length();

    private Lanes() {}

    /** Returns {@code count} rounded up to whole vectors. */
    static int wholeVectors(int count) {
        return (count + L - 1) / L * L;
    }
}
