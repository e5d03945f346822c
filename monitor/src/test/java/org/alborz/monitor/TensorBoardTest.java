package org.alborz.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.monitor.Records.Field;
import org.alborz.monitor.Records.Message;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Flatten;
import org.alborz.nn.Linear;
import org.alborz.nn.MaxPool2d;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.train.EpochResult;
import org.alborz.train.Trainer;
import org.alborz.type.Activation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorBoardTest {
    private static final DataLoader TRAINING =
            DataLoader.of(GeneratedImages.train(1, 40), 10).shuffle(true).build();
    private static final DataLoader VALIDATION =
            DataLoader.of(GeneratedImages.test(1, 20), 10).build();

    @TempDir
    Path folder;

    @Test
    void writesKerasTagsAfterEachEpoch() throws IOException {
        List<EpochResult> results = train(new TensorBoard(folder), 2);

        Map<String, List<double[]>> train = Runs.scalars(folder.resolve("train"));
        assertThat(train.keySet())
                .containsExactlyInAnyOrder("epoch_loss", "epoch_accuracy", "epoch_learning_rate", "epoch");
        assertThat(train.get("epoch_loss")).hasSize(2);
        for (int i = 0; i < 2; i++) {
            assertThat(train.get("epoch_loss").get(i)[0]).isEqualTo(4 * (i + 1));
            assertThat(train.get("epoch_loss").get(i)[1])
                    .isCloseTo(results.get(i).loss(), within(1e-6));
            assertThat(train.get("epoch").get(i)[1]).isEqualTo(i + 1);
        }
        assertThat(train.get("epoch_learning_rate").get(0)[1]).isCloseTo(0.01, within(1e-8));
        Map<String, List<double[]>> validation = Runs.scalars(folder.resolve("validation"));
        assertThat(validation.keySet()).containsExactlyInAnyOrder("epoch_loss", "epoch_accuracy");
        assertThat(validation.get("epoch_accuracy").get(1)[1])
                .isCloseTo(results.get(1).validation().accuracy(), within(1e-6));
    }

    @Test
    void writesWithinEpochsWhereAsked() throws IOException {
        train(new TensorBoard(folder).updateFreq(3).writeStepsPerSecond(true), 3);

        Map<String, List<double[]>> train = Runs.scalars(folder.resolve("train"));
        assertThat(train.get("batch_loss")).extracting(point -> point[0]).containsExactly(3.0, 6.0, 9.0, 12.0);
        assertThat(train).containsKeys("batch_accuracy", "batch_learning_rate");
        assertThat(train.get("batch_steps_per_second")).hasSize(4).allMatch(point -> point[1] > 0);
    }

    @Test
    void writesDistributionsOfWeightsGradientsAndActivations() throws IOException {
        train(new TensorBoard(folder).histogramFreq(2).writeImages(true), 3);

        List<Message> values = Runs.values(folder.resolve("train"));
        Set<String> tags = new LinkedHashSet<>();
        Set<String> images = new LinkedHashSet<>();
        for (Message value : values) {
            if (value.has(5)) {
                assertThat(tags.add(value.get(1).text()))
                        .as("once, after epoch 2")
                        .isTrue();
            } else if (value.has(4)) {
                images.add(value.get(1).text());
            }
        }
        assertThat(tags)
                .contains(
                        "weights/0.weight",
                        "weights/3.bias",
                        "gradients/0.weight",
                        "gradients/3.bias",
                        "activations/0/Conv2d",
                        "activations/MaxPool2d",
                        "activations/3/Linear");
        assertThat(images).containsExactly("weights/0.weight", "weights/3.weight");
        Message weights = values.stream()
                .filter(value -> value.get(1).text().equals("weights/0.weight") && value.has(5))
                .findFirst()
                .orElseThrow();
        assertThat(weights.get(5).message().get(3).value()).isEqualTo(4.0 * 3 * 3 * 3);
    }

    @Test
    void writesTheGraphByLayers() throws IOException {
        train(new TensorBoard(folder), 1);

        Message graph = Runs.graph(folder.resolve("train"));
        List<String> names = new ArrayList<>();
        for (Field node : graph.all(1)) {
            names.add(node.message().get(1).text());
        }
        assertThat(names)
                .doesNotHaveDuplicates()
                .contains("input_image", "0/weight", "0/bias", "0/Conv2d", "MaxPool2d", "3/weight", "3/Linear");
        for (Field node : graph.all(1)) {
            for (Field input : node.message().all(3)) {
                assertThat(names).contains(input.text().replaceFirst(":\\d+$", ""));
            }
        }
        Message convolution = graph.all(1).get(names.indexOf("0/Conv2d")).message();
        assertThat(convolution.get(2).text()).isEqualTo("Conv2d");
        assertThat(convolution.all(3)).extracting(Field::text).contains("input_image", "0/weight");
    }

    @Test
    void noGraphWhereNoneIsWanted() throws IOException {
        train(new TensorBoard(folder).writeGraph(false), 1);
        assertThat(Runs.graph(folder.resolve("train"))).isNull();
    }

    @Test
    void changesNoBitOfTheTraining() {
        assertThat(train(new TensorBoard(folder).histogramFreq(1).updateFreq(1), 2))
                .extracting(EpochResult::loss)
                .isEqualTo(train(null, 2).stream().map(EpochResult::loss).toList());
    }

    @Test
    void aResumedTrainingSaysFromWhichStepItsFileCounts() throws IOException {
        Path checkpoint = folder.resolve("saved.safetensors");
        Path logs = folder.resolve("logs");
        try (Session session = Session.open("cpu-scalar")) {
            try (Model model = model(session)) {
                Trainer trainer = trainer(model, new TensorBoard(logs));
                trainer.fit(TRAINING, VALIDATION, 1);
                Checkpoint.save(checkpoint, trainer, Map.of());
                trainer.fit(TRAINING, VALIDATION, 2); // which is lost
            }
            try (Model model = model(session)) {
                Trainer trainer = trainer(model, new TensorBoard(logs));
                Checkpoint.resume(checkpoint, trainer);
                trainer.fit(TRAINING, VALIDATION, 3);
            }
        }
        List<double[]> loss = Runs.scalars(logs.resolve("train")).get("epoch_loss");
        assertThat(loss).extracting(point -> point[0]).containsExactly(4.0, 8.0, 12.0);
        List<double[]> validation = Runs.scalars(logs.resolve("validation")).get("epoch_loss");
        assertThat(validation).extracting(point -> point[0]).containsExactly(4.0, 8.0, 12.0);
    }

    @Test
    void refusesNegativeIntervals() {
        assertThatThrownBy(() -> new TensorBoard(folder).histogramFreq(-1)).hasMessageContaining("histogramFreq");
        assertThatThrownBy(() -> new TensorBoard(folder).updateFreq(-1)).hasMessageContaining("updateFreq");
        assertThatThrownBy(() -> new TensorBoard(null)).hasMessageContaining("a folder");
    }

    static List<EpochResult> train(TensorBoard callback, int epochs) {
        try (Session session = Session.open("cpu-scalar");
                Model model = model(session)) {
            return trainer(model, callback).fit(TRAINING, VALIDATION, epochs);
        }
    }

    private static Model model(Session session) {
        return Model.create(
                session,
                new Sequential(
                        new Conv2d(3, 4, 3).activation(Activation.RELU),
                        new MaxPool2d(5),
                        new Flatten(),
                        new Linear(4 * 6 * 6, 10)),
                1);
    }

    private static Trainer trainer(Model model, TensorBoard callback) {
        Trainer.Builder builder = Trainer.classifier(model, new Sgd(0.01)).verbose(false);
        return (callback == null ? builder : builder.callback(callback)).build();
    }

    /** Reads the files of a run as TensorBoard does: in their order, dropping what a later file counts again. */
    static final class Runs {
        private Runs() {}

        static List<Message> events(Path run) throws IOException {
            List<Message> events = new ArrayList<>();
            try (var files = Files.list(run)) {
                for (Path file : files.sorted().toList()) {
                    for (Message event : Records.read(file)) {
                        if (event.has(7)) {
                            long first = event.get(2).integer();
                            events.removeIf(earlier -> earlier.get(2).integer() >= first);
                        }
                        events.add(event);
                    }
                }
            }
            return events;
        }

        static List<Message> values(Path run) throws IOException {
            return events(run).stream()
                    .filter(event -> event.has(5))
                    .map(event -> event.get(5).message().get(1).message())
                    .toList();
        }

        static Map<String, List<double[]>> scalars(Path run) throws IOException {
            Map<String, List<double[]>> scalars = new java.util.LinkedHashMap<>();
            for (Message event : events(run)) {
                Message value = event.has(5) ? event.get(5).message().get(1).message() : null;
                if (value != null && value.has(2)) {
                    scalars.computeIfAbsent(value.get(1).text(), tag -> new ArrayList<>())
                            .add(new double[] {
                                event.get(2).integer(), (float) value.get(2).value()
                            });
                }
            }
            return scalars;
        }

        static Message graph(Path run) throws IOException {
            for (Message event : events(run)) {
                if (event.has(4)) {
                    return event.get(4).message();
                }
            }
            return null;
        }
    }
}
