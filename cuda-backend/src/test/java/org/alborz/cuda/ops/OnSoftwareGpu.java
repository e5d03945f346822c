package org.alborz.cuda.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.Buffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.ShortBuffer;
import java.util.Random;
import org.alborz.backend.Operand;
import org.alborz.cuda.CudaBackend;
import org.alborz.cuda.SoftwareGpu;
import org.alborz.softwarecuda.SoftwareDevice;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;

/** A backend on the software GPU, for one test; nothing may be left of it. */
abstract class OnSoftwareGpu {
    final SoftwareDevice device = SoftwareGpu.device();
    final CudaBackend backend = SoftwareGpu.open();

    /** A place of some layout in memory of its own. */
    record TestOperand(org.alborz.backend.Buffer buffer, Layout layout) implements Operand {}

    @AfterEach
    void nothingIsLeft() {
        backend.close();
        assertThat(device.leaks()).isEmpty();
    }

    TestOperand operand(DType dtype, long elements, Layout layout) {
        return new TestOperand(backend.allocate(dtype, elements), layout);
    }

    /** Uploads values, in the order of the memory. */
    TestOperand operand(DType dtype, Buffer values, Layout layout) {
        TestOperand operand = operand(dtype, values.remaining(), layout);
        backend.upload(values, operand.buffer(), 0);
        return operand;
    }

    TestOperand integers(int... values) {
        return operand(DType.INT32, IntBuffer.wrap(values), Layout.rowMajor(Shape.of(values.length)));
    }

    private static short rounded(float value) {
        int bits = Float.floatToRawIntBits(value);
        return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }

    /** Makes numbers of bfloat16 around an offset, in the order of the memory. */
    static TestOperand halves(CudaBackend on, Layout layout, int seed, float offset) {
        Random random = new Random(seed);
        short[] values = new short[Math.toIntExact(layout.shape().elements())];
        for (int i = 0; i < values.length; i++) {
            values[i] = rounded(offset + random.nextFloat() - 0.5f);
        }
        TestOperand operand = new TestOperand(on.allocate(DType.BFLOAT16, values.length), layout);
        on.upload(ShortBuffer.wrap(values), operand.buffer(), 0);
        return operand;
    }

    static short[] bits(CudaBackend on, TestOperand of) {
        short[] values = new short[Math.toIntExact(of.buffer().elements())];
        on.download(of.buffer(), 0, ShortBuffer.wrap(values));
        return values;
    }

    static float[] numbers(CudaBackend on, TestOperand of) {
        float[] values = new float[Math.toIntExact(of.buffer().elements())];
        on.download(of.buffer(), 0, FloatBuffer.wrap(values));
        return values;
    }

    /** Returns the number of bfloat16 that has some bits. */
    static float value(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }
}
