package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.alborz.softwarecuda.SoftwareCuda;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code bench --gpu-budget}, which counts without a GPU. */
final class GpuBudgetTest {
    @TempDir
    Path folder;

    @Test
    void printsOperationsBytesAndPredictedTime() throws IOException {
        SoftwareCuda built = SoftwareCuda.build();
        assumeTrue(built instanceof SoftwareCuda.Ready, () -> "SKIPPED: " + built);
        Path json = folder.resolve("budget.json");
        CommandResult result =
                CommandResult.of("bench", "--gpu-budget", "--work", "cifar-cnn-128", "--gpu-gap", "0", "--json", json);
        assertThat(result.err()).isEmpty();
        assertThat(result.code()).isZero();
        assertThat(result.out())
                .contains("4.3 TB/s, 50.0 GB/s to the device, 0.0 us a gap, 1.6 us the shortest kernel")
                .containsPattern(
                        "cifar-cnn-128, TF32: \\d+ operations \\(budget 50\\), 0\\.\\d\\d GB \\(budget 0\\.60\\), "
                                + "0\\.\\d\\d ms predicted")
                .containsPattern("cifar-cnn-128, TF32, data on the device: \\d+ operations \\(budget 50\\)")
                .containsPattern("kernel +gather_images +1 ")
                .containsPattern("convolution +convolution forward with bias and rectifier +4 ")
                .doesNotContain("resnet20");
        assertThat(Files.readString(json)).contains("\"operations\"", "\"rows\"", "\"bias\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--work|gemm-512|--work expects some of cifar-cnn-128, cifar-cnn-1024, resnet20-128, resnet18-512, gpt2-8 with --gpu-budget, got 'gemm-512'",
                "--gpu-bandwidth|0|--gpu-bandwidth expects a number above 0",
                "--gpu-rate|NaN|--gpu-rate expects a number above 0",
                "--gpu-gap|-1|--gpu-gap expects",
                "--batch-size|7|--batch-size does not go with --gpu-budget; leave one of them out",
            })
    void refusesWhatDoesNotFit(String option, String value, String message) {
        CommandResult result = CommandResult.of("bench", "--gpu-budget", option, value);
        assertThat(result.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(result.err()).contains(message);
    }

    @Test
    void refusesItsSettingsWithoutIt() {
        CommandResult result = CommandResult.of("bench", "--gpu-gap", "1");
        assertThat(result.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(result.err()).contains("--gpu-gap is a setting of --gpu-budget; add that option or leave it out");
    }
}
