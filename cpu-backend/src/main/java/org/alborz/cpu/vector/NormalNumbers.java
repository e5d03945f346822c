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

    // What becomes of four vectors of words: those of the radius and the angle of a block's first two numbers, and of
    // its last two.
    private final double[] radius = new double[2 * LANES];
    private final double[] cos = new double[2 * LANES];
    private final double[] sin = new double[2 * LANES];

    /** Computes elements {@code first} to {@code first + n}, exclusive, of a sequence; {@code first} is a multiple of 4. */
    void fill(PhiloxWords philox, RandomKey key, int first, float[] y, int yi, int n) {
        int group = PhiloxWords.WORDS_PER_BLOCK * LANES;
        for (int i = 0; i < n; i += group) {
            long[] words = philox.words(key, (first + i) / PhiloxWords.WORDS_PER_BLOCK);
            transform(words, 0, 0);
            transform(words, 2 * LANES, LANES);
            round(words, y, yi + i, Math.min(group, n - i));
        }
    }

    private void transform(long[] words, int at, int to) {
        // u = (word + 1)·2⁻³² is 2ᵉ·m with m from √½ to √2; ln m = 2·artanh((m − 1) / (m + 1)).
        LongVector bits = LongVector.fromArray(PhiloxWords.LONGS, words, at)
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
        DoubleVector q = z.mul(2.0 / 21)
                .add(2.0 / 19)
                .fma(z, DoubleVector.broadcast(D, 2.0 / 17))
                .fma(z, DoubleVector.broadcast(D, 2.0 / 15))
                .fma(z, DoubleVector.broadcast(D, 2.0 / 13))
                .fma(z, DoubleVector.broadcast(D, 2.0 / 11))
                .fma(z, DoubleVector.broadcast(D, 2.0 / 9))
                .fma(z, DoubleVector.broadcast(D, 2.0 / 7))
                .fma(z, DoubleVector.broadcast(D, 2.0 / 5))
                .fma(z, DoubleVector.broadcast(D, 2.0 / 3))
                .fma(z, DoubleVector.broadcast(D, 2));
        DoubleVector log = e.lanewise(VectorOperators.OR, WHOLE_BITS)
                .reinterpretAsDoubles()
                .sub(WHOLE + RAISED)
                .mul(LN_2);
        DoubleVector r = q.fma(s, log).mul(-2).sqrt();
        r.intoArray(radius, to);

        // The angle is some quarters and a rest of half of one at most, to either side.
        LongVector w = LongVector.fromArray(PhiloxWords.LONGS, words, at + LANES);
        LongVector quarters = w.add(HALF_QUARTER).lanewise(VectorOperators.LSHR, QUARTER_BITS);
        DoubleVector x = w.lanewise(VectorOperators.OR, WHOLE_BITS)
                .reinterpretAsDoubles()
                .sub(quarters.lanewise(VectorOperators.LSHL, QUARTER_BITS)
                        .lanewise(VectorOperators.OR, WHOLE_BITS)
                        .reinterpretAsDoubles())
                .mul(ANGLE);
        DoubleVector square = x.mul(x);
        DoubleVector sine = square.mul(-1.0 / 1307674368000L)
                .add(1.0 / 6227020800L)
                .fma(square, DoubleVector.broadcast(D, -1.0 / 39916800))
                .fma(square, DoubleVector.broadcast(D, 1.0 / 362880))
                .fma(square, DoubleVector.broadcast(D, -1.0 / 5040))
                .fma(square, DoubleVector.broadcast(D, 1.0 / 120))
                .fma(square, DoubleVector.broadcast(D, -1.0 / 6))
                .mul(square)
                .fma(x, x);
        DoubleVector cosine = square.mul(1.0 / 20922789888000L)
                .add(-1.0 / 87178291200L)
                .fma(square, DoubleVector.broadcast(D, 1.0 / 479001600))
                .fma(square, DoubleVector.broadcast(D, -1.0 / 3628800))
                .fma(square, DoubleVector.broadcast(D, 1.0 / 40320))
                .fma(square, DoubleVector.broadcast(D, -1.0 / 720))
                .fma(square, DoubleVector.broadcast(D, 1.0 / 24))
                .fma(square, DoubleVector.broadcast(D, -1.0 / 2))
                .fma(square, DoubleVector.broadcast(D, 1));
        // An odd quarter exchanges the two; then signs follow.
        LongVector sineBits = sine.reinterpretAsLongs();
        LongVector cosineBits = cosine.reinterpretAsLongs();
        LongVector odd = LongVector.zero(PhiloxWords.LONGS).sub(quarters.and(1));
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

    private void round(long[] words, float[] y, int yi, int n) {
        for (int block = 0, at = yi; at < yi + n; block++, at += PhiloxWords.WORDS_PER_BLOCK) {
            int end = Math.min(PhiloxWords.WORDS_PER_BLOCK, yi + n - at);
            for (int i = 0; i < end; i += 2) {
                int place = i == 0 ? block : LANES + block;
                double error = radius[place] * ERROR;
                float c = rounded(cos[place], error);
                float s = rounded(sin[place], error);
                if (c == 0 || s == 0) {
                    double r = StrictMath.sqrt(-2 * StrictMath.log((words[i * LANES + block] + 1) * TWO_TO_MINUS_32));
                    double angle = 2 * Math.PI * words[(i + 1) * LANES + block] * TWO_TO_MINUS_32;
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
