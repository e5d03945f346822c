package org.alborz.gpucheck;

import java.util.OptionalLong;
import org.alborz.cuda.CudaReport;

/** Tells how much of the device's memory is taken, by anyone. */
interface DeviceMemory {
    /** Returns MiB, or nothing where it cannot be told. */
    OptionalLong usedMebibytes();

    /** Asks the CUDA driver for the first GPU. */
    static DeviceMemory ofCuda() {
        return () -> CudaReport.ofThisMachine().gpus().stream()
                .filter(gpu -> gpu.memoryFree() != null)
                .mapToLong(gpu -> (gpu.memoryTotal() - gpu.memoryFree()) >> 20)
                .findFirst();
    }

    static DeviceMemory unknown() {
        return OptionalLong::empty;
    }
}
