package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.alborz.type.DType;

/**
 * Shows the compiler every kind of vector operation before it meets the first kernel.
 *
 * <p>All vector operations go through a few methods of the Vector API, which the HotSpot compiler compiles on their own too, for code it
 * has not yet got to. Having met one kind of operator only, it speculates that there is no other; when that fails it records a
 * failed class check with the method. Later these records add up in each kernel, once for every operation in it, and from a sum of 100 on
 * the compiler trusts no type profile there any more: it calls virtually, and the receiver must be an object on the heap (JDK 17). After
 * this mixture the profiles stay megamorphic, so C2 does not speculate. {@code jvm.options} has limits that such sums do not reach; this is for
 * programs that start without them, and for the profile of stores.
 *
 * <p>The lookup of an operator's implementation calls a function of the operator's kind the first time only. So a few rounds of each kind are
 * run while the lookup is profiled and before the second compiler has it; otherwise it may be compiled for the only kind that was new since its
 * profile began, and every new operator of another kind then is a failed check.
 *
 * <p>Stores need a profile: the method that stores asks a vector for its species, and behind a loop the compiler knows of a variable only the class
 * it is declared with. Without a profile the stores of a kernel stay calls, with vectors that are objects, at three quarters of its speed (JDK 17); so it
 * was in each process whose first product packed both matrices without vectors.
 */
final class TypeProfiles {
    /** Calls until the methods are profiled, and some more for the profile. */
    private static final int ROUNDS = 600;

    /** Calls until the lookup of operators is profiled, and far less than until it is compiled by the second compiler. */
    private static final int FIRST_ROUNDS = 100;

    private TypeProfiles() {}

    /** Runs the mixture, once in a JVM. */
    static void prepare() {
        if (Holder.SUM == Float.NEGATIVE_INFINITY) {
            throw new AssertionError("a sum of finite numbers is finite");
        }
    }

    private static final class Holder {
        static final float SUM = floats(FIRST_ROUNDS)
                + ints(1)
                + longs(1)
                + floats(ROUNDS - FIRST_ROUNDS)
                + ints(ROUNDS)
                + longs(ROUNDS)
                + halves();
    }

    private static float ints(int rounds) {
        FloatVector x = FloatVector.broadcast(S, 1);
        for (int i = 0; i < rounds; i++) {
            IntVector y = x.reinterpretAsInts().add(i).sub(i).mul(1);
            IntVector half = y.lanewise(VectorOperators.ASHR, 1).lanewise(VectorOperators.LSHL, 1);
            x = y.sub(half)
                    .add(half)
                    .and(-1)
                    .lanewise(VectorOperators.XOR, half)
                    .lanewise(VectorOperators.XOR, half)
                    .reinterpretAsFloats();
        }
        return x.lane(0);
    }

    private static float floats(int rounds) {
        FloatVector x = FloatVector.broadcast(S, 1);
        float[] stored = new float[Lanes.L];
        for (int i = 0; i < rounds; i++) {
            x.intoArray(stored, 0);
            x = FloatVector.fromArray(S, stored, 0);
            FloatVector y = FloatVector.broadcast(S, i % 7 + 1);
            x = x.add(y).sub(y).mul(y).div(y).max(y.neg()).min(y);
            x = x.fma(y, x).sub(x.mul(y)).abs();
            x = x.blend(y, x.compare(VectorOperators.LT, y)).sqrt();
        }
        return x.lane(0);
    }

    private static float halves() {
        short[] halves = new short[8 * Lanes.L];
        float[] floats = new float[8 * Lanes.L];
        for (int i = 0; i < ROUNDS / 8; i++) {
            for (DType type : new DType[] {DType.FLOAT16, DType.BFLOAT16}) {
                HalfRows.narrow(type, floats, 0, halves, 0, floats.length);
                HalfRows.widen(type, halves, 0, floats, 0, floats.length);
            }
        }
        return floats[0];
    }

    private static long longs(int rounds) {
        LongVector x = LongVector.broadcast(VectorSpecies.of(long.class, S.vectorShape()), 1);
        for (int i = 0; i < rounds; i++) {
            x = x.add(i).mul(x.and(i)).or(1).lanewise(VectorOperators.XOR, i);
            x = x.lanewise(VectorOperators.LSHR, 1).lanewise(VectorOperators.LSHL, 1);
        }
        return x.lane(0);
    }
}
