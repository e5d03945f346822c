package org.alborz.cuda.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.IntBuffer;
import org.alborz.type.DType;
import org.junit.jupiter.api.Test;

final class PoisonTest extends PoolOnSoftwareGpu {
    private static final int NAN = -1;

    @Override
    boolean poison() {
        return true;
    }

    @Test
    void memoryIsNanWhenHandedOutAndWhenReturned() {
        CudaBuffer buffer = pool.allocate(DType.FLOAT32, 300);
        assertAllNan(buffer);
        stream.fillWords(buffer.address(), 0, buffer.bytes() / Integer.BYTES);
        assertThat(words(buffer).get(0)).isZero();
        pool.free(buffer);
        assertAllNan(buffer);
        stream.fillWords(buffer.address(), 0, buffer.bytes() / Integer.BYTES);
        assertThat(pool.allocate(DType.FLOAT32, 300)).isSameAs(buffer);
        assertAllNan(buffer);
    }

    private void assertAllNan(CudaBuffer buffer) {
        IntBuffer words = words(buffer);
        for (int i = 0; i < words.limit(); i++) {
            assertThat(words.get(i)).as("word %d", i).isEqualTo(NAN);
        }
    }
}
