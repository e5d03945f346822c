package org.alborz.cuda;

import static jcuda.driver.JCudaDriver.cuCtxGetCurrent;
import static jcuda.driver.JCudaDriver.cuCtxSetCurrent;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRelease;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRetain;
import static jcuda.driver.JCudaDriver.cuMemGetInfo;

import java.util.OptionalLong;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;

/** Asks how much memory of a GPU is free. */
final class GpuMemory {
    private GpuMemory() {}

    /** Returns the bytes that are free, or nothing where the GPU does not tell. Makes a context for the moment. */
    static OptionalLong free(int ordinal) {
        CUdevice device = new CUdevice();
        CUcontext context = new CUcontext();
        if (cuDeviceGet(device, ordinal) != 0 || cuDevicePrimaryCtxRetain(context, device) != 0) {
            return OptionalLong.empty();
        }
        CUcontext before = new CUcontext();
        cuCtxGetCurrent(before);
        long[] free = {0};
        long[] total = {0};
        try {
            boolean told = cuCtxSetCurrent(context) == 0 && cuMemGetInfo(free, total) == 0;
            return told ? OptionalLong.of(free[0]) : OptionalLong.empty();
        } finally {
            cuCtxSetCurrent(before);
            cuDevicePrimaryCtxRelease(device);
        }
    }
}
