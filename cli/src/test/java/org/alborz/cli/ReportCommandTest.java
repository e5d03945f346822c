package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.alborz.monitor.ReportPage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportCommandTest {
    @TempDir
    Path folder;

    @Test
    void trainWritesAPageThatLoadsNothing() throws IOException {
        Path run = folder.resolve("run");
        assertThat(CommandResult.train("--epochs", 2, "--out", run).code()).isZero();

        String page = Files.readString(run.resolve("report.html"));
        assertThat(page.replace("http://www.w3.org/2000/svg", ""))
                .doesNotContain("http:", "https:", "src=\"/", "@import");
        JsonNode report = report(run);
        assertThat(report.get("title").asText()).isEqualTo("lenet5");
        assertThat(report.get("status").asText()).isEqualTo("finished");
        assertThat(report.get("epochs")).hasSize(2);
        assertThat(report.get("epochs").get(1).get("val_accuracy").asDouble()).isBetween(0.0, 1.0);
        assertThat(report.at("/steps/epoch")).hasSize(4);
        assertThat(report.at("/steps/loss")).allMatch(loss -> loss.asDouble() > 0);
        assertThat(report.at("/steps/update_ratios/0.weight")).hasSize(4).allMatch(ratio -> ratio.asDouble() > 0);
        assertThat(report.at("/evaluation/classes")).hasSize(10);
        long counted = 0;
        long right = 0;
        for (int i = 0; i < 10; i++) {
            for (int j = 0; j < 10; j++) {
                long count = report.at("/evaluation/confusion").get(i).get(j).asLong();
                counted += count;
                right += i == j ? count : 0;
            }
        }
        assertThat(counted).isEqualTo(16);
        double best = Math.max(
                report.get("epochs").get(0).get("val_accuracy").asDouble(),
                report.get("epochs").get(1).get("val_accuracy").asDouble());
        assertThat(right / 16.0).isEqualTo(best);
        JsonNode mistakes = report.at("/evaluation/mistakes");
        assertThat(mistakes).hasSize((int) (16 - right));
        double before = 0;
        for (JsonNode mistake : mistakes) {
            assertThat(mistake.get("picture").asText()).startsWith("data:image/png;base64,");
            assertThat(mistake.get("predicted")).isNotEqualTo(mistake.get("truth"));
            assertThat(mistake.get("truth_probability").asDouble()).isGreaterThanOrEqualTo(before);
            before = mistake.get("truth_probability").asDouble();
        }
        assertThat(report.get("settings").has("Learning rate")).isTrue();
        assertThat(report.get("machine").get("Backend").asText()).isEqualTo("cpu-scalar");
    }

    @Test
    void reportWritesItAgain() throws IOException {
        Path run = folder.resolve("run");
        CommandResult.train("--epochs", 1, "--out", run);
        JsonNode written = report(run);
        Files.delete(run.resolve("report.html"));
        Files.delete(run.resolve("result.json")); // as where the machine failed
        Path json = folder.resolve("report.json");

        CommandResult result = CommandResult.of("report", run, "--backend", "cpu-scalar", "--json", json);

        assertThat(result.err()).isEmpty();
        assertThat(result.out()).contains("Wrote " + run.resolve("report.html"));
        assertThat(report(run).get("evaluation")).isEqualTo(written.get("evaluation"));
        assertThat(report(run).get("steps")).isEqualTo(written.get("steps"));
        assertThat(new ObjectMapper().readTree(json.toFile()).get("epochs")).isEqualTo(written.get("epochs"));

        assertThat(CommandResult.of("report", run, "--no-evaluation").code()).isZero();
        assertThat(report(run).get("evaluation").isNull()).isTrue();
    }

    @Test
    void dataOfOtherClassesAreRefused() throws IOException {
        Path run = folder.resolve("run");
        CommandResult.train("--epochs", 1, "--out", run);
        String written = Files.readString(run.resolve("report.html"));
        for (int i = 0; i < 4; i++) {
            for (String part : List.of("red", "blue")) {
                Path image = folder.resolve("data/" + part + "/" + i + ".png");
                Files.createDirectories(image.getParent());
                ImageIO.write(new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB), "png", image.toFile());
            }
        }

        CommandResult result =
                CommandResult.of("report", run, "--backend", "cpu-scalar", "--data", folder.resolve("data"));

        assertThat(result.code()).isEqualTo(ExitCodes.DATA);
        assertThat(result.err()).contains("knows the classes [", "and the data have [blue, red]");
        assertThat(run.resolve("report.html")).hasContent(written);
    }

    @Test
    void aRunOnATextNeedsNoTextAnyMore() throws IOException {
        Path text = Files.writeString(folder.resolve("text.txt"), "Some words to learn. ".repeat(20));
        Path run = folder.resolve("run");
        CommandResult trained = CommandResult.of(
                "train",
                "gpt",
                "--data",
                text,
                "--context",
                4,
                "--size",
                4,
                "--heads",
                1,
                "--layers",
                1,
                "--limit",
                8,
                "--epochs",
                1,
                "--backend",
                "cpu-scalar",
                "--out",
                run);
        assertThat(trained.code()).as(trained.err()).isZero();
        Files.delete(text);

        CommandResult result = CommandResult.of("report", run);

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(report(run).at("/settings/Limit").asText()).isEqualTo("8 sequences");
    }

    @Test
    void refusesAFolderWithoutARun() {
        CommandResult none = CommandResult.of("report", folder.resolve("none"));
        assertThat(none.code()).isEqualTo(ExitCodes.DATA);
        assertThat(none.err()).contains("There is no folder", "runs/NAME");
        assertThat(CommandResult.of("report", folder).err()).contains("There is no run in");
        assertThat(CommandResult.of("watch", folder).code()).isEqualTo(ExitCodes.DATA);
        assertThat(CommandResult.of("watch", folder, "--port", 70_000).code()).isEqualTo(ExitCodes.USAGE);
    }

    private static JsonNode report(Path run) throws IOException {
        String page = Files.readString(run.resolve("report.html"));
        return new ObjectMapper().readTree(ReportPage.jsonOf(page).orElseThrow());
    }
}
