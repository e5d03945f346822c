package org.alborz.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.alborz.monitor.Records.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventWriterTest {
    @TempDir
    Path folder;

    @Test
    void beginsWithTheVersionAndTheWriter() throws IOException {
        List<Message> events = written(writer -> {});

        assertThat(events).hasSize(2);
        assertThat(events.get(0).get(3).text()).isEqualTo("brain.Event:2");
        assertThat(events.get(1).get(10).message().get(1).text()).isEqualTo("org.alborz.monitor");
        assertThat((double) events.get(0).get(1).value()).isGreaterThan(1.7e9);
    }

    @Test
    void writesScalarsWithTheirSteps() throws IOException {
        List<Message> events = written(writer -> {
            writer.scalar("loss", 0.25, 7);
            writer.scalar("loss", Double.NaN, 1L << 40);
        });

        Message first = value(events.get(2));
        assertThat(events.get(2).get(2).integer()).isEqualTo(7);
        assertThat(first.get(1).text()).isEqualTo("loss");
        assertThat(first.get(2).value()).isEqualTo(0.25f);
        assertThat(events.get(3).get(2).integer()).isEqualTo(1L << 40);
        assertThat(value(events.get(3)).get(2).value()).isEqualTo(Float.NaN);
    }

    @Test
    void countsNumbersInTensorFlowsBuckets() throws IOException {
        float[] values = {-2, 0, 0, 0.5f, 3, Float.NaN, Float.POSITIVE_INFINITY};
        List<Message> events = written(writer -> writer.histogram("weights", values, 3));

        Message histogram = value(events.get(2)).get(5).message();
        assertThat(histogram.get(1).value()).isEqualTo(-2.0);
        assertThat(histogram.get(2).value()).isEqualTo(3.0);
        assertThat(histogram.get(3).value()).isEqualTo(5.0);
        assertThat(histogram.get(4).value()).isEqualTo(1.5);
        assertThat(histogram.get(5).value()).isEqualTo(13.25);
        double[] limits = doubles(histogram.get(6).bytes());
        double[] counts = doubles(histogram.get(7).bytes());
        assertThat(limits).hasSameSizeAs(counts).isSorted();
        for (int i = 0; i < counts.length; i++) {
            double below = i == 0 ? Double.NEGATIVE_INFINITY : limits[i - 1];
            int expected = 0;
            for (float value : values) {
                expected += value >= below && value < limits[i] ? 1 : 0; // not NaN, not infinity
            }
            assertThat(counts[i]).as("bucket %d", i).isEqualTo(expected);
        }
        assertThat(value(events.get(3)).get(1).text()).isEqualTo("weights/not_finite");
        assertThat(value(events.get(3)).get(2).value()).isEqualTo(2f);
    }

    @Test
    void aHistogramOfNothingHasOneEmptyBucket() throws IOException {
        List<Message> events = written(writer -> writer.histogram("weights", new float[0], 3));

        Message histogram = value(events.get(2)).get(5).message();
        assertThat(doubles(histogram.get(6).bytes())).containsExactly(Double.MAX_VALUE);
        assertThat(doubles(histogram.get(7).bytes())).containsExactly(0);
        assertThat(events).hasSize(3);
    }

    @Test
    void writesImagesThatOthersDecode() throws IOException {
        byte[] pixels = {0, 127, (byte) 255, 10, 20, 30};
        Picture colour = new Picture(1, 2, 3, pixels);
        Picture grey = Picture.scaled(2, 1, 1, new float[] {-1, 3});
        List<Message> events = written(writer -> {
            writer.image("colour", colour, 1);
            writer.image("grey", grey, 1);
        });

        Message image = value(events.get(2)).get(4).message();
        assertThat(image.get(1).integer()).isEqualTo(1);
        assertThat(image.get(2).integer()).isEqualTo(2);
        assertThat(image.get(3).integer()).isEqualTo(3);
        var decoded = ImageIO.read(new ByteArrayInputStream(image.get(4).bytes()));
        assertThat(decoded.getRGB(0, 0)).isEqualTo(0xff007fff);
        assertThat(decoded.getRGB(1, 0)).isEqualTo(0xff0a141e);
        var other = ImageIO.read(new ByteArrayInputStream(
                value(events.get(3)).get(4).message().get(4).bytes()));
        assertThat(other.getRaster().getSample(0, 0, 0)).isZero();
        assertThat(other.getRaster().getSample(0, 1, 0)).isEqualTo(255);
    }

    @Test
    void writesTextForTheTextPlugin() throws IOException {
        List<Message> events = written(writer -> writer.text("notes", "# Über", 2));

        Message value = value(events.get(2));
        Message plugin = value.get(9).message().get(1).message();
        assertThat(plugin.get(1).text()).isEqualTo("text");
        Message tensor = value.get(8).message();
        assertThat(tensor.get(1).integer()).isEqualTo(7);
        assertThat(tensor.get(8).text()).isEqualTo("# Über");
    }

    @Test
    void writesHyperParameters() throws IOException {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("learning_rate", 0.1);
        values.put("optimizer", "sgd");
        values.put("augment", true);
        List<Message> events = written(writer -> {
            writer.hyperParameters(values, List.of("epoch_loss"));
            writer.end(true);
        });

        Message experiment = plugin(events.get(2)).get(2).message();
        assertThat(experiment.all(4))
                .extracting(info -> info.message().get(1).text())
                .containsExactly("learning_rate", "optimizer", "augment");
        assertThat(experiment.all(4))
                .extracting(info -> info.message().get(4).integer())
                .containsExactly(3L, 1L, 2L);
        assertThat(experiment.get(5).message().get(1).message().get(2).text()).isEqualTo("epoch_loss");
        Message start = plugin(events.get(3)).get(3).message();
        assertThat(start.all(1))
                .extracting(entry -> entry.message().get(1).text())
                .containsExactly("learning_rate", "optimizer", "augment");
        assertThat(start.all(1).get(0).message().get(2).message().get(2).value())
                .isEqualTo(0.1);
        assertThat(plugin(events.get(4)).get(4).message().get(1).integer()).isEqualTo(1);
    }

    @Test
    void aWriterThatGoesOnSaysFromWhere() throws IOException {
        try (EventWriter writer = EventWriter.open(folder, 12)) {
            Message start = Records.read(writer.path()).get(2);
            assertThat(start.get(2).integer()).isEqualTo(12);
            assertThat(start.get(7).message().get(1).integer()).isEqualTo(1);
        }
    }

    @Test
    void filesOfOneSecondAreReadInTheirOrder() throws IOException {
        for (int i = 0; i < 12; i++) {
            EventWriter.open(folder).close();
        }
        try (var files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .hasSize(12)
                    .allMatch(name -> name.matches("events\\.out\\.tfevents\\.\\d{10}\\.\\d{10}\\.\\d{4}\\.alborz"));
        }
    }

    @Test
    void recordsWaitUntilTheyAreFlushedWhole() throws IOException {
        try (EventWriter writer = EventWriter.open(folder)) {
            writer.scalar("loss", 1, 1);
            assertThat(Records.read(writer.path())).hasSize(2);
            writer.flush();
            assertThat(Records.read(writer.path())).hasSize(3);
            for (int i = 0; i < 10_000; i++) {
                writer.scalar("loss", 1, i);
            }
            assertThat(Records.read(writer.path())).hasSizeBetween(5_000, 10_002); // whole ones, without a flush
        }
    }

    @Test
    void refusesWhatCannotBeWritten() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertThatThrownBy(() -> EventWriter.open(file)).hasMessageContainingAll("file", "choose a folder");
        try (EventWriter writer = EventWriter.open(folder)) {
            assertThatThrownBy(() -> writer.scalar(" ", 1, 1)).hasMessageContaining("tag such as epoch_loss");
            assertThatThrownBy(() -> new Picture(2, 2, 3, new byte[3])).hasMessageContaining("expects 12 bytes");
            assertThatThrownBy(() -> new Picture(2, 2, 2, new byte[8])).hasMessageContaining("1 or 3 channels");
        }
    }

    private interface Work {
        void with(EventWriter writer);
    }

    private List<Message> written(Work work) throws IOException {
        EventWriter writer = EventWriter.open(folder);
        try (writer) {
            work.with(writer);
        }
        return Records.read(writer.path());
    }

    /** Returns the only value of an event's summary. */
    private static Message value(Message event) {
        return event.get(5).message().get(1).message();
    }

    private static Message plugin(Message event) {
        Message data = value(event).get(9).message().get(1).message();
        assertThat(data.get(1).text()).isEqualTo("hparams");
        return data.get(2).message();
    }

    private static double[] doubles(byte[] bytes) {
        double[] values = new double[bytes.length / 8];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().get(values);
        return values;
    }
}
