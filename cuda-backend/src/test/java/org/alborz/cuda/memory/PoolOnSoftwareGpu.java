package org.alborz.cuda.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import org.alborz.cuda.SoftwareGpu;
import org.alborz.cuda.driver.Context;
import org.alborz.cuda.driver.PinnedMemory;
import org.alborz.cuda.driver.Resources;
import org.alborz.cuda.driver.Stream;
import org.alborz.softwarecuda.SoftwareDevice;
import org.junit.jupiter.api.AfterEach;

/** A pool on a stream of the software GPU, for one test; nothing may be left of it. */
abstract class PoolOnSoftwareGpu {
    final SoftwareDevice device = SoftwareGpu.device();
    final Resources resources = new Resources();
    final Stream stream = resources.add(new Stream(resources.add(new Context(0))));
    final DevicePool pool = resources.add(new DevicePool(stream, poison()));

    boolean poison() {
        return false;
    }

    @AfterEach
    void nothingIsLeft() {
        device.reset();
        resources.close();
        assertThat(device.leaks()).isEmpty();
    }

    /** Returns the 32-bit words that a block holds now, also one that was freed. */
    IntBuffer words(CudaBuffer buffer) {
        int bytes = Math.toIntExact(buffer.bytes());
        try (PinnedMemory host = new PinnedMemory(bytes)) {
            stream.copyToHost(host.at(0), buffer.address(), bytes);
            stream.synchronize();
            ByteBuffer copy = ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
            return copy.put(0, host.bytes(), 0, bytes).asIntBuffer();
        }
    }
}
