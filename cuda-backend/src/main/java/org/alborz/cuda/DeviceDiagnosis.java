package org.alborz.cuda;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import jcuda.driver.CUresult;
import org.alborz.cuda.natives.Problem;

/**
 * Says what keeps the GPUs from being used, from what the driver tells.
 *
 * @param visibleDevices the variable {@code CUDA_VISIBLE_DEVICES}, or null
 */
record DeviceDiagnosis(LoadedCuda cuda, String visibleDevices) {
    private static final int OLDEST_CUDA = 11_000;

    /** What helps against the errors that the first call may give. */
    private static final Map<Integer, String> REMEDIES = Map.of(
            CUresult.CUDA_ERROR_STUB_LIBRARY,
            "The library found is the toolkit's stub for linking: take its folder out of LD_LIBRARY_PATH.",
            CUresult.CUDA_ERROR_DEVICE_UNAVAILABLE,
            "Another program has taken the GPU for itself: see nvidia-smi -q -d COMPUTE.",
            CUresult.CUDA_ERROR_SYSTEM_NOT_READY,
            "On machines with NVSwitch start the fabric manager: sudo systemctl start nvidia-fabricmanager.",
            CUresult.CUDA_ERROR_SYSTEM_DRIVER_MISMATCH,
            "The driver was updated while its kernel module ran on: restart the machine.",
            CUresult.CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE,
            "CUDA's compatibility package is not for this GPU: take its folder (cuda/compat) out of LD_LIBRARY_PATH.",
            CUresult.CUDA_ERROR_UNKNOWN,
            "Often the driver's modules are half loaded: sudo modprobe nvidia-uvm, or restart the machine.");

    List<Problem> problems() {
        boolean none = cuda.status() == CUresult.CUDA_ERROR_NO_DEVICE
                || (cuda.status() == 0 && cuda.gpus().isEmpty());
        if (none) {
            return List.of(noDevice());
        }
        if (cuda.status() != 0) {
            return List.of(problem(
                    "driver-error",
                    "the NVIDIA driver answers " + cuda.call() + " with " + cuda.statusName() + ".",
                    REMEDIES.getOrDefault(cuda.status(), "See whether nvidia-smi works, and dmesg for the reason.")));
        }
        if (cuda.cuda() < newestNeeded()) {
            return List.of(tooOld());
        }
        return cuda.gpus().get(0).usable() ? List.of() : List.of(tooOldGpu());
    }

    private Problem noDevice() {
        String hidden = visibleDevices == null
                ? ""
                : " CUDA_VISIBLE_DEVICES is '" + visibleDevices + "', which may hide it: unset it.";
        return problem(
                "no-device",
                "the NVIDIA driver runs, but sees no GPU.",
                "Start the container with --gpus all, or see what nvidia-smi -L lists." + hidden);
    }

    /** A library of CUDA 12 needs a driver for CUDA 12.0 or newer, and so on. */
    private int newestNeeded() {
        int cublas = Integer.parseInt(cuda.cublas().split("\\.")[0]) * 1000;
        return Math.max(OLDEST_CUDA, Math.max(cublas, cuda.cudnnCuda() / 1000 * 1000));
    }

    private Problem tooOld() {
        int needed = newestNeeded() / 1000;
        boolean downgrade = needed > 12 && cuda.cuda() >= 12_000;
        return new Problem(
                "driver-too-old",
                "the NVIDIA driver is for CUDA " + cuda.cudaText() + ", but cuBLAS " + cuda.cublas() + " and cuDNN "
                        + cuda.cudnn() + " need one for CUDA " + needed + ".0 or newer.",
                "Update the driver (https://www.nvidia.com/drivers: 525 or newer for CUDA 12, 580 for CUDA 13)"
                        + (downgrade ? ", or take libraries of CUDA 12." : "."),
                downgrade ? List.of("python3 -m pip install nvidia-cublas-cu12 nvidia-cudnn-cu12") : List.of());
    }

    /** The first GPU is the one that is used when none is asked for. */
    private Problem tooOldGpu() {
        String gpus = cuda.gpus().stream().map(Gpu::toString).collect(Collectors.joining("; "));
        String remedy = cuda.gpus().stream()
                .filter(Gpu::usable)
                .findFirst()
                .map(g -> "Hide the older GPU: CUDA_VISIBLE_DEVICES=" + g.ordinal() + ".")
                .orElse("Use a GPU of the generation Turing (2018) or later, or the backend cpu-vector.");
        return problem(
                "compute-capability",
                "the first GPU's compute capability is below " + Gpu.LOWEST_MAJOR + "." + Gpu.LOWEST_MINOR + ": " + gpus
                        + ".",
                remedy);
    }

    private static Problem problem(String key, String reason, String remedy) {
        return new Problem(key, reason, remedy, List.of());
    }
}
