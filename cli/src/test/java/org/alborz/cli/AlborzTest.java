package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.alborz.nn.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command line as a whole, the doctor and the benchmark. */
class AlborzTest {
    @TempDir
    Path folder;

    @Test
    void everyCommandHasHelpWithExitCodesAndJson() {
        for (String command : Alborz.commandLine().getSubcommands().keySet()) {
            CommandResult result = CommandResult.of(command, "--help");

            assertThat(result.code()).as(command).isZero();
            assertThat(result.out()).contains("Usage: alborz " + command, "Exit codes:", "--json=FILE", "--verbose");
        }
    }

    /** An option that is not looked at would be worse than none: each command refuses a place that cannot be written, before all else. */
    @Test
    void everyCommandChecksWhereJsonGoes() {
        Map<String, List<String>> more = Map.of(
                "launch", List.of("--ranks=1", "train"),
                "evaluate", List.of("x.safetensors"),
                "predict", List.of("x.safetensors", "x.png"),
                "generate", List.of("x.safetensors"),
                "summary", List.of("mlp"),
                "bisect", List.of("mlp", "--backends=cpu-scalar,cpu-scalar"),
                "report", List.of("x"),
                "watch", List.of("x"),
                "export", List.of("x", "--out=x.npz"),
                "completion", List.of("bash"));
        for (String command : Alborz.commandLine().getSubcommands().keySet()) {
            List<String> words = new ArrayList<>(List.of(command, "--json=" + folder));
            words.addAll(more.getOrDefault(command, List.of()));
            CommandResult result = CommandResult.of(words.toArray());
            assertThat(result.code()).as(command + ": " + result.err()).isEqualTo(ExitCodes.USAGE);
            assertThat(result.err()).as(command).contains("--json expects a file, got the folder");
        }
    }

    @Test
    void wrongUsageIsExplained() {
        CommandResult none = CommandResult.of();
        assertThat(none.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(none.err())
                .contains(
                        "doctor, train, launch, evaluate, predict, generate, lr-find, summary, bisect, search, report,"
                                + " watch, export, lesson, speedrun, bench, completion",
                        "Try: ./alborz --help");

        CommandResult unknown = CommandResult.of("trian");
        assertThat(unknown.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(unknown.err()).contains("trian", "train");

        assertThat(CommandResult.of("--version").out()).startsWith("Alborz 0.").doesNotContain("$");
    }

    @Test
    void doctorReportsEveryBackend() throws IOException {
        Path json = folder.resolve("doctor.json");

        CommandResult result = CommandResult.of("doctor", "--json", json);

        assertThat(result.err()).isEmpty();
        assertThat(result.code()).isZero();
        assertThat(result.out())
                .contains("Java", "Vector API", "cuda", "cpu-vector", "cpu-scalar", "<- auto takes this one");
        JsonNode report = new ObjectMapper().readTree(json.toFile());
        assertThat(report.get("backends").findValuesAsText("name")).contains("cpu-vector", "cpu-scalar", "cuda");
        for (JsonNode backend : report.get("backends")) {
            assertThat(backend.get(backend.get("usable").asBoolean() ? "device" : "remedy")
                            .asText())
                    .isNotEmpty();
        }
        assertThat(report.at("/temporary/writable").asBoolean()).isTrue();
        assertThat(result.out()).contains("CUDA in detail:", "driver ", "cuBLAS ", "cuDNN ", "JCuda ");
    }

    @Test
    void aStepThatFailsOnTheGpuIsAFindingOfTheDoctor() {
        assertThat(DoctorCommand.algorithms(
                        () -> {
                            throw new IllegalStateException("The device is out of memory.");
                        },
                        Precision.full()))
                .satisfiesExactly(
                        line -> assertThat(line)
                                .startsWith("not known, since the step failed: ")
                                .endsWith("The device is out of memory."),
                        line -> assertThat(line).startsWith("Remedy: end other programs on the GPU"));
    }

    /** Programs depend on these. */
    @Test
    void theKeysOfTheDoctorsJsonAreKept() throws IOException {
        Path json = folder.resolve("doctor.json");

        CommandResult.of("doctor", "--json", json);

        JsonNode cuda = new ObjectMapper().readTree(json.toFile()).get("cuda");
        assertThat(cuda.fieldNames())
                .toIterable()
                .containsExactly(
                        "usable", "driver", "libraries", "gpus", "temporary", "jcuda", "problems", "passedOver");
        assertThat(cuda.get("driver").fieldNames())
                .toIterable()
                .containsExactly("found", "path", "version", "cuda", "searched");
        assertThat(cuda.get("libraries").findValuesAsText("name"))
                .containsExactly("cuBLASLt", "cuBLAS", "cuDNN", "NVRTC", "NCCL");
        assertThat(cuda.at("/libraries/0").fieldNames())
                .toIterable()
                .containsExactly("name", "needed", "found", "path", "version", "searched");
        assertThat(cuda.get("temporary").fieldNames()).toIterable().containsExactly("path", "writable", "executable");
        assertThat(cuda.get("usable").asBoolean())
                .isEqualTo(cuda.get("problems").isEmpty());
        for (JsonNode problem : cuda.get("problems")) {
            assertThat(problem.fieldNames()).toIterable().containsExactly("key", "reason", "remedy", "commands");
        }
    }

    @Test
    void doctorRefusesAJarWithoutCudasLibraries() {
        CommandResult result = CommandResult.of("doctor", "--install-cuda-libraries", folder.resolve("none.jar"));

        assertThat(result.code()).isEqualTo(ExitCodes.DATA);
        assertThat(result.err()).contains("none.jar", "mvn dependency:copy");
    }

    @Test
    void doctorFailsWhereWhatWasAskedForIsMissing() {
        CommandResult backend = CommandResult.of("doctor", "--backend", "tpu");
        assertThat(backend.code()).isEqualTo(ExitCodes.BACKEND);
        assertThat(backend.err()).contains("Backend 'tpu' does not exist");
        assertThat(CommandResult.of("doctor", "--backend", "cpu-scalar").code()).isZero();

        CommandResult data = CommandResult.of("doctor", "--data", folder.resolve("none"));
        assertThat(data.code()).isEqualTo(ExitCodes.DATA);
        assertThat(data.err()).contains(folder.resolve("none").toString());
    }

    @Test
    void benchWritesAListForMachines() throws IOException {
        Path json = folder.resolve("bench.json");

        CommandResult result = CommandResult.of(
                "bench",
                "--backend",
                "cpu-scalar",
                "--work",
                "gemm-512,train-cifar-cnn",
                "--batch-size",
                1,
                "--repetitions",
                2,
                "--seconds",
                0,
                "--json",
                json);

        assertThat(result.err()).isEmpty();
        assertThat(result.code()).isZero();
        assertThat(result.out()).contains("gemm-512", "GFLOP/s", "images/s");
        JsonNode list = new ObjectMapper().readTree(json.toFile());
        assertThat(list.findValuesAsText("work")).containsExactly("gemm-512", "train-cifar-cnn");
        for (JsonNode entry : list) {
            assertThat(entry.get("low").asDouble()).isPositive();
            assertThat(entry.get("ours").asDouble())
                    .isBetween(entry.get("low").asDouble(), entry.get("high").asDouble());
        }

        CommandResult unknown = CommandResult.of("bench", "--work", "gemm-3");
        assertThat(unknown.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(unknown.err()).contains("'gemm-3'");
    }

    @ParameterizedTest
    @CsvSource({
        "--batch-size, 0, --batch-size expects at least 1",
        "--batch-size, 2147483647, --batch-size expects at least 1",
        "--repetitions, 0, --repetitions expects at least 1",
        "--repetitions, 2147483647, --repetitions expects at least 1",
        "--seconds, -1, --seconds expects a number of at least 0",
        "--seconds, NaN, --seconds expects a number of at least 0",
        "--seconds, Infinity, --seconds expects a number of at least 0",
        "--seconds, 1e300, --seconds expects a number of at least 0",
        "--threads, 0, --threads expects at least 1",
        "--device, -1, --device expects at least 0",
        "--json, '', --json expects a path",
        "--work, '', --work expects some of"
    })
    void benchRefusesValuesThatCannotBeMeant(String option, String value, String message) {
        CommandResult result = CommandResult.of("bench", "--backend", "cpu-scalar", option, value);

        assertThat(result.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(result.err()).startsWith("alborz: ").contains(message);
        assertThat(result.out()).isEmpty();
    }

    @Test
    void whatMemoryHasRunOutIsSaid() {
        assertThat(Alborz.outOfMemory("Java heap space")).contains("Java heap space. ", "MiB", "-Xmx8g");
        assertThat(Alborz.outOfMemory("The Java heap has no room; close scopes earlier."))
                .startsWith("Out of memory: The Java heap has no room; close scopes earlier. The Java heap may take ");
        assertThat(Alborz.outOfMemory("unable to create native thread"))
                .contains("--threads")
                .doesNotContain("-Xmx");
    }

    @Test
    void medianIsTheMiddle() {
        assertThat(Measurement.median(List.of(9.0, 1.0, 4.0))).isEqualTo(4);
        assertThat(Measurement.median(List.of(9.0, 1.0, 4.0, 6.0))).isEqualTo(5);
    }

    @Test
    void theConfusionTableIsAligned() {
        assertThat(ConfusionTable.lines(List.of("cat", "dog"), new long[][] {{3, 1}, {0, 0}}))
                .containsExactly(
                        "Accuracy per class, and confusion matrix: rows are true classes, columns predicted ones.",
                        "    true class accuracy |   0   1",
                        "------------------------+--------",
                        "  0 cat          75.0 % |   3   1",
                        "  1 dog               - |   .   .");
    }
}
