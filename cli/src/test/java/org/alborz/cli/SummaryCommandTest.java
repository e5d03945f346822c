package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SummaryCommandTest {
    @TempDir
    Path folder;

    @Test
    void listsLayersAndTotals() throws IOException {
        Path json = folder.resolve("summary.json");
        CommandResult result = CommandResult.of(
                "summary", "resnet50", "--image-size", 224, "--classes", 1000, "--batch-size", 2, "--json", json);
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out())
                .contains("Conv2d", "[2, 64, 112, 112]", "25,557,032 parameters", "8.178 G multiply-adds");
        JsonNode report = new ObjectMapper().readTree(json.toFile());
        assertThat(report.get("parameters").asLong()).isEqualTo(25_557_032);
        assertThat(report.get("layers").get(0).get("output").toString()).isEqualTo("[2,64,112,112]");
        assertThat(report.get("layers").findValuesAsText("type"))
                .contains("Conv2d", "BatchNorm", "relu", "Residual", "Linear");
    }

    @Test
    void takesACheckpoint() {
        Path run = folder.resolve("run");
        assertThat(CommandResult.train("--epochs", 1, "--out", run).code()).isZero();
        CommandResult result = CommandResult.of("summary", run.resolve("best.safetensors"));
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out()).contains("Linear", "[1, 3, 32, 32]");
        assertThat(CommandResult.of("summary", run.resolve("best.safetensors"), "--classes", 3)
                        .err())
                .contains("--classes does not go with a checkpoint");
        assertThat(CommandResult.of(
                                "summary", run.resolve("best.safetensors"), "--json", run.resolve("best.safetensors"))
                        .code())
                .isEqualTo(ExitCodes.USAGE);
    }

    @Test
    void refusesWhatIsNoNet() {
        CommandResult unknown = CommandResult.of("summary", "resnet21");
        assertThat(unknown.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(unknown.err()).contains("MODEL expects a checkpoint, or one of", "'resnet21'");
        assertThat(CommandResult.of("summary", folder.resolve("none.safetensors"))
                        .code())
                .isEqualTo(ExitCodes.DATA);
        assertThat(CommandResult.of("summary", "vgg11", "--image-size", 8).err())
                .contains("--image-size expects at least 32 for vgg11, got 8");
        assertThat(CommandResult.of("summary", "mlp", "--batch-size", 0).err()).contains("--batch-size expects");
    }
}
