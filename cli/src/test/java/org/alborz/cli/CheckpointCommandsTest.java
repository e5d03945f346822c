package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code evaluate} and {@code predict} make of good and bad checkpoints. */
class CheckpointCommandsTest {
    @TempDir
    static Path trained;

    @TempDir
    Path folder;

    @BeforeAll
    static void train() {
        CommandResult result = CommandResult.train("--epochs", 2, "--out", trained.resolve("run"));
        assertThat(result.code()).as(result.err()).isZero();
    }

    private static Path checkpoint() {
        return trained.resolve("run/best.safetensors");
    }

    private static CommandResult evaluate(Path file, Object... more) {
        return CommandResult.of(Stream.concat(
                        Stream.of("evaluate", file, "--backend", "cpu-scalar", "--limit", "16"), Arrays.stream(more))
                .toArray());
    }

    @Test
    void evaluationRepeatsTheAccuracyOfTheTraining() throws IOException {
        Path json = folder.resolve("evaluation.json");

        CommandResult result = evaluate(checkpoint(), "--batch-size", 5, "--json", json);

        assertThat(result.err()).isEmpty();
        assertThat(result.code()).isZero();
        assertThat(result.out()).contains("of 16 images", "confusion matrix", "horizontal stripes", "NOT CIFAR-10");
        JsonNode report = new ObjectMapper().readTree(json.toFile());
        JsonNode training =
                new ObjectMapper().readTree(trained.resolve("run/result.json").toFile());
        assertThat(report.get("accuracy")).isEqualTo(training.at("/best/val_accuracy"));
        assertThat(report.get("accuracyPerClass")).hasSize(10);
        long sum = 0;
        for (JsonNode row : report.get("confusion")) {
            for (JsonNode count : row) {
                sum += count.asLong();
            }
        }
        assertThat(sum).isEqualTo(16);
    }

    @Test
    void predictsWhatCanBeReadAndNamesTheRest() throws IOException {
        Path image = folder.resolve("grey.png");
        ImageIO.write(new BufferedImage(50, 40, BufferedImage.TYPE_INT_RGB), "png", image.toFile());
        Path text = Files.writeString(folder.resolve("text.png"), "this is no image");
        Path json = folder.resolve("predictions.json");

        CommandResult result = CommandResult.of(
                "predict",
                checkpoint(),
                text,
                image,
                folder.resolve("none.png"),
                "--backend",
                "cpu-scalar",
                "--json",
                json);

        assertThat(result.code()).isEqualTo(ExitCodes.DATA);
        assertThat(result.err())
                .contains("text.png could not be read as an image", "none.png")
                .doesNotContain("\tat ");
        assertThat(result.out().lines())
                .singleElement()
                .asString()
                .startsWith(image + ": ")
                .containsPattern("(%.*){3}");
        JsonNode predictions = new ObjectMapper().readTree(json.toFile());
        assertThat(predictions).hasSize(3);
        assertThat(predictions.at("/0/error").asText()).contains("text.png");
        JsonNode top = predictions.at("/1/top");
        assertThat(top).hasSize(3);
        assertThat(top.get(0).get("probability").asDouble())
                .isBetween(top.get(1).get("probability").asDouble(), 1.0);

        assertThat(CommandResult.of("predict", checkpoint(), image, "--backend", "cpu-scalar")
                        .code())
                .isZero();
    }

    @Test
    void namesOfFilesDoNotSteerTheTerminal() throws IOException {
        Path image = folder.resolve("\u001b[2J\n\u202eimage.png");
        ImageIO.write(new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB), "png", image.toFile());
        Path none = folder.resolve("\u001b]0;none\u0007.png");

        CommandResult result = CommandResult.of("predict", checkpoint(), image, none, "--backend", "cpu-scalar");

        assertThat(result.out().strip())
                .contains("\\u001b[2J\\u000a\\u202eimage.png")
                .doesNotContainPattern("\\p{Cntrl}");
        assertThat(result.err().strip()).contains("\\u001b]0;none\\u0007.png").doesNotContainPattern("\\p{Cntrl}");
        assertThat(CommandResult.of("evaluate", none).err().strip())
                .contains("\\u001b]0;none")
                .doesNotContainPattern("\\p{Cntrl}");
        assertThat(CommandResult.of("train", "\u001b[2J").err()).doesNotContain("\u001b");
        assertThat(CommandResult.of("train", "--epochs", "\u001b[2J").err()).doesNotContain("\u001b");
        assertThat(CommandResult.of("train", "--\u001b[2J").err()).doesNotContain("\u001b");
    }

    @Test
    void aDamagedCheckpointIsNamed() throws IOException {
        byte[] good = Files.readAllBytes(checkpoint());
        Path truncated = Files.write(folder.resolve("truncated.safetensors"), Arrays.copyOf(good, good.length / 2));
        Path tiny = Files.write(folder.resolve("tiny.safetensors"), new byte[] {1, 2, 3});
        ByteBuffer claim =
                ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putLong(Long.MAX_VALUE);
        Path huge = Files.write(folder.resolve("huge.safetensors"), claim.array());

        for (Path file : List.of(truncated, tiny, huge, folder.resolve("missing.safetensors"), folder)) {
            CommandResult result = evaluate(file);
            assertThat(result.code()).as(file.toString()).isEqualTo(ExitCodes.DATA);
            assertThat(result.err())
                    .startsWith("alborz: ")
                    .contains(file.toString())
                    .doesNotContain("\tat ");
            assertThat(evaluate(file, "--verbose").err()).contains("\tat org.alborz.");
        }
    }

    @Test
    void hostileMetadataAreRefused() throws IOException {
        String settings = JsonFile.text(SavedModel.read(checkpoint()).settings());
        assertRefused("nothing", "\"alborz.format\":\"1\"", "does not say which model it holds");
        assertRefused("no json", metadata("{", "[\"a\",\"b\"]"), "does not describe a model");
        assertRefused("unknown net", metadata(settings.replace("lenet5", "vgg"), "[\"a\",\"b\"]"), "'vgg'");
        assertRefused("null settings", metadata("null", "[\"a\",\"b\"]"), "does not describe a model");
        assertRefused("null model", metadata("{}", "[\"a\",\"b\"]"), "does not describe a model");
        for (String field : List.of(
                "model",
                "data",
                "limit",
                "epochs",
                "batchSize",
                "seed",
                "optimizer",
                "learningRate",
                "weightDecay",
                "schedule",
                "augment",
                "precision",
                "saveEvery")) {
            String value = "\"" + field + "\":(\"[^\"]*\"|[^,}]*)";
            assertRefused(
                    "no " + field,
                    metadata(settings.replaceFirst("," + value + "|" + value + ",", ""), "[\"a\",\"b\"]"),
                    "does not describe a model");
            for (String wrong : List.of(
                    "null",
                    "\"\"",
                    "\" \"",
                    "[]",
                    "{}",
                    "[1]",
                    "-1.5",
                    "NaN",
                    "\"NaN\"",
                    "\"1\"",
                    "\"true\"",
                    "1e400")) {
                boolean word = field.equals("data") && wrong.matches("\"[N1t].*")
                        || field.equals("saveEvery") && wrong.equals("\"1\"");
                if (!word) {
                    assertRefused(
                            field + " " + wrong.replace('"', '_'),
                            metadata(settings.replaceFirst(value, "\"" + field + "\":" + wrong), "[\"a\",\"b\"]"),
                            "does not describe a model");
                }
            }
        }
        assertRefused("zero", metadata(settings.replace("0.001", "0"), "[\"a\",\"b\"]"), "does not describe a model");
        assertRefused(
                "number", metadata(settings.replace("\"lenet5\"", "5"), "[\"a\",\"b\"]"), "does not describe a model");
        assertRefused(
                "twice",
                metadata(settings.replace("{", "{\"limit\":1,"), "[\"a\",\"b\"]"),
                "does not describe a model");
        assertRefused(
                "unknown field",
                metadata(settings.replace("{", "{\"dropout\":1,"), "[\"a\",\"b\"]"),
                "does not describe a model");
        assertRefused("two values", metadata(settings + " 1", "[\"a\",\"b\"]"), "does not describe a model");
        assertRefused("numbers as classes", metadata(settings, "[1,2]"), "does not describe a model");
        assertRefused("blank class", metadata(settings, "[\"a\",\"\"]"), "does not describe a model");
        assertRefused("control class", metadata(settings, "[\"a\",\"\\u001b[2J\"]"), "does not describe a model");
        for (String name : List.of("\u202e", "\u2028", "\u2069", "n".repeat(101))) {
            assertRefused(
                    "class " + (int) name.charAt(0),
                    metadata(settings, JsonFile.text(List.of("a", name))),
                    "printable characters");
        }
        assertRefused("equal classes", metadata(settings, "[\"a\",\"a\"]"), "does not describe a model");
        assertRefused("null class", metadata(settings, "[\"a\",null]"), "does not describe a model");
        assertRefused("one class", metadata(settings, "[\"a\"]"), "2 to 100000 classes, got 1");
        assertRefused("other classes", metadata(settings, "[\"a\",\"b\"]"), "knows the classes [a, b]");
    }

    /** The net is not built where the file has no room for it. */
    @Test
    @Timeout(300)
    void aNetThatIsNotInTheFileIsNotBuilt() throws IOException {
        SavedModel saved = SavedModel.read(checkpoint());
        String many =
                JsonFile.text(IntStream.range(0, 100_000).mapToObj(i -> "c" + i).toList());
        byte[] header = ("{\"__metadata__\":{" + metadata(JsonFile.text(saved.settings()), many) + "}}")
                .getBytes(StandardCharsets.UTF_8);
        Path file = Files.write(
                folder.resolve("many.safetensors"),
                ByteBuffer.allocate(8 + header.length)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(header.length)
                        .put(header)
                        .array());
        Path image = folder.resolve("image.png");
        ImageIO.write(new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB), "png", image.toFile());

        CommandResult result = CommandResult.of("predict", file, image, "--backend", "cpu-scalar");

        assertThat(result.code()).isEqualTo(ExitCodes.DATA);
        assertThat(result.err()).contains("does not fit this model: it lacks").hasSizeLessThan(1_000);
        assertThat(evaluate(file).err()).contains("knows the classes").hasSizeLessThan(2_000);
    }

    private static String metadata(String settings, String classes) {
        return "\"alborz.format\":\"1\",\"settings\":" + JsonFile.text(settings) + ",\"classes\":"
                + JsonFile.text(classes);
    }

    private void assertRefused(String name, String metadata, String message) throws IOException {
        byte[] header = ("{\"__metadata__\":{" + metadata + "}}").getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(header.length).put(header);
        Path file = Files.write(folder.resolve(name + ".safetensors"), bytes.array());

        CommandResult result = evaluate(file);

        assertThat(result.code()).as(name).isEqualTo(ExitCodes.DATA);
        assertThat(result.err()).contains(file.toString(), message);
    }

    @Test
    void wrongUsageIsNamed() {
        assertThat(CommandResult.of("evaluate").code()).isEqualTo(ExitCodes.USAGE);
        assertThat(CommandResult.of("predict", checkpoint()).err()).contains("FILE");
        assertThat(evaluate(checkpoint(), "--batch-size", 0).code()).isEqualTo(ExitCodes.USAGE);
        assertThat(CommandResult.of("evaluate", checkpoint(), "--backend", "tpu")
                        .code())
                .isEqualTo(ExitCodes.BACKEND);
        for (Object wrong : List.of(0, -1)) {
            assertThat(CommandResult.of("evaluate", checkpoint(), "--limit", wrong)
                            .code())
                    .isEqualTo(ExitCodes.USAGE);
        }
        assertThat(CommandResult.of("evaluate", trained).err()).contains("is a folder, not a regular file");
        assertThat(CommandResult.of("evaluate", "").err()).contains("There is no checkpoint ''");
        assertThat(evaluate(checkpoint(), "--data", "").code()).isEqualTo(ExitCodes.USAGE);
        assertThat(evaluate(checkpoint(), "--json", folder).code()).isEqualTo(ExitCodes.USAGE);
        assertThat(evaluate(checkpoint(), "--data", folder).code()).isEqualTo(ExitCodes.DATA);
    }
}
