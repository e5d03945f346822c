package org.alborz.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.BackendProvider;
import org.alborz.backend.BackendUnavailableException;
import org.alborz.backend.Backends;
import org.alborz.backend.Probe;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CudaProviderTest {
    private static final String KERNEL_MODULE_TEXT = """
            NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.86.15  Thu Jan  1 00:00:00 UTC 2026
            GCC version:  gcc version 12.3.0
            """;

    @TempDir
    Path root;

    @Test
    void namesTheMissingLibraryAndEveryFolderItLookedIn() {
        Probe.Unusable probe = probe("Linux", Map.of("LD_LIBRARY_PATH", "/opt/one:/opt/two"));

        assertThat(probe.reason())
                .startsWith("no NVIDIA driver: libcuda.so.1 is in none of /opt/one, /opt/two, ")
                .contains("/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib/wsl/lib");
        assertThat(probe.remedy()).contains("install the driver", "cpu-vector");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib/wsl/lib", "/opt/driver"})
    void findsTheDriverAndSaysThatTheKernelsAreMissing(String folder) throws IOException {
        Path library = write(folder + "/libcuda.so.1", "");
        write("/proc/driver/nvidia/version", KERNEL_MODULE_TEXT);

        Probe.Unusable probe = probe("Linux", Map.of("LD_LIBRARY_PATH", ":/opt/driver::"));

        assertThat(probe.reason()).contains("no CUDA kernels yet", library.toString(), "570.86.15");
        assertThat(probe.remedy()).contains("cpu-vector").doesNotContain("install");
    }

    @Test
    void aLoadedKernelModuleWithoutTheLibraryPointsToTheContainer() throws IOException {
        write("/proc/driver/nvidia/version", KERNEL_MODULE_TEXT);

        Probe.Unusable probe = probe("Linux", Map.of());

        assertThat(probe.reason()).contains("kernel module 570.86.15 is loaded", "libcuda.so.1 is in none of");
        assertThat(probe.remedy()).contains("--gpus all", "LD_LIBRARY_PATH", "cpu-vector");
    }

    @Test
    void aKernelModuleThatTellsNoVersionIsStillReported() throws IOException {
        write("/proc/driver/nvidia/version", "something new\n");

        assertThat(probe("Linux", Map.of()).reason()).contains("kernel module of unknown version is loaded");
    }

    @Test
    void looksForTheDllOnWindows() {
        Probe.Unusable probe = probe("Windows 11", Map.of("SystemRoot", "D:\\Win"));

        assertThat(probe.reason()).isEqualTo("no NVIDIA driver: nvcuda.dll is in none of D:\\Win\\System32.");
    }

    @Test
    void saysThatOtherSystemsHaveNoCuda() {
        assertThat(probe("Mac OS X", Map.of()).reason()).isEqualTo("CUDA does not exist for Mac OS X.");
    }

    @Test
    void anImpossibleFolderInTheEnvironmentIsPassedOver() throws IOException {
        write("/usr/lib64/libcuda.so.1", "");

        assertThat(probe("Linux", Map.of("LD_LIBRARY_PATH", "/bad\0folder")).reason())
                .contains("no CUDA kernels yet");
    }

    @Test
    void openingNeverFallsBack() {
        CudaProvider provider = new CudaProvider(new DriverSearch("Linux", root, Map.of()));

        assertThatThrownBy(() -> provider.open(BackendOptions.defaults()))
                .isInstanceOf(BackendUnavailableException.class)
                .hasMessageContainingAll("'cuda' cannot run: no NVIDIA driver", "Remedy: ");
        assertThatThrownBy(() -> Backends.of(List.of(provider)).open("cuda", BackendOptions.defaults()))
                .isInstanceOf(BackendUnavailableException.class)
                .hasMessageContaining("no NVIDIA driver");
    }

    @Test
    void isFoundAsAServiceAndProbesThisMachine() {
        BackendProvider provider = ServiceLoader.load(BackendProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(p -> p.name().equals("cuda"))
                .findFirst()
                .orElseThrow();

        assertThat(provider.priority()).isEqualTo(100);
        assertThat(provider.probe()).isInstanceOf(Probe.Unusable.class);
    }

    private Probe.Unusable probe(String os, Map<String, String> environment) {
        return (Probe.Unusable) new CudaProvider(new DriverSearch(os, root, environment)).probe();
    }

    private Path write(String file, String text) throws IOException {
        Path path = root.resolve(file.substring(1));
        Files.createDirectories(path.getParent());
        return Files.writeString(path, text);
    }
}
