package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.alborz.backend.BackendOptions;
import org.alborz.checkpoint.BackupAndRestore;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.checkpoint.ModelCheckpoint;
import org.alborz.data.ArrayDataset;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.data.RandomCrop;
import org.alborz.distributed.Collective;
import org.alborz.distributed.CollectiveException;
import org.alborz.distributed.LocalCollective;
import org.alborz.models.LstmLanguageModel;
import org.alborz.models.Models;
import org.alborz.nn.Flatten;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Precision;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adafactor;
import org.alborz.optim.Adam;
import org.alborz.optim.Optimizer;
import org.alborz.optim.Schedule;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.train.RankThreads.Outcome;
import org.alborz.type.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Ranks that train together compute the same bits as one process that accumulates the gradients of as many batches.
 *
 * <p>The file is long because most cases train the same small nets alone and in a group, resumed, stopped and failing, and compare the same {@link Run}.
 */
@Timeout(300)
class DataParallelTest {
    private static final int BATCH = 4;

    @TempDir
    Path directory;

    /** What a training came to. */
    record Run(List<Map<String, Double>> epochs, float[] weights, long steps, String stopped) {
        void requireSame(Run other) {
            assertThat(epochs).isEqualTo(other.epochs);
            assertThat(weights).isEqualTo(other.weights);
            assertThat(steps).isEqualTo(other.steps);
            assertThat(stopped).isEqualTo(other.stopped);
        }
    }

    private static Session open() {
        return Session.open("cpu-vector", BackendOptions.defaults().withThreads(1), DType.FLOAT32);
    }

    /** 26 samples in batches of 4: seven batches, so that the last step is of fewer than the others, and the last batch of 2. */
    private static DataLoader images() {
        return DataLoader.of(GeneratedImages.train(3, 26), BATCH)
                .shuffle(true)
                .seed(5)
                .transform(new RandomCrop(4))
                .workers(1)
                .build();
    }

    private static DataLoader sentences() {
        Random random = new Random(3);
        int[][] tokens = new int[26][9];
        for (int[] sentence : tokens) {
            Arrays.setAll(sentence, i -> random.nextInt(7));
        }
        return DataLoader.of(ArrayDataset.builder().field("tokens", tokens).build(), BATCH)
                .shuffle(true)
                .workers(1)
                .build();
    }

    private static Trainer.Builder trainer(Session session, String name) {
        if (name.equals("lstm")) {
            Model model = Model.create(
                    session, new LstmLanguageModel(new LstmLanguageModel.Configuration(7, 6, 8, 2, 0.2)), 1);
            return Trainer.languageModel(model, new Adam(0.01), -100).clipNorm(0.5);
        }
        Model model = Model.create(session, Models.byName(name, 10), 1);
        return Trainer.classifier(model, name.equals("mlp") ? new Sgd(0.01).momentum(0.9) : new Adam(0.003))
                .schedule(Schedule.cosine(20, 2))
                .seed(7)
                .clipNorm(1);
    }

    static Run train(String name, int epochs, Consumer<Trainer.Builder> settings) {
        try (Session session = open()) {
            Trainer.Builder builder = trainer(session, name);
            settings.accept(builder);
            DataLoader data = name.equals("lstm") ? sentences() : images();
            return fit(builder.build(), data, epochs);
        }
    }

    private static Run fit(Trainer trainer, DataLoader data, int epochs) {
        try (Model model = trainer.model()) {
            List<Map<String, Double>> figures = trainer.fit(data, data, epochs).stream()
                    .map(EpochResult::figures)
                    .toList();
            return new Run(figures, trainer.trainedValues().toFloats(), trainer.step(), trainer.stopReason());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "mlp, local, 2",
        "mlp, tcp, 2",
        "cifar-cnn, local, 3",
        "cifar-cnn, local, 4",
        "lstm, local, 2",
        "lstm, local, 3",
        "lstm, tcp, 2",
        "lstm, local, 4"
    })
    void ranksAreOneProcessThatAccumulates(String name, String kind, int ranks) throws Exception {
        Run alone = train(name, 2, builder -> builder.gradientAccumulation(ranks));
        List<Run> together =
                RankThreads.run(kind, ranks, collective -> train(name, 2, builder -> builder.collective(collective)));
        assertThat(alone.epochs().get(1).get("loss"))
                .isNotEqualTo(alone.epochs().get(0).get("loss"));
        assertThat(alone.steps()).isEqualTo(2L * ((7 + ranks - 1) / ranks));
        together.forEach(run -> run.requireSame(alone));
    }

    /** Averaged weights, a loss scale, clipping by value, and a metric with many sums. */
    @Test
    void mixedPrecisionAndAveragedWeightsAreThoseOfOneProcess() throws Exception {
        int ranks = 3;
        Run alone = mixed(null, ranks);
        List<Run> together = RankThreads.run("local", ranks, collective -> mixed(collective, 1));
        together.forEach(run -> run.requireSame(alone));
    }

    private static Run mixed(Collective collective, int accumulation) {
        try (Session session = open()) {
            Model model = Model.create(
                    session, new Sequential(new Flatten(), new Linear(3072, 1)), Precision.mixed(DType.FLOAT16), 1);
            Trainer.Builder builder = Trainer.of(model, new Adam(0.01), (batch, pass) -> {
                        var out = model.forward(batch.get(0), pass);
                        batch.put(org.alborz.nn.BatchTensors.OUTPUT, out);
                        return Loss.binaryCrossEntropy()
                                .of(out, batch.get(1).gt(4).to(DType.FLOAT32).reshape(out.shape()));
                    })
                    .ema(0.9)
                    .clipValue(0.01)
                    .gradientAccumulation(accumulation);
            if (collective != null) {
                builder.collective(collective);
            }
            return fit(builder.build(), images(), 3);
        }
    }

    /** The checkpoint of a group is that of one process: three ranks and one go on from it, to the same bits. */
    @Test
    void aGroupGoesOnFromWithinAnEpoch() throws Exception {
        String name = "lstm";
        int ranks = 3;
        Run straight = train(
                name,
                3,
                builder -> builder.gradientAccumulation(ranks)
                        .ema(0.8)
                        .callback(new ModelCheckpoint(directory.resolve("none"))));
        Path folder = directory.resolve("run");
        List<Run> stopped = RankThreads.run(
                "local",
                ranks,
                collective -> train(
                        name,
                        3,
                        builder -> builder.collective(collective)
                                .ema(0.8)
                                .callback(TrainingRuns.stopAfter(4))
                                .callback(new ModelCheckpoint(folder).every(2))));
        stopped.forEach(run -> assertThat(run.steps()).isEqualTo(4));
        Path file = folder.resolve(ModelCheckpoint.LAST);
        assertThat(Checkpoint.metadata(file)).containsEntry("step", "4").containsEntry("next_batch", "3");

        Consumer<Trainer.Builder> resume = builder -> builder.ema(0.8)
                .callback(new Callback() {
                    @Override
                    public void onFitBegin(Trainer trainer) {
                        Checkpoint.resume(file, trainer);
                    }
                })
                .callback(new ModelCheckpoint(directory.resolve("resumed")));
        List<Run> together = RankThreads.run(
                "local",
                ranks,
                collective -> train(name, 3, builder -> {
                    builder.collective(collective);
                    resume.accept(builder);
                }));
        Run alone = train(name, 3, builder -> {
            builder.gradientAccumulation(ranks);
            resume.accept(builder);
        });
        List<Run> resumed = new ArrayList<>(together);
        resumed.add(alone);
        for (Run run : resumed) {
            assertThat(run.epochs()).isEqualTo(straight.epochs().subList(1, 3));
            assertThat(run.weights()).isEqualTo(straight.weights());
        }
    }

    /** The program that is simply started again: rank 0 writes the file, and all go on from it. */
    @Test
    void allRanksRestoreABackup() throws Exception {
        Run straight = train("lstm", 3, builder -> builder.gradientAccumulation(2));
        for (int stop : new int[] {3, 6, 0}) {
            List<Run> runs = RankThreads.run(
                    "tcp",
                    2,
                    collective -> train(
                            "lstm",
                            3,
                            builder -> builder.collective(collective)
                                    .callback(new BackupAndRestore(directory).every(1))
                                    .callback(TrainingRuns.stopAfter(stop))));
            if (stop > 0) {
                runs.forEach(run -> assertThat(run.steps()).isEqualTo(stop));
            } else {
                runs.forEach(run -> assertThat(run.weights()).isEqualTo(straight.weights()));
            }
        }
        assertThat(directory.resolve(BackupAndRestore.FILE)).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({"local, 3", "tcp, 3"})
    void aRankThatFailsEndsAllWithItsName(String kind, int ranks) throws Exception {
        long start = System.nanoTime();
        List<Outcome<Run>> outcomes = RankThreads.outcomes(
                kind,
                ranks,
                collective -> train(
                        "lstm",
                        3,
                        builder -> builder.collective(collective).callback(new Callback() {
                            @Override
                            public void onStepEnd(Trainer trainer) {
                                if (trainer.rank() == 1 && trainer.step() == 3) {
                                    throw new IllegalStateException("the disk of rank 1 is full");
                                }
                            }
                        })));
        assertThat((System.nanoTime() - start) * 1e-9).isLessThan(RankThreads.TIMEOUT.toSeconds());
        assertThat(outcomes.get(1).failure()).isInstanceOf(IllegalStateException.class);
        for (int rank : new int[] {0, 2}) {
            assertThat(outcomes.get(rank).failure())
                    .isInstanceOf(CollectiveException.class)
                    .hasMessageContaining("ank 1")
                    .hasMessageContaining("the disk of rank 1 is full");
        }
    }

    /** Returns a callback that one rank stops the training with, after a step. */
    private static Callback stopping(int rank, int step, String reason) {
        return new Callback() {
            @Override
            public void onStepEnd(Trainer trainer) {
                if (trainer.rank() == rank && trainer.step() == step) {
                    trainer.stop(reason);
                }
            }
        };
    }

    @Test
    void oneRankStopsAll() throws Exception {
        List<Run> runs = RankThreads.run(
                "local",
                3,
                collective -> train(
                        "lstm",
                        5,
                        builder -> builder.collective(collective).callback(stopping(2, 4, "rank 2 has seen enough"))));
        runs.forEach(run -> {
            assertThat(run.steps()).isEqualTo(4);
            assertThat(run.stopped()).isEqualTo("rank 2 has seen enough");
            run.requireSame(runs.get(0));
        });
    }

    /** Also where it asks for it in the last step of all, after which no batch is left. */
    @Test
    void oneRankStopsAllInTheLastStep() throws Exception {
        List<Run> runs = RankThreads.run(
                "local",
                2,
                collective -> train(
                        "lstm", 2, builder -> builder.collective(collective).callback(stopping(1, 8, "interrupted"))));
        runs.forEach(run -> {
            assertThat(run.steps()).isEqualTo(8);
            assertThat(run.epochs()).hasSize(2);
            assertThat(run.stopped()).isEqualTo("interrupted");
        });
    }

    @Test
    void earlyStoppingStopsAllAlikeAndPutsTheSameWeightsBack() throws Exception {
        Consumer<Trainer.Builder> stopping = builder -> builder.callback(
                new EarlyStopping(Monitor.min("val_loss"), 1).minDelta(10).restoreBestWeights());
        Run alone = train("lstm", 6, builder -> stopping.accept(builder.gradientAccumulation(2)));
        assertThat(alone.stopped()).isNotNull();
        RankThreads.run(
                        "local",
                        2,
                        collective -> train("lstm", 6, builder -> stopping.accept(builder.collective(collective))))
                .forEach(run -> run.requireSame(alone));
    }

    @Test
    void onlyRankZeroWrites() throws Exception {
        List<Integer> called = java.util.Collections.synchronizedList(new ArrayList<>());
        RankThreads.run("local", 2, collective -> {
            Path own = Files.createDirectories(directory.resolve("rank" + collective.rank()));
            return train(
                    "lstm",
                    1,
                    builder -> builder.collective(collective)
                            .callback(new ModelCheckpoint(own))
                            .callback(new CSVLogger(own.resolve("epochs.csv")))
                            .callback(new Callback() {
                                @Override
                                public void onEpochEnd(Trainer trainer, EpochResult result) {
                                    called.add(trainer.rank());
                                }

                                @Override
                                public boolean rankZeroOnly() {
                                    return true;
                                }
                            }));
        });
        assertThat(called).containsExactly(0);
        assertThat(directory.resolve("rank0"))
                .isDirectoryContaining("glob:**/*.safetensors")
                .isDirectoryContaining("glob:**.csv");
        assertThat(directory.resolve("rank1")).isEmptyDirectory();
    }

    @Test
    void ranksThatDoNotTrainAlikeAreRefused() throws Exception {
        refused("averaged weights|ema_decay", (builder, rank) -> builder.ema(rank == 1 ? 0.9 : 0.8));
        refused("seed", (builder, rank) -> builder.seed(rank));
        refused(
                "schedule",
                (builder, rank) -> builder.schedule(rank == 0 ? Schedule.constant() : Schedule.cosine(9, 1)));
        List<Outcome<Run>> outcomes = RankThreads.outcomes("local", 2, collective -> {
            try (Session session = open()) {
                Model model =
                        Model.create(session, new Sequential(new Flatten(), new Linear(3072, 10)), collective.rank());
                return fit(
                        Trainer.classifier(model, new Sgd(0.1))
                                .collective(collective)
                                .build(),
                        images(),
                        1);
            }
        });
        outcomes.forEach(outcome -> assertThat(outcome.failure())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("rank 1 has other weights than rank 0"));
    }

    /** Such as after a rank restored another checkpoint. */
    @Test
    void statesOfOptimizersThatAreUnlikeAreRefused() throws Exception {
        List<Outcome<Run>> outcomes = RankThreads.outcomes("local", 2, collective -> {
            try (Session session = open()) {
                Model model = Model.create(session, new Sequential(new Flatten(), new Linear(3072, 10)), 1);
                Optimizer optimizer = new Adafactor();
                Trainer trainer = Trainer.classifier(model, optimizer)
                        .collective(collective)
                        .build();
                assertThat(optimizer.parameterState()).isNotEmpty();
                if (collective.rank() == 1) {
                    optimizer.parameterState().values().iterator().next().fill(0.5);
                }
                return fit(trainer, images(), 1);
            }
        });
        outcomes.forEach(outcome -> assertThat(outcome.failure())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("rank 1 has other state of the optimizer than rank 0"));
    }

    @Test
    void callbacksThatAreUnlikeAreRefused() throws Exception {
        refused("callbacks", (builder, rank) -> {
            if (rank == 1) {
                builder.callback(new LearningRateScheduler((epoch, rate) -> rate * 2));
            }
        });
        refused(
                "callbacks",
                (builder, rank) -> builder.callback(new ReduceLROnPlateau(Monitor.min("val_loss"), 1 + rank)));
    }

    /** Functions cannot be compared, but what they return is. */
    @Test
    void learningRatesThatAreUnlikeAreRefused() throws Exception {
        List<Outcome<Run>> outcomes = RankThreads.outcomes(
                "local",
                2,
                collective -> train("lstm", 3, builder -> {
                    builder.collective(collective);
                    builder.callback(new LearningRateScheduler(
                            (epoch, rate) -> epoch == 1 && collective.rank() == 1 ? rate * 2 : rate));
                }));
        outcomes.forEach(outcome -> assertThat(outcome.failure())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("rank 1 has the learning rate 0.02 in a step for which rank 0 has 0.01"));
    }

    private interface Ranked {
        void set(Trainer.Builder builder, int rank);
    }

    private static void refused(String what, Ranked settings) throws Exception {
        List<Outcome<Run>> outcomes = RankThreads.outcomes(
                "local",
                2,
                collective -> train("lstm", 1, builder -> {
                    builder.collective(collective);
                    settings.set(builder, collective.rank());
                }));
        outcomes.forEach(outcome -> assertThat(outcome.failure())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("(?s).*rank 1 has other (" + what + ") than rank 0.*"));
    }

    /** Batch norm: the weights are those of one process, whose statistics see every batch; all ranks have rank 0's, which are saved. */
    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64", "BFLOAT16"})
    void statesAreThoseOfRankZero(DType type) throws Exception {
        record States(float[] weights, List<double[]> running, double loss, double validation) {}
        RankThreads.Work<States> work = collective -> {
            try (Session session =
                    Session.open("cpu-vector", BackendOptions.defaults().withThreads(1), type)) {
                Model model = Model.create(session, TrainingRuns.smallNet(), 11);
                Trainer.Builder builder =
                        Trainer.classifier(model, new Adam(0.01)).seed(3);
                Trainer trainer =
                        (collective == null ? builder.gradientAccumulation(2) : builder.collective(collective)).build();
                EpochResult result = trainer.fit(images(), images(), 2).get(1);
                return new States(
                        model.values().toFloats(),
                        model.parameters().values().stream()
                                .filter(parameter -> !parameter.isTrainable())
                                .map(parameter -> parameter.value().toDoubles())
                                .toList(),
                        result.loss(),
                        result.validation().loss());
            }
        };
        States alone = work.of(null);
        List<States> ranks = RankThreads.run("local", 2, work);
        for (States rank : ranks) {
            assertThat(rank.weights()).isEqualTo(alone.weights());
            assertThat(rank.loss()).isEqualTo(alone.loss());
            assertThat(rank.running())
                    .usingRecursiveComparison()
                    .isEqualTo(ranks.get(0).running());
            assertThat(rank.running().get(0)).isNotEqualTo(alone.running().get(0));
            assertThat(rank.validation()).isEqualTo(ranks.get(0).validation());
        }
    }

    /** Each rank adds up two batches before the gradients are exchanged, so sums are made in another order. */
    @Test
    void accumulationOnEachRankIsThatOfOneProcessButForRounding() throws Exception {
        Run alone = train("lstm", 2, builder -> builder.gradientAccumulation(4));
        List<Run> ranks = RankThreads.run(
                "local",
                2,
                collective -> train(
                        "lstm", 2, builder -> builder.collective(collective).gradientAccumulation(2)));
        for (Run rank : ranks) {
            rank.requireSame(ranks.get(0));
            assertThat(rank.steps()).isEqualTo(alone.steps());
            for (int i = 0; i < alone.weights().length; i++) {
                assertThat(rank.weights()[i]).isCloseTo(alone.weights()[i], within(2e-4f));
            }
            assertThat(rank.epochs().get(1).get("loss"))
                    .isCloseTo(alone.epochs().get(1).get("loss"), within(1e-4));
        }
    }

    @Test
    void stepsByHandAreShared() throws Exception {
        List<float[]> weights = RankThreads.run("local", 2, collective -> {
            try (Session session = open()) {
                Trainer trainer =
                        trainer(session, "lstm").collective(collective).build();
                DataLoader data = sentences();
                try (var batches = data.epoch(0, collective.rank(), 2)) {
                    for (int i = 0; i < 3; i++) {
                        trainer.step(batches.next());
                    }
                }
                assertThat(trainer.step()).isEqualTo(3);
                assertThat(trainer.batches()).isEqualTo(6);
                assertThat(trainer.metrics().samples()).isEqualTo(24);
                return trainer.model().values().toFloats();
            }
        });
        try (Session session = open()) {
            Trainer trainer = trainer(session, "lstm").gradientAccumulation(2).build();
            try (var batches = sentences().epoch(0)) {
                for (int i = 0; i < 6; i++) {
                    trainer.step(batches.next());
                }
            }
            weights.forEach(
                    of -> assertThat(of).isEqualTo(trainer.model().values().toFloats()));
        }
    }

    /** What is refused before any rank waits for another leaves the group as it was. */
    @Test
    void aGroupOutlivesAnArgumentThatIsRefused() throws Exception {
        RankThreads.run("local", 2, collective -> {
                    try (Session session = open()) {
                        Trainer trainer =
                                trainer(session, "lstm").collective(collective).build();
                        assertThatIllegalArgumentException()
                                .isThrownBy(() -> trainer.fit(sentences(), -1))
                                .withMessageContaining("at least 0 epochs, got -1");
                        assertThatIllegalArgumentException().isThrownBy(() -> trainer.fit(null, 1));
                        assertThatIllegalArgumentException().isThrownBy(() -> trainer.step(null));
                        trainer.fit(sentences(), 1);
                        return trainer.step();
                    }
                })
                .forEach(steps -> assertThat(steps).isEqualTo(4));
    }

    @Test
    void aGroupOfOneTrainsAsNone() {
        Run alone = train("lstm", 1, builder -> {});
        Run group = train(
                "lstm",
                1,
                builder -> builder.collective(
                        LocalCollective.group(1, RankThreads.TIMEOUT).get(0)));
        group.requireSame(alone);
    }

    @Test
    void aPlaceWithinAStepIsRefused() {
        try (Session session = open()) {
            Trainer trainer = trainer(session, "lstm")
                    .gradientAccumulation(2)
                    .collective(LocalCollective.group(2, RankThreads.TIMEOUT).get(0))
                    .build();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> trainer.resumeAt(1, 5, 0, 5, 1))
                    .withMessageContaining("after a whole step");
        }
    }
}
