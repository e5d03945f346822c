package org.alborz.softwarecuda;

import static jcuda.driver.JCudaDriver.cuCtxSetCurrent;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRetain;
import static jcuda.driver.JCudaDriver.cuInit;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.jcublas.JCublas2;
import jcuda.jcudnn.JCudnn;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Loads the software libraries and JCuda's natives on them, and makes the device's context current. */
final class MathLibraries implements BeforeAllCallback {
    @Override
    public void beforeAll(ExtensionContext context) {
        Path folder = JCudaNatives.folder();
        for (String library : new String[] {"libcublas.so.12", "libcudnn.so.9"}) {
            System.load(folder.resolve(library).toString());
        }
        JCudaNatives.load(JCublas2::initialize, JCudnn::initialize);
        CUdevice device = new CUdevice();
        CUcontext primary = new CUcontext();
        assertThat(cuInit(0)).isZero();
        assertThat(cuDeviceGet(device, 0)).isZero();
        assertThat(cuDevicePrimaryCtxRetain(primary, device)).isZero();
        assertThat(cuCtxSetCurrent(primary)).isZero();
    }
}
