package org.alborz.cuda;

import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuDeviceGetAttribute;
import static jcuda.driver.JCudaDriver.cuDeviceGetCount;
import static jcuda.driver.JCudaDriver.cuDeviceGetName;
import static jcuda.driver.JCudaDriver.cuDeviceTotalMem;
import static jcuda.driver.JCudaDriver.cuDriverGetVersion;
import static jcuda.driver.JCudaDriver.cuInit;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUresult;
import jcuda.jcublas.JCublas2;
import jcuda.jcudnn.JCudnn;
import org.alborz.cuda.natives.Problem;

/**
 * What the loaded libraries tell of themselves and of the GPUs.
 *
 * @param status what {@code cuInit} returned, or the first call that failed
 * @param call the name of that call
 * @param cuda the newest CUDA that the driver can run, as 1000 * major + 10 * minor
 * @param cublas the version of cuBLAS, such as 12.6.4
 * @param cudnn the version of cuDNN, such as 9.5.1
 * @param cudnnCuda the CUDA that cuDNN was built for, as {@code cuda}
 */
record LoadedCuda(int status, String call, int cuda, String cublas, String cudnn, int cudnnCuda, List<Gpu> gpus) {
    private static final int NAME_BYTES = 256;

    /** Asks the libraries, which must be loaded. Makes no context, so it takes no memory on a GPU. */
    static LoadedCuda ask() {
        Calls calls = new Calls();
        int[] version = {0};
        calls.check(cuDriverGetVersion(version), "cuDriverGetVersion");
        calls.check(cuInit(0), "cuInit");
        List<Gpu> gpus = calls.status == 0 ? gpus(calls) : List.of();
        return new LoadedCuda(
                calls.status,
                calls.call,
                version[0],
                cublasVersion(),
                cudnnVersion(),
                (int) JCudnn.cudnnGetCudartVersion(),
                gpus);
    }

    /** Remembers the first call that failed. */
    private static final class Calls {
        private int status;
        private String call = "cuInit";

        boolean check(int result, String name) {
            if (status == 0 && result != 0) {
                status = result;
                call = name;
            }
            return result == 0;
        }
    }

    private static List<Gpu> gpus(Calls calls) {
        int[] count = {0};
        List<Gpu> gpus = new ArrayList<>();
        calls.check(cuDeviceGetCount(count), "cuDeviceGetCount");
        for (int i = 0; i < count[0]; i++) {
            CUdevice device = new CUdevice();
            if (calls.check(cuDeviceGet(device, i), "cuDeviceGet")) {
                gpus.add(gpu(calls, i, device));
            }
        }
        return gpus;
    }

    private static Gpu gpu(Calls calls, int ordinal, CUdevice device) {
        byte[] name = new byte[NAME_BYTES];
        calls.check(cuDeviceGetName(name, name.length, device), "cuDeviceGetName");
        long[] memory = {0};
        calls.check(cuDeviceTotalMem(memory, device), "cuDeviceTotalMem");
        return Gpu.of(
                ordinal,
                new String(name, StandardCharsets.UTF_8).split("\0", 2)[0],
                attribute(calls, device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
                attribute(calls, device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
                memory[0]);
    }

    private static int attribute(Calls calls, CUdevice device, int attribute) {
        int[] value = {0};
        calls.check(cuDeviceGetAttribute(value, attribute, device), "cuDeviceGetAttribute");
        return value[0];
    }

    private static String cublasVersion() {
        int[] parts = new int[3];
        for (int i = 0; i < parts.length; i++) {
            int[] part = {0};
            JCublas2.cublasGetProperty(i, part);
            parts[i] = part[0];
        }
        return parts[0] + "." + parts[1] + "." + parts[2];
    }

    /** cuDNN 9 counts 10000 * major + 100 * minor + patch. */
    private static String cudnnVersion() {
        long version = JCudnn.cudnnGetVersion();
        return version / 10_000 + "." + version / 100 % 100 + "." + version % 100;
    }

    /** Returns the driver's CUDA as it is written, such as 12.8. */
    String cudaText() {
        return cuda / 1000 + "." + cuda % 1000 / 10;
    }

    /** Returns what keeps the GPUs from being used. */
    List<Problem> problems(String visibleDevices) {
        return new DeviceDiagnosis(this, visibleDevices).problems();
    }

    String statusName() {
        return CUresult.stringFor(status) + " (" + status + ")";
    }
}
