package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.alborz.backend.BackendOptions;
import org.alborz.cuda.CudaBackend;
import org.alborz.nn.Precision;
import org.alborz.tensor.Session;
import org.alborz.type.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What {@code doctor --verbose} tells of cuDNN, over software libraries that check calls and compute nothing. */
final class DoctorOnSoftwareGpuTest {
    @RegisterExtension
    final IdleSoftwareGpu gpu = new IdleSoftwareGpu();

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
        gpu.device().refuseGraphs(true);
        assertThat(algorithms(Precision.mixed(DType.BFLOAT16)))
                .filteredOn(line -> line.startsWith("a convolution with bias and rectifier, bfloat16, [32, "))
                .hasSize(4)
                .allSatisfy(line -> assertThat(line)
                        .contains(
                                "]: separate calls, since cuDNN has no engine: its heuristics name no engine for it"));
    }
}
