package org.alborz.gpucheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tables that are made from what stages have written. */
final class FirstRunReportTest {
    @TempDir
    Path folder;

    private Path reports;
    private Path out;

    @BeforeEach
    void makeFolders() throws Exception {
        reports = Files.createDirectory(folder.resolve("reports"));
        out = Files.createDirectory(folder.resolve("out"));
        Files.write(
                out.resolve("stages.tsv"),
                List.of(
                        "smoke\tpassed\t4.0\t75.0",
                        "train\thung: no end within 110.0 s\t113.0\t110.0",
                        "torch\tcrashed: signal 11 (SEGV)\t9.0\t120.0",
                        "algorithms\tpassed\t30.0\t60.0"));
        write("smoke", new Row("training", Row.Verdict.PASSED, "equal | near", 1.5, Map.of()));
        write(
                "train",
                new Row(
                        "cifar-cnn-128.fp32",
                        Row.Verdict.PASSED,
                        "",
                        2,
                        Map.of("images/s", 51234.0, "low", 50000.0, "high", 52000.0)));
        Files.writeString(reports.resolve("torch.json"), "{\"heading\": {");
    }

    private void write(String stage, Row... rows) throws IOException {
        new ObjectMapper()
                .writeValue(
                        reports.resolve(stage + ".json").toFile(),
                        new GpuCheck.Report(Map.of("Backend", "cuda (of the test)"), false, List.of(rows)));
    }

    private String tables() throws IOException {
        FirstRunReport.write(reports, out);
        return Files.readString(out.resolve("gpu-results.md"));
    }

    @Test
    void tablesHaveWhatWasWrittenUntilAStageEnded() throws Exception {
        assertThat(tables().lines())
                .contains(
                        "| Backend | cuda (of the test) |",
                        "| smoke | passed | 4.0 | 75.0 |",
                        "| train | hung: no end within 110.0 s | 113.0 | 110.0 |",
                        "| torch | crashed: signal 11 (SEGV); its report is not whole | 9.0 | 120.0 |",
                        "| cifar-cnn-128.fp32 | images/s | 51,234 | 50,000 | 52,000 |",
                        "| smoke | training | passed | 1.5 | equal \\| near |")
                .doesNotContain("## Against PyTorch, images a second by turns");
        JsonNode results =
                new ObjectMapper().readTree(out.resolve("results.json").toFile());
        assertThat(results.at("/stages/1/name").asText()).isEqualTo("train");
        assertThat(results.at("/reports/train/rows/0/numbers/low").asDouble()).isEqualTo(50000);
    }

    @Test
    void theComparisonWithPyTorchHasItsTable() throws Exception {
        write(
                "torch",
                new Row(
                        "torch.cifar-cnn-128.graph-bf16",
                        Row.Verdict.PASSED,
                        "",
                        3,
                        Map.of("ours", 1500.0, "theirs", 1000.0, "ratio", 1.5, "low", 1.4, "high", 1.61)),
                new Row("torch.cifar-cnn-128.eager-tf32", Row.Verdict.SKIPPED, "ours: no TF32", 0, Map.of()));
        assertThat(tables().lines())
                .contains(
                        "| torch.cifar-cnn-128.graph-bf16 | 1,500 | 1,000 | 1.50 | 1.40 | 1.61 |",
                        "| torch | torch.cifar-cnn-128.eager-tf32 | skipped | 0.0 | ours: no TF32 |");
    }

    @Test
    void timedAlgorithmsHaveTheirTable() throws Exception {
        write(
                "algorithms",
                new Row(
                        "algorithms.resnet20-128.tf32-captured",
                        Row.Verdict.PASSED,
                        "",
                        3,
                        Map.of("ours", 1500.0, "theirs", 1000.0, "ratio", 1.5, "low", 1.4, "high", 1.61)));
        assertThat(tables())
                .contains("## Timed algorithms of convolutions against cuDNN's heuristics, images a second by turns")
                .contains("| algorithms.resnet20-128.tf32-captured | 1,500 | 1,000 | 1.50 | 1.40 | 1.61 |");
    }

    @Test
    void kernelsAreListedByTheirTime() throws Exception {
        Files.write(
                out.resolve("kernels.csv"),
                List.of(
                        "# CUPTI: callbacks 0",
                        "total_ns,count,mean_ns,least_ns,most_ns,blocks_or_bytes,threads,registers,shared,name",
                        "250000,10,25000,20000,30000,64,256,32,0,\"small\"",
                        "750000,5,150000,140000,160000,4096,128,64,1024,\"wide<a, b>\""));
        assertThat(tables())
                .contains(
                        "| `wide<a, b>` | 5 | 0.75 | 75.0 % | 150.00 | 4,096 | 128 |\n| `small` | 10 | 0.25 | 25.0 % | 25.00 | 64 | 256 |");
        Files.write(out.resolve("kernels.csv"), List.of("1,2,3"));
        assertThatThrownBy(this::tables).hasMessageContaining("expects 10 columns, got '1,2,3'");
    }

    @Test
    void aListOfStagesThatWasChangedIsRefused() throws Exception {
        Files.write(out.resolve("stages.tsv"), List.of("smoke passed"));
        assertThatThrownBy(this::tables).isInstanceOf(IOException.class).hasMessageContaining("got 'smoke passed'");
    }
}
