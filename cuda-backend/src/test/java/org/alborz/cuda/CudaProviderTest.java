package org.alborz.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.BackendProvider;
import org.alborz.backend.BackendUnavailableException;
import org.alborz.backend.Backends;
import org.alborz.backend.Probe;
import org.alborz.cuda.natives.FakeMachine;
import org.alborz.cuda.natives.Host;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CudaProviderTest {
    @TempDir
    Path root;

    @Test
    void withoutADriverThereIsNothingElseToSay() throws IOException {
        Probe.Unusable probe = (Probe.Unusable) new CudaProvider(new FakeMachine(root).host()).probe();

        assertThat(probe.reason()).startsWith("no NVIDIA driver: ").doesNotContain("more to fix");
        assertThat(probe.remedy()).contains("install the driver", "cpu-vector");
    }

    @Test
    void aMachineWithoutAGpuHasNoFault() throws IOException {
        FakeMachine machine = new FakeMachine(root);
        assertThat(unusable(machine.host()).expected()).isTrue();
        assertThat(unusable(new FakeMachine(root)
                                .platform("Mac OS X", "aarch64")
                                .host())
                        .expected())
                .isTrue();

        pci("0000:00:02.0", "0x8086", "0x030000");
        pci("0000:01:00.1", "0x10de", "0x040300"); // the GPU's sound
        assertThat(unusable(machine.host()).expected()).isTrue();

        pci("0000:01:00.0", "0x10de", "0x030200");
        assertThat(unusable(machine.host()).expected()).isFalse();
    }

    @Test
    void aDriverWithoutLibrariesIsAFault() throws IOException {
        assertThat(unusable(new FakeMachine(root).driver().host()).expected()).isFalse();
    }

    private static Probe.Unusable unusable(Host host) {
        return (Probe.Unusable) new CudaProvider(host).probe();
    }

    private void pci(String address, String vendor, String type) throws IOException {
        Path device =
                Files.createDirectories(root.resolve("sys/bus/pci/devices").resolve(address));
        Files.writeString(device.resolve("vendor"), vendor + "\n");
        Files.writeString(device.resolve("class"), type + "\n");
    }

    @Test
    void tellsTheWorstProblemAndHowManyMoreThereAre() throws IOException {
        Host host = new FakeMachine(root).driver().host();
        Files.delete(root.resolve("tmp"));

        assertThat(((Probe.Unusable) new CudaProvider(host).probe()).reason())
                .startsWith("cuBLAS 12 or 13")
                .endsWith("And 1 more to fix, which ./alborz doctor shows.");
    }

    @Test
    void tellsTheCommandsThatMendIt() throws IOException {
        Probe.Unusable probe =
                (Probe.Unusable) new CudaProvider(new FakeMachine(root).driver().host()).probe();

        assertThat(probe.reason()).startsWith("cuBLAS 12 or 13").doesNotContain("more to fix");
        assertThat(probe.remedy())
                .contains("Run: python3 -m pip install nvidia-cublas-cu12", " or: mvn dependency:copy");
    }

    @Test
    void openingNeverFallsBack() throws IOException {
        CudaProvider provider = new CudaProvider(new FakeMachine(root).host());

        assertThatThrownBy(() -> provider.open(BackendOptions.defaults()))
                .isInstanceOf(BackendUnavailableException.class)
                .hasMessageContainingAll("'cuda' cannot run: no NVIDIA driver", "Remedy: ");
        assertThatThrownBy(() -> Backends.of(List.of(provider)).open("cuda", BackendOptions.defaults()))
                .isInstanceOf(BackendUnavailableException.class)
                .hasMessageContaining("no NVIDIA driver");
    }

    @Test
    void isFoundAsAService() {
        BackendProvider provider = ServiceLoader.load(BackendProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(p -> p.name().equals("cuda"))
                .findFirst()
                .orElseThrow();

        assertThat(provider.priority()).isEqualTo(100);
    }
}
