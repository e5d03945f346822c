package org.alborz.softwarecuda;

import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoH;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoD;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;

/** Numbers in device memory. */
final class DeviceArray implements AutoCloseable {
    /** The types, with cuBLAS's and cuDNN's numbers for them. */
    enum Type {
        FLOAT(4, 0, 0),
        DOUBLE(8, 1, 1),
        HALF(2, 2, 2),
        BFLOAT16(2, 14, 9);

        final int bytes;
        final int cublas;
        final int cudnn;

        Type(int bytes, int cublas, int cudnn) {
            this.bytes = bytes;
            this.cublas = cublas;
            this.cudnn = cudnn;
        }

        /** Returns how far a result may be off, as a fraction of the largest. */
        double tolerance() {
            return switch (this) {
                case DOUBLE -> 1e-14;
                case FLOAT -> 3e-6;
                case HALF -> 0x1p-11;
                case BFLOAT16 -> 0x1p-8;
            };
        }
    }

    final Type type;
    final int length;
    final CUdeviceptr pointer = new CUdeviceptr();

    private DeviceArray(Type type, int length) {
        this.type = type;
        this.length = length;
        assertThat(cuMemAlloc(pointer, Math.max(1, length) * (long) type.bytes)).isZero();
    }

    /** Allocates without writing, so that it is full of NaN. */
    static DeviceArray empty(Type type, int length) {
        return new DeviceArray(type, length);
    }

    static DeviceArray of(Type type, double... values) {
        DeviceArray array = new DeviceArray(type, values.length);
        ByteBuffer bytes = ByteBuffer.allocate(values.length * type.bytes).order(ByteOrder.nativeOrder());
        for (double value : values) {
            switch (type) {
                case FLOAT -> bytes.putFloat((float) value);
                case DOUBLE -> bytes.putDouble(value);
                case HALF -> bytes.putShort(half((float) value));
                case BFLOAT16 ->
                    bytes.putShort((short)
                            ((Float.floatToRawIntBits((float) value) + (Double.isNaN(value) ? 0 : 0x8000)) >>> 16));
            }
        }
        assertThat(cuMemcpyHtoD(array.pointer, Pointer.to(bytes.array()), bytes.capacity()))
                .isZero();
        return array;
    }

    /** Returns numbers that all types hold exactly: eighths between -2 and 2. */
    static double[] random(Random random, int length) {
        double[] values = new double[length];
        for (int i = 0; i < length; i++) {
            values[i] = (random.nextInt(33) - 16) / 8.0;
        }
        return values;
    }

    double[] read() {
        byte[] bytes = new byte[length * type.bytes];
        assertThat(cuMemcpyDtoH(Pointer.to(bytes), pointer, bytes.length)).isZero();
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        double[] values = new double[length];
        for (int i = 0; i < length; i++) {
            values[i] = switch (type) {
                case FLOAT -> buffer.getFloat();
                case DOUBLE -> buffer.getDouble();
                case HALF -> number(buffer.getShort());
                case BFLOAT16 -> Float.intBitsToFloat(buffer.getShort() << 16);
            };
        }
        return values;
    }

    /** Checks all numbers against exact ones. */
    void assertEquals(double[] expected) {
        assertThat(expected).hasSize(length);
        double[] actual = read();
        double largest = 1;
        for (double value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < length; i++) {
            assertThat(actual[i])
                    .as("element %d of %d", i, length)
                    .isCloseTo(expected[i], org.assertj.core.data.Offset.offset(type.tolerance() * largest));
        }
    }

    @Override
    public void close() {
        cuMemFree(pointer);
    }

    /** Rounds a number of normal size, or NaN, to half. */
    private static short half(float value) {
        if (value == 0) {
            return 0;
        }
        if (Float.isNaN(value)) {
            return 0x7e00;
        }
        int bits = Float.floatToRawIntBits(value);
        return (short) ((bits >>> 16 & 0x8000) | ((bits & 0x7fffffff) + 0x1000 - (112 << 23)) >> 13);
    }

    private static float number(short half) {
        int exponent = half >> 10 & 31;
        int mantissa = half & 1023;
        float size = exponent == 31
                ? (mantissa == 0 ? Float.POSITIVE_INFINITY : Float.NaN)
                : exponent == 0 ? mantissa * 0x1p-24f : Math.scalb(1 + mantissa * 0x1p-10f, exponent - 15);
        return half < 0 ? -size : size;
    }
}
