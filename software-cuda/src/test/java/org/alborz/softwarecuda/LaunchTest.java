package org.alborz.softwarecuda;

import static jcuda.driver.CUresult.*;
import static jcuda.driver.JCudaDriver.*;
import static org.alborz.softwarecuda.Gpu.*;
import static org.assertj.core.api.Assertions.assertThat;

import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUmodule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Modules, functions and launches: what the driver refuses. */
final class LaunchTest {
    @RegisterExtension
    final Gpu gpu = new Gpu();

    @Test
    void onlyEntriesOfTheModuleAreFound() {
        CUmodule module = new CUmodule();
        ok(cuModuleLoadData(module, ptx("sample_trap", "u64")));
        ok(cuModuleGetFunction(new CUfunction(), module, "sample_trap"));
        fails(CUDA_ERROR_NOT_FOUND, cuModuleGetFunction(new CUfunction(), module, "sample_add"));
        ok(cuModuleUnload(module));
        fails(CUDA_ERROR_INVALID_HANDLE, cuModuleGetFunction(new CUfunction(), module, "sample_trap"));
        fails(CUDA_ERROR_INVALID_HANDLE, cuModuleUnload(module));
    }

    @Test
    void aKernelWithoutSourceIsNotFound() {
        CUmodule module = new CUmodule();
        ok(cuModuleLoadData(module, ptx("nobody_wrote_it", "u64")));
        fails(CUDA_ERROR_NOT_FOUND, cuModuleGetFunction(new CUfunction(), module, "nobody_wrote_it"));
        assertThat(gpu.device.message()).contains("no kernel nobody_wrote_it was compiled for the host");
    }

    @Test
    void thePtxHasToHaveTheParametersOfTheSource() {
        stale("2 parameters, the source 1", "sample_trap", "u64", "u64");
        stale("parameter 1 has 4 bytes in the PTX and 8 in the source", "sample_write_at", "u64", "u32");
        stale("parameter 1 has 24 bytes", "sample_structure", "u64", "b8[24]", "f64");
    }

    private void stale(String words, String name, String... parameters) {
        CUmodule module = new CUmodule();
        ok(cuModuleLoadData(module, ptx(name, parameters)));
        fails(CUDA_ERROR_INVALID_PTX, cuModuleGetFunction(new CUfunction(), module, name));
        assertThat(gpu.device.message()).contains("stale", words);
    }

    @Test
    void ptxIsRead() {
        String ptx = ptx("sample_trap", "u64");
        CUmodule module = new CUmodule();
        fails(CUDA_ERROR_INVALID_IMAGE, cuModuleLoadData(module, "no PTX at all"));
        fails(CUDA_ERROR_UNSUPPORTED_PTX_VERSION, cuModuleLoadData(module, ptx.replace("7.0", "9.0")));
        fails(CUDA_ERROR_NO_BINARY_FOR_GPU, cuModuleLoadData(module, ptx.replace("sm_75", "sm_100")));
        fails(CUDA_ERROR_INVALID_PTX, cuModuleLoadData(module, ptx.replace("}", "")));
        ok(cuModuleLoadData(module, "// .entry commented(\n/* .version 99.0 */" + ptx));
        fails(CUDA_ERROR_NOT_FOUND, cuModuleGetFunction(new CUfunction(), module, "commented"));
    }

    @Test
    void launchBoundsAndSharedMemoryOfThePtxCount() {
        String ptx = ptx("sample_trap", "u64")
                .replace(
                        ")\n{",
                        ")\n.maxntid 64, 2, 1\n.minnctapersm 1\n{\n .shared .align 4 .b8 part[1000];\n { .reg .f32 %f<3>; }");
        CUmodule module = new CUmodule();
        ok(cuModuleLoadData(module, ptx));
        CUfunction f = new CUfunction();
        ok(cuModuleGetFunction(f, module, "sample_trap"));
        assertThat(attribute(f, CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK))
                .isEqualTo(128);
        assertThat(attribute(f, CUfunction_attribute.CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES))
                .isEqualTo(1000);
        CUdeviceptr out = allocate(4 * 256);
        fails(CUDA_ERROR_INVALID_VALUE, launch(f, 1, 129, null, out));
        assertThat(gpu.device.message()).contains("at most 128 threads");
    }

    private static int attribute(CUfunction f, int which) {
        int[] value = {-1};
        ok(cuFuncGetAttribute(value, which, f));
        return value[0];
    }

    @Test
    void sizesAreChecked() {
        CUfunction f = function("sample_divide", "u64", "u32");
        Pointer p = parameters(allocate(4 * 1024), 1);
        int invalid = CUDA_ERROR_INVALID_VALUE;
        ok(cuLaunchKernel(f, 1, 1, 1, 1024, 1, 1, 0, null, p, null));
        fails(invalid, cuLaunchKernel(f, 1, 1, 1, 1025, 1, 1, 0, null, p, null));
        fails(invalid, cuLaunchKernel(f, 1, 1, 1, 32, 33, 1, 0, null, p, null));
        fails(invalid, cuLaunchKernel(f, 1, 1, 1, 1, 1, 65, 0, null, p, null));
        fails(invalid, cuLaunchKernel(f, 0, 1, 1, 32, 1, 1, 0, null, p, null));
        fails(invalid, cuLaunchKernel(f, 1, 65536, 1, 32, 1, 1, 0, null, p, null));
        fails(invalid, cuLaunchKernel(f, 1, 1, 1, 0, 1, 1, 0, null, p, null));
        fails(invalid, cuLaunchKernel(f, 1, 1, 1, 32, 1, 1, 49153, null, p, null));
        fails(invalid, cuLaunchKernel(f, 1, 1, 1, 32, 1, 1, 0, null, null, null));
        ok(cuFuncSetAttribute(f, CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 100_000));
        ok(cuLaunchKernel(f, 1, 1, 1, 32, 1, 1, 100_000, null, p, null));
        fails(
                invalid,
                cuFuncSetAttribute(f, CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 300_000));
        ok(cuCtxSynchronize()); // none of them broke anything
    }

    @Test
    void blocksOfACooperativeLaunchMeet() {
        for (boolean reversed : new boolean[] {false, true}) {
            gpu.device.reversed(reversed);
            CUdeviceptr out = allocate(4 * 5);
            ok(meet(true, 5, out, 5));
            assertThat(ints(out, 5)).containsOnly(1 + 2 + 3 + 4 + 5);
        }
    }

    @Test
    void aCooperativeLaunchHasToFitOnTheDevice() {
        fails(CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE, meet(true, 64 * 32 + 1, allocate(4), 1));
        assertThat(gpu.device.message()).contains("at most 2048 blocks fit");
    }

    @Test
    void blocksMeetInNoOtherLaunch() {
        ok(meet(false, 2, allocate(8), 2));
        fails(CUDA_ERROR_LAUNCH_FAILED, cuCtxSynchronize());
        assertThat(gpu.device.message()).contains("a thread sleeps until another block goes on");
        gpu.reset();
    }

    @Test
    void blocksThatWaitForOneThatIsNotThereAreADeadlock() {
        ok(meet(true, 2, allocate(8), 3));
        fails(CUDA_ERROR_LAUNCH_FAILED, cuCtxSynchronize());
        assertThat(gpu.device.message()).contains("deadlock: 2 blocks sleep, and no other runs");
        gpu.reset();
    }

    private static int meet(boolean cooperative, int blocks, CUdeviceptr out, int awaited) {
        CUfunction f = function("sample_meet", "u64", "u64", "u64", "u32");
        CUdeviceptr counts = allocate(8);
        ok(cuMemsetD32(counts, 0, 2));
        Pointer p = parameters(counts, counts.withByteOffset(4), out, awaited);
        return cooperative
                ? cuLaunchCooperativeKernel(f, blocks, 1, 1, 64, 1, 1, 0, null, p)
                : cuLaunchKernel(f, blocks, 1, 1, 64, 1, 1, 0, null, p, null);
    }

    /** Each block has its own, also where blocks take turns, and finds nothing in it that another one left. */
    @Test
    void dynamicSharedMemoryIsOfTheBlock() {
        CUdeviceptr out = allocate(4 * 3);
        for (boolean cooperative : new boolean[] {false, true}) {
            ok(dynamicShared(cooperative, 3, out, 64, 4 * 64));
            assertThat(ints(out, 3)).containsExactly(63 * 32, 63 * 32 + 64, 63 * 32 + 128);
        }
    }

    @Test
    void whatIsBehindDynamicSharedMemoryIsChecked() {
        ok(dynamicShared(false, 1, allocate(4), 65, 4 * 64));
        fails(CUDA_ERROR_LAUNCH_FAILED, cuCtxSynchronize());
        assertThat(gpu.device.message()).contains("writes beyond the 256 bytes of dynamic shared memory");
        gpu.reset();
    }

    private static int dynamicShared(boolean cooperative, int blocks, CUdeviceptr out, int count, int bytes) {
        CUfunction f = function("sample_dynamic_shared", "u64", "u64", "u32");
        CUdeviceptr met = allocate(4);
        ok(cuMemsetD32(met, 0, 1));
        return cooperative
                ? cuLaunchCooperativeKernel(f, blocks, 1, 1, 64, 1, 1, bytes, null, parameters(met, out, count))
                : cuLaunchKernel(
                        f, blocks, 1, 1, 64, 1, 1, bytes, null, parameters(new CUdeviceptr(), out, count), null);
    }

    /** 233,472 bytes of a multiprocessor, of which 1,024 more are taken for each block. */
    @Test
    void sharedMemoryLimitsTheBlocksOfAMultiprocessor() {
        CUfunction f = function("sample_dynamic_shared", "u64", "u64", "u32");
        ok(cuFuncSetAttribute(f, CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 200_000));
        int[] blocks = {0};
        ok(cuOccupancyMaxActiveBlocksPerMultiprocessor(blocks, f, 64, 100_000));
        assertThat(blocks[0]).isEqualTo(2);
        ok(cuOccupancyMaxActiveBlocksPerMultiprocessor(blocks, f, 64, 200_000));
        assertThat(blocks[0]).isEqualTo(1);
        ok(cuOccupancyMaxActiveBlocksPerMultiprocessor(blocks, f, 64, 200_001));
        assertThat(blocks[0]).isZero();
    }

    @Test
    void aFunctionGoesWithItsModule() {
        CUmodule module = new CUmodule();
        ok(cuModuleLoadData(module, ptx("sample_trap", "u64")));
        CUfunction f = new CUfunction();
        ok(cuModuleGetFunction(f, module, "sample_trap"));
        ok(cuModuleUnload(module));
        fails(CUDA_ERROR_INVALID_HANDLE, launch(f, 1, 1, null, allocate(4)));
    }

    @Test
    void occupancyIsOfTwoThousandThreads() {
        CUfunction f = function("sample_trap", "u64");
        int[] blocks = {0};
        ok(cuOccupancyMaxActiveBlocksPerMultiprocessor(blocks, f, 256, 0));
        assertThat(blocks[0]).isEqualTo(8);
    }
}
