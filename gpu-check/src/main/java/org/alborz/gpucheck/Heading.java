package org.alborz.gpucheck;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.examples.cli.Machine;

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
        Machine machine = Machine.ofThis();
        try (Backend backend = subject.open(BackendOptions.defaults())) {
            heading.put("Backend", backend.name() + " (" + backend.device() + ")");
        }
        if (!subject.isCpu()) {
            List<String> gpu = Command.lines(
                    "nvidia-smi", "-i", "0", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader");
            heading.put("GPU, driver", gpu.isEmpty() ? "nvidia-smi tells nothing here" : gpu.get(0));
        }
        heading.put("Host", machine.cpu() + ", " + machine.processors() + " processors");
        heading.put("System", machine.os());
        heading.put("Alborz", machine.alborz() + ", Java " + machine.java());
        return heading;
    }
}
