package org.alborz.softwarecuda;

import static jcuda.driver.CUresult.*;
import static jcuda.driver.JCudaDriver.*;
import static org.alborz.softwarecuda.Gpu.*;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUstream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Device and pinned memory: allocating, freeing, copying, filling, and what is refused. */
final class MemoryTest {
    @RegisterExtension
    final Gpu gpu = new Gpu();

    @Test
    void memoryIsNotANumberAndAligned() {
        for (int n : new int[] {1, 63, 64, 65, 5000}) {
            CUdeviceptr p = allocate(4L * n);
            assertThat(floats(p, n)).containsOnly(Float.NaN);
            ok(cuMemsetD32(p, 0x3f800000, n));
            assertThat(floats(p, n)).containsOnly(1f);
            assertThat(address(p) % 256).isZero();
        }
    }

    private static long address(CUdeviceptr p) {
        return Long.decode(p.toString().replaceAll(".*nativePointer=(0x[0-9a-fA-F]+).*", "$1"));
    }

    @Test
    void whatIsAliveIsCounted() {
        CUdeviceptr a = allocate(1000);
        CUdeviceptr b = allocate(24);
        pinned(64);
        assertThat(gpu.device.liveAllocations()).isEqualTo(2);
        assertThat(gpu.device.liveBytes()).isEqualTo(1024);
        ok(cuMemFree(a));
        CUstream stream = stream(0);
        assertThat(gpu.device.leaks())
                .hasSize(3)
                .anyMatch(l -> l.startsWith("device memory: 24 bytes at 0x") && l.endsWith("by cuMemAlloc_v2"))
                .anyMatch(l -> l.startsWith("pinned host memory: 64 bytes"))
                .contains("1 stream");
        ok(cuStreamDestroy(stream));
        ok(cuMemFree(b));
        assertThat(gpu.device.leaks()).hasSize(1);
    }

    @Test
    void noBytesAreRefused() {
        fails(CUDA_ERROR_INVALID_VALUE, cuMemAlloc(new CUdeviceptr(), 0));
        fails(CUDA_ERROR_INVALID_VALUE, cuMemAllocHost(new Pointer(), 0));
    }

    @Test
    void freeingTwiceOrInsideIsRefused() {
        CUdeviceptr p = allocate(64);
        fails(CUDA_ERROR_INVALID_VALUE, cuMemFree(p.withByteOffset(16)));
        assertThat(gpu.device.message()).contains("not its beginning");
        ok(cuMemFree(p));
        fails(CUDA_ERROR_INVALID_VALUE, cuMemFree(p));
        assertThat(gpu.device.message()).contains("freed before");

        Pointer host = pinned(64);
        ok(cuMemFreeHost(host));
        fails(CUDA_ERROR_INVALID_VALUE, cuMemFreeHost(host));
    }

    @Test
    void anAddressDoesNotComeBack() {
        CUdeviceptr first = allocate(4096);
        ok(cuMemFree(first));
        for (int i = 0; i < 100; i++) {
            CUdeviceptr p = allocate(4096);
            assertThat(address(p)).isNotEqualTo(address(first));
            ok(cuMemFree(p));
        }
    }

    @Test
    void memoryEnds() {
        gpu.device.limitMemory(1 << 20);
        long[] free = {0};
        long[] total = {0};
        CUdeviceptr p = allocate(1 << 19);
        ok(cuMemGetInfo(free, total));
        assertThat(free[0]).isEqualTo(1 << 19);
        assertThat(total[0]).isEqualTo(1 << 20);
        fails(CUDA_ERROR_OUT_OF_MEMORY, cuMemAlloc(new CUdeviceptr(), (1 << 19) + 1));
        ok(cuMemFree(p));
        allocate(1 << 20);
    }

    @Test
    void aWriteBetweenAllocationAndPageIsFoundByFree() {
        CUdeviceptr p = allocate(6);
        CUfunction write = function("sample_write_at", "u64", "u64");
        ok(launch(write, 1, 32, null, p, 1L)); // bytes 4 to 7
        fails(CUDA_ERROR_ILLEGAL_ADDRESS, cuMemFree(p));
        assertThat(gpu.device.message()).contains("right before or behind the allocation of 6 bytes");
        gpu.reset();
    }

    @Test
    void copiesStayInsideTheirAllocations() {
        CUdeviceptr p = allocate(64);
        CUdeviceptr q = allocate(64);
        byte[] host = new byte[128];
        fails(CUDA_ERROR_INVALID_VALUE, cuMemcpyHtoD(p, Pointer.to(host), 65));
        fails(CUDA_ERROR_INVALID_VALUE, cuMemcpyDtoH(Pointer.to(host), p.withByteOffset(1), 64));
        fails(CUDA_ERROR_INVALID_VALUE, cuMemcpyDtoD(p, q, 65));
        fails(CUDA_ERROR_INVALID_VALUE, cuMemcpyDtoD(p.withByteOffset(8), p, 16));
        ok(cuMemcpyDtoD(p.withByteOffset(16), p, 16));
        ok(cuMemcpyHtoD(p, Pointer.to(host), 0));
        ok(cuMemFree(q));
        fails(CUDA_ERROR_INVALID_VALUE, cuMemcpyDtoD(p, q, 4));
        fails(CUDA_ERROR_INVALID_VALUE, cuMemcpyHtoDAsync(q, Pointer.to(host), 4, stream(0)));
    }

    @Test
    void fillsHaveTheirWidthAndAlignment() {
        CUdeviceptr p = allocate(16);
        ok(cuMemsetD8(p, (byte) 0x11, 16));
        ok(cuMemsetD16(p.withByteOffset(2), (short) 0x2222, 2));
        ok(cuMemsetD32Async(p.withByteOffset(8), 0x33333333, 1, stream(0)));
        assertThat(ints(p, 4)).containsExactly(0x22221111, 0x11112222, 0x33333333, 0x11111111);
        fails(CUDA_ERROR_INVALID_VALUE, cuMemsetD16(p.withByteOffset(1), (short) 0, 1));
        fails(CUDA_ERROR_INVALID_VALUE, cuMemsetD32(p.withByteOffset(2), 0, 1));
        fails(CUDA_ERROR_INVALID_VALUE, cuMemsetD8(p, (byte) 0, 17));
        ok(cuMemsetD8(p, (byte) 0, 0));
    }

    @Test
    void streamOrderedFreeTakesTheMemoryInItsTurn() {
        CUstream stream = stream(CU_STREAM_NON_BLOCKING);
        CUdeviceptr p = new CUdeviceptr();
        ok(cuMemAllocAsync(p, 128, stream));
        gpu.device.deferred(true);
        ok(cuMemsetD8Async(p, (byte) 0, 128, stream));
        ok(cuMemFreeAsync(p, stream));
        fails(CUDA_ERROR_INVALID_VALUE, cuMemFreeAsync(p, stream));
        fails(CUDA_ERROR_INVALID_VALUE, cuMemFree(p));
        fails(CUDA_ERROR_INVALID_VALUE, cuMemcpyDtoH(Pointer.to(new byte[4]), p, 4));
        assertThat(gpu.device.liveAllocations()).isEqualTo(1);
        ok(cuStreamSynchronize(stream));
        assertThat(gpu.device.liveAllocations()).isZero();
    }

    private static final int CU_STREAM_NON_BLOCKING = 1;

    @Test
    void freeingWhatEnqueuedWorkUsesBreaksTheContext() {
        gpu.device.deferred(true);
        CUstream stream = stream(CU_STREAM_NON_BLOCKING);
        CUdeviceptr p = allocate(128);
        ok(cuMemsetD8Async(p, (byte) 0, 128, stream));
        ok(cuMemFree(p));
        fails(CUDA_ERROR_ILLEGAL_ADDRESS, cuStreamSynchronize(stream));
        gpu.reset();
    }

    @Test
    void pinnedMemoryHasADevicePointerAndPageableHasNot() {
        Pointer p = pinned(64);
        CUdeviceptr d = new CUdeviceptr();
        ok(cuMemHostGetDevicePointer(d, p, 0));
        ByteBuffer direct = ByteBuffer.allocateDirect(64);
        fails(CUDA_ERROR_INVALID_VALUE, cuMemHostGetDevicePointer(d, Pointer.to(direct), 0));
        ok(cuMemHostRegister(Pointer.to(direct), 64, 0));
        ok(cuMemHostGetDevicePointer(d, Pointer.to(direct), 0));
        fails(CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED, cuMemHostRegister(Pointer.to(direct), 32, 0));
        ok(cuMemHostUnregister(Pointer.to(direct)));
        fails(CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED, cuMemHostUnregister(Pointer.to(direct)));
    }
}
