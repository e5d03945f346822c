package org.alborz.softwarecuda;

import static jcuda.driver.CUresult.*;
import static jcuda.driver.JCudaDriver.*;
import static org.alborz.softwarecuda.Gpu.*;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Errors: their names, those that stay, and those that are injected. */
final class FaultTest {
    @RegisterExtension
    final Gpu gpu = new Gpu();

    @Test
    void errorsHaveNvidiasNames() throws IllegalAccessException {
        int known = 0;
        for (Field f : CUresult.class.getFields()) {
            if (!Modifier.isStatic(f.getModifiers()) || f.getType() != int.class) {
                continue;
            }
            String[] name = {null};
            String[] text = {null};
            int code = f.getInt(null);
            if (cuGetErrorName(code, name) == CUDA_SUCCESS) {
                ok(cuGetErrorString(code, text));
                assertThat(name[0]).isEqualTo(CUresult.stringFor(code));
                assertThat(text[0]).isNotEmpty();
                known++;
            }
        }
        assertThat(known).isGreaterThan(75);
        String[] text = {null};
        ok(cuGetErrorString(CUDA_ERROR_ILLEGAL_ADDRESS, text));
        assertThat(text[0]).isEqualTo("an illegal memory access was encountered");
        fails(CUDA_ERROR_INVALID_VALUE, cuGetErrorName(12345, new String[1]));
    }

    @Test
    void aThreadNeedsAContext() throws InterruptedException {
        int[] results = {-1, -1};
        Thread other = new Thread(() -> {
            results[0] = cuMemAlloc(new CUdeviceptr(), 4);
            results[1] = cuCtxSynchronize();
        });
        other.start();
        other.join();
        fails(CUDA_ERROR_INVALID_CONTEXT, results[0]);
        fails(CUDA_ERROR_INVALID_CONTEXT, results[1]);
    }

    @Test
    void aReleasedContextIsDestroyed() {
        CUdeviceptr p = allocate(64);
        ok(cuDevicePrimaryCtxRelease(gpu.handle()));
        assertThat(gpu.device.leaks()).isEmpty();
        fails(CUDA_ERROR_CONTEXT_IS_DESTROYED, cuMemFree(p));
        fails(CUDA_ERROR_INVALID_CONTEXT, cuDevicePrimaryCtxRelease(gpu.handle()));
        ok(cuDevicePrimaryCtxRetain(new CUcontext(), gpu.handle()));
        fails(CUDA_ERROR_INVALID_VALUE, cuMemFree(p));
    }

    @Test
    void thereIsOneDevice() {
        fails(CUDA_ERROR_INVALID_DEVICE, cuDeviceGet(new CUdevice(), 1));
    }

    @Test
    void theNthCallFailsOnce() {
        gpu.device.inject("cuMemAlloc", 3, CUDA_ERROR_OUT_OF_MEMORY);
        allocate(4);
        allocate(4);
        fails(CUDA_ERROR_OUT_OF_MEMORY, cuMemAlloc(new CUdeviceptr(), 4));
        allocate(4);
        gpu.device.inject("cuStreamCreate", 1, CUDA_ERROR_OUT_OF_MEMORY);
        ok(cuStreamCreateWithPriority(new CUstream(), 0, 0)); // another call
        fails(CUDA_ERROR_OUT_OF_MEMORY, cuStreamCreate(new CUstream(), 0));
        gpu.device.inject("cuMemAlloc_v2", 1, CUDA_ERROR_OUT_OF_MEMORY);
        gpu.device.reset();
        allocate(4);
    }

    @Test
    void aKernelFailsWhileItRuns() {
        gpu.device.deferred(true);
        gpu.device.inject("kernel sample_divide", 2, CUDA_ERROR_LAUNCH_FAILED);
        CUdeviceptr a = allocate(4 * 32);
        CUfunction f = function("sample_divide", "u64", "u32");
        CUstream stream = stream(0);
        for (int i = 0; i < 3; i++) {
            ok(launch(f, 1, 32, stream, a, 1));
        }
        long before = gpu.device.launches();
        fails(CUDA_ERROR_LAUNCH_FAILED, cuStreamSynchronize(stream));
        assertThat(gpu.device.launches() - before).isEqualTo(2); // the third never ran
        fails(CUDA_ERROR_LAUNCH_FAILED, launch(f, 1, 32, stream, a, 1));
        fails(CUDA_ERROR_LAUNCH_FAILED, cuMemFree(a));
        fails(CUDA_ERROR_LAUNCH_FAILED, cuStreamDestroy(stream));
        gpu.reset();
        assertThat(gpu.device.leaks()).isEmpty();
        allocate(4);
    }

    @Test
    void aLostDeviceAnswersNothingElse() {
        CUdeviceptr p = allocate(4);
        gpu.device.lose(CUDA_ERROR_UNKNOWN);
        fails(CUDA_ERROR_UNKNOWN, cuMemFree(p));
        fails(CUDA_ERROR_UNKNOWN, cuCtxSynchronize());
        fails(CUDA_ERROR_UNKNOWN, cuDevicePrimaryCtxReset(gpu.handle()));
        fails(CUDA_ERROR_UNKNOWN, cuDeviceGet(new CUdevice(), 0));
        gpu.device.lose(0);
        ok(cuMemFree(p));
    }

    @Test
    void whatTheDriverDoesNotHaveIsNotSupported() {
        fails(CUDA_ERROR_NOT_SUPPORTED, cuCtxCreate(new CUcontext(), 0, gpu.handle()));
        assertThat(gpu.device.message()).contains("cuCtxCreate_v2", "does not have it");
    }
}
