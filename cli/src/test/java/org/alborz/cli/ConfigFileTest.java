package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code train --config}. */
class ConfigFileTest {
    @TempDir
    Path folder;

    private Path config;

    @BeforeEach
    void name() {
        config = folder.resolve("run.json");
    }

    private CommandResult train(String out, Object... more) {
        Object[] args = new Object[more.length + 5];
        System.arraycopy(new Object[] {"train", "--config", config, "--out", folder.resolve(out)}, 0, args, 0, 5);
        System.arraycopy(more, 0, args, 5, more.length);
        return CommandResult.of(args);
    }

    private JsonNode json(String out, String file) throws IOException {
        return new ObjectMapper().readTree(folder.resolve(out).resolve(file).toFile());
    }

    @Test
    void theCommandLineWinsAndTheFolderGetsWhatStartsTheSameRunAgain() throws IOException {
        Files.writeString(config, """
                {
                  // a small run
                  "model": "mlp",
                  "backend": "cpu-scalar",
                  "epochs": 7,
                  "limit": 32,
                  "batch-size": 16,
                  "learning-rate": 1e-3,
                  "weight-decay": 0,
                  "augment": true,
                  "metrics": ["f1"],
                  "save-every": 2
                }
                """);
        CommandResult first = train("first", "--epochs", 1, "--seed", 5);
        assertThat(first.code()).as(first.err()).isZero();
        JsonNode settings = json("first", "settings.json");
        assertThat(settings.get("model").asText()).isEqualTo("mlp");
        assertThat(settings.get("epochs").asInt()).isEqualTo(1);
        assertThat(settings.get("seed").asInt()).isEqualTo(5);
        assertThat(settings.get("augment").asBoolean()).isTrue();
        assertThat(settings.get("saveEvery").asText()).isEqualTo("2");
        JsonNode effective = json("first", "config.json");
        assertThat(effective.get("backend").asText()).isEqualTo("cpu-scalar");
        assertThat(effective.get("seed").asInt()).isEqualTo(5);
        assertThat(effective.fieldNames())
                .toIterable()
                .contains("optimizer", "schedule", "precision", "image-size", "data", "graph-capture", "device");

        config = folder.resolve("first/config.json");
        CommandResult second = train("second");
        assertThat(second.code()).as(second.err()).isZero();
        assertThat(folder.resolve("second/settings.json"))
                .hasSameTextualContentAs(folder.resolve("first/settings.json"));
        assertThat(folder.resolve("second/config.json")).hasSameTextualContentAs(folder.resolve("first/config.json"));
        assertThat(Weights.of(folder.resolve("second/last.safetensors"))
                        .equals(Weights.of(folder.resolve("first/last.safetensors"))))
                .isTrue();
    }

    @Test
    void defaultsAreWrittenAndTakenBackAsWell() throws IOException {
        Files.writeString(config, "{\"limit\": 16, \"batch-size\": 8, \"epochs\": 1, \"backend\": \"cpu-vector\"}");
        assertThat(train("first", "lenet5", "--threads", 1).code()).isZero();
        assertThat(json("first", "config.json").get("model").asText()).isEqualTo("lenet5");
        assertThat(json("first", "config.json").get("threads").asInt()).isEqualTo(1);
        config = folder.resolve("first/config.json");
        assertThat(train("second", "--no-augment").code()).isZero();
        assertThat(folder.resolve("second/config.json")).hasSameTextualContentAs(folder.resolve("first/config.json"));
    }

    /** As editors on Windows write it. */
    @Test
    void aFileMayBeginWithAByteOrderMark() throws IOException {
        Files.writeString(config, "\uFEFF{\"epochs\": 0}");
        assertThat(train("none").err())
                .startsWith("alborz: " + config + ", line 1: --epochs expects at least 1, got 0");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"epoch\": 3 | line 2: there is no option 'epoch'; the nearest is 'epochs'",
                "\"learningRate\": 3 | line 2: there is no option 'learningRate'; the nearest is 'learning-rate'",
                "\"--seed\": 3 | line 2: there is no option '--seed'; the nearest is 'seed'",
                "\"config\": \"x\" | line 2: there is no option 'config'",
                "\"epochs\": \"3\" | line 2: epochs expects a whole number below 2147483648, got '3'",
                "\"epochs\": 3.5 | line 2: epochs expects a whole number below 2147483648, got 3.5",
                "\"epochs\": 3000000000 | line 2: epochs expects a whole number below 2147483648, got 3000000000",
                "\"seed\": 1e3 | line 2: seed expects a whole number, got 1e3",
                "\"learning-rate\": \"fast\" | line 2: learning-rate expects a number, got 'fast'",
                "\"augment\": 1 | line 2: augment expects true or false, got 1",
                "\"augment\": null | line 2: augment expects true or false, got null",
                "\"optimizer\": true | line 2: optimizer expects a text in quotes, got true",
                "\"out\": \"a\\u0000b\" | line 2: out expects the name of a file or folder in quotes, got 'a\\u0000b'",
                "\"metrics\": [1] | line 2: metrics expects a list of texts",
                "\"data\": {} | line 2: data expects a text in quotes, got {",
                "\"seed\": 1, \"seed\": 2 | line 2: this is no JSON: Duplicate field",
                "\"seed\": 1 2 | line 2: this is no JSON: ",
                "\"epochs\": 0 | line 2: --epochs expects at least 1, got 0",
                "\"learning-rate\": -1 | line 2: --learning-rate expects a number above 0",
                "\"model\": \"mlpp\" | line 2: MODEL expects one of",
                "\"threads\": -1 | line 2: --threads expects at least 1"
            })
    void whatIsWrongIsNamedWithFileAndLine(String option, String message) throws IOException {
        Files.writeString(config, "{\n" + option + "\n}\n");
        CommandResult result = train("none", "--limit", 8);
        assertThat(result.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(result.err()).startsWith("alborz: " + config + ", " + message);
        assertThat(folder.resolve("none")).doesNotExist();
    }

    @Test
    void aFileThatIsNoneIsRefused() throws IOException {
        assertThat(train("none").err()).contains("--config expects a file of JSON that can be read", "run.json");
        Files.writeString(config, "[]");
        assertThat(train("none").err()).contains("line 1: expected an object");
        Files.writeString(config, "{} {}");
        assertThat(train("none").err()).contains("expected nothing more");
        Files.writeString(config, " ".repeat((1 << 20) + 1));
        assertThat(train("none").err()).contains("--config expects a file of at most 1 MiB");
        if (Files.exists(Path.of("/dev/zero"))) {
            config = Path.of("/dev/zero");
            assertThat(train("none").err()).contains("--config expects a file of at most 1 MiB");
            name();
        }
        Files.writeString(config, "{}");
        CommandResult result = train("none", "--json", config);
        assertThat(result.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(result.err()).contains("a file that this command uses");
        assertThat(config).hasContent("{}");
    }
}
