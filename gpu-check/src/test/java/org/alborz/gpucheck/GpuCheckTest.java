package org.alborz.gpucheck;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command as a whole, on the CPU. */
final class GpuCheckTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        CommandLine command = GpuCheck.commandLine();
        command.setOut(new PrintWriter(out, true));
        command.setErr(new PrintWriter(err, true));
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--log", folder.resolve("log").toString(), "--python", "no-such-python"));
        return command.execute(all.toArray(String[]::new));
    }

    @Test
    void everythingRunsOnTheCpu() throws Exception {
        Path json = folder.resolve("table.json");
        assertThat(run("--quick", "--backend", "cpu-vector", "--json", json.toString()))
                .as("%s%n%s", out, err)
                .isZero();
        String table = out.toString();
        assertThat(table).contains("Backend      cpu-vector (").contains(" passed, 0 failed, ");
        for (String name : names()) {
            assertThat(table).containsPattern("(?m)^" + name + "[. ]");
        }
        JsonNode report = new ObjectMapper().readTree(json.toFile());
        assertThat(report.at("/heading/Backend").asText()).startsWith("cpu-vector");
        assertThat(report.at("/rows/0/name").asText()).isEqualTo("conformance");
        assertThat(report.at("/rows/0/verdict").asText()).isEqualTo("PASSED");
        assertThat(report.findValuesAsText("name")).contains("bench-train.cifar-cnn-16.fp32");
    }

    private List<String> names() {
        StringWriter list = new StringWriter();
        CommandLine command = GpuCheck.commandLine();
        command.setOut(new PrintWriter(list, true));
        command.execute(
                "--list",
                "--backend",
                "cpu-vector",
                "--log",
                folder.resolve("list.log").toString());
        return list.toString().lines().toList();
    }

    @Test
    void onlyWhatIsNamedRuns() {
        assertThat(run("--quick", "--backend", "cpu-scalar", "--only", "random,bench-launch"))
                .isZero();
        assertThat(out.toString()).contains("random.float32", "bench-launch").doesNotContain("conformance");
    }

    @Test
    void nothingBeginsWhenTheTimeIsUp() {
        assertThat(run("--quick", "--backend", "cpu-vector", "--only", "training,leaks", "--minutes", "0"))
                .isZero();
        assertThat(out.toString()).contains("0 passed, 0 failed, 2 skipped");
    }

    @Test
    void aNameThatIsNoneIsWrongUsage() {
        assertThat(run("--backend", "cpu-vector", "--only", "speed")).isEqualTo(2);
        assertThat(err.toString()).contains("--only expects some of conformance, gradients, random");
    }

    @Test
    void aBackendThatCannotRunIsNotReplaced() {
        assertThat(run("--quick", "--backend", "tpu")).isEqualTo(3);
        assertThat(err.toString()).contains("Backend 'tpu' does not exist");
    }
}
