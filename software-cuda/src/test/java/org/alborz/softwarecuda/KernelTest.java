package org.alborz.softwarecuda;

import static jcuda.driver.JCudaDriver.*;
import static org.alborz.softwarecuda.Gpu.*;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.IntStream;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUresult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Kernels: what a GPU's threads can do together, and how it notices what they must not. */
final class KernelTest {
    @RegisterExtension
    final Gpu gpu = new Gpu();

    private static final int LAUNCH_FAILED = CUresult.CUDA_ERROR_LAUNCH_FAILED;
    private static final int ILLEGAL_ADDRESS = CUresult.CUDA_ERROR_ILLEGAL_ADDRESS;
    private static final int MISALIGNED = CUresult.CUDA_ERROR_MISALIGNED_ADDRESS;

    @Test
    void threadsCoverAGrid() {
        int n = 100_003;
        float[] a = new float[n];
        float[] b = new float[n];
        for (int i = 0; i < n; i++) {
            a[i] = i;
            b[i] = 0.5f * i;
        }
        CUdeviceptr c = allocate(4L * n);
        CUfunction add = function("sample_add", "u64", "u64", "u64", "u64");
        ok(launch(add, 7, 256, null, floats(a), floats(b), c, (long) n));
        assertThat(floats(c, n)).isEqualTo(sums(a, b));
        assertThat(gpu.device.launches()).isPositive();
    }

    private static float[] sums(float[] a, float[] b) {
        float[] c = new float[a.length];
        for (int i = 0; i < c.length; i++) {
            c[i] = a[i] + b[i];
        }
        return c;
    }

    @Test
    void blocksReduceThroughShuffleAndSharedMemory() {
        int rows = 5;
        int columns = 1000;
        float[] a = new float[rows * columns];
        float[] expected = new float[rows];
        for (int i = 0; i < a.length; i++) {
            a[i] = i % 17;
            expected[i / columns] += a[i];
        }
        CUdeviceptr out = allocate(4L * rows);
        CUfunction sum = function("sample_row_sum", "u64", "u64", "u32");
        for (int block : new int[] {32, 96, 256, 1024}) {
            for (boolean reversed : new boolean[] {false, true}) {
                gpu.device.reversed(reversed);
                ok(launch(sum, rows, block, null, floats(a), out, columns));
                assertThat(floats(out, rows)).isEqualTo(expected);
            }
        }
    }

    @Test
    void threadsOfTwoDimensionsMultiplyTiles() {
        int n = 48;
        float[] a = new float[n * n];
        float[] b = new float[n * n];
        float[] expected = new float[n * n];
        for (int i = 0; i < n * n; i++) {
            a[i] = i % 7;
            b[i] = i % 5;
        }
        for (int i = 0; i < n * n; i++) {
            for (int k = 0; k < n; k++) {
                expected[i] += a[i / n * n + k] * b[k * n + i % n];
            }
        }
        CUdeviceptr c = allocate(4L * n * n);
        CUfunction tiles = function("sample_tiles", "u64", "u64", "u64", "u32");
        ok(cuLaunchKernel(tiles, n / 16, n / 16, 1, 16, 16, 1, 0, null, parameters(floats(a), floats(b), c, n), null));
        assertThat(floats(c, n * n)).isEqualTo(expected);
    }

    @Test
    void lanesExchange() {
        CUdeviceptr out = allocate(4 * 256);
        CUfunction collectives = function("sample_collectives", "u64");
        for (boolean reversed : new boolean[] {false, true}) {
            gpu.device.reversed(reversed);
            ok(launch(collectives, 1, 32, null, out));
            int[] got = ints(out, 256);
            assertThat(part(got, 0)).isEqualTo(lanes(l -> Math.max(l - 1, 0)));
            assertThat(part(got, 1)).isEqualTo(lanes(l -> l ^ 3));
            assertThat(part(got, 2)).isEqualTo(lanes(l -> 5));
            assertThat(part(got, 3)).isEqualTo(lanes(l -> 0xaaaaaaaa));
            assertThat(part(got, 4)).isEqualTo(lanes(l -> 0));
            assertThat(part(got, 5)).isEqualTo(lanes(l -> 1));
            assertThat(part(got, 6)).isEqualTo(lanes(l -> l % 8 == 7 ? l : l + 1));
            assertThat(part(got, 7)).isEqualTo(lanes(l -> 496));
        }
    }

    private static int[] part(int[] all, int k) {
        return Arrays.copyOfRange(all, 32 * k, 32 * k + 32);
    }

    private static int[] lanes(java.util.function.IntUnaryOperator of) {
        return IntStream.range(0, 32).map(of).toArray();
    }

    @Test
    void someLanesGoOnWithoutThoseThatEnded() {
        CUdeviceptr out = allocate(4 * 32);
        ok(launch(function("sample_part_of_warp", "u64", "u32"), 1, 32, null, out, 8));
        assertThat(Arrays.copyOf(ints(out, 32), 9)).isEqualTo(new int[] {28, 28, 28, 28, 28, 28, 28, 28, -1});
    }

    @Test
    void pairsOfLanesWaitForEachOtherOnly() {
        CUdeviceptr out = allocate(4 * 4);
        CUfunction pairs = function("sample_pairs", "u64");
        for (boolean reversed : new boolean[] {false, true}) {
            gpu.device.reversed(reversed);
            ok(launch(pairs, 1, 32, null, out));
            assertThat(ints(out, 4)).containsExactly(30, 20, 10, 7);
        }
    }

    @Test
    void structuresArePassedByValue() {
        ByteBuffer sizes = ByteBuffer.allocate(32).order(ByteOrder.nativeOrder());
        sizes.putLong(5).putInt(9).putInt(3).putInt(9).putInt(9).putInt(10);
        CUdeviceptr out = allocate(8 * 5);
        CUfunction f = function("sample_structure", "u64", "b8[32]", "f64");
        ok(launch(f, 1, 2, null, out, sizes.array(), 2.0));
        long[] got = new long[5];
        ok(cuMemcpyDtoH(Pointer.to(got), out, 40));
        assertThat(got).containsExactly(20, 26, 32, 38, 44);
    }

    @Test
    void sharedMemoryIsNotANumberInEveryBlock() {
        CUdeviceptr out = allocate(4 * 192);
        ok(launch(function("sample_unwritten", "u64"), 3, 64, null, out));
        for (float f : floats(out, 192)) {
            assertThat(f).isNaN();
        }
    }

    @Test
    void aMissingBarrierShowsInOneOfTheOrders() {
        CUdeviceptr out = allocate(4 * 64);
        CUfunction race = function("sample_race", "u64");
        gpu.device.reversed(false);
        ok(launch(race, 1, 64, null, out));
        int[] forward = ints(out, 64);
        gpu.device.reversed(true);
        ok(launch(race, 1, 64, null, out));
        assertThat(ints(out, 64)).isNotEqualTo(forward);
    }

    @Test
    void threadsThatWaitForEachOtherForEverAreReported() {
        CUdeviceptr out = allocate(4 * 32);
        breaks(LAUNCH_FAILED, "sample_barrier_by_half", "deadlock", out);
    }

    @Test
    void threadsInDifferentBarriersAreReported() {
        CUdeviceptr out = allocate(4 * 32);
        breaks(LAUNCH_FAILED, "sample_two_barriers", "different __syncthreads", out);
    }

    @Test
    void lanesThatShuffleAtDifferentPlacesAreReported() {
        CUdeviceptr out = allocate(4 * 32);
        breaks(LAUNCH_FAILED, "sample_two_shuffles", "at different places", out);
    }

    @Test
    void aLaneOutsideItsOwnMaskIsReported() {
        CUdeviceptr out = allocate(4 * 32);
        breaks(LAUNCH_FAILED, "sample_foreign_mask", "mask that does not hold itself", out);
    }

    @Test
    void writingBehindAnAllocationIsReportedWithTheThread() {
        for (int n : new int[] {64, 1024, 4096}) {
            CUdeviceptr a = allocate(4L * n);
            breaks(ILLEGAL_ADDRESS, "sample_write_at", "thread (3, 0, 0)", a, (long) n);
        }
    }

    @Test
    void writingBeforeAnAllocationIsReported() {
        CUdeviceptr a = allocate(4 * 1024);
        breaks(ILLEGAL_ADDRESS, "sample_write_at", "where nothing is", a, -1L);
    }

    @Test
    void aVectorLoadHasToBeAligned() {
        CUdeviceptr a = allocate(4 * 64);
        CUdeviceptr out = allocate(4);
        ok(launch(function("sample_vector_at", "u64", "u64", "u64"), 1, 1, null, a, out, 4L));
        ok(cuCtxSynchronize());
        breaks(MISALIGNED, "sample_vector_at", "not aligned", a, out, 1L);
    }

    @Test
    void anIndexOutsideSharedMemoryIsReported() {
        CUdeviceptr out = allocate(4 * 32);
        breaks(MISALIGNED, "sample_shared_at", "index outside an array of fixed size", out, 32);
    }

    @Test
    void divisionByZeroAndTrapsAreReported() {
        CUdeviceptr a = allocate(4 * 32);
        breaks(LAUNCH_FAILED, "sample_divide", "division by zero", a, 0);
        gpu.reset();
        breaks(LAUNCH_FAILED, "sample_trap", "__trap", allocate(4 * 32));
    }

    @Test
    void aPointerToFreedMemoryIsReportedWithItsPlace() {
        CUdeviceptr a = allocate(4 * 32);
        ok(cuMemFree(a));
        breaks(ILLEGAL_ADDRESS, "sample_divide", "parameter 0", a, 1);
    }

    @Test
    void aPointerToPageableMemoryIsReported() {
        ByteBuffer direct = ByteBuffer.allocateDirect(128);
        breaks(ILLEGAL_ADDRESS, "sample_divide", "neither in device memory nor in pinned", Pointer.to(direct), 1);
    }

    @Test
    void aKernelWorksOnPinnedMemory() {
        Pointer p = pinned(32 * 4);
        for (int i = 0; i < 32; i++) {
            p.getByteBuffer(0, 128).order(ByteOrder.nativeOrder()).putInt(4 * i, 6 * i);
        }
        ok(launch(function("sample_divide", "u64", "u32"), 1, 32, null, p, 3));
        ok(cuCtxSynchronize());
        assertThat(p.getByteBuffer(0, 128).order(ByteOrder.nativeOrder()).getInt(4 * 31))
                .isEqualTo(62);
    }

    /** Launches one warp: the launch itself succeeds, and every later call answers the failure, until the context is reset. */
    private void breaks(int result, String kernel, String words, Object... arguments) {
        CUfunction f =
                function(kernel, Arrays.stream(arguments).map(KernelTest::type).toArray(String[]::new));
        ok(launch(f, 1, 32, null, arguments));
        fails(result, cuCtxSynchronize());
        fails(result, cuMemAlloc(new CUdeviceptr(), 4));
        assertThat(gpu.device.message()).contains(kernel, words);
        gpu.reset();
        ok(cuCtxSynchronize());
    }

    private static String type(Object argument) {
        return argument instanceof Integer ? "u32" : "u64";
    }
}
