package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.alborz.type.DType;

/**
 * Rows of float16 or bfloat16, as their bits, to float32 and back, a vector at a time by arithmetic on integers.
 *
 * <p>To 16 bits a number is rounded to the nearest, halves to even, as IEEE 754 says; beyond the largest it becomes infinite. A NaN
 * becomes the quiet one of its sign.
 */
final class HalfRows {
    private static final VectorSpecies<Short> SHORTS =
            VectorSpecies.of(short.class, VectorShape.forBitSize(S.vectorBitSize() / 2));
    private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, S.vectorShape());

    private static final int SIGN = 0x8000;
    private static final int MAGNITUDE = 0x7FFF;
    private static final int FLOAT_MAGNITUDE = 0x7FFF_FFFF;
    private static final int FLOAT_INFINITY = 0x7F80_0000;

    /** The quiet NaN of each type. */
    private static final int BFLOAT16_NAN = 0x7FC0;

    private static final int FLOAT16_NAN = 0x7E00;

    /** Fraction bits that float32 has more than each type. */
    private static final int BFLOAT16_DROPPED = 16;

    private static final int FLOAT16_DROPPED = 13;

    /** What float32's exponent is ahead of float16's, in the place of float32's exponent. */
    private static final int REBIAS = 127 - 15 << 23;

    /** Float16's infinity and its smallest number that is not subnormal; as float32, that number, and the first that rounds to infinity. */
    private static final int FLOAT16_INFINITY = 0x7C00;

    private static final int FLOAT16_NORMAL = 0x0400;
    private static final int NORMAL_AS_FLOAT = 0x3880_0000;
    private static final int INFINITE_AS_FLOAT = 0x477F_F000;

    /** The first number beyond float16's exponents, as float32. */
    private static final int BEYOND_AS_FLOAT = 0x4780_0000;

    /** Where float16's sign, exponent and fraction are in a float, the sign in the place of float32's. */
    private static final int WIDENED = 0x8FFF_E000;

    /** What float32's exponent is ahead of float16's, as a factor. */
    private static final float REBIASED = 0x1p112f;

    /** What float16's subnormal numbers are multiples of. */
    private static final float SMALLEST = 0x1p-24f;

    /** A float next to it has its last bit worth {@link #SMALLEST}. */
    private static final float ROUNDER = 0.5f;

    private static final int ROUNDER_BITS = 0x3F00_0000;

    /** Bits of a float's fraction. */
    private static final int FLOAT_FRACTION = 23;

    /**
     * What a number's power of 2 is raised by to round it as float16, and a fraction that turns the exponent of {@link #ROUNDER}, of which six bits
     * become float16's, into 0.
     */
    private static final int RAISED = (FLOAT16_DROPPED << FLOAT_FRACTION) + 0x800;

    private HalfRows() {}

    /** Converts {@code n} neighbours to float32. */
    static void widen(DType from, short[] x, int at, float[] y, int to, int n) {
        if (from == DType.BFLOAT16) {
            widenBfloat16(x, at, y, to, n);
        } else {
            widenFloat16(x, at, y, to, n);
        }
    }

    /** Rounds {@code n} neighbours to 16 bits. */
    static void narrow(DType into, float[] x, int at, short[] y, int to, int n) {
        if (into == DType.BFLOAT16) {
            narrowBfloat16(x, at, y, to, n);
        } else {
            narrowFloat16(x, at, y, to, n);
        }
    }

    /** Converts {@code n} numbers, {@code step} apart or, with 0, one of them repeated, to neighbours in {@code y}. */
    static void gather(DType from, short[] x, int at, int step, float[] y, int to, int n) {
        if (step == 1) {
            widen(from, x, at, y, to, n);
        } else if (step == 0) {
            Arrays.fill(y, to, to + n, widened(from, x[at]));
        } else {
            for (int i = 0; i < n; i++) {
                y[to + i] = widened(from, x[at + i * step]);
            }
        }
    }

    /** Rounds {@code n} neighbours in {@code x} to numbers that are {@code step} apart. */
    static void scatter(DType into, float[] x, int at, short[] y, int to, int step, int n) {
        if (step == 1) {
            narrow(into, x, at, y, to, n);
        } else {
            for (int i = 0; i < n; i++) {
                y[to + i * step] = narrowed(into, x[at + i]);
            }
        }
    }

    private static float widened(DType from, short half) {
        return from == DType.BFLOAT16 ? Float.intBitsToFloat(half << BFLOAT16_DROPPED) : float16ToFloat(half);
    }

    private static short narrowed(DType into, float value) {
        int bits = Float.floatToRawIntBits(value);
        return into == DType.BFLOAT16 ? bfloat16(bits) : float16(bits);
    }

    private static void widenBfloat16(short[] x, int at, float[] y, int to, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            ((IntVector) ShortVector.fromArray(SHORTS, x, at + i).convertShape(VectorOperators.S2I, INTS, 0))
                    .lanewise(VectorOperators.LSHL, BFLOAT16_DROPPED)
                    .reinterpretAsFloats()
                    .intoArray(y, to + i);
        }
        for (; i < n; i++) {
            y[to + i] = Float.intBitsToFloat(x[at + i] << BFLOAT16_DROPPED);
        }
    }

    private static void widenFloat16(short[] x, int at, float[] y, int to, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            // The exponent, still 112 too small, makes a float of it, a subnormal one where float16's is; the product
            // is exact.
            FloatVector scaled = ((IntVector)
                            ShortVector.fromArray(SHORTS, x, at + i).convertShape(VectorOperators.S2I, INTS, 0))
                    .lanewise(VectorOperators.LSHL, FLOAT16_DROPPED)
                    .and(WIDENED)
                    .reinterpretAsFloats()
                    .mul(REBIASED);
            // Only an infinity or NaN, which is 2¹⁶ or more now, becomes infinite by one more product and stays so; its
            // fraction is added.
            scaled.mul(REBIASED)
                    .mul(1 / REBIASED)
                    .reinterpretAsInts()
                    .or(scaled.reinterpretAsInts())
                    .reinterpretAsFloats()
                    .intoArray(y, to + i);
        }
        for (; i < n; i++) {
            y[to + i] = float16ToFloat(x[at + i]);
        }
    }

    private static float float16ToFloat(short half) {
        int rest = half & MAGNITUDE;
        int shifted = rest << FLOAT16_DROPPED;
        int bits = rest < FLOAT16_NORMAL
                ? Float.floatToRawIntBits(rest * SMALLEST)
                : rest < FLOAT16_INFINITY ? shifted + REBIAS : shifted | FLOAT_INFINITY;
        return Float.intBitsToFloat((half & SIGN) << BFLOAT16_DROPPED | bits);
    }

    private static void narrowBfloat16(float[] x, int at, short[] y, int to, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector v = FloatVector.fromArray(S, x, at + i);
            IntVector all = v.reinterpretAsInts();
            IntVector upper = all.lanewise(VectorOperators.LSHR, BFLOAT16_DROPPED);
            IntVector rounded = all.add(upper.and(1)).add(MAGNITUDE).lanewise(VectorOperators.LSHR, BFLOAT16_DROPPED);
            FloatVector nan = upper.and(SIGN).or(BFLOAT16_NAN).reinterpretAsFloats();
            IntVector halves = rounded.reinterpretAsFloats()
                    .blend(nan, v.compare(VectorOperators.NE, v))
                    .reinterpretAsInts();
            ((ShortVector) halves.convertShape(VectorOperators.I2S, SHORTS, 0)).intoArray(y, to + i);
        }
        for (; i < n; i++) {
            y[to + i] = bfloat16(Float.floatToRawIntBits(x[at + i]));
        }
    }

    private static short bfloat16(int all) {
        boolean isNaN = (all & FLOAT_MAGNITUDE) > FLOAT_INFINITY;
        int rounded = all + MAGNITUDE + (all >>> BFLOAT16_DROPPED & 1) >>> BFLOAT16_DROPPED;
        return (short) (isNaN ? all >>> BFLOAT16_DROPPED & SIGN | BFLOAT16_NAN : rounded);
    }

    private static void narrowFloat16(float[] x, int at, short[] y, int to, int n) {
        IntVector nan = IntVector.broadcast(INTS, FLOAT16_NAN);
        int i = 0;
        for (; i <= n - L; i += L) {
            IntVector all = FloatVector.fromArray(S, x, at + i).reinterpretAsInts();
            IntVector rest = all.and(FLOAT_MAGNITUDE);
            IntVector bounded = rest.min(BEYOND_AS_FLOAT);
            // What is added to a float whose last bit is then worth float16's last bit, so that the sum is rounded as
            // float16 is.
            IntVector rounder = bounded.and(FLOAT_INFINITY).max(NORMAL_AS_FLOAT).add(RAISED);
            IntVector sum = bounded.reinterpretAsFloats()
                    .add(rounder.reinterpretAsFloats())
                    .reinterpretAsInts();
            // The sum's exponent and fraction, each in its place; what is above 16 bits is dropped.
            IntVector halves = sum.add(sum.lanewise(VectorOperators.LSHR, FLOAT16_DROPPED))
                    .blend(nan, rest.compare(VectorOperators.GT, FLOAT_INFINITY))
                    .or(all.lanewise(VectorOperators.XOR, rest).lanewise(VectorOperators.LSHR, BFLOAT16_DROPPED));
            ((ShortVector) halves.convertShape(VectorOperators.I2S, SHORTS, 0)).intoArray(y, to + i);
        }
        for (; i < n; i++) {
            y[to + i] = float16(Float.floatToRawIntBits(x[at + i]));
        }
    }

    private static short float16(int all) {
        int rest = all & FLOAT_MAGNITUDE;
        int bits;
        if (rest > FLOAT_INFINITY) {
            bits = FLOAT16_NAN;
        } else if (rest >= INFINITE_AS_FLOAT) {
            bits = FLOAT16_INFINITY;
        } else if (rest < NORMAL_AS_FLOAT) {
            bits = Float.floatToRawIntBits(Float.intBitsToFloat(rest) + ROUNDER) - ROUNDER_BITS;
        } else {
            int odd = rest >> FLOAT16_DROPPED & 1;
            bits = rest + (1 << FLOAT16_DROPPED - 1) - 1 - REBIAS + odd >> FLOAT16_DROPPED;
        }
        return (short) (all >>> BFLOAT16_DROPPED & SIGN | bits);
    }
}
