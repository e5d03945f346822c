package org.alborz.softwarecuda;

import static jcuda.driver.CUresult.CUDA_ERROR_INVALID_VALUE;
import static jcuda.driver.JCudaDriver.*;
import static org.alborz.softwarecuda.Gpu.*;
import static org.assertj.core.api.Assertions.assertThat;

import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A device that is idle: it checks work and leaves it undone. */
final class IdleTest {
    @RegisterExtension
    final Gpu gpu = new Gpu();

    @Test
    void kernelsFillsAndCopiesOnTheDeviceAreLeftUndone() {
        gpu.device.idle(true);
        CUdeviceptr a = floats(new float[] {1, 2});
        CUdeviceptr sum = allocate(8);
        CUdeviceptr copy = allocate(8);
        CUfunction add = function("sample_add", "u64", "u64", "u64", "u64");
        ok(launch(add, 1, 32, null, a, a, sum, 2L));
        ok(cuMemcpyDtoD(copy, a, 8));
        ok(cuMemsetD32(sum, 7, 2));
        assertThat(floats(sum, 2)).containsExactly(0, 0); // new memory begins as zeros
        assertThat(floats(copy, 2)).containsExactly(0, 0);
        assertThat(floats(a, 2)).containsExactly(1, 2); // what comes from the host and goes to it is copied

        gpu.device.idle(false);
        ok(launch(add, 1, 32, null, a, a, sum, 2L));
        assertThat(floats(sum, 2)).containsExactly(2, 4);
    }

    @Test
    void largeMemoryTakesNoneOfTheHosts() {
        gpu.device.limitMemory(1L << 40);
        gpu.device.idle(true);
        CUdeviceptr large = allocate(200L << 30);
        assertThat(gpu.device.liveBytes()).isEqualTo(200L << 30);
        ok(cuMemFree(large));
    }

    @Test
    void callsAreRefusedAsBefore() {
        gpu.device.idle(true);
        CUdeviceptr small = allocate(8);
        fails(CUDA_ERROR_INVALID_VALUE, cuMemsetD32(small, 1, 3));
    }
}
