package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where {@code --json} does not write. */
@Timeout(300)
class JsonPlacesTest {
    @TempDir
    static Path runs;

    @TempDir
    Path folder;

    @BeforeAll
    static void train() {
        assertThat(CommandResult.train("--epochs", 1, "--out", runs.resolve("run"))
                        .code())
                .isZero();
    }

    private static void assertRefused(CommandResult result) {
        assertThat(result.code()).as(result.err()).isEqualTo(ExitCodes.USAGE);
        assertThat(result.err()).contains("--json expects a file");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "best.safetensors",
                "last.safetensors",
                "../run/history.csv",
                "settings.json",
                "config.json",
                "result.json",
                "train.log",
                ".lock",
                "link"
            })
    void aRunsFilesAreNotReplacedByAnEvaluationOrPrediction(String name) throws IOException {
        Path run = runs.resolve("run");
        Path link = run.resolve("link");
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, Path.of("best.safetensors"));
        byte[] before = Files.readAllBytes(run.resolve(name));

        assertRefused(CommandResult.of("evaluate", run.resolve("best.safetensors"), "--json", run.resolve(name)));
        assertRefused(CommandResult.of(
                "predict", run.resolve("best.safetensors"), folder.resolve("a.png"), "--json", run.resolve(name)));

        assertThat(run.resolve(name)).hasBinaryContent(before);
        Files.delete(link);
    }

    @Test
    void anImageIsNotReplaced() throws IOException {
        Path image = Files.writeString(folder.resolve("a.png"), "mine");
        Path best = runs.resolve("run/best.safetensors");
        assertRefused(CommandResult.of("predict", best, image, "--json", image));
        assertThat(image).hasContent("mine");
    }

    @Test
    void theImagesOfADataSetAreNotReplaced() throws IOException {
        Path batch = Files.writeString(folder.resolve("test_batch.bin"), "mine");
        Path best = runs.resolve("run/best.safetensors");
        assertRefused(CommandResult.of("evaluate", best, "--data", folder, "--json", batch));
        assertRefused(CommandResult.of("train", "mlp", "--data", folder, "--json", batch));
        assertThat(batch).hasContent("mine");
    }

    @ParameterizedTest
    @ValueSource(strings = {"last.safetensors", "history.csv", "./x/../settings.json", "settings.json.tmp"})
    void aTrainingsOwnFilesAreRefusedBeforeTheyExist(String name) {
        Path out = folder.resolve("new");
        assertRefused(CommandResult.train("--epochs", 1, "--out", out, "--json", out + "/" + name));
        assertThat(out).doesNotExist();
    }

    @Test
    void otherFilesAreReplacedThroughLinks() throws IOException {
        Path file = Files.writeString(folder.resolve("r.json"), "old");
        Files.writeString(folder.resolve("r.json.tmp"), "mine");
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);

        JsonFile.write(link, 5);

        assertThat(link).isSymbolicLink();
        assertThat(file).hasContent("5");
        assertThat(folder.toFile().list()).containsExactlyInAnyOrder("r.json", "r.json.tmp", "link");
        assertThat(folder.resolve("r.json.tmp")).hasContent("mine");
    }
}
