package org.alborz.cuda;

import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.BackendProvider;
import org.alborz.backend.BackendUnavailableException;
import org.alborz.backend.Probe;

/** Reports whether NVIDIA's driver is there. It cannot open a backend yet: the kernels are still to come. */
public final class CudaProvider implements BackendProvider {
    private static final String USE_CPU = "use the backend cpu-vector.";

    private final DriverSearch search;

    /** Looks for the driver on this machine. */
    public CudaProvider() {
        this(DriverSearch.ofThisMachine());
    }

    CudaProvider(DriverSearch search) {
        this.search = search;
    }

    @Override
    public String name() {
        return "cuda";
    }

    @Override
    public int priority() {
        return 100;
    }

    @Override
    public Probe probe() {
        return unusable();
    }

    @Override
    public Backend open(BackendOptions options) {
        Probe.Unusable no = unusable();
        throw new BackendUnavailableException(
                "Backend '" + name() + "' cannot run: " + no.reason() + " Remedy: " + no.remedy());
    }

    private Probe.Unusable unusable() {
        DriverSearch.Findings found = search.run();
        String folders = String.join(", ", found.folders());
        if (found.library().isEmpty()) {
            return new Probe.Unusable("CUDA does not exist for " + search.os() + ".", capitalized(USE_CPU));
        }
        if (found.path().isPresent()) {
            return new Probe.Unusable(
                    "this version of Alborz has no CUDA kernels yet; the NVIDIA driver is there ("
                            + found.path().get()
                            + found.kernelModule().map(v -> ", " + v).orElse("") + ").",
                    capitalized(USE_CPU));
        }
        if (found.kernelModule().isPresent()) {
            return new Probe.Unusable(
                    "the NVIDIA kernel module " + found.kernelModule().get() + " is loaded, but " + found.library()
                            + " is in none of " + folders + ".",
                    "In a container, start it with the NVIDIA Container Toolkit (docker run --gpus all ...). Elsewhere,"
                            + " install the driver's user-space libraries or add their folder to LD_LIBRARY_PATH."
                            + " Until then, " + USE_CPU);
        }
        return new Probe.Unusable(
                "no NVIDIA driver: " + found.library() + " is in none of " + folders + ".",
                "On a machine with an NVIDIA GPU, install the driver (https://www.nvidia.com/drivers). Otherwise, "
                        + USE_CPU);
    }

    private static String capitalized(String text) {
        return Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }
}
