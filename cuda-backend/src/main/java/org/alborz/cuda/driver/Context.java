package org.alborz.cuda.driver;

import static jcuda.driver.JCudaDriver.cuCtxSetCurrent;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRelease;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRetain;
import static jcuda.driver.JCudaDriver.cuInit;

import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;

/** A device's primary context, which cuBLAS and cuDNN share. */
public final class Context implements AutoCloseable {
    private final CUdevice device = new CUdevice();
    private final CUcontext context = new CUcontext();
    private final Device properties;

    /**
     * Takes hold of a device's context and makes it the calling thread's.
     *
     * @param ordinal which device, from 0
     */
    public Context(int ordinal) {
        Driver.check(cuInit(0), "cuInit");
        Device.requireExisting(ordinal);
        Driver.check(cuDeviceGet(device, ordinal), "cuDeviceGet");
        properties = Device.of(ordinal, device);
        Driver.check(cuDevicePrimaryCtxRetain(context, device), "cuDevicePrimaryCtxRetain of " + properties);
        try {
            makeCurrent();
        } catch (RuntimeException e) {
            cuDevicePrimaryCtxRelease(device);
            throw e;
        }
    }

    /** Returns the device it is on. */
    public Device device() {
        return properties;
    }

    /** Makes this the calling thread's context: another backend, or other CUDA code, may have made theirs current since. */
    public void makeCurrent() {
        Driver.check(cuCtxSetCurrent(context), "cuCtxSetCurrent");
    }

    /** Makes this the calling thread's context as well as it goes, for closing things: their own status tells what failed. */
    public void makeCurrentToClose() {
        cuCtxSetCurrent(context);
    }

    /** Releases the context. */
    @Override
    public void close() {
        Driver.check(cuDevicePrimaryCtxRelease(device), "cuDevicePrimaryCtxRelease");
    }
}
