package org.alborz.cpu.scalar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.alborz.backend.AdamStep;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.Backends;
import org.alborz.backend.Buffer;
import org.alborz.type.DType;
import org.junit.jupiter.api.Test;

class ScalarBackendTest {
    @Test
    void isFoundByName() {
        try (Backend backend = Backends.find().open("cpu-scalar", BackendOptions.defaults())) {
            assertThat(backend.name()).isEqualTo("cpu-scalar");
            assertThat(backend).isInstanceOf(ScalarBackend.class);
            assertThat(backend.device()).isNotBlank();
            assertThat(backend.fusion(AdamStep.class)).isEmpty();
        }
    }

    @Test
    void copiesToAndFromTheHost() {
        try (Backend backend = new ScalarBackend(BackendOptions.defaults().withPoison())) {
            Buffer buffer = backend.allocate(DType.FLOAT32, 3);
            backend.upload(FloatBuffer.wrap(new float[] {1, 2}), buffer, 1);
            backend.synchronize();
            float[] host = new float[3];
            backend.download(buffer, 0, FloatBuffer.wrap(host));
            assertThat(host).containsExactly(Float.NaN, 1, 2);
            assertThatThrownBy(() -> backend.upload(DoubleBuffer.allocate(1), buffer, 0))
                    .isInstanceOf(IllegalArgumentException.class);
            backend.free(buffer);
            assertThat(backend.memory().buffers()).isZero();
            assertThatThrownBy(() -> backend.free(buffer)).isInstanceOf(IllegalStateException.class);

            Buffer ints = backend.allocate(DType.INT32, 1);
            int[] poison = new int[1];
            backend.download(ints, 0, IntBuffer.wrap(poison));
            assertThat(poison).containsExactly(Integer.MIN_VALUE);
        }
    }

    @Test
    void hasOneDevice() {
        assertThatThrownBy(() -> new ScalarBackend(BackendOptions.defaults().withDevice(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("device 0");
    }

    @Test
    void holdsEveryType() {
        try (Backend backend = new ScalarBackend(BackendOptions.defaults())) {
            for (DType dtype : DType.values()) {
                assertThat(backend.refuses(dtype)).isEmpty();
                assertThat(backend.allocate(dtype, 3).dtype()).isEqualTo(dtype);
            }
        }
    }
}
