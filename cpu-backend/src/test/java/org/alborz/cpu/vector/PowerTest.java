package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import org.alborz.cpu.scalar.ScalarElementwise;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Powers of float32 against {@link StrictMath} in double. */
final class PowerTest {
    private static final float[] SPECIALS = {
        0f,
        -0f,
        1,
        -1,
        2,
        -2,
        3,
        -3,
        0.5f,
        -0.5f,
        4,
        5,
        -5,
        1e30f,
        -1e30f,
        1e-30f,
        16777215,
        -16777215,
        16777216,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        Float.MIN_NORMAL,
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        Math.nextDown(1f),
        Math.nextUp(1f),
        -Math.nextUp(1f),
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.NaN
    };

    @Test
    void specialValuesAreThoseOfIeee() {
        int n = SPECIALS.length;
        float[] a = new float[n * n];
        float[] b = new float[n * n];
        for (int i = 0; i < n * n; i++) {
            a[i] = SPECIALS[i / n];
            b[i] = SPECIALS[i % n];
        }
        assertErrors(a, b, 0.51);
    }

    @Test
    void errorsAreBounded() {
        Random random = new Random(1);
        int n = 200_001;
        float[] a = new float[n];
        float[] b = new float[n];
        for (int i = 0; i < n; i++) {
            a[i] = Float.intBitsToFloat(random.nextInt());
            // Some results are near 1, and most neither 0 nor infinite.
            double log = Math.log(Math.abs((double) a[i]));
            b[i] = (float) ((random.nextDouble() * 2 - 1) * (i % 2 == 0 ? 105 / Math.abs(log) : 1));
            if (i % 3 == 0) {
                b[i] = Math.round(b[i]);
            }
        }
        assertErrors(a, b, 0.51);
    }

    @Test
    void errorsAreBoundedNearOne() {
        int n = 40_000;
        float[] a = new float[n];
        float[] b = new float[n];
        Random random = new Random(2);
        for (int i = 0; i < n; i++) {
            a[i] = Float.intBitsToFloat(Float.floatToRawIntBits(1) - n / 2 + i);
            b[i] = (random.nextFloat() - 0.5f) * 0x1p16f;
        }
        assertErrors(a, b, 0.51);
    }

    /** The square root and the cube have loops of their own. */
    @ParameterizedTest
    @ValueSource(doubles = {0.5, -0.5, 3, -3, 2, -1, 0, 1, 0.1, -1.7, 1e9, 5})
    void oneExponentForAll(double p) {
        Random random = new Random(3);
        float[] x = new float[10_007];
        float[] y = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            x[i] = i < SPECIALS.length ? SPECIALS[i] : Float.intBitsToFloat(random.nextInt());
        }
        Power.power(p, x, 0, y, 0, x.length);
        for (int i = 0; i < x.length; i++) {
            assertClose(x[i], p, y[i], 1.6);
        }
    }

    /** A row's last numbers are computed singly; the first rows are interpreted, the last ones compiled. */
    @Test
    void aNumberHasTheSameResultWhereverItIsComputed() {
        int n = SPECIALS.length * SPECIALS.length;
        float[] a = new float[n];
        float[] b = new float[n];
        for (int i = 0; i < n; i++) {
            a[i] = SPECIALS[i / SPECIALS.length] * (1 + i % 7);
            b[i] = SPECIALS[i % SPECIALS.length] * 0.7f;
        }
        float[] expected = new float[n];
        for (int i = 0; i < n; i++) {
            expected[i] = Power.power(a[i], b[i]);
        }
        float[] y = new float[n];
        for (int call = 0; call < 2_000; call++) {
            int from = call % n;
            int length = Math.min(n - from, 1 + call % 40);
            Power.power(a, from, b, from, y, from, length);
            assertThat(Arrays.copyOfRange(y, from, from + length))
                    .isEqualTo(Arrays.copyOfRange(expected, from, from + length));
        }
    }

    /** Numbers that were taken with 16 lanes. */
    @Test
    void theBitsDoNotDependOnTheNumberOfLanes() {
        Random random = new Random(4);
        float[] a = new float[4096];
        float[] b = new float[4096];
        for (int i = 0; i < a.length; i++) {
            a[i] = Float.intBitsToFloat(random.nextInt());
            b[i] = (random.nextFloat() - 0.5f) * 4;
        }
        float[] y = new float[a.length];
        Power.power(a, 0, b, 0, y, 0, y.length);
        CRC32 crc = new CRC32();
        VectorSoftmaxTest.add(crc, y);
        assertThat(crc.getValue()).isEqualTo(3839629645L);
    }

    private static void assertErrors(float[] a, float[] b, double bound) {
        float[] y = new float[a.length];
        Power.power(a, 0, b, 0, y, 0, y.length);
        for (int i = 0; i < y.length; i++) {
            assertClose(a[i], b[i], y[i], bound);
        }
    }

    private static void assertClose(float x, double p, float actual, double bound) {
        double exact = ScalarElementwise.power(x, p);
        float rounded = (float) exact;
        boolean same = Float.compare(rounded, actual) == 0;
        boolean close = Math.abs(actual - exact) <= bound * Math.ulp(rounded);
        assertThat(same || close)
                .as("%s to the power of %s is %s, got %s", x, p, exact, actual)
                .isTrue();
    }
}
