package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import org.alborz.backend.BackendOptions;
import org.alborz.cuda.CudaBackend;
import org.alborz.cuda.natives.NativeLibraries;
import org.alborz.nn.Precision;
import org.alborz.softwarecuda.SoftwareCuda;
import org.alborz.softwarecuda.SoftwareDevice;
import org.alborz.tensor.Session;
import org.alborz.type.DType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@code doctor --verbose} tells of cuDNN, over software libraries that check calls and compute nothing. */
final class DoctorOnSoftwareGpuTest {
    private SoftwareDevice device;

    @BeforeEach
    void isIdle() {
        SoftwareCuda built = SoftwareCuda.build();
        assumeTrue(built instanceof SoftwareCuda.Ready, () -> "SKIPPED: " + built);
        NativeLibraries.loadFrom(SoftwareCuda.folder());
        device = new SoftwareDevice(SoftwareCuda.folder());
        device.idle(true);
    }

    @AfterEach
    void nothingIsLeft() {
        if (device != null) {
            device.refuseGraphs(false);
            try {
                assertThat(device.leaks()).isEmpty();
            } finally {
                device.reset();
            }
        }
    }

    private static List<String> algorithms(Precision precision) {
        return DoctorCommand.algorithms(
                () -> Session.of(new CudaBackend(BackendOptions.defaults()), DType.FLOAT32), precision);
    }

    @Test
    void namesTheAlgorithmsOfFloat32() {
        assertThat(algorithms(Precision.full()))
                .filteredOn(line -> line.contains(
                        "float32, [32, ")) // not those of two images, by which the trainer checks the data
                .hasSize(11) // of four convolutions the gradient of the first one's images is not asked for
                .allSatisfy(line ->
                        assertThat(line).matches("(forward|backward data|backward filter), .*CUDNN_CONVOLUTION_.*"));
    }

    @Test
    void namesTheEnginesOfGraphs() {
        assertThat(algorithms(Precision.mixed(DType.BFLOAT16)))
                .filteredOn(line -> line.contains(" with bias and rectifier, bfloat16, [32, "))
                .hasSize(4)
                .allSatisfy(line ->
                        assertThat(line).matches("a convolution .*\\]: engine \\d+, \\d+\\.\\d MiB of workspace"));
    }

    @Test
    void saysWhySeparateCallsAreMade() {
        device.refuseGraphs(true);
        assertThat(algorithms(Precision.mixed(DType.BFLOAT16)))
                .filteredOn(line -> line.startsWith("a convolution with bias and rectifier, bfloat16, [32, "))
                .hasSize(4)
                .allSatisfy(line -> assertThat(line)
                        .contains(
                                "]: separate calls, since cuDNN has no engine: its heuristics name no engine for it"));
    }
}
