package org.alborz.cpu.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.alborz.type.DType;
import org.junit.jupiter.api.Test;

class HostCopyTest {
    private final MemoryPool pool = new MemoryPool(true);

    @Test
    void copiesThePartBetweenPositionAndLimit() {
        CpuBuffer buffer = pool.allocate(DType.FLOAT32, 4);
        buffer.fill(0, 4, 0);
        FloatBuffer source = FloatBuffer.wrap(new float[] {1, 2, 3, 4, 5}, 1, 2);
        HostCopy.upload(source, buffer, 1);
        float[] all = new float[4];
        HostCopy.download(buffer, 0, FloatBuffer.wrap(all));
        assertThat(all).containsExactly(0, 2, 3, 0);
        float[] part = new float[4];
        HostCopy.download(buffer, 2, FloatBuffer.wrap(part, 3, 1));
        assertThat(part).containsExactly(0, 0, 0, 3);
        assertThat(source.position()).isEqualTo(1);
    }

    @Test
    void copiesEveryTypeAndDirectMemoryOfAnyByteOrder() {
        CpuBuffer doubles = pool.allocate(DType.FLOAT64, 2);
        HostCopy.upload(DoubleBuffer.wrap(new double[] {0.1, 0.2}), doubles, 0);
        double[] backDoubles = new double[2];
        HostCopy.download(doubles, 0, DoubleBuffer.wrap(backDoubles));
        assertThat(backDoubles).containsExactly(0.1, 0.2);

        CpuBuffer ints = pool.allocate(DType.INT32, 2);
        HostCopy.upload(IntBuffer.wrap(new int[] {-7, 1 << 30}), ints, 0);
        int[] backInts = new int[2];
        HostCopy.download(ints, 0, IntBuffer.wrap(backInts));
        assertThat(backInts).containsExactly(-7, 1 << 30);

        CpuBuffer floats = pool.allocate(DType.FLOAT32, 2);
        FloatBuffer direct =
                ByteBuffer.allocateDirect(8).order(ByteOrder.BIG_ENDIAN).asFloatBuffer();
        direct.put(0, 1.5f).put(1, -2.5f);
        HostCopy.upload(direct, floats, 0);
        assertThat(floats.get(0)).isEqualTo(1.5);
        assertThat(floats.get(1)).isEqualTo(-2.5);
    }

    @Test
    void namesBothTypesOfAMismatch() {
        CpuBuffer buffer = pool.allocate(DType.FLOAT32, 4);
        assertThatThrownBy(() -> HostCopy.upload(DoubleBuffer.allocate(4), buffer, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("FloatBuffer for float32")
                .hasMessageContaining("DoubleBuffer");
        assertThatThrownBy(() -> HostCopy.download(buffer, 0, IntBuffer.allocate(4)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("IntBuffer");
    }

    @Test
    void staysInsideWhatWasAskedForAlthoughTheArrayIsLonger() {
        CpuBuffer buffer = pool.allocate(DType.FLOAT32, 4);
        assertThatThrownBy(() -> HostCopy.upload(FloatBuffer.allocate(4), buffer, 1))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> HostCopy.download(buffer, -1, FloatBuffer.allocate(1)))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }
}
