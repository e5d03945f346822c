package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.alborz.autograd.Gradients;
import org.alborz.autograd.Tape;
import org.alborz.backend.BackendOptions;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.checkpoint.CheckpointException;
import org.alborz.data.ArrayDataset;
import org.alborz.data.DataLoader;
import org.alborz.distributed.Collective;
import org.alborz.distributed.LocalCollective;
import org.alborz.models.Models;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.nn.Sequential;
import org.alborz.nn.SyncBatchNorm;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ranks with synchronised batch norm compute what one process does with all their batches as one, but for rounding. */
@Timeout(300)
class SyncBatchNormTest {
    private static final int BATCH = 2;
    private static final int CHANNELS = 3;

    @TempDir
    Path directory;

    static Session open(DType type) {
        return Session.open("cpu-vector", BackendOptions.defaults().withThreads(1), type);
    }

    private static ArrayDataset images() {
        Random random = new Random(3);
        float[][][][] images = new float[10][3][8][];
        int[] labels = new int[images.length];
        for (int i = 0; i < images.length; i++) {
            labels[i] = random.nextInt(10);
            for (float[][] channel : images[i]) {
                for (int row = 0; row < channel.length; row++) {
                    channel[row] = normal(random, 8, 0.3 * labels[i]);
                }
            }
        }
        return ArrayDataset.of(images, labels);
    }

    /** The mean losses of the epochs, the weights, and the states of layers. */
    record Run(double[] losses, double[] weights, double[] states) {}

    /** Trains resnet20 on 10 images of 8×8 for an epoch, in whose last step some ranks have no batch. */
    private static Run train(int batchSize, Consumer<Trainer.Builder> settings) {
        DataLoader loader = DataLoader.of(images(), batchSize)
                .shuffle(true)
                .seed(5)
                .workers(1)
                .build();
        try (Session session = open(DType.FLOAT64);
                Model model = Model.create(session, Models.byName("resnet20", 10, 8), 1)) {
            Trainer.Builder builder = Trainer.classifier(model, new Sgd(0.05).momentum(0.9));
            settings.accept(builder);
            double[] losses = builder.build().fit(loader, 1).stream()
                    .mapToDouble(EpochResult::loss)
                    .toArray();
            double[] states = model.parameters().values().stream()
                    .filter(parameter -> !parameter.isTrainable())
                    .flatMapToDouble(
                            parameter -> Arrays.stream(parameter.value().toDoubles()))
                    .toArray();
            return new Run(losses, model.values().toDoubles(), states);
        }
    }

    /** Returns the largest difference; NaN where there is one. */
    static double distance(double[] values, double... others) {
        assertThat(values).hasSameSizeAs(others);
        double most = 0;
        for (int i = 0; i < values.length; i++) {
            most = Math.max(most, Math.abs(values[i] - others[i]));
        }
        return most;
    }

    /** In float64, so that rounding cannot hide a wrong share of a rank: all agree to 1e-9. Without synchronisation they do not. */
    @ParameterizedTest
    @CsvSource({"2, local", "2, tcp", "3, local", "4, local"})
    void ranksAreOneProcessWithOneLargeBatch(int ranks, String kind) throws Exception {
        Run alone = train(BATCH * ranks, builder -> {});
        List<Run> together = RankThreads.run(
                kind,
                ranks,
                collective ->
                        train(BATCH, builder -> builder.collective(collective).syncBatchNorm(true)));
        for (Run run : together) {
            assertThat(distance(run.losses(), alone.losses())).isLessThan(1e-9);
            assertThat(distance(run.weights(), alone.weights())).isLessThan(1e-9);
            assertThat(distance(run.states(), alone.states())).isLessThan(1e-9);
            assertThat(Arrays.equals(run.weights(), together.get(0).weights())).isTrue();
            assertThat(run.states()).isEqualTo(together.get(0).states());
        }
    }

    @Test
    void itIsNotWhatRanksComputeWithout() throws Exception {
        Run alone = train(BATCH * 2, builder -> {});
        Run apart = RankThreads.run("local", 2, collective -> train(BATCH, builder -> builder.collective(collective)))
                .get(0);
        assertThat(Math.abs(apart.losses()[0] - alone.losses()[0])).isGreaterThan(1e-4);
    }

    /** What a batch norm computes of images of 2×2: results, gradients, and the running statistics. */
    private record Results(float[] y, float[] dx, float[] dGamma, float[] dBeta, float[] mean, float[] variance) {}

    /** Computes a batch norm whose loss is the mean over images of weighted results. */
    private static Results normalize(float[] x, float[] slope, Collective collective) {
        int images = x.length / CHANNELS / 4;
        Shape shape = Shape.of(images, CHANNELS, 2, 2);
        try (Session session = open(DType.FLOAT32);
                Model model = Model.create(session, new BatchNorm(CHANNELS), 1);
                Tape tape = new Tape(session)) {
            model.parameters().get("weight").value().assign(session.tensor(new float[] {0.5f, 2, -1}, Shape.of(3)));
            Pass pass = Pass.training(tape, 1, 1);
            SyncBatchNorm sync = collective == null ? null : new SyncBatchNorm(collective);
            if (sync != null) {
                pass.syncBatchNorm(sync);
            }
            Tensor input = tape.watch(session.tensor(x, shape));
            Tensor y = model.forward(input, pass);
            Tensor gamma = pass.used(model.parameters().get("weight"));
            Tensor beta = pass.used(model.parameters().get("bias"));
            Tensor loss = y.mul(session.tensor(slope, shape)).sum().div(images);
            loss = sync == null ? loss : sync.weigh(loss, images);
            Gradients gradients = tape.gradients(loss, input, gamma, beta);
            return new Results(
                    y.toFloats(),
                    gradients.of(input).toFloats(),
                    gradients.of(gamma).toFloats(),
                    gradients.of(beta).toFloats(),
                    model.parameters().get("running_mean").value().toFloats(),
                    model.parameters().get("running_var").value().toFloats());
        }
    }

    private static float[] normal(Random random, int count, double mean) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (mean + random.nextGaussian());
        }
        return values;
    }

    private static float[] joined(List<float[]> parts, double factor) {
        int count = parts.stream().mapToInt(part -> part.length).sum();
        float[] all = new float[count];
        int at = 0;
        for (float[] part : parts) {
            for (float value : part) {
                all[at++] = (float) (value * factor);
            }
        }
        return all;
    }

    /** Three ranks of 1, 5 and 2 images, whose channels have other means in each rank: the same as one batch of 8 images, to 1e-5. */
    @Test
    void statisticsAndGradientsAreThoseOfTheConcatenatedBatch() throws Exception {
        int[] images = {1, 5, 2};
        Random random = new Random(8);
        List<float[]> x = new ArrayList<>();
        List<float[]> slope = new ArrayList<>();
        for (int rank = 0; rank < images.length; rank++) {
            x.add(normal(random, images[rank] * CHANNELS * 4, 3 * rank));
            slope.add(normal(random, images[rank] * CHANNELS * 4, 1));
        }
        Results whole = normalize(joined(x, 1), joined(slope, 1), null);
        List<Results> ranks = RankThreads.run(
                "local",
                images.length,
                collective -> normalize(x.get(collective.rank()), slope.get(collective.rank()), collective));
        assertThat(joined(ranks.stream().map(Results::y).toList(), 1)).containsExactly(whole.y(), within(1e-5f));
        // Losses are weighed by their images, so the gradients of all ranks count alike.
        List<float[]> dx = new ArrayList<>();
        float[] dGamma = new float[CHANNELS];
        float[] dBeta = new float[CHANNELS];
        for (int rank = 0; rank < images.length; rank++) {
            Results own = ranks.get(rank);
            float share = 1f / images.length;
            dx.add(joined(List.of(own.dx()), share));
            for (int c = 0; c < CHANNELS; c++) {
                dGamma[c] += share * own.dGamma()[c];
                dBeta[c] += share * own.dBeta()[c];
            }
            assertThat(own.mean()).containsExactly(whole.mean(), within(1e-5f));
            assertThat(own.variance()).containsExactly(whole.variance(), within(1e-5f));
        }
        assertThat(joined(dx, 1)).containsExactly(whole.dx(), within(1e-5f));
        assertThat(dGamma).containsExactly(whole.dGamma(), within(1e-5f));
        assertThat(dBeta).containsExactly(whole.dBeta(), within(1e-5f));
    }

    /** Returns the largest gradient of rows of one channel by the sum of what a batch norm makes of them, which is 0. */
    private static float gradientOfSum(DType type, int rows, SyncBatchNorm sync, int seed) {
        try (Session session = open(type);
                Model model = Model.create(session, new BatchNorm(1), 1);
                Tape tape = new Tape(session)) {
            Tensor x = tape.watch(session.normal(Shape.of(rows, 1), seed));
            Tensor y = model.forward(x, Pass.training(tape, 1, 1).syncBatchNorm(sync));
            float most = 0;
            for (float value : tape.gradients(y.sum(), x).of(x).toFloats()) {
                most = Math.max(most, Math.abs(value));
            }
            return most;
        }
    }

    /** 257 and 259 have no 16-bit number: sums of that type would differ from the numbers of rows. */
    @ParameterizedTest
    @CsvSource({"BFLOAT16, 257, 259", "FLOAT16, 2049, 2051"})
    void sumsOf16BitsAreNotRounded(DType type, int first, int second) throws Exception {
        List<Float> ranks = RankThreads.run(
                "local",
                2,
                collective -> gradientOfSum(
                        type,
                        collective.rank() == 0 ? first : second,
                        new SyncBatchNorm(collective),
                        5 + collective.rank()));
        assertThat(ranks).allSatisfy(most -> assertThat(most).isLessThan(1e-5f));
    }

    @Test
    void aSecondDerivativeIsRefused() {
        Collective alone = LocalCollective.group(1, Duration.ofSeconds(5)).get(0);
        try (Session session = open(DType.FLOAT32);
                Model model = Model.create(session, new BatchNorm(2), 1);
                Tape tape = new Tape(session)) {
            Tensor x = tape.watch(session.tensor(new float[] {1, 2, 3, 5}, Shape.of(2, 2)));
            Tensor y = model.forward(x, Pass.training(tape, 1, 1).syncBatchNorm(new SyncBatchNorm(alone)));
            Tensor loss = y.square().sum();
            assertThatThrownBy(() -> tape.differentiableGradients(loss, x))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("Synchronised batch norm has no second derivative");
        }
    }

    @Test
    void ranksThatComputeOtherLayersAreNamed() throws Exception {
        for (int more : new int[] {0, 1}) {
            List<RankThreads.Outcome<float[]>> outcomes = RankThreads.outcomes("local", 2, collective -> {
                Layer net = collective.rank() == 0
                        ? new BatchNorm(2)
                        : more == 0 ? new Sequential(new Linear(2, 3), new BatchNorm(3)) : new Linear(2, 2);
                try (Session session = open(DType.FLOAT32);
                        Model model = Model.create(session, net, 1);
                        Tape tape = new Tape(session)) {
                    SyncBatchNorm sync = new SyncBatchNorm(collective);
                    Tensor x = session.tensor(new float[] {1, 2, 3, 5}, Shape.of(2, 2));
                    float[] y = model.forward(x, Pass.training(tape, 1, 1).syncBatchNorm(sync))
                            .toFloats();
                    sync.endBatch();
                    return y;
                }
            });
            assertThat(outcomes.get(0).failure())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(
                            more == 0
                                    ? "rank 1 normalises another number of channels at the same place than rank 0"
                                    : "rank 1 has fewer normalisations in its batch than rank 0");
        }
    }

    @Test
    void aRankWithMoreLayersThanAnotherThatWeighsItsLossIsNamed() throws Exception {
        List<RankThreads.Outcome<Tensor>> outcomes = RankThreads.outcomes("local", 2, collective -> {
            Layer net = collective.rank() == 0 ? new BatchNorm(2) : new Sequential(new BatchNorm(2), new BatchNorm(2));
            try (Session session = open(DType.FLOAT32);
                    Model model = Model.create(session, net, 1);
                    Tape tape = new Tape(session)) {
                SyncBatchNorm sync = new SyncBatchNorm(collective);
                Tensor x = session.tensor(new float[] {1, 2, 3, 5}, Shape.of(2, 2));
                Tensor y = model.forward(x, Pass.training(tape, 1, 1).syncBatchNorm(sync));
                return sync.weigh(y.sum(), 1);
            }
        });
        assertThat(outcomes.get(0).failure())
                .hasMessageContaining("rank 1 has more normalisations in its batch than rank 0");
        assertThat(outcomes.get(1).failure())
                .hasMessageContaining("rank 0 has fewer normalisations in its batch than rank 1");
    }

    @Test
    void evaluationPassesAndCapturedStepsAreRefused() {
        List<Collective> group = LocalCollective.group(2, Duration.ofSeconds(5));
        assertThatThrownBy(() -> Pass.evaluation().syncBatchNorm(new SyncBatchNorm(group.get(0))))
                .hasMessageContaining("syncBatchNorm expects a training pass");
        assertThatThrownBy(() -> new SyncBatchNorm(group.get(0)).weigh(null, -1))
                .hasMessageContaining("at least 0, got -1");
        try (Session session = open(DType.FLOAT32);
                Model model = Model.create(session, new BatchNorm(2), 1)) {
            Trainer.Builder builder = Trainer.classifier(model, new Sgd(0.1))
                    .collective(group.get(0))
                    .graphCapture(true)
                    .syncBatchNorm(true);
            assertThatThrownBy(builder::build).hasMessageContaining("leave out graphCapture or syncBatchNorm");
        }
    }

    @Test
    void aCheckpointSaysThatItWasSynchronised() throws Exception {
        Path file = directory.resolve("run.safetensors");
        List<Map<String, String>> settings = RankThreads.run("local", 2, collective -> {
            try (Session session = open(DType.FLOAT32);
                    Model model = Model.create(session, new BatchNorm(2), 1)) {
                Trainer trainer = Trainer.classifier(model, new Sgd(0.1))
                        .collective(collective)
                        .syncBatchNorm(true)
                        .build();
                if (trainer.rank() == 0) {
                    Checkpoint.save(file, trainer, Map.of());
                }
                return trainer.settings();
            }
        });
        assertThat(settings.get(1)).containsEntry("sync_batch_norm", "of 2 ranks");
        try (Session session = open(DType.FLOAT32);
                Model model = Model.create(session, new BatchNorm(2), 1)) {
            Trainer other = Trainer.classifier(model, new Sgd(0.1))
                    .gradientAccumulation(2)
                    .build();
            assertThatThrownBy(() -> Checkpoint.resume(file, other))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("sync_batch_norm");
        }
    }
}
