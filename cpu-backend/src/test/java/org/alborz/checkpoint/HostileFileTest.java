package org.alborz.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files that change while they are read, fail, or claim to be larger than they are. */
class HostileFileTest {
    private static final int FEATURES = 300;

    @TempDir
    Path directory;

    @Test
    void aFileThatShrinksOrChangesWhileItIsReadChangesNothing() throws IOException {
        try (Session session = Session.open("cpu-scalar");
                Model model = Model.create(session, net(), 1)) {
            Path file = save(model);
            double[] before = changed(model);
            for (int cut : List.of(4, 1000, 4 * FEATURES * FEATURES)) {
                refusesAfter(file, model, opened -> opened.setLength(opened.length() - cut), "became shorter");
                assertThat(model.values().toDoubles()).isEqualTo(before);
            }
            refusesAfter(
                    file,
                    model,
                    opened -> {
                        opened.seek(opened.length() - 1);
                        opened.write(77);
                    },
                    "is damaged");
            assertThat(model.values().toDoubles()).isEqualTo(before);
            Weights.load(file, model);
            assertThat(model.values().toDoubles()).isNotEqualTo(before);
        }
    }

    /** Changes a file. */
    private interface Change {
        void make(RandomAccessFile file) throws IOException;
    }

    /** Loads from a file that is changed between the reading of its header and of its data. */
    private void refusesAfter(Path file, Model model, Change change, String message) throws IOException {
        Path copy = Files.copy(file, directory.resolve("copy.safetensors"));
        try (SafetensorsFile saved = SafetensorsFile.open(copy);
                RandomAccessFile opened = new RandomAccessFile(copy.toFile(), "rw")) {
            change.make(opened);
            assertThatThrownBy(() -> Weights.load(saved, model, LoadOptions.strict()))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining(message);
        }
        Files.delete(copy);
    }

    @Test
    void aModelThatWasClosedOrBelongsToAnotherThreadIsNotTheFilesFault() {
        try (Session session = Session.open("cpu-scalar")) {
            Model model = Model.create(session, net(), 1);
            Path file = save(model);
            model.close();
            assertThatThrownBy(() -> Weights.load(file, model)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    @Timeout(value = 300, unit = TimeUnit.SECONDS)
    void aSparseFileCostsNoMoreThanItsHeader() throws IOException {
        Path file = directory.resolve("sparse.safetensors");
        long data = 1L << 40;
        byte[] json = ("{\"x\":{\"dtype\":\"U8\",\"shape\":[1024,1073741824],\"data_offsets\":[0," + data + "]}}")
                .getBytes(StandardCharsets.UTF_8);
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.write(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(json.length)
                    .array());
            sparse.write(json);
            sparse.setLength(8 + json.length + data);
        }
        try (Session session = Session.open("cpu-scalar");
                Model model = Model.create(session, net(), 1)) {
            for (LoadOptions match : List.of(LoadOptions.strict(), LoadOptions.partial())) {
                assertThatThrownBy(() -> Weights.load(file, model, match))
                        .isInstanceOf(CheckpointException.class)
                        .hasMessageContaining("'x'");
            }
        }
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.write(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(99_999_999)
                    .array());
        }
        assertThatThrownBy(() -> SafetensorsFile.open(file)).isInstanceOf(CheckpointException.class);
    }

    @Test
    void aTensorForTheOptimizerOfAnotherModelIsNotReadForNothing() {
        try (Session session = Session.open("cpu-scalar");
                Model model = Model.create(session, net(), 1)) {
            Path file = directory.resolve("many.safetensors");
            List<SafetensorsEntry> entries = new java.util.ArrayList<>();
            model.parameters()
                    .forEach((name, p) ->
                            entries.add(new SafetensorsEntry("model." + name, SafetensorsType.F32, p.shape())));
            for (int i = 0; i < 20; i++) {
                entries.add(
                        new SafetensorsEntry("optimizer.s" + i + ".0.bias", SafetensorsType.F32, Shape.of(FEATURES)));
            }
            try (SafetensorsWriter writer = SafetensorsWriter.create(file, Map.of("alborz.format", "2"), entries)) {
                entries.forEach(e -> writer.write(e.name(), new float[(int) e.elements()]));
                writer.commit();
            }
            assertThatThrownBy(() -> Weights.load(file, model))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("optimizer.s0.0.bias");
        }
    }

    private static Sequential net() {
        return new Sequential(new Linear(FEATURES, FEATURES), new Linear(FEATURES, 2));
    }

    private static double[] changed(Model model) {
        try (Tensor half = model.values().mul(0.5)) {
            model.values().assign(half);
        }
        return model.values().toDoubles();
    }

    private Path save(Model model) {
        Path file = directory.resolve("saved.safetensors");
        List<SafetensorsEntry> entries = model.parameters().entrySet().stream()
                .map(e -> new SafetensorsEntry(
                        e.getKey(), SafetensorsType.F32, e.getValue().shape()))
                .toList();
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, Map.of(), entries)) {
            entries.forEach(e -> writer.write(
                    e.name(), model.parameters().get(e.name()).value().toFloats()));
            writer.commit();
        }
        return file;
    }
}
