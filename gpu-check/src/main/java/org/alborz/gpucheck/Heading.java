package org.alborz.gpucheck;

import java.util.LinkedHashMap;
import java.util.Map;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.cli.Machine;
import org.alborz.cuda.CudaReport;

/** What stands above the table: what was checked, and on what. */
final class Heading {
    private Heading() {}

    /**
     * Opens the backend and returns labels and what belongs to them, in order.
     *
     * @throws org.alborz.backend.BackendUnavailableException when the backend cannot run
     */
    static Map<String, String> of(Subject subject) {
        Map<String, String> heading = new LinkedHashMap<>();
        try (Backend backend = subject.open(BackendOptions.defaults())) {
            heading.put("Backend", backend.name() + " (" + backend.device() + ")");
        }
        if (!subject.isCpu()) {
            add(heading, CudaReport.ofThisMachine());
        }
        Machine machine = Machine.ofThis();
        heading.put("Host", machine.cpu() + ", " + machine.processors() + " processors");
        heading.put("System", machine.os());
        heading.put("Alborz", machine.alborz() + ", Java " + machine.java());
        return heading;
    }

    private static void add(Map<String, String> heading, CudaReport cuda) {
        for (CudaReport.GpuState gpu : cuda.gpus()) {
            heading.put(
                    "GPU " + gpu.ordinal(),
                    String.format(
                            "%s, compute capability %s, %,d MiB",
                            gpu.name(), gpu.computeCapability(), gpu.memoryTotal() >> 20));
        }
        CudaReport.Driver driver = cuda.driver();
        String version = driver.version() == null ? "version unknown" : driver.version();
        heading.put("Driver", version + ", for CUDA " + driver.cuda() + " (" + driver.path() + ")");
        for (CudaReport.LibraryState library : cuda.libraries()) {
            if (library.found()) {
                heading.put(library.name(), library.version() + " (" + library.path() + ")");
            }
        }
    }
}
