package org.alborz.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * TensorBoard's own reader reads every kind of record. Needs a {@code python3} with TensorBoard; {@code ALBORZ_TENSORBOARD} may name a folder
 * that it is installed in, as by {@code pip install --target}.
 */
class TensorBoardReaderTest {
    @TempDir
    Path folder;

    @Test
    void readsEveryKindOfRecord() throws Exception {
        requireReader();
        Map<String, Object> settings = Map.of("learning_rate", 0.01, "optimizer", "sgd", "augment", false);
        TensorBoardTest.train(
                new TensorBoard(folder.resolve("a"))
                        .histogramFreq(1)
                        .writeImages(true)
                        .updateFreq(2)
                        .hyperParameters(settings),
                2);

        JsonNode runs = read();

        JsonNode train = runs.get("a/train");
        assertThat(steps(train.at("/scalars/epoch_loss"))).isEqualTo("4 8 ");
        assertThat(steps(train.at("/scalars/batch_loss"))).isEqualTo("2 4 6 8 ");
        assertThat(steps(runs.get("a/validation").at("/scalars/epoch_accuracy")))
                .isEqualTo("4 8 ");
        JsonNode weights = train.get("histograms").get("weights/0.weight");
        assertThat(steps(weights)).isEqualTo("4 8 ");
        assertThat(weights.get(0).get(1).asDouble()).isEqualTo(108);
        assertThat(weights.get(0).get(4).asDouble()).isEqualTo(108);
        assertThat(train.get("histograms").has("gradients/3.bias")).isTrue();
        assertThat(train.get("histograms").has("activations/MaxPool2d")).isTrue();
        JsonNode image = train.get("images").get("weights/0.weight").get(0);
        assertThat(image.get(1).asInt()).isEqualTo(7); // 2 x 2 filters of 3 x 3 with a line between them
        assertThat(train.at("/text/training").asText()).contains("| optimizer | ");
        assertThat(train.get("graph"))
                .anySatisfy(node -> assertThat(node.get(0).asText()).isEqualTo("0/Conv2d"));
        JsonNode parameters = runs.get("a").get("hparams");
        assertThat(parameters.get("_hparams_/session_start_info").asText())
                .contains("key: \"optimizer\"", "string_value: \"sgd\"", "number_value: 0.01", "bool_value: false");
        assertThat(parameters.get("_hparams_/experiment").asText())
                .contains("group: \"validation\"", "tag: \"epoch_accuracy\"", "DATA_TYPE_FLOAT64");
        assertThat(parameters.get("_hparams_/session_end_info").asText()).contains("STATUS_SUCCESS");
    }

    @Test
    void goesOnAfterAFileThatAKillCutShort() throws Exception {
        requireReader();
        Path file;
        try (EventWriter writer = EventWriter.open(folder.resolve("a"))) {
            for (int step = 1; step <= 10; step++) {
                writer.scalar("loss", step, step);
            }
            file = writer.path();
        }
        byte[] whole = Files.readAllBytes(file);
        for (int cut : new int[] {1, 5, 17, 30}) { // in the checksum, the record, the length, the record before
            Files.write(file, java.util.Arrays.copyOf(whole, whole.length - cut));
            assertThat(steps(read().get("a").at("/scalars/loss"))).startsWith("1 2 3 4 5 6 7 8 ");
        }
        try (EventWriter writer = EventWriter.open(folder.resolve("a"), 6)) {
            writer.scalar("loss", 60, 6);
            writer.scalar("loss", 70, 7);
        }
        JsonNode loss = read().get("a").at("/scalars/loss");
        assertThat(steps(loss)).isEqualTo("1 2 3 4 5 6 7 ");
        assertThat(loss.get(5).get(1).asDouble()).isEqualTo(60);
    }

    private static String steps(JsonNode points) {
        StringBuilder steps = new StringBuilder();
        points.forEach(point -> steps.append(point.get(0).asLong()).append(' '));
        return steps.toString();
    }

    private static ProcessBuilder python(String... arguments) {
        String[] command = new String[arguments.length + 1];
        command[0] = "python3";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        String installed = System.getenv("ALBORZ_TENSORBOARD");
        if (installed != null) {
            builder.environment().put("PYTHONPATH", installed);
        }
        return builder;
    }

    private static void requireReader() throws InterruptedException {
        boolean found;
        try {
            Process process = python("-c", "import tensorboard.backend.event_processing.event_multiplexer")
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            found = process.waitFor(180, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            found = false;
        }
        if (!found) {
            System.err.println("!!!! SKIPPED: event files are not read by TensorBoard: there is no python3 with it,"
                    + " and ALBORZ_TENSORBOARD names no folder that has it");
        }
        assumeThat(found).isTrue();
    }

    private JsonNode read() throws Exception {
        Path script = folder.resolve("read_events.py");
        try (InputStream in = TensorBoardReaderTest.class.getResourceAsStream("read_events.py")) {
            Files.write(script, in.readAllBytes());
        }
        Process process = python(script.toString(), folder.toString()).start();
        byte[] json = process.getInputStream().readAllBytes();
        assertThat(process.waitFor()).as("the reader's exit code").isZero();
        return new ObjectMapper().readTree(json);
    }
}
