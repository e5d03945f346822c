package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.alborz.backend.BackendOptions;
import org.alborz.data.ArrayDataset;
import org.alborz.data.DataLoader;
import org.alborz.distributed.Collective;
import org.alborz.metrics.Accuracy;
import org.alborz.metrics.Auc;
import org.alborz.metrics.Average;
import org.alborz.metrics.AveragePrecision;
import org.alborz.metrics.CalibrationError;
import org.alborz.metrics.Confusion;
import org.alborz.metrics.F1;
import org.alborz.metrics.IoU;
import org.alborz.metrics.Mean;
import org.alborz.metrics.MeanAbsoluteError;
import org.alborz.metrics.MeanSquaredError;
import org.alborz.metrics.Metric;
import org.alborz.metrics.MulticlassAuc;
import org.alborz.metrics.Perplexity;
import org.alborz.metrics.PrecisionScore;
import org.alborz.metrics.R2;
import org.alborz.metrics.Recall;
import org.alborz.metrics.RootMeanSquaredError;
import org.alborz.metrics.TopK;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every metric of ranks that train together is that of one process over the same batches. */
@Timeout(300)
class RankMetricsTest {
    private static final int CLASSES = 3;
    private static final int EPOCHS = 2;

    /** A kind of target, with the metrics of it. */
    private enum Task {
        NUMBERS(
                1,
                new MeanSquaredError(),
                new RootMeanSquaredError(),
                new MeanAbsoluteError(),
                new R2(),
                new Mean("half")),
        YES_OR_NO(1, new Accuracy(), new Auc(), new AveragePrecision(), new CalibrationError(), new F1()),
        CLASSES_OF_THREE(
                CLASSES,
                new Accuracy(),
                new TopK(2),
                new PrecisionScore(Average.macro(CLASSES)),
                new Recall(Average.weighted(CLASSES)),
                new F1(Average.macro(CLASSES)),
                new IoU(Average.macro(CLASSES)),
                new CalibrationError(),
                new MulticlassAuc(Average.macro(CLASSES)),
                new Confusion(CLASSES),
                new Perplexity());

        private final int outputs;
        private final List<Metric> metrics;

        Task(int outputs, Metric... metrics) {
            this.outputs = outputs;
            this.metrics = List.of(metrics);
        }

        /** 26 samples in batches of 4: seven batches, of which the last has 2. */
        DataLoader data() {
            Random random = new Random(3);
            float[][] x = new float[26][4];
            float[][] numbers = new float[x.length][1];
            int[] labels = new int[x.length];
            for (int i = 0; i < x.length; i++) {
                for (int k = 0; k < x[i].length; k++) {
                    x[i][k] = (float) random.nextGaussian();
                }
                labels[i] = random.nextInt(CLASSES);
                numbers[i][0] = this == YES_OR_NO ? labels[i] % 2 : 5 + x[i][0] + 0.1f * (float) random.nextGaussian();
            }
            ArrayDataset.Builder data = ArrayDataset.builder().field("x", x);
            data = this == CLASSES_OF_THREE ? data.field("label", labels) : data.field("y", numbers);
            return DataLoader.of(data.build(), 4).shuffle(true).workers(1).build();
        }

        Objective objective(Model model) {
            return switch (this) {
                case NUMBERS ->
                    (batch, pass) -> {
                        Tensor output = model.forward(batch.get(0), pass);
                        batch.put(BatchTensors.OUTPUT, output);
                        Tensor loss = Loss.mse().of(output, batch.get(1));
                        batch.put("half", loss.mul(0.5));
                        return loss;
                    };
                case YES_OR_NO -> Objective.supervised(model, Loss.binaryCrossEntropy());
                case CLASSES_OF_THREE -> Objective.supervised(model, Loss.crossEntropy());
            };
        }
    }

    /** What the epochs of a training came to. */
    private record Run(List<Map<String, Double>> figures, List<String> confusions) {}

    private static Run train(Task task, Collective collective, int accumulation) {
        try (Session session =
                        Session.open("cpu-vector", BackendOptions.defaults().withThreads(1), DType.FLOAT32);
                Model model = Model.create(session, new Linear(4, task.outputs), 1)) {
            Trainer.Builder builder = Trainer.of(model, new Sgd(0.05), task.objective(model))
                    .metrics(task.metrics.toArray(Metric[]::new))
                    .gradientAccumulation(accumulation)
                    .verbose(false);
            Trainer trainer = (collective == null ? builder : builder.collective(collective)).build();
            List<EpochResult> results = trainer.fit(task.data(), task.data(), EPOCHS);
            return new Run(
                    results.stream().map(EpochResult::figures).toList(),
                    results.stream()
                            .map(result -> String.valueOf(result.validation().confusion()))
                            .toList());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void ofRanksAreThoseOfOneProcess(int ranks) throws Exception {
        for (Task task : Task.values()) {
            Run alone = train(task, null, ranks);
            for (Run run : RankThreads.run("local", ranks, collective -> train(task, collective, 1))) {
                assertThat(run.confusions()).isEqualTo(alone.confusions());
                for (int epoch = 0; epoch < EPOCHS; epoch++) {
                    Map<String, Double> expected = alone.figures().get(epoch);
                    Map<String, Double> got = run.figures().get(epoch);
                    assertThat(got).containsOnlyKeys(expected.keySet());
                    expected.forEach((name, value) -> {
                        assertThat(value).as(name).isFinite();
                        if (name.startsWith("val_")) { // each rank adds up its batches first
                            assertThat(got.get(name)).as(name).isCloseTo(value, within(1e-12 * Math.abs(value)));
                        } else {
                            assertThat(got.get(name)).as(name).isEqualTo(value);
                        }
                    });
                }
            }
        }
    }

    @Test
    void everyMetricIsAmongThem() throws IOException, URISyntaxException, ClassNotFoundException {
        Set<Class<?>> tested = Arrays.stream(Task.values())
                .flatMap(task -> task.metrics.stream())
                .map(Metric::getClass)
                .collect(Collectors.toSet());
        Path from = Path.of(
                Metric.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (Files.isDirectory(from)) {
            assertThat(untested(from, tested)).isEmpty();
        } else {
            try (FileSystem jar = FileSystems.newFileSystem(from)) {
                assertThat(untested(jar.getPath("/"), tested)).isEmpty();
            }
        }
    }

    private static Set<String> untested(Path classes, Set<Class<?>> tested) throws IOException, ClassNotFoundException {
        Set<String> names = new TreeSet<>();
        try (Stream<Path> files = Files.list(classes.resolve("org/alborz/metrics"))) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(".class") && !name.equals("package-info.class")) {
                    Class<?> type = Class.forName("org.alborz.metrics." + name.replace(".class", ""));
                    if (Metric.class.isAssignableFrom(type) && !type.isInterface() && !tested.contains(type)) {
                        names.add(type.getSimpleName());
                    }
                }
            }
        }
        return names;
    }
}
