package org.alborz.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.alborz.inference.Predictor;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.nn.TrainingStep;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights that are loaded at odd moments, under odd names and from odd places. */
class HostileWeightsTest {
    @TempDir
    Path directory;

    private final Session session = Session.open("cpu-scalar");

    @AfterEach
    void close() {
        session.close();
    }

    private static Sequential net() {
        return new Sequential(new Linear(3, 4), new Linear(4, 2));
    }

    private Path saved(double value) {
        Path file = directory.resolve("weights.safetensors");
        try (Model model = Model.create(session, net(), 1)) {
            model.values().fill(value);
            Weights.save(file, model);
        }
        return file;
    }

    private static double[] numbers(Model model) {
        return model.parameters().values().stream()
                .flatMapToDouble(parameter -> Arrays.stream(parameter.value().toDoubles()))
                .toArray();
    }

    private static void refused(ThrowingCallable call, String... words) {
        assertThatThrownBy(call).isInstanceOf(CheckpointException.class).hasMessageContainingAll(words);
    }

    @Test
    void renamesThatMeetOrVanishAreRefused() {
        Path file = saved(5);
        try (Model model = Model.create(session, net(), 2)) {
            double[] before = numbers(model);
            LoadOptions strict = LoadOptions.strict();
            refused(() -> Weights.load(file, model, strict.rename(Map.of("1", "0"))), "both named '0.", "skip one");
            refused(
                    () -> Weights.load(file, model, strict.rename(Map.of("0.weight", "x", "0.bias", "x"))),
                    "both named 'x'");
            refused(() -> Weights.load(file, model, strict.rename(Map.of("0", ""))), "lacks '0.weight', '0.bias'");
            refused(() -> Weights.load(file, model, strict.rename(name -> "")), "both named ''");
            refused(() -> Weights.load(file, model, strict.rename(Map.of("", "0"))), "nothing named ''");
            refused(() -> Weights.load(file, model, strict.rename(name -> null)), "lacks");
            refused(() -> Weights.load(file, model, LoadOptions.partial().rename(name -> null)), "no tensor of this");
            refused(() -> Weights.load(file, model, strict.rename(Map.of("0", "1", "1", "0"))), "of shape", "[2, 4]");
            refused(
                    () -> Weights.load(file, model, LoadOptions.partial().only(name -> false)),
                    "no tensor of this model");
            Map<String, String> toNull = new HashMap<>();
            toNull.put("0", null);
            assertThatThrownBy(() -> strict.rename(toNull)).hasMessageContainingAll("for '0'", "got null");
            assertThatThrownBy(() -> strict.rename((Map<String, String>) null)).hasMessageContaining("a map, got null");
            assertThat(numbers(model)).isEqualTo(before);
        }
    }

    /** Layers that change places are no collision. */
    @Test
    void renamesMayCross() {
        Path file = directory.resolve("two.safetensors");
        try (Model model = Model.create(session, new Sequential(new Linear(2, 2), new Linear(2, 2)), 1);
                Model crossed = Model.create(session, new Sequential(new Linear(2, 2), new Linear(2, 2)), 2)) {
            Weights.save(file, model);
            Weights.load(file, crossed, LoadOptions.strict().rename(Map.of("0", "1", "1", "0")));
            assertThat(crossed.parameter("0.weight").value().toFloats())
                    .isEqualTo(model.parameter("1.weight").value().toFloats());
            assertThat(crossed.parameter("1.weight").value().toFloats())
                    .isEqualTo(model.parameter("0.weight").value().toFloats());
        }
    }

    /** The file has a layer that the model lacks, and lacks one that it has. */
    @Test
    void bothMayHaveMoreThanTheOther() {
        Path file = saved(5);
        try (Model model = Model.create(session, new Sequential(new Linear(3, 4), new Linear(4, 7)), 2)) {
            LoadedWeights loaded = Weights.load(
                    file, model, LoadOptions.partial().rename(name -> name.startsWith("1.") ? "old." + name : name));
            assertThat(loaded.loaded()).containsExactly("0.weight", "0.bias");
            assertThat(loaded.missing()).containsExactly("1.weight", "1.bias");
            assertThat(loaded.skipped()).containsExactlyInAnyOrder("1.weight", "1.bias");
            assertThat(model.parameter("0.bias").value().toFloats()).containsOnly(5);
            // A shape that differs is an error though only a part is loaded, and nothing is changed by it.
            model.parameter("0.bias").value().fill(1);
            refused(() -> Weights.load(file, model, LoadOptions.partial()), "'1.weight'", "[7, 4]", "LoadOptions.only");
            assertThat(model.parameter("0.bias").value().toFloats()).containsOnly(1);
        }
    }

    @Test
    void placesThatAreNoFilesAreNamed() throws IOException {
        Path missing = directory.resolve("none.safetensors");
        Path folder = Files.createDirectory(directory.resolve("folder.safetensors"));
        Path empty = Files.createFile(directory.resolve("empty.safetensors"));
        Path text = Files.writeString(directory.resolve("text.safetensors"), "these are not the weights you look for");
        try (Model model = Model.create(session, net(), 1)) {
            double[] before = numbers(model);
            refused(() -> Weights.load(missing, model), "no checkpoint", "none.safetensors");
            for (Path wrong : List.of(folder, empty, text)) {
                refused(() -> Weights.load(wrong, model), wrong.getFileName().toString());
                refused(
                        () -> Weights.load(wrong, session, net()),
                        wrong.getFileName().toString());
            }
            refused(() -> Weights.save(folder, model), "folder.safetensors");
            refused(() -> Weights.save(directory.resolve("absent").resolve("x.safetensors"), model), "absent");
            assertThat(Files.isDirectory(folder)).isTrue();
            assertThat(numbers(model)).isEqualTo(before);
            assertThatThrownBy(() -> Weights.load(null, model)).hasMessageContaining("a path, got null");
            assertThatThrownBy(() -> Weights.load(text, null)).hasMessageContaining("a model, got null");
            assertThatThrownBy(() -> Weights.load(text, model, null)).hasMessageContaining("options, got null");
            assertThatThrownBy(() -> Weights.load(text, null, net())).hasMessageContaining("a session, got null");
            assertThatThrownBy(() -> Weights.load(saved(1), session, null)).hasMessageContaining("a module, got null");
            assertThatThrownBy(() -> Weights.save(null, model)).hasMessageContaining("a file, got null");
            assertThatThrownBy(() -> Weights.save(text, null)).hasMessageContaining("a model, got null");
        }
    }

    /** A file is replaced as a whole, so who reads it meanwhile has the former one. */
    @Test
    void aFileMayBeReplacedWhileItIsOpen() {
        Path file = saved(5);
        try (Model model = Model.create(session, net(), 1);
                SafetensorsFile open = SafetensorsFile.open(file)) {
            saved(6);
            Weights.load(open, model, LoadOptions.strict());
            assertThat(model.parameter("0.bias").value().toFloats()).containsOnly(5);
            Weights.load(file, model);
            assertThat(model.parameter("0.bias").value().toFloats()).containsOnly(6);
        }
    }

    @Test
    void frozenParametersAreLoadedAndStayFrozen() {
        Path file = saved(5);
        try (Model model = Model.create(session, net(), 1)) {
            model.freeze(name -> name.startsWith("0."));
            Weights.load(file, model);
            assertThat(numbers(model)).containsOnly(5);
            assertThat(model.isFrozen("0.weight")).isTrue();
            assertThat(model.isFrozen("1.weight")).isFalse();
        }
    }

    @Test
    void loadingWithinAStepIsFoundByItsGradients() {
        Path file = saved(5);
        try (Model model = Model.create(session, net(), 1)) {
            Sgd sgd = new Sgd(0.1);
            sgd.attach(model);
            Tensor x = session.ones(Shape.of(2, 3));
            try (TrainingStep step = model.step(1, 1)) {
                Tensor loss = Loss.mse().of(step.forward(x), session.zeros(Shape.of(2, 2)));
                Weights.load(file, model);
                assertThatThrownBy(() -> step.backward(loss))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("changed");
            }
            assertThat(numbers(model)).containsOnly(5);
            try (TrainingStep step = model.step(1, 2)) {
                step.backward(Loss.mse().of(step.forward(x), session.zeros(Shape.of(2, 2))));
                Weights.load(file, model); // what was computed of the others stands
                sgd.step(step);
            }
            assertThat(numbers(model)).doesNotContain(5);
        }
    }

    @Test
    void aModelThatAPredictorSharesIsNotChanged() {
        Path file = saved(5);
        try (Model model = Model.create(session, net(), 1)) {
            double[] before = numbers(model);
            try (Predictor predictor = Predictor.of(model).sessions(1).build()) {
                assertThatThrownBy(() -> Weights.load(file, model)).hasMessageContaining("predictor");
                assertThat(numbers(model)).isEqualTo(before);
                Weights.save(directory.resolve("other.safetensors"), model);
            }
            Weights.load(file, model);
            assertThat(numbers(model)).containsOnly(5);
        }
    }

    /** Options are about one model and one file; sessions do not matter to them. */
    @Test
    void aModelOfAnotherSessionIsLoadedInIt() {
        Path file = saved(5);
        try (Session other = Session.open("cpu-vector");
                Model model = Model.create(other, net(), 1)) {
            Weights.load(file, model);
            assertThat(numbers(model)).containsOnly(5);
            assertThat(session.memory().used()).isZero();
        }
        try (Session closed = Session.open("cpu-scalar")) {
            Model model = Model.create(closed, net(), 1);
            model.close();
            assertThatThrownBy(() -> Weights.load(file, model)).hasMessageContaining("closed");
        }
    }

    /** The names of a shared parameter, where the file has it under each, under one, and under one that is renamed. */
    @Test
    void aTiedParameterIsLoadedUnderAnyName() {
        Linear tied = new Linear(2, 2).bias(false);
        Path file = directory.resolve("tied.safetensors");
        try (Model apart =
                Model.create(session, new Sequential(new Linear(2, 2).bias(false), new Linear(2, 2).bias(false)), 1)) {
            apart.parameter("0.weight").value().fill(3);
            apart.parameter("1.weight").value().fill(3);
            Weights.save(file, apart);
        }
        try (Model model = Model.create(session, new Sequential(tied, tied), 2)) {
            for (LoadOptions options : List.of(
                    LoadOptions.strict(),
                    LoadOptions.strict().only(name -> name.equals("0.weight")),
                    LoadOptions.strict().only(name -> name.equals("1.weight")),
                    LoadOptions.strict().rename(name -> name.equals("0.weight") ? null : name))) {
                model.values().fill(0);
                LoadedWeights loaded = Weights.load(file, model, options);
                assertThat(loaded.loaded()).containsExactly("0.weight");
                assertThat(loaded.missing()).isEmpty();
                assertThat(numbers(model)).containsOnly(3);
            }
        }
    }

    @Test
    void aStoppedLoadLeavesNoFileOpenAndNoMemory() throws IOException {
        Path file = saved(5);
        long used;
        try (Model model = Model.create(session, net(), 1)) {
            used = session.memory().used();
            List<ThrowingCallable> loads = new ArrayList<>();
            loads.add(() -> Weights.load(file, model, LoadOptions.strict().only(name -> {
                throw new IllegalArgumentException("a predicate that fails");
            })));
            loads.add(() -> Weights.load(file, model, LoadOptions.strict().rename(name -> {
                throw new IllegalArgumentException("a function that fails");
            })));
            for (ThrowingCallable load : loads) {
                assertThatThrownBy(load).hasMessageContaining("that fails");
                assertThat(session.memory().used()).isEqualTo(used);
            }
            byte[] bytes = Files.readAllBytes(file);
            for (int length : new int[] {0, 7, 8, 20, bytes.length / 2, bytes.length - 1}) {
                Path cut = Files.write(directory.resolve("cut.safetensors"), Arrays.copyOf(bytes, length));
                refused(() -> Weights.load(cut, model), "cut.safetensors");
                assertThat(session.memory().used()).isEqualTo(used);
            }
            bytes[7] = 0x7F; // a header of 2^62 bytes
            Path huge = Files.write(directory.resolve("huge.safetensors"), bytes);
            refused(() -> Weights.load(huge, model), "huge.safetensors");
        }
        assertThat(session.memory().used()).isZero();
    }
}
