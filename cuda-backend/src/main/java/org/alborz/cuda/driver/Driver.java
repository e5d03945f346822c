package org.alborz.cuda.driver;

import static jcuda.driver.JCudaDriver.cuGetErrorName;
import static jcuda.driver.JCudaDriver.cuGetErrorString;

import java.util.Map;

/** Turns the driver's status codes into exceptions. */
public final class Driver {
    /** {@code CUDA_ERROR_OUT_OF_MEMORY}. */
    public static final int OUT_OF_MEMORY = 2;

    /** What helps against errors that an engineer can do something about. */
    private static final Map<Integer, String> REMEDIES = Map.of(
            OUT_OF_MEMORY,
            "Use a smaller batch, or end other programs on the device (nvidia-smi lists them).",
            46,
            "The device is taken by another program, or its compute mode forbids sharing (nvidia-smi -q -d COMPUTE).",
            100,
            "Check CUDA_VISIBLE_DEVICES, and in a container whether it was started with --gpus.",
            218,
            "The driver cannot compile the kernels: update it to one for CUDA 12 or newer.",
            222,
            "The driver is older than the kernels: update it to one for CUDA 12 or newer.",
            700,
            "A kernel touched memory it does not own. The context is lost: restart the program, and report this.",
            719,
            "A kernel failed. The context is lost: restart the program; nvidia-smi and dmesg may tell more.",
            802,
            "The system is not ready: on machines with NVSwitch the fabric manager must run.",
            803,
            "The driver's library and kernel module have different versions: restart the machine.");

    private Driver() {}

    /**
     * Passes a call that succeeded.
     *
     * @param call the name of the function that returned the status
     * @throws CudaException naming the call and what the driver says
     */
    public static void check(int status, String call) {
        if (status != 0) {
            throw failure(status, call);
        }
    }

    /** Passes a call that succeeded; the text of a failure is made only when there is one, so that a call costs no garbage. */
    static void check(int status, String call, long amount, String unit) {
        if (status != 0) {
            throw failure(status, call + " of " + amount + " " + unit);
        }
    }

    /** Returns the exception for a status other than success. */
    public static CudaException failure(int status, String call) {
        String[] name = {null};
        String[] text = {null};
        cuGetErrorName(status, name);
        cuGetErrorString(status, text);
        String remedy = REMEDIES.get(status);
        return new CudaException(
                call + " failed: " + (name[0] == null ? "status " + status : name[0] + " (" + status + ")")
                        + (text[0] == null ? "" : ", " + text[0]) + "."
                        + (remedy == null ? "" : " " + remedy),
                status);
    }
}
