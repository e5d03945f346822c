package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.checkpoint.SafetensorsEntry;
import org.alborz.checkpoint.SafetensorsFile;
import org.alborz.checkpoint.SafetensorsWriter;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints whose digest is right and whose content cannot be are named, with exit code 4. */
class ForgedRunTest {
    @TempDir
    static Path folder;

    private static Path run;
    private static Map<String, String> metadata;
    private static Map<String, ByteBuffer> tensors;
    private static List<SafetensorsEntry> entries;

    @BeforeAll
    static void train() {
        run = folder.resolve("run");
        CommandResult result = CommandResult.train("--epochs", 1, "--out", run);
        assertThat(result.code()).as(result.err()).isZero();
        metadata = Map.copyOf(Checkpoint.metadata(run.resolve("last.safetensors")));
        tensors = Weights.of(run.resolve("last.safetensors"));
        try (SafetensorsFile file = SafetensorsFile.open(run.resolve("last.safetensors"))) {
            entries = List.copyOf(file.entries());
        }
    }

    /** Writes the last checkpoint with changes, alone: what is beside it would be compared with it first. */
    private static Path forged(Map<String, String> changes, String broken) {
        try {
            Files.deleteIfExists(run.resolve("settings.json"));
            Files.deleteIfExists(run.resolve("best.safetensors"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, String> changed = new LinkedHashMap<>(metadata);
        changed.putAll(changes);
        Path file = run.resolve("last.safetensors");
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, changed, entries)) {
            tensors.forEach((name, bytes) -> {
                ByteBuffer copy = ByteBuffer.allocate(bytes.capacity()).order(ByteOrder.LITTLE_ENDIAN);
                copy.put(bytes.duplicate().rewind()).flip();
                if (name.equals(broken)) {
                    copy.putFloat(4, Float.NaN);
                }
                writer.write(name, copy);
            });
            writer.commit();
        }
        return file;
    }

    private static void requireRefused(String message, CommandResult result) {
        assertThat(result.code()).as(result.err()).isEqualTo(ExitCodes.DATA);
        assertThat(result.err()).contains("last.safetensors", message).doesNotContain("\tat ");
    }

    private static CommandResult resumed(Map<String, String> changes) {
        forged(changes, "");
        return CommandResult.train("--resume", "--out", run, "--epochs", 2);
    }

    @Test
    void numbersThatAreNotFiniteAreNoResult() throws IOException {
        String weight = tensors.keySet().stream()
                .filter(name -> name.startsWith("model."))
                .findFirst()
                .orElseThrow();
        Path file = forged(Map.of(), weight);
        Path image = folder.resolve("image.png");
        ImageIO.write(new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB), "png", image.toFile());

        requireRefused("not finite", CommandResult.of("predict", file, image, "--backend", "cpu-scalar"));
        requireRefused("not finite", CommandResult.of("evaluate", file, "--backend", "cpu-scalar", "--limit", 16));
        requireRefused("not finite", CommandResult.train("--resume", "--out", run, "--epochs", 2));
        String state = tensors.keySet().stream()
                .filter(name -> name.startsWith("optimizer."))
                .findFirst()
                .orElseThrow();
        forged(Map.of(), state);
        requireRefused(state, CommandResult.train("--resume", "--out", run, "--epochs", 2));
    }

    @Test
    void otherDataAreNamedWithTheFile() {
        String settings = metadata.get("settings");
        for (String[] change :
                new String[][] {{"\"limit\":16", "\"limit\":8"}, {"\"batchSize\":8", "\"batchSize\":4"}}) {
            forged(Map.of("settings", settings.replace(change[0], change[1])), "");
            requireRefused(
                    "trained on other data",
                    CommandResult.of("train", "--resume", "--out", run, "--epochs", 2, "--backend", "cpu-scalar"));
        }
        requireRefused("trained on other data", resumed(Map.of("loader.seed", "9")));
        requireRefused("trained on other data", resumed(Map.of("loader.unknown", "x")));
    }

    @Test
    void placesAndFiguresThatCannotBeAreNamed() {
        requireRefused("is damaged: after 1 epochs and 1 batches", resumed(Map.of("next_batch", "1")));
        requireRefused("contradict each other", resumed(Map.of("step", "9")));
        requireRefused("is damaged: after 1 epochs and 0 batches", resumed(Map.of("step", "9", "batches_done", "9")));
        String history = metadata.keySet().stream()
                .filter(key -> key.endsWith(".from0"))
                .findFirst()
                .orElseThrow();
        for (String figures : List.of(
                "1,NaN,NaN,1,1,1,1,1",
                "1,1,9,1,1,1,1,1",
                "1,1,1,1,-1,1,1,1",
                "1,1,1,1,1,-1,1,1",
                "1,1,1,1,1,1,-1,1",
                "1,1,1,1,1,1,1,NaN",
                "1,NaN,NaN")) {
            requireRefused("cannot be resumed: ", resumed(Map.of(history, figures)));
        }
    }

    @Test
    void otherClassesAreNamed() {
        for (int count : new int[] {9, 11, 100_000}) {
            List<String> names =
                    IntStream.range(0, count).mapToObj(i -> "c" + i).toList();
            requireRefused("with the classes 'c0'", resumed(Map.of("classes", JsonFile.text(names))));
        }
    }
}
