package org.alborz.cuda.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;
import org.alborz.cuda.driver.CudaException;
import org.alborz.type.DType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StagingTest extends PoolOnSoftwareGpu {
    private static final int PART_BYTES = 4 << 20;

    private Staging staging;

    @BeforeEach
    void open() {
        staging = resources.add(new Staging(stream));
    }

    private static int[] numbers(int count) {
        int[] numbers = new int[count];
        Arrays.setAll(numbers, i -> i * 0x9E3779B9 + 1);
        return numbers;
    }

    private CudaBuffer upload(DType dtype, Buffer source) {
        CudaBuffer to = pool.allocate(dtype, source.remaining());
        staging.upload(source, dtype.bytes(), to.pointer(0));
        return to;
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                0,
                1,
                PART_BYTES - 4,
                PART_BYTES,
                PART_BYTES + 4,
                2 * PART_BYTES,
                2 * PART_BYTES + 4,
                5 * PART_BYTES - 4
            })
    void everySizeArrivesAndComesBack(int bytes) {
        for (boolean deferred : new boolean[] {false, true}) {
            device.deferred(deferred);
            int[] sent = numbers(bytes / Integer.BYTES);
            CudaBuffer buffer = upload(DType.INT32, IntBuffer.wrap(sent));
            int[] received = new int[sent.length];
            staging.download(buffer.pointer(0), Integer.BYTES, IntBuffer.wrap(received));
            assertThat(Arrays.mismatch(sent, received)).as("first difference").isEqualTo(-1);
            pool.free(buffer);
        }
    }

    @Test
    void everyTypeOfBufferIsTaken() {
        int count = PART_BYTES / Short.BYTES + 3;
        ByteBuffer bytes = ByteBuffer.allocateDirect(count * Double.BYTES).order(ByteOrder.nativeOrder());
        FloatBuffer floats = bytes.asFloatBuffer().limit(count);
        DoubleBuffer doubles = bytes.asDoubleBuffer();
        ShortBuffer shorts = bytes.asShortBuffer().limit(count);
        bytes.asIntBuffer().put(numbers(2 * count));
        for (int i = 0; i < count; i++) {
            bytes.putFloat(i * Float.BYTES, i * 0.5f);
        }
        float[] backFloats = new float[count];
        staging.download(upload(DType.FLOAT32, floats).pointer(0), Float.BYTES, FloatBuffer.wrap(backFloats));
        assertThat(FloatBuffer.wrap(backFloats)).isEqualTo(floats);
        short[] backShorts = new short[count];
        staging.download(upload(DType.BFLOAT16, shorts).pointer(0), Short.BYTES, ShortBuffer.wrap(backShorts));
        assertThat(ShortBuffer.wrap(backShorts)).isEqualTo(shorts);
        for (int i = 0; i < count; i++) {
            doubles.put(i, Math.sqrt(i));
        }
        double[] backDoubles = new double[count];
        staging.download(upload(DType.FLOAT64, doubles).pointer(0), Double.BYTES, DoubleBuffer.wrap(backDoubles));
        assertThat(DoubleBuffer.wrap(backDoubles)).isEqualTo(doubles);
    }

    @Test
    void bytesOfTheOtherOrderAreTurned() {
        ByteBuffer turned = ByteBuffer.allocate(8)
                .order(
                        ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN
                                ? ByteOrder.LITTLE_ENDIAN
                                : ByteOrder.BIG_ENDIAN);
        turned.asFloatBuffer().put(0, 1.5f).put(1, -3);
        float[] back = new float[2];
        staging.download(
                upload(DType.FLOAT32, turned.asFloatBuffer().asReadOnlyBuffer()).pointer(0),
                Float.BYTES,
                FloatBuffer.wrap(back));
        assertThat(back).containsExactly(1.5f, -3);
    }

    @Test
    void positionsAndLimitsAreKeptTo() {
        CudaBuffer buffer = upload(DType.INT32, IntBuffer.wrap(new int[] {1, 2, 3, 4, 5, 6}));
        IntBuffer source = IntBuffer.wrap(numbers(10)).position(4).limit(6);
        staging.upload(source, Integer.BYTES, buffer.pointer(3));
        assertThat(source.position()).isEqualTo(4);
        assertThat(source.limit()).isEqualTo(6);
        IntBuffer target = IntBuffer.allocate(8).position(2).limit(7);
        staging.download(buffer.pointer(1), Integer.BYTES, target);
        assertThat(target.position()).isEqualTo(2);
        assertThat(target.limit()).isEqualTo(7);
        assertThat(target.array()).containsExactly(0, 0, 2, 3, source.get(4), source.get(5), 6, 0);
    }

    /** The device lags behind: it copies when the host waits, long after the source has been overwritten. */
    @ParameterizedTest
    @ValueSource(ints = {12, PART_BYTES, 3 * PART_BYTES + 8})
    void theSourceMayBeChangedAtOnce(int bytes) {
        device.deferred(true);
        int[] sent = numbers(bytes / Integer.BYTES);
        int[] source = sent.clone();
        CudaBuffer first = upload(DType.INT32, IntBuffer.wrap(source));
        Arrays.fill(source, 77);
        CudaBuffer second = upload(DType.INT32, IntBuffer.wrap(source));
        Arrays.fill(source, 78);
        assertThat(device.pending()).isPositive();
        staging.download(first.pointer(0), Integer.BYTES, IntBuffer.wrap(source));
        assertThat(Arrays.mismatch(sent, source)).isEqualTo(-1);
        staging.download(second.pointer(0), Integer.BYTES, IntBuffer.wrap(source));
        assertThat(source).containsOnly(77);
    }

    @Test
    void anotherBufferIsRefused() {
        CudaBuffer buffer = pool.allocate(DType.INT32, 4);
        assertThatThrownBy(() -> staging.upload(CharBuffer.allocate(2), 2, buffer.pointer(0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "expects a FloatBuffer, DoubleBuffer, IntBuffer, LongBuffer, ShortBuffer or ByteBuffer, got");
        assertThatThrownBy(() -> staging.download(buffer.pointer(0), 2, CharBuffer.allocate(2)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Four parts are all the pinned memory, so that the host waits for the first before it fills the fifth. */
    @Test
    void aFaultWhileTheHostWaitsIsThrown() {
        CudaBuffer buffer = pool.allocate(DType.UINT8, 5L * PART_BYTES);
        device.inject("cuEventSynchronize", 1, 1);
        assertThatThrownBy(() -> staging.upload(ByteBuffer.allocate(5 * PART_BYTES), 1, buffer.pointer(0)))
                .isInstanceOf(CudaException.class)
                .hasMessageContaining("cuEventSynchronize");
    }
}
