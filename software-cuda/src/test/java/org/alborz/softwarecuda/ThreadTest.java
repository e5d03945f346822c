package org.alborz.softwarecuda;

import static jcuda.driver.CUresult.CUDA_ERROR_ILLEGAL_ADDRESS;
import static jcuda.driver.JCudaDriver.*;
import static org.alborz.softwarecuda.Gpu.*;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUstream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The JVM and the device in one process: several threads that use it, and faults that are the JVM's own. */
final class ThreadTest {
    @RegisterExtension
    final Gpu gpu = new Gpu();

    @Test
    void threadsUseTheDeviceAtTheSameTime() throws InterruptedException, ExecutionException {
        CUcontext context = new CUcontext();
        ok(cuCtxGetCurrent(context));
        CUfunction sum = function("sample_row_sum", "u64", "u64", "u32");
        Callable<float[]> job = () -> {
            ok(cuCtxSetCurrent(context));
            CUstream stream = stream(1);
            CUdeviceptr a = allocate(4 * 1000);
            CUdeviceptr out = allocate(4);
            ok(cuMemsetD32Async(a, 0x3f800000, 1000, stream));
            for (int i = 0; i < 100; i++) {
                ok(launch(sum, 1, 128, stream, a, out, 1000));
            }
            ok(cuStreamSynchronize(stream));
            float[] result = floats(out, 1);
            ok(cuMemFree(a));
            ok(cuMemFree(out));
            ok(cuStreamDestroy(stream));
            return result;
        };
        for (float[] result : inFourThreads(job)) {
            assertThat(result).containsExactly(1000);
        }
        assertThat(gpu.device.liveAllocations()).isZero();
    }

    @Test
    void theJvmsOwnFaultsStayItsOwn() throws InterruptedException, ExecutionException {
        CUcontext context = new CUcontext();
        ok(cuCtxGetCurrent(context));
        faultOnTheDevice();
        Thread kernels = new Thread(() -> {
            ok(cuCtxSetCurrent(context));
            CUdeviceptr a = allocate(4 * 32);
            CUfunction f = function("sample_divide", "u64", "u32");
            while (!Thread.interrupted()) {
                ok(launch(f, 64, 32, null, a, 1));
            }
        });
        kernels.start();
        Callable<int[]> job = () -> new int[] {nullPointers(200_000), depth(0)};
        for (int[] result : inFourThreads(job)) {
            assertThat(result[0]).isEqualTo(200_000);
            assertThat(result[1]).isGreaterThan(1000);
        }
        kernels.interrupt();
        kernels.join();
        faultOnTheDevice();
    }

    private void faultOnTheDevice() {
        CUdeviceptr a = allocate(4 * 1024);
        ok(launch(function("sample_write_at", "u64", "u64"), 1, 32, null, a, 1024L));
        fails(CUDA_ERROR_ILLEGAL_ADDRESS, cuCtxSynchronize());
        gpu.reset();
    }

    /** Compiled code finds null by the fault of reading it. */
    private static int nullPointers(int n) {
        int caught = 0;
        int[][] arrays = {{1}, null};
        for (int i = 0; i < 2 * n; i++) {
            try {
                caught += arrays[i & 1].length - 1;
            } catch (NullPointerException expected) {
                caught++;
            }
        }
        return caught;
    }

    /** The end of a stack is found by a fault as well. */
    @SuppressWarnings("InfiniteRecursion")
    private static int depth(int n) {
        try {
            return depth(n + 1);
        } catch (StackOverflowError expected) {
            return n;
        }
    }

    private static <T> List<T> inFourThreads(Callable<T> job) throws InterruptedException, ExecutionException {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> future : threads.invokeAll(List.of(job, job, job, job))) {
                results.add(future.get());
            }
            return results;
        } finally {
            threads.shutdown();
        }
    }
}
