package org.alborz.cuda;

import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.alborz.backend.BackendOptions;
import org.alborz.cuda.natives.Host;
import org.alborz.cuda.natives.LibrarySearch;
import org.alborz.cuda.natives.NativeLibraries;
import org.alborz.softwarecuda.SoftwareCuda;
import org.alborz.softwarecuda.SoftwareDevice;

/** The software GPU of this JVM: built where it is stale, loaded once; tests skip where it cannot be built. */
public final class SoftwareGpu {
    private SoftwareGpu() {}

    /** Returns what controls it, all controls as they are by default. */
    public static SoftwareDevice device() {
        SoftwareCuda built = SoftwareCuda.build();
        if (built instanceof SoftwareCuda.Unavailable unavailable) {
            abort("SKIPPED: " + unavailable.reason());
        }
        Path folder = ((SoftwareCuda.Ready) built).folder();
        SoftwareDevice device = new SoftwareDevice(folder);
        NativeLibraries.load(LibrarySearch.on(host(folder)), Path.of(System.getProperty("java.io.tmpdir")));
        device.reset();
        return device;
    }

    /** Returns this machine, as if it had the software libraries and no others. */
    static Host host(Path folder) {
        return new Host(
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                Path.of("/"),
                System.getProperty("user.home"),
                System.getProperty("java.io.tmpdir"),
                Optional.of(folder.toString()),
                Map.of());
    }

    public static CudaBackend open() {
        return open(BackendOptions.defaults());
    }

    public static CudaBackend open(BackendOptions options) {
        device();
        return new CudaBackend(options);
    }
}
