package org.alborz.softwarecuda;

import static jcuda.driver.CUresult.*;
import static jcuda.driver.JCudaDriver.*;
import static org.alborz.softwarecuda.Gpu.*;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteOrder;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUfunction;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Streams and events: what runs when, and in which order. */
final class StreamTest {
    private static final int NON_BLOCKING = CUstream_flags.CU_STREAM_NON_BLOCKING;

    @RegisterExtension
    final Gpu gpu = new Gpu();

    @Test
    void workRunsAtOnceUnlessDeferred() {
        Pointer result = pinned(4);
        CUdeviceptr a = floats(1);
        CUstream stream = stream(NON_BLOCKING);
        scale(a, 2, stream);
        ok(cuMemcpyDtoHAsync(result, a, 4, stream));
        assertThat(value(result)).isEqualTo(2);

        gpu.device.deferred(true);
        scale(a, 2, stream);
        ok(cuMemcpyDtoHAsync(result, a, 4, stream));
        assertThat(gpu.device.pending()).isEqualTo(2);
        assertThat(value(result)).isEqualTo(2);
        ok(cuStreamSynchronize(stream));
        assertThat(value(result)).isEqualTo(4);
    }

    @Test
    void argumentsAreTakenAtTheLaunch() {
        gpu.device.deferred(true);
        CUdeviceptr a = floats(1);
        CUstream stream = stream(NON_BLOCKING);
        float[] factor = {3};
        CUfunction scale = function("sample_scale", "u64", "f32", "u64");
        Pointer arguments = Pointer.to(Pointer.to(a), Pointer.to(factor), Pointer.to(new long[] {1}));
        ok(cuLaunchKernel(scale, 1, 1, 1, 32, 1, 1, 0, stream, arguments, null));
        factor[0] = 100;
        ok(cuStreamSynchronize(stream));
        assertThat(floats(a, 1)).containsExactly(3);
    }

    @Test
    void pinnedMemoryIsReadWhenTheCopyRunsAndPageableAtOnce() {
        gpu.device.deferred(true);
        CUstream stream = stream(NON_BLOCKING);
        CUdeviceptr a = allocate(4);
        CUdeviceptr b = allocate(4);
        Pointer source = pinned(4);
        set(source, 1);
        float[] array = {1};
        ok(cuMemcpyHtoDAsync(a, source, 4, stream));
        ok(cuMemcpyHtoDAsync(b, Pointer.to(array), 4, stream));
        set(source, 2);
        array[0] = 2;
        ok(cuStreamSynchronize(stream));
        assertThat(floats(a, 1)).containsExactly(2);
        assertThat(floats(b, 1)).containsExactly(1);
    }

    @Test
    void aCopyToPageableMemoryWaits() {
        gpu.device.deferred(true);
        CUstream stream = stream(NON_BLOCKING);
        CUdeviceptr a = floats(1);
        scale(a, 5, stream);
        float[] got = {0};
        ok(cuMemcpyDtoHAsync(Pointer.to(got), a, 4, stream));
        assertThat(got).containsExactly(5);
    }

    @Test
    void anEventOrdersStreams() {
        gpu.device.deferred(true);
        CUstream first = stream(NON_BLOCKING);
        CUstream second = stream(NON_BLOCKING);
        CUdeviceptr a = floats(1);
        CUdeviceptr unordered = floats(1);
        CUevent event = event(0);
        scale(a, 3, first);
        scale(unordered, 3, first);
        ok(cuEventRecord(event, first));
        scale(a, 100, first); // behind the event
        ok(cuStreamWaitEvent(second, event, 0));
        Pointer result = pinned(4);
        ok(cuMemcpyDtoHAsync(result, a, 4, second));
        ok(cuStreamSynchronize(second));
        assertThat(value(result)).isEqualTo(3);
        assertThat(gpu.device.pending()).isEqualTo(1);
        ok(cuCtxSynchronize());
        assertThat(floats(a, 1)).containsExactly(300);
    }

    @Test
    void withoutAnEventOtherStreamsDoNotRun() {
        gpu.device.deferred(true);
        CUstream first = stream(NON_BLOCKING);
        CUstream second = stream(NON_BLOCKING);
        CUdeviceptr a = floats(1);
        scale(a, 3, first);
        Pointer result = pinned(4);
        ok(cuMemcpyDtoHAsync(result, a, 4, second));
        ok(cuStreamSynchronize(second));
        assertThat(value(result)).isEqualTo(1);
    }

    @Test
    void theLegacyStreamWaitsForBlockingStreamsAndTheyForIt() {
        gpu.device.deferred(true);
        CUstream blocking = stream(0);
        CUstream nonBlocking = stream(NON_BLOCKING);
        CUdeviceptr a = floats(1);
        CUdeviceptr b = floats(1);
        scale(a, 3, blocking);
        scale(b, 3, nonBlocking);
        assertThat(floats(a, 1)).containsExactly(3);
        assertThat(floats(b, 1)).containsExactly(1); // a synchronous copy does not wait for it

        scale(a, 5, null);
        Pointer result = pinned(4);
        ok(cuMemcpyDtoHAsync(result, a, 4, blocking));
        ok(cuStreamSynchronize(blocking));
        assertThat(value(result)).isEqualTo(15);
    }

    @Test
    void queriesMakeTimePass() {
        gpu.device.deferred(true);
        CUstream stream = stream(NON_BLOCKING);
        CUevent event = event(0);
        ok(cuEventQuery(event)); // never recorded
        ok(cuStreamQuery(stream));
        CUdeviceptr a = floats(1);
        scale(a, 2, stream);
        ok(cuEventRecord(event, stream));
        fails(CUDA_ERROR_NOT_READY, cuEventQuery(event));
        ok(cuEventQuery(event));
        scale(a, 2, stream);
        fails(CUDA_ERROR_NOT_READY, cuStreamQuery(stream));
        ok(cuStreamQuery(stream));
        assertThat(floats(a, 1)).containsExactly(4);
    }

    @Test
    void eventsTellTime() {
        CUevent from = event(0);
        CUevent to = event(0);
        float[] ms = {-1};
        fails(CUDA_ERROR_INVALID_HANDLE, cuEventElapsedTime(ms, from, to));
        ok(cuEventRecord(from, null));
        gpu.device.deferred(true);
        ok(cuEventRecord(to, null));
        fails(CUDA_ERROR_NOT_READY, cuEventElapsedTime(ms, from, to));
        ok(cuEventSynchronize(to));
        ok(cuEventElapsedTime(ms, from, to));
        assertThat(ms[0]).isNotNegative();
        CUevent untimed = event(CUevent_flags.CU_EVENT_DISABLE_TIMING);
        ok(cuEventRecord(untimed, null));
        fails(CUDA_ERROR_INVALID_HANDLE, cuEventElapsedTime(ms, from, untimed));
    }

    @Test
    void whatWasDestroyedIsRefused() {
        CUstream stream = stream(0);
        CUevent event = event(0);
        ok(cuStreamDestroy(stream));
        ok(cuEventDestroy(event));
        CUdeviceptr a = floats(1);
        fails(CUDA_ERROR_INVALID_HANDLE, cuStreamDestroy(stream));
        fails(CUDA_ERROR_INVALID_HANDLE, cuStreamSynchronize(stream));
        fails(CUDA_ERROR_INVALID_HANDLE, cuMemsetD8Async(a, (byte) 0, 4, stream));
        fails(CUDA_ERROR_INVALID_HANDLE, cuEventRecord(event, null));
        fails(CUDA_ERROR_INVALID_HANDLE, cuStreamWaitEvent(null, event, 0));
        CUfunction scale = function("sample_scale", "u64", "f32", "u64");
        fails(CUDA_ERROR_INVALID_HANDLE, launch(scale, 1, 32, stream, a, 2f, 1L));
        CUstream fresh = stream(0); // never the old number
        assertThat(fresh).isNotEqualTo(stream);
    }

    @Test
    void destroyingAStreamLosesNoWork() {
        gpu.device.deferred(true);
        CUdeviceptr a = floats(1);
        CUstream stream = stream(NON_BLOCKING);
        scale(a, 7, stream);
        ok(cuStreamDestroy(stream));
        ok(cuCtxSynchronize());
        assertThat(floats(a, 1)).containsExactly(7);
    }

    private static CUevent event(int flags) {
        CUevent event = new CUevent();
        ok(cuEventCreate(event, flags));
        return event;
    }

    private static void scale(CUdeviceptr a, float by, CUstream stream) {
        ok(launch(function("sample_scale", "u64", "f32", "u64"), 1, 32, stream, a, by, 1L));
    }

    private static float value(Pointer pinned) {
        return pinned.getByteBuffer(0, 4).order(ByteOrder.nativeOrder()).getFloat(0);
    }

    private static void set(Pointer pinned, float value) {
        pinned.getByteBuffer(0, 4).order(ByteOrder.nativeOrder()).putFloat(0, value);
    }
}
