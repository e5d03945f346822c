package org.alborz.softwarecuda;

import static jcuda.driver.CUresult.*;
import static jcuda.driver.CUstreamCaptureMode.*;
import static jcuda.driver.JCudaDriver.*;
import static org.alborz.softwarecuda.Gpu.*;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.IntSupplier;
import jcuda.Pointer;
import jcuda.driver.CUDA_KERNEL_NODE_PARAMS;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUfunction;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUgraphNode;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureStatus;
import jcuda.driver.CUstream_flags;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Capturing streams into graphs, replaying them, and what a capture forbids. */
final class CaptureTest {
    private static final int NON_BLOCKING = CUstream_flags.CU_STREAM_NON_BLOCKING;

    private CUfunction scaler;

    @RegisterExtension
    final Gpu gpu = new Gpu();

    @Test
    void capturedWorkRunsAtEachReplayOnly() {
        CUdeviceptr a = floats(1);
        CUstream stream = stream(NON_BLOCKING);
        CUgraph graph = capture(stream, () -> {
            for (int i = 0; i < 3; i++) {
                scale(a, 2, stream);
            }
        });
        assertThat(floats(a, 1)).containsExactly(1);
        CUgraphExec exec = instantiate(graph);
        ok(cuGraphDestroy(graph));
        ok(cuGraphUpload(exec, stream));
        ok(cuGraphLaunch(exec, stream));
        ok(cuGraphLaunch(exec, stream));
        ok(cuStreamSynchronize(stream));
        assertThat(floats(a, 1)).containsExactly(64);
        ok(cuGraphExecDestroy(exec));
        fails(CUDA_ERROR_INVALID_HANDLE, cuGraphLaunch(exec, stream));
        fails(CUDA_ERROR_INVALID_HANDLE, cuGraphDestroy(graph));
    }

    @Test
    void copiesAndFillsOfPinnedMemoryAreCaptured() {
        Pointer host = pinned(8);
        CUdeviceptr a = floats(0, 0);
        CUstream stream = stream(NON_BLOCKING);
        CUgraph graph = capture(stream, () -> {
            ok(cuMemcpyHtoDAsync(a, host, 4, stream));
            ok(cuMemsetD32Async(a.withByteOffset(4), 0x40000000, 1, stream));
            ok(cuMemcpyDtoHAsync(host.withByteOffset(4), a.withByteOffset(4), 4, stream));
        });
        CUgraphExec exec = instantiate(graph);
        for (float value : new float[] {5, 6}) {
            host.getByteBuffer(0, 4).order(java.nio.ByteOrder.nativeOrder()).putFloat(0, value);
            ok(cuGraphLaunch(exec, stream));
            ok(cuStreamSynchronize(stream));
            assertThat(floats(a, 2)).containsExactly(value, 2);
        }
        long[] count = {0};
        ok(cuGraphGetNodes(graph, null, count));
        assertThat(count[0]).isEqualTo(3);
    }

    @Test
    void aKernelNodeTakesOtherParameters() {
        gpu.device.deferred(true);
        CUdeviceptr a = floats(1);
        CUstream stream = stream(NON_BLOCKING);
        CUgraph graph = new CUgraph();
        ok(cuGraphCreate(graph, 0));
        CUgraphNode first = new CUgraphNode();
        CUgraphNode second = new CUgraphNode();
        ok(cuGraphAddKernelNode(first, graph, null, 0, scaling(a, 2)));
        ok(cuGraphAddKernelNode(second, graph, new CUgraphNode[] {first}, 1, scaling(a, 1)));
        CUgraphExec exec = instantiate(graph);
        ok(cuGraphLaunch(exec, stream)); // keeps its factors
        ok(cuGraphExecKernelNodeSetParams(exec, second, scaling(a, 10)));
        ok(cuGraphLaunch(exec, stream));
        ok(cuStreamSynchronize(stream));
        assertThat(floats(a, 1)).containsExactly(40);
        ok(cuGraphDestroy(graph));
        ok(cuGraphExecKernelNodeSetParams(exec, second, scaling(a, 1)));
        CUDA_KERNEL_NODE_PARAMS tooLarge = scaling(a, 1);
        tooLarge.blockDimX = 2048;
        fails(CUDA_ERROR_INVALID_VALUE, cuGraphExecKernelNodeSetParams(exec, second, tooLarge));
    }

    private CUDA_KERNEL_NODE_PARAMS scaling(CUdeviceptr a, float by) {
        CUDA_KERNEL_NODE_PARAMS p = new CUDA_KERNEL_NODE_PARAMS();
        p.func = scaler();
        p.gridDimX = 1;
        p.gridDimY = 1;
        p.gridDimZ = 1;
        p.blockDimX = 32;
        p.blockDimY = 1;
        p.blockDimZ = 1;
        p.kernelParams = parameters(a, by, 1L);
        return p;
    }

    @Test
    void otherStreamsJoinThroughEvents() {
        CUdeviceptr a = floats(1);
        CUdeviceptr b = floats(1);
        CUstream main = stream(NON_BLOCKING);
        CUstream side = stream(NON_BLOCKING);
        CUevent fork = event();
        CUevent join = event();
        CUgraph graph = capture(main, () -> {
            scale(a, 2, main);
            ok(cuEventRecord(fork, main));
            ok(cuStreamWaitEvent(side, fork, 0));
            assertThat(status(side)).isEqualTo(CUstreamCaptureStatus.CU_STREAM_CAPTURE_STATUS_ACTIVE);
            scale(b, 3, side);
            ok(cuEventRecord(join, side));
            ok(cuStreamWaitEvent(main, join, 0));
        });
        assertThat(status(side)).isEqualTo(CUstreamCaptureStatus.CU_STREAM_CAPTURE_STATUS_NONE);
        ok(cuGraphLaunch(instantiate(graph), main));
        ok(cuStreamSynchronize(main));
        assertThat(floats(a, 1)).containsExactly(2);
        assertThat(floats(b, 1)).containsExactly(3);
    }

    @Test
    void workThatWasNotJoinedIsRefused() {
        scaler(); // loading a module is forbidden while capturing
        CUdeviceptr a = floats(1);
        CUstream main = stream(NON_BLOCKING);
        CUstream side = stream(NON_BLOCKING);
        CUevent fork = event();
        ok(cuStreamBeginCapture(main, CU_STREAM_CAPTURE_MODE_GLOBAL));
        ok(cuEventRecord(fork, main));
        ok(cuStreamWaitEvent(side, fork, 0));
        scale(a, 3, side);
        fails(CUDA_ERROR_STREAM_CAPTURE_UNMATCHED, cuStreamEndCapture(side, new CUgraph()));
        fails(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, cuStreamEndCapture(main, new CUgraph()));

        ok(cuStreamBeginCapture(main, CU_STREAM_CAPTURE_MODE_GLOBAL));
        ok(cuEventRecord(fork, main));
        ok(cuStreamWaitEvent(side, fork, 0));
        scale(a, 3, side);
        fails(CUDA_ERROR_STREAM_CAPTURE_UNJOINED, cuStreamEndCapture(main, new CUgraph()));
    }

    @Test
    void allocatingAndWaitingAreForbidden() {
        CUdeviceptr a = floats(1);
        Pointer host = pinned(4);
        CUstream other = stream(NON_BLOCKING);
        CUevent before = event();
        ok(cuEventRecord(before, other));
        CUstream stream = stream(NON_BLOCKING);
        int unsupported = CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
        forbidden(unsupported, stream, () -> cuMemAlloc(new CUdeviceptr(), 4));
        forbidden(unsupported, stream, () -> cuMemFree(a));
        forbidden(unsupported, stream, () -> cuMemAllocHost(new Pointer(), 4));
        forbidden(unsupported, stream, () -> cuMemcpyHtoD(a, host, 4));
        forbidden(unsupported, stream, () -> cuMemcpyDtoH(host, a, 4));
        forbidden(unsupported, stream, () -> cuStreamSynchronize(stream));
        forbidden(unsupported, stream, () -> cuStreamSynchronize(other));
        forbidden(unsupported, stream, () -> cuStreamQuery(stream));
        forbidden(unsupported, stream, () -> cuEventQuery(before));
        forbidden(unsupported, stream, () -> cuEventSynchronize(before));
        forbidden(unsupported, stream, () -> cuCtxSynchronize());
        forbidden(unsupported, stream, () -> cuMemcpyHtoDAsync(a, Pointer.to(new float[1]), 4, stream));
        forbidden(CUDA_ERROR_STREAM_CAPTURE_ISOLATION, stream, () -> cuStreamWaitEvent(stream, before, 0));
        forbidden(CUDA_ERROR_CAPTURED_EVENT, stream, CU_STREAM_CAPTURE_MODE_RELAXED, () -> {
            CUevent inside = event();
            ok(cuEventRecord(inside, stream));
            return cuEventSynchronize(inside);
        });
        assertThat(floats(a, 1)).containsExactly(1);
    }

    @Test
    void noModeLetsTheHostWaitForACapturingStream() {
        CUstream stream = stream(NON_BLOCKING);
        int unsupported = CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
        forbidden(unsupported, stream, CU_STREAM_CAPTURE_MODE_RELAXED, () -> cuStreamSynchronize(stream));
        forbidden(unsupported, stream, CU_STREAM_CAPTURE_MODE_RELAXED, () -> cuStreamQuery(stream));
        forbidden(unsupported, stream, CU_STREAM_CAPTURE_MODE_RELAXED, () -> cuCtxSynchronize());
    }

    private void forbidden(int result, CUstream stream, IntSupplier call) {
        forbidden(result, stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL, call);
    }

    /** The call fails, and the capture with it. */
    private void forbidden(int result, CUstream stream, int mode, IntSupplier call) {
        ok(cuStreamBeginCapture(stream, mode));
        fails(result, call.getAsInt());
        assertThat(status(stream)).isEqualTo(CUstreamCaptureStatus.CU_STREAM_CAPTURE_STATUS_INVALIDATED);
        fails(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, cuStreamEndCapture(stream, new CUgraph()));
        assertThat(status(stream)).isEqualTo(CUstreamCaptureStatus.CU_STREAM_CAPTURE_STATUS_NONE);
    }

    @Test
    void theModeSaysWhomACaptureForbids() throws InterruptedException {
        CUstream stream = stream(NON_BLOCKING);
        CUcontext context = new CUcontext();
        ok(cuCtxGetCurrent(context));
        int[] modes = {
            CU_STREAM_CAPTURE_MODE_GLOBAL, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL, CU_STREAM_CAPTURE_MODE_RELAXED
        };
        int[] elsewhere = {CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, CUDA_SUCCESS, CUDA_SUCCESS};
        int[] here = {CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, CUDA_SUCCESS};
        for (int i = 0; i < modes.length; i++) {
            ok(cuStreamBeginCapture(stream, modes[i]));
            int[] result = {-1};
            Thread other = new Thread(() -> {
                ok(cuCtxSetCurrent(context));
                result[0] = cuMemAlloc(new CUdeviceptr(), 4);
            });
            other.start();
            other.join();
            fails(elsewhere[i], result[0]);
            fails(here[i], cuMemAlloc(new CUdeviceptr(), 4));
            cuStreamEndCapture(stream, new CUgraph());
        }
    }

    @Test
    void aCaptureEndsInItsOwnThread() throws InterruptedException {
        CUstream stream = stream(NON_BLOCKING);
        CUcontext context = new CUcontext();
        ok(cuCtxGetCurrent(context));
        ok(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
        int[] result = {-1};
        Thread other = new Thread(() -> {
            ok(cuCtxSetCurrent(context));
            result[0] = cuStreamEndCapture(stream, new CUgraph());
        });
        other.start();
        other.join();
        fails(CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD, result[0]);
        ok(cuStreamEndCapture(stream, new CUgraph()));
    }

    @Test
    void theLegacyStreamStaysOut() {
        CUdeviceptr a = floats(1);
        scaler();
        fails(
                CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED,
                cuStreamBeginCapture(new CUstream(), CU_STREAM_CAPTURE_MODE_GLOBAL));
        CUstream blocking = stream(0);
        forbidden(CUDA_ERROR_STREAM_CAPTURE_IMPLICIT, blocking, () -> launch(scaler(), 1, 32, null, a, 2f, 1L));
        CUstream nonBlocking = stream(NON_BLOCKING);
        capture(nonBlocking, () -> ok(launch(scaler(), 1, 32, null, a, 2f, 1L)));
        assertThat(floats(a, 1)).containsExactly(2);
    }

    @Test
    void beginAndEndGoTogether() {
        CUstream stream = stream(NON_BLOCKING);
        fails(CUDA_ERROR_ILLEGAL_STATE, cuStreamEndCapture(stream, new CUgraph()));
        ok(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_GLOBAL));
        fails(CUDA_ERROR_ILLEGAL_STATE, cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_GLOBAL));
        fails(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, cuStreamDestroy(stream));
        fails(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, cuStreamEndCapture(stream, new CUgraph()));
        ok(cuStreamDestroy(stream));
    }

    private CUgraph capture(CUstream stream, Runnable work) {
        scaler();
        ok(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_GLOBAL));
        work.run();
        CUgraph graph = new CUgraph();
        ok(cuStreamEndCapture(stream, graph));
        return graph;
    }

    private static CUgraphExec instantiate(CUgraph graph) {
        CUgraphExec exec = new CUgraphExec();
        ok(cuGraphInstantiate(exec, graph, 0));
        return exec;
    }

    private static int status(CUstream stream) {
        int[] status = {-1};
        ok(cuStreamIsCapturing(stream, status));
        return status[0];
    }

    private static CUevent event() {
        CUevent event = new CUevent();
        ok(cuEventCreate(event, 0));
        return event;
    }

    private CUfunction scaler() {
        if (scaler == null) {
            scaler = function("sample_scale", "u64", "f32", "u64");
        }
        return scaler;
    }

    private void scale(CUdeviceptr a, float by, CUstream stream) {
        ok(launch(scaler(), 1, 32, stream, a, by, 1L));
    }
}
