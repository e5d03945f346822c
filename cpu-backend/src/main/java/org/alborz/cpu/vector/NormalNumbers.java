package org.alborz.cpu.vector;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.alborz.random.RandomKey;

/**
 * Normal numbers by Box and Muller's transform, with the bits that {@link StrictMath} gives, rounded to float32. They are computed by vectors of
 * float64, which differ from it by less than {@link #ERROR}; where a number so close is rounded to another float, {@code StrictMath} is asked:
 * some four times in a million. An instance belongs to one thread.
 */
final class NormalNumbers {
    /** More than numbers can differ by, for a radius of 1; in truth it is less than a tenth of it. */
    private static final double ERROR = 0x1p-46;

    private static final VectorSpecies<Long> LONGS = VectorSpecies.of(long.class, Lanes.S.vectorShape());
    private static final VectorSpecies<Double> D = VectorSpecies.of(double.class, Lanes.S.vectorShape());
    private static final int LANES = D.length();
    private static final int MANTISSA_BITS = 52;
    private static final long SQRT_HALF_BITS = Double.doubleToRawLongBits(0x1.6a09e667f3bcdp-1);
    private static final long RAISED = 1024;
    private static final double WHOLE = 0x1p52;
    private static final long WHOLE_BITS = Double.doubleToRawLongBits(WHOLE);
    private static final double LN_2 = 0x1.62e42fefa39efp-1;
    private static final double TWO_TO_MINUS_32 = 0x1p-32;
    private static final int QUARTER_BITS = 30;
    private static final int SIGN_SHIFT = 62;

    /** A word as an angle. */
    private static final double ANGLE = 0x1.921fb54442d18p-30;

    /** Words of the angle's quarter, times 4; what is raised to that is rounded to whole quarters. */
    private static final long HALF_QUARTER = 1L << QUARTER_BITS - 1;

    /** Bits of a double's fraction that a float has not, and the half of the last one that it has. */
    private static final int DROPPED_BITS = 29;

    private static final long HALF_LAST = 1L << DROPPED_BITS - 1;

    /** Pairs of numbers that are computed together. */
    private static final int PAIRS = 2 * PhiloxWords.BLOCKS;

    /** Smaller than any number but 0: where the radius is 0, the sign of the result is {@code StrictMath}'s. */
    private static final double TINY = 0x1p-1000;

    // What becomes of the words: the first half is of a block's first two numbers, the second of its last two.
    // Each worker has its own; see Workspace.APART.
    private final double[] radius = new double[PAIRS + Workspace.APART];
    private final double[] cos = new double[PAIRS + Workspace.APART];
    private final double[] sin = new double[PAIRS + Workspace.APART];

    /** Computes elements {@code first} to {@code first + n}, exclusive, of a sequence; {@code first} is a multiple of 4. */
    void fill(PhiloxWords philox, RandomKey key, int first, float[] y, int yi, int n) {
        int group = PhiloxWords.WORDS_PER_BLOCK * PhiloxWords.BLOCKS;
        for (int i = 0; i < n; i += group) {
            long[] words = philox.words(key, (first + i) / PhiloxWords.WORDS_PER_BLOCK);
            for (int half = 0; half < 2; half++) {
                for (int block = 0; block < PhiloxWords.BLOCKS; block += LANES) {
                    int at = 2 * half * PhiloxWords.BLOCKS + block;
                    int to = half * PhiloxWords.BLOCKS + block;
                    radius(words, at, to);
                    angle(words, at + PhiloxWords.BLOCKS, to);
                }
            }
            if (n - i >= group && isSure()) {
                round(cos, sin, y, yi + i);
            } else {
                roundEach(words, y, yi + i, Math.min(group, n - i));
            }
        }
    }

    private static void round(double[] cos, double[] sin, float[] y, int yi) {
        for (int block = 0; block < PhiloxWords.BLOCKS; block++) {
            int at = yi + PhiloxWords.WORDS_PER_BLOCK * block;
            y[at] = (float) cos[block];
            y[at + 1] = (float) sin[block];
            y[at + 2] = (float) cos[PhiloxWords.BLOCKS + block];
            y[at + 3] = (float) sin[PhiloxWords.BLOCKS + block];
        }
    }

    // Three methods, as the compiler leaves vectors on the heap in a longer one.

    private void radius(long[] words, int at, int to) {
        // u = (word + 1)·2⁻³² is 2ᵉ·m with m from √½ to √2; ln m = 2·artanh((m − 1) / (m + 1)).
        LongVector bits = LongVector.fromArray(LONGS, words, at)
                .add(1)
                .lanewise(VectorOperators.OR, WHOLE_BITS)
                .reinterpretAsDoubles()
                .sub(WHOLE)
                .mul(TWO_TO_MINUS_32)
                .reinterpretAsLongs();
        LongVector e =
                bits.add((RAISED << MANTISSA_BITS) - SQRT_HALF_BITS).lanewise(VectorOperators.LSHR, MANTISSA_BITS);
        DoubleVector m = bits.sub(e.sub(RAISED).lanewise(VectorOperators.LSHL, MANTISSA_BITS))
                .reinterpretAsDoubles();
        DoubleVector s = m.sub(1).div(m.add(1));
        DoubleVector z = s.mul(s);
        DoubleVector z2 = z.mul(z);
        DoubleVector z4 = z2.mul(z2);
        DoubleVector q = z2.fma(sum(z, 2.0 / 15, 2.0 / 13), sum(z, 2.0 / 11, 2.0 / 9));
        q = z4.fma(sum(z, 2.0 / 19, 2.0 / 17), q);
        q = z4.fma(q, z2.fma(sum(z, 2.0 / 7, 2.0 / 5), sum(z, 2.0 / 3, 2)));
        DoubleVector log = e.lanewise(VectorOperators.OR, WHOLE_BITS)
                .reinterpretAsDoubles()
                .sub(WHOLE + RAISED)
                .mul(LN_2);
        DoubleVector r = q.fma(s, log).mul(-2).sqrt();
        r.intoArray(radius, to);
    }

    private void angle(long[] words, int at, int to) {
        DoubleVector r = DoubleVector.fromArray(D, radius, to);
        // The angle is some quarters and a rest of half of one at most, to either side.
        LongVector w = LongVector.fromArray(LONGS, words, at);
        LongVector quarters = w.add(HALF_QUARTER).lanewise(VectorOperators.LSHR, QUARTER_BITS);
        DoubleVector x = w.lanewise(VectorOperators.OR, WHOLE_BITS)
                .reinterpretAsDoubles()
                .sub(quarters.lanewise(VectorOperators.LSHL, QUARTER_BITS)
                        .lanewise(VectorOperators.OR, WHOLE_BITS)
                        .reinterpretAsDoubles())
                .mul(ANGLE);
        DoubleVector square = x.mul(x);
        DoubleVector square2 = square.mul(square);
        DoubleVector square4 = square2.mul(square2);
        DoubleVector sine = square2.fma(
                DoubleVector.broadcast(D, -1.0 / 1307674368000L), sum(square, 1.0 / 6227020800L, -1.0 / 39916800));
        sine = square4.fma(sine, square2.fma(sum(square, 1.0 / 362880, -1.0 / 5040), sum(square, 1.0 / 120, -1.0 / 6)));
        sine = sine.mul(square).fma(x, x);
        DoubleVector cosine = square2.fma(
                sum(square, 1.0 / 20922789888000L, -1.0 / 87178291200L), sum(square, 1.0 / 479001600, -1.0 / 3628800));
        cosine =
                square4.fma(cosine, square2.fma(sum(square, 1.0 / 40320, -1.0 / 720), sum(square, 1.0 / 24, -1.0 / 2)));
        cosine = cosine.fma(square, DoubleVector.broadcast(D, 1));
        // An odd quarter exchanges the two; then signs follow.
        LongVector sineBits = sine.reinterpretAsLongs();
        LongVector cosineBits = cosine.reinterpretAsLongs();
        LongVector odd = LongVector.zero(LONGS).sub(quarters.and(1));
        LongVector exchange = sineBits.lanewise(VectorOperators.XOR, cosineBits).and(odd);
        cosineBits
                .lanewise(VectorOperators.XOR, exchange)
                .lanewise(
                        VectorOperators.XOR,
                        quarters.add(1)
                                .lanewise(VectorOperators.LSHL, SIGN_SHIFT)
                                .and(Long.MIN_VALUE))
                .reinterpretAsDoubles()
                .mul(r)
                .intoArray(cos, to);
        sineBits.lanewise(VectorOperators.XOR, exchange)
                .lanewise(
                        VectorOperators.XOR,
                        quarters.lanewise(VectorOperators.LSHL, SIGN_SHIFT).and(Long.MIN_VALUE))
                .reinterpretAsDoubles()
                .mul(r)
                .intoArray(sin, to);
    }

    /** Tells whether all numbers of a group are rounded as those are that differ by the error. */
    private boolean isSure() {
        LongVector crossed = LongVector.zero(LONGS);
        for (int i = 0; i < PAIRS; i += LANES) {
            DoubleVector error = DoubleVector.fromArray(D, radius, i)
                    .fma(DoubleVector.broadcast(D, ERROR), DoubleVector.broadcast(D, TINY));
            crossed = crossed.or(crossed(DoubleVector.fromArray(D, cos, i), error))
                    .or(crossed(DoubleVector.fromArray(D, sin, i), error));
        }
        return crossed.compare(VectorOperators.EQ, 0).allTrue();
    }

    /** Returns slope·x + constant: a polynomial is added up in parts that do not wait for each other. */
    private static DoubleVector sum(DoubleVector x, double slope, double constant) {
        return x.fma(DoubleVector.broadcast(D, slope), DoubleVector.broadcast(D, constant));
    }

    /** Returns 0 where no middle between two floats, and not 0, is nearer to x than the error. */
    private static LongVector crossed(DoubleVector x, DoubleVector error) {
        LongVector above = x.add(error).reinterpretAsLongs().add(HALF_LAST);
        LongVector below = x.sub(error).reinterpretAsLongs().add(HALF_LAST);
        return above.lanewise(VectorOperators.XOR, below).lanewise(VectorOperators.LSHR, DROPPED_BITS);
    }

    private void roundEach(long[] words, float[] y, int yi, int n) {
        for (int block = 0, at = yi; at < yi + n; block++, at += PhiloxWords.WORDS_PER_BLOCK) {
            int end = Math.min(PhiloxWords.WORDS_PER_BLOCK, yi + n - at);
            for (int i = 0; i < end; i += 2) {
                int place = i == 0 ? block : PhiloxWords.BLOCKS + block;
                double error = radius[place] * ERROR;
                float c = rounded(cos[place], error);
                float s = rounded(sin[place], error);
                if (c == 0 || s == 0) {
                    double r = StrictMath.sqrt(-2
                            * StrictMath.log((words[i * PhiloxWords.BLOCKS + block] + 1) * TWO_TO_MINUS_32));
                    double angle = 2 * Math.PI * words[(i + 1) * PhiloxWords.BLOCKS + block] * TWO_TO_MINUS_32;
                    c = (float) (r * StrictMath.cos(angle));
                    s = (float) (r * StrictMath.sin(angle));
                }
                y[at + i] = c;
                if (i + 1 < end) {
                    y[at + i + 1] = s;
                }
            }
        }
    }

    /** Rounds a number, or returns 0 where one that differs by the error is rounded otherwise. */
    private static float rounded(double x, double error) {
        float above = (float) (x + error);
        return above == (float) (x - error) ? above : 0;
    }
}
