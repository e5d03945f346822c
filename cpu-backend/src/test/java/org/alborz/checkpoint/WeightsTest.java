package org.alborz.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.alborz.backend.BackendOptions;
import org.alborz.models.Models;
import org.alborz.nn.Activations;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Flatten;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.nn.Sequential;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights without a trainer: of files that Alborz wrote, and other programs. */
class WeightsTest {
    @TempDir
    Path directory;

    private final Session session = Session.open("cpu-scalar");

    @AfterEach
    void close() {
        session.close();
    }

    private static Sequential net(int classes) {
        return new Sequential(
                new Conv2d(1, 2, 2), new BatchNorm(2), Activations.relu(), new Flatten(), new Linear(2, classes));
    }

    private static Map<String, List<Double>> values(Model model) {
        return model.parameters().entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> numbers(model, entry.getKey())));
    }

    private static List<Double> numbers(Model model, String name) {
        return Arrays.stream(model.parameter(name).value().toDoubles()).boxed().toList();
    }

    /** A tensor of another program's file: float32 where it has numbers, an int64 without. */
    private record Foreign(String name, Shape shape, double... numbers) {}

    /** Writes a file as another program does: no metadata, tensors row-major. */
    private Path foreign(Foreign... tensors) throws IOException {
        List<String> entries = new ArrayList<>();
        ByteBuffer data = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
        for (Foreign tensor : tensors) {
            int start = data.position();
            if (tensor.numbers().length == 0) {
                data.putLong(7);
            }
            for (double number : tensor.numbers()) {
                data.putFloat((float) number);
            }
            entries.add("\"" + tensor.name() + "\":{\"dtype\":\"" + (tensor.numbers().length == 0 ? "I64" : "F32")
                    + "\",\"shape\":" + tensor.shape().toString().replace(" ", "") + ",\"data_offsets\":[" + start + ","
                    + data.position() + "]}");
        }
        byte[] json = ("{" + String.join(",", entries) + "}").getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(8 + json.length + data.position()).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(json.length).put(json).put(data.flip());
        return Files.write(Files.createTempFile(directory, "foreign", ".safetensors"), file.array());
    }

    /** The state dictionary of a small net as PyTorch writes it, with something in front of each name. */
    private Path pytorch(String prefix, Foreign... more) throws IOException {
        List<Foreign> tensors = new ArrayList<>(List.of(
                new Foreign(prefix + "conv1.weight", Shape.of(2, 1, 2, 2), 1, 2, 3, 4, 5, 6, 7, 8),
                new Foreign(prefix + "conv1.bias", Shape.of(2), 0.5, -0.5),
                new Foreign(prefix + "bn1.weight", Shape.of(2), 1, 1),
                new Foreign(prefix + "bn1.bias", Shape.of(2), 0, 100),
                new Foreign(prefix + "bn1.running_mean", Shape.of(2), 0, 0),
                new Foreign(prefix + "bn1.running_var", Shape.of(2), 1, 1),
                new Foreign(prefix + "bn1.num_batches_tracked", Shape.scalar()),
                new Foreign(prefix + "fc.weight", Shape.of(3, 2), 1, 0, 0, 1, 1, -1),
                new Foreign(prefix + "fc.bias", Shape.of(3), 0, 0, 10)));
        tensors.addAll(List.of(more));
        return foreign(tensors.toArray(Foreign[]::new));
    }

    private static final Map<String, String> NAMES = Map.of("conv1", "0", "bn1", "1", "fc", "4");

    @Test
    void whatIsSavedIsLoadedAgain() {
        Path file = directory.resolve("weights.safetensors");
        try (Model model = Model.create(session, net(3), 1);
                Model other = Model.create(session, net(3), 2)) {
            model.parameter("1.running_mean").value().fill(4);
            Weights.save(file, model);
            assertThat(values(other)).isNotEqualTo(values(model));
            LoadedWeights loaded = Weights.load(file, other);
            assertThat(values(other)).isEqualTo(values(model));
            assertThat(loaded.loaded())
                    .containsExactlyElementsOf(model.parameters().keySet());
            assertThat(loaded.missing()).isEmpty();
            assertThat(loaded.skipped()).isEmpty();
        }
        try (SafetensorsFile saved = SafetensorsFile.open(file);
                Model opened = Weights.load(file, session, net(3))) {
            assertThat(saved.entries().stream().map(SafetensorsEntry::name))
                    .containsExactlyElementsOf(opened.parameters().keySet());
            assertThat(saved.hasDigest()).isTrue();
            assertThat(saved.entry("0.weight").shape()).isEqualTo(Shape.of(2, 1, 2, 2));
            assertThat(numbers(opened, "1.running_mean")).containsOnly(4.0);
        }
    }

    @Test
    void aFileOfPyTorchComputesTheSame() throws IOException {
        LoadOptions options = LoadOptions.strict().prefix("module.").rename(NAMES);
        try (Model model = Model.create(session, net(3), 1)) {
            LoadedWeights loaded = Weights.load(pytorch("module."), model, options);
            assertThat(loaded.loaded()).hasSize(8);
            assertThat(loaded.missing()).isEmpty();
            assertThat(loaded.skipped()).containsExactly("module.bn1.num_batches_tracked");
            Tensor image = session.tensor(new float[] {1, 10, 100, 1000}, Shape.of(1, 1, 2, 2));
            double scale = 1 / Math.sqrt(1 + 1e-5);
            double first = (4321 + 0.5) * scale;
            double second = (8765 - 0.5) * scale + 100;
            assertThat(model.forward(image, Pass.evaluation()).toFloats())
                    .usingComparatorWithPrecision(0.01f)
                    .containsExactly((float) first, (float) second, (float) (first - second + 10));
        }
    }

    @Test
    void aNewHeadIsTrainedOnLoadedLayers() throws IOException {
        Path file = pytorch("");
        try (Model model = Model.create(session, net(3).replace(-1, new Linear(2, 5)), 1)) {
            List<Double> head = numbers(model, "4.weight");
            assertThatThrownBy(() ->
                            Weights.load(file, model, LoadOptions.partial().rename(NAMES)))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContainingAll("fc.weight", "[5, 2]", "[3, 2]", "LoadOptions.only");
            LoadOptions options = LoadOptions.strict().rename(NAMES).only(name -> !name.startsWith("4."));
            LoadedWeights loaded = Weights.load(file, model, options);
            assertThat(numbers(model, "0.weight")).containsExactly(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0);
            assertThat(numbers(model, "4.weight")).isEqualTo(head);
            assertThat(loaded.missing()).containsExactly("4.weight", "4.bias");
            assertThat(loaded.skipped()).containsExactlyInAnyOrder("bn1.num_batches_tracked", "fc.weight", "fc.bias");
            // It stays strict about what was asked for.
            Path lacking = foreign(new Foreign("0.bias", Shape.of(2), 1, 2));
            assertThatThrownBy(() ->
                            Weights.load(lacking, model, LoadOptions.strict().only(name -> name.startsWith("0."))))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContainingAll("it lacks '0.weight'");
        }
    }

    @Test
    void partLoadsWhatBothHave() throws IOException {
        Path file = foreign(new Foreign("0.bias", Shape.of(2), 1, 2), new Foreign("other.weight", Shape.of(1), 3));
        try (Model model = Model.create(session, net(3), 1)) {
            assertThatThrownBy(() -> Weights.load(file, model))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContainingAll("it lacks '0.weight'", "other.weight", "LoadOptions");
            LoadedWeights loaded = Weights.load(file, model, LoadOptions.partial());
            assertThat(loaded.loaded()).containsExactly("0.bias");
            assertThat(loaded.missing()).hasSize(7).doesNotContain("0.bias");
            assertThat(loaded.skipped()).containsExactly("other.weight");
            assertThat(numbers(model, "0.bias")).containsExactly(1.0, 2.0);
        }
    }

    @Test
    void aFunctionRenamesAndSkips() throws IOException {
        Path file = pytorch("", new Foreign("teacher.weight", Shape.of(1), 3));
        try (Model model = Model.create(session, net(3), 1)) {
            LoadOptions options = LoadOptions.strict()
                    .rename(name -> name.startsWith("teacher.")
                            ? null
                            : name.replace("conv1", "0").replace("bn1", "1").replace("fc", "4"));
            assertThat(Weights.load(file, model, options).skipped())
                    .containsExactlyInAnyOrder("bn1.num_batches_tracked", "teacher.weight");
            assertThat(numbers(model, "4.bias")).containsExactly(0.0, 0.0, 10.0);
        }
    }

    @Test
    void theLongestPartCounts() {
        LoadOptions options = LoadOptions.strict().rename(Map.of("layer1", "3", "layer1.0.conv1", "stem", "net", ""));
        assertThat(options.nameInModel("layer1.0.conv1.weight")).isEqualTo("stem.weight");
        assertThat(options.nameInModel("layer1.0.bn1.weight")).isEqualTo("3.0.bn1.weight");
        assertThat(options.nameInModel("layer10.weight")).isEqualTo("layer10.weight");
        assertThat(options.nameInModel("net.0.weight")).isEqualTo("0.weight");
        assertThat(LoadOptions.strict().prefix("encoder.").nameInModel("decoder.0.weight"))
                .isNull();
    }

    @Test
    void namesThatHelpNothingAreRefused() throws IOException {
        Path file = pytorch("");
        try (Model model = Model.create(session, net(3), 1)) {
            Map<String, List<Double>> before = values(model);
            assertRefused(file, model, LoadOptions.strict().rename(Map.of("conv2", "0")), "nothing named 'conv2'");
            assertRefused(file, model, LoadOptions.strict().prefix("module."), "begins with 'module.'");
            assertRefused(
                    file,
                    model,
                    LoadOptions.partial().rename(name -> "0.bias"),
                    "'conv1.weight' and 'conv1.bias' are both named '0.bias'");
            assertThat(values(model)).isEqualTo(before);
        }
    }

    private static void assertRefused(Path file, Model model, LoadOptions options, String words) {
        assertThatThrownBy(() -> Weights.load(file, model, options))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(words);
    }

    @Test
    void whatIsToBeKnownIsSavedWithThem() {
        Path file = directory.resolve("named.safetensors");
        try (Model model = Model.create(session, new Linear(2, 2), 1)) {
            Weights.save(file, model, Map.of("model", "linear", "epochs", "3"));
            try (SafetensorsFile saved = SafetensorsFile.open(file)) {
                assertThat(saved.metadata()).containsEntry("model", "linear").containsEntry("epochs", "3");
            }
            Weights.load(file, model);
            assertThatThrownBy(() -> Weights.save(file, model, Map.of("epoch", "3")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'epoch'");
        }
    }

    @Test
    void aSharedParameterIsSavedOnceAndLoadedByAnyOfItsNames() throws IOException {
        Linear shared = new Linear(2, 2).bias(false);
        Path file = directory.resolve("tied.safetensors");
        try (Model model = Model.create(session, new Sequential(shared, Activations.tanh(), shared), 1)) {
            Weights.save(file, model);
            try (SafetensorsFile saved = SafetensorsFile.open(file)) {
                assertThat(saved.entries().stream().map(SafetensorsEntry::name)).containsExactly("0.weight");
            }
            Foreign second = new Foreign("2.weight", Shape.of(2, 2), 1, 2, 3, 4);
            Weights.load(foreign(second), model);
            assertThat(numbers(model, "0.weight")).containsExactly(1.0, 2.0, 3.0, 4.0);
            Weights.load(file, model);
            assertThat(numbers(model, "0.weight")).doesNotContain(2.0, 3.0);
            Weights.load(foreign(new Foreign("0.weight", Shape.of(2, 2), 1, 2, 3, 4), second), model);
            assertThat(numbers(model, "0.weight")).containsExactly(1.0, 2.0, 3.0, 4.0);
            Path apart = foreign(new Foreign("0.weight", Shape.of(2, 2), 1, 2, 3, 5), second);
            assertRefused(apart, model, LoadOptions.strict(), "one parameter for both");
            assertThat(numbers(model, "0.weight")).containsExactly(1.0, 2.0, 3.0, 4.0);
        }
    }

    @Test
    void weightsOfAnotherTypeAreConverted() {
        Path file = directory.resolve("wide.safetensors");
        try (Session wide = Session.open("cpu-scalar", BackendOptions.defaults(), DType.FLOAT64);
                Model doubles = Model.create(wide, net(3), 1);
                Model floats = Model.create(session, net(3), 1)) {
            Weights.save(file, doubles);
            Weights.load(file, floats);
            float[] rounded = doubles.parameter("0.weight").value().toFloats();
            assertThat(floats.parameter("0.weight").value().toFloats()).isEqualTo(rounded);
            Weights.save(file, floats);
            Weights.load(file, doubles);
            assertThat(values(doubles)).isEqualTo(values(floats));
        }
    }

    @Test
    void weightsThatCouldNotBeLoadedAreNotSaved() throws IOException {
        Path file = directory.resolve("weights.safetensors");
        try (Model model = Model.create(session, net(3), 1)) {
            Weights.save(file, model);
            byte[] before = Files.readAllBytes(file);
            model.parameter("0.bias").value().fill(Double.NaN);
            assertThatThrownBy(() -> Weights.save(file, model))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContainingAll("0.bias", "not written");
            assertThat(Files.readAllBytes(file)).isEqualTo(before);
        }
    }

    @Test
    void layersOfASlicedNetKeepTheirNames() {
        Path file = directory.resolve("weights.safetensors");
        Sequential whole = Models.cifarCnn(10);
        try (Model model = Model.create(session, whole, 1)) {
            Weights.save(file, model);
        }
        try (Model features = Model.create(session, Models.cifarCnn(10).slice(4, -1), 2)) {
            LoadedWeights loaded = Weights.load(file, features, LoadOptions.partial());
            assertThat(loaded.missing()).isEmpty();
            assertThat(loaded.skipped())
                    .containsExactly("0.weight", "0.bias", "1.weight", "1.bias", "11.weight", "11.bias");
        }
    }
}
