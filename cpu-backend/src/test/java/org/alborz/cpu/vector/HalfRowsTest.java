package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.util.Random;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.Buffer;
import org.alborz.cpu.scalar.ScalarBackend;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Conversions of 16 bits by vectors against the reference's, bit for bit. */
final class HalfRowsTest {
    private static final int ALL = 1 << Short.SIZE;

    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "BFLOAT16"})
    void everyNumberOf16BitsIsWidenedAsByTheReference(DType type) {
        short[] halves = new short[ALL];
        for (int i = 0; i < ALL; i++) {
            halves[i] = (short) i;
        }
        float[] expected = new float[ALL];
        try (Backend reference = new ScalarBackend(BackendOptions.defaults())) {
            Buffer from = reference.allocate(type, ALL);
            Buffer into = reference.allocate(DType.FLOAT32, ALL);
            reference.upload(ShortBuffer.wrap(halves), from, 0);
            copy(reference, from, into, ALL);
            reference.download(into, 0, FloatBuffer.wrap(expected));
        }
        for (int start : new int[] {0, 1, Lanes.L - 1}) {
            float[] actual = new float[ALL + 3];
            HalfRows.widen(type, halves, start, actual, 3, ALL - start);
            for (int i = start; i < ALL; i++) {
                float value = actual[3 + i - start];
                assertThat(Float.floatToIntBits(value))
                        .as("%s of bits %x", type, i)
                        .isEqualTo(Float.floatToIntBits(expected[i]));
            }
        }
    }

    /** Every number of 16 bits, the middle between it and the next, what is next to both, and random bits. */
    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "BFLOAT16"})
    void floatsAreRoundedAsByTheReference(DType type) {
        int dropped = type == DType.FLOAT16 ? 13 : 16;
        float[] halves = new float[ALL];
        short[] all = new short[ALL];
        for (int i = 0; i < ALL; i++) {
            all[i] = (short) i;
        }
        HalfRows.widen(type, all, 0, halves, 0, ALL);
        Random random = new Random(7);
        float[] x = new float[9 * ALL];
        for (int i = 0; i < ALL; i++) {
            int bits = Float.floatToRawIntBits(halves[i]);
            int middle = Float.floatToRawIntBits((float) ((halves[i] + (double) halves[(i + 1) % ALL]) / 2));
            int[] near = {
                bits, bits + 1, bits - 1, middle, middle + 1, middle - 1, bits ^ 1 << dropped, random.nextInt()
            };
            for (int k = 0; k < near.length; k++) {
                x[9 * i + k] = Float.intBitsToFloat(near[k]);
            }
            x[9 * i + 8] = (float) random.nextGaussian() * 1e-6f;
        }
        short[] expected = new short[x.length];
        try (Backend reference = new ScalarBackend(BackendOptions.defaults())) {
            Buffer from = reference.allocate(DType.FLOAT32, x.length);
            Buffer into = reference.allocate(type, x.length);
            reference.upload(FloatBuffer.wrap(x), from, 0);
            copy(reference, from, into, x.length);
            reference.download(into, 0, ShortBuffer.wrap(expected));
        }
        for (int start : new int[] {0, 1, Lanes.L - 1}) {
            short[] actual = new short[x.length + 3];
            HalfRows.narrow(type, x, start, actual, 3, x.length - start);
            for (int i = start; i < x.length; i++) {
                short got = actual[3 + i - start];
                if (got != expected[i]) {
                    assertThat(Integer.toHexString(got & 0xFFFF))
                            .as("%s of %s, bits %x", type, x[i], Float.floatToRawIntBits(x[i]))
                            .isEqualTo(Integer.toHexString(expected[i] & 0xFFFF));
                }
            }
        }
    }

    private static void copy(Backend backend, Buffer from, Buffer into, int count) {
        Layout layout = Layout.rowMajor(Shape.of(count));
        backend.elementwise().copy(new Pair.TestOperand(from, layout), new Pair.TestOperand(into, layout));
    }
}
