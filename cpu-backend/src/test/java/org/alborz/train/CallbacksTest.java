package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.checkpoint.ModelCheckpoint;
import org.alborz.data.ArrayDataset;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.nn.Flatten;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** What callbacks keep, say and stop, and what happens when they fail. Long, since the callbacks are tried beside each other on one small net. */
class CallbacksTest {
    private static final int FEATURES = 3 * 32 * 32;

    @TempDir
    Path directory;

    private final Session session = Session.open("cpu-vector");

    @AfterEach
    void close() {
        session.close();
    }

    private Model model() {
        return Model.create(session, new Sequential(new Flatten(), new Linear(FEATURES, 10)), 1);
    }

    private Trainer trainer(Callback... callbacks) {
        Trainer.Builder builder = Trainer.classifier(model(), new Sgd(0.01));
        for (Callback callback : callbacks) {
            builder.callback(callback);
        }
        return builder.build();
    }

    private static DataLoader data() {
        return DataLoader.of(GeneratedImages.train(3, 16), 8).build();
    }

    private static EpochResult result(int epoch, Map<String, Double> values, Map<String, Double> validation) {
        Map<String, Double> metrics = new HashMap<>(values);
        Evaluation evaluation = null;
        if (validation != null) {
            Map<String, Double> measured = new HashMap<>(validation);
            evaluation = new Evaluation(measured.remove("loss"), measured, null, 1);
        }
        return new EpochResult(epoch, metrics.remove("loss"), metrics, evaluation, 1, 1);
    }

    @Test
    void aValidationTellsOfEachBatch() {
        List<String> told = new ArrayList<>();
        Callback listener = new Callback() {
            @Override
            public void onTestBegin(Trainer trainer) {
                told.add("begin");
            }

            @Override
            public void onTestBatchEnd(Trainer trainer, int done, int batches) {
                told.add(done + " of " + batches);
            }

            @Override
            public void onTestEnd(Trainer trainer, Evaluation evaluation) {
                told.add("end");
            }
        };
        try (Trainer trainer = trainer(listener)) {
            trainer.fit(data(), DataLoader.of(GeneratedImages.test(3, 20), 8).build(), 1);
            assertThat(told).containsExactly("begin", "1 of 3", "2 of 3", "3 of 3", "end");
            List<Integer> done = new ArrayList<>();
            trainer.evaluate(data(), done::add);
            assertThat(done).containsExactly(1, 2);
        }
    }

    /** Numbers of epochs, and which of them are in the file of the best. */
    @ParameterizedTest
    @CsvSource({
        "max, 1 3 2 3, 2", // of equal ones the first
        "min, 1 3 0.5 0.5, 3",
        "max, NaN 2 NaN 1, 2",
        "min, NaN NaN, 0",
        "max, Infinity 1, 2", // no finite number
        "min, -Infinity 1, 2",
        "max, -3 -2, 2",
        "min, 3 2, 2"
    })
    void theBestByAMonitorIsKept(String mode, String values, int best) {
        Monitor monitor = mode.equals("max") ? Monitor.max("val_auc") : Monitor.min("val_auc");
        ModelCheckpoint checkpoint = new ModelCheckpoint(directory, Map.of()).monitor(monitor);
        try (Trainer trainer = trainer(checkpoint)) {
            int epoch = 0;
            for (String value : values.split(" ")) {
                epoch++;
                trainer.model().parameter("1.bias").value().fill(epoch);
                checkpoint.afterEpoch(
                        trainer, result(epoch, Map.of("loss", 1.0), Map.of("loss", 1.0, "auc", Double.valueOf(value))));
            }
            Path file = directory.resolve(ModelCheckpoint.BEST);
            assertThat(Files.exists(file)).isEqualTo(best > 0);
            assertThat(Files.exists(directory.resolve(ModelCheckpoint.LAST))).isTrue();
            if (best > 0) {
                try (Model opened = org.alborz.checkpoint.Weights.load(
                        file, session, new Sequential(new Flatten(), new Linear(FEATURES, 10)))) {
                    assertThat(opened.parameter("1.bias").value().toFloats()).containsOnly(best);
                }
                assertThat(Checkpoint.metadata(file)).containsEntry("val_auc", Double.toString(checkpoint.best()));
            } else {
                assertThat(checkpoint.best()).isNaN();
            }
            // A state that it saves is one that it takes back.
            ModelCheckpoint resumed = new ModelCheckpoint(directory, Map.of()).monitor(monitor);
            resumed.restore(checkpoint.state());
            assertThat(resumed.best()).isEqualTo((Double) checkpoint.best());
        }
    }

    @Test
    void aResumedRunKeepsItsBest() throws IOException {
        Monitor monitor = Monitor.max("loss"); // it falls, so the first epoch is the best
        Path last = directory.resolve(ModelCheckpoint.LAST);
        Path best = directory.resolve(ModelCheckpoint.BEST);
        double first;
        try (Trainer trainer = trainer(new ModelCheckpoint(directory, Map.of()).monitor(monitor))) {
            first = trainer.fit(data(), 2).get(0).loss();
        }
        byte[] before = Files.readAllBytes(best);
        ModelCheckpoint resumed = new ModelCheckpoint(directory, Map.of()).monitor(monitor);
        try (Trainer trainer = trainer(resumed)) {
            Checkpoint.resume(last, trainer);
            assertThat(resumed.best()).isEqualTo(first);
            assertThat(trainer.fit(data(), 4)).hasSize(2);
            assertThat(Files.readAllBytes(best)).isEqualTo(before);
            assertThat(Checkpoint.metadata(last))
                    .containsEntry("epoch", "4")
                    .containsKey("monitored_loss")
                    .containsEntry("loss", trainer.objective().settings());
        }
        try (Trainer trainer = trainer(new ModelCheckpoint(directory, Map.of()).monitor(Monitor.min("loss")))) {
            assertThatThrownBy(() -> Checkpoint.resume(last, trainer))
                    .hasMessageContainingAll("another monitor than 'min loss'", "max loss");
        }
    }

    @Test
    void aMonitorOfWhatIsNotMeasuredIsRefusedBeforeTheFirstStep() {
        for (String name : List.of("val_loss", "auc", "val_accuracy", "Loss", "")) {
            try (Trainer trainer = trainer(new ModelCheckpoint(directory, Map.of()).monitor(Monitor.max(name)))) {
                assertThatThrownBy(() -> trainer.fit(data(), 1))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContainingAll("ModelCheckpoint monitors '" + name + "'", "[loss, accuracy]");
                assertThat(trainer.step()).isZero();
            }
        }
    }

    /** Without a monitor it is the accuracy of the validation, once there is one; that of the training data counts no more then. */
    @Test
    void theBestOfOtherDataDoesNotCount() {
        ModelCheckpoint checkpoint = new ModelCheckpoint(directory, Map.of());
        EarlyStopping stopping = new EarlyStopping(1);
        try (Trainer trainer = trainer(checkpoint, stopping)) {
            EpochResult alone = result(1, Map.of("loss", 0.1, "accuracy", 0.9), null);
            EpochResult validated =
                    result(2, Map.of("loss", 0.1, "accuracy", 0.9), Map.of("loss", 0.8, "accuracy", 0.5));
            for (EpochResult result : List.of(alone, validated)) {
                stopping.onEpochEnd(trainer, result);
                checkpoint.afterEpoch(trainer, result);
            }
            assertThat(checkpoint.best()).isEqualTo(0.5);
            assertThat(trainer.stopReason()).isNull();
            ModelCheckpoint resumed = new ModelCheckpoint(directory, Map.of());
            resumed.restore(checkpoint.state());
            resumed.afterEpoch(trainer, alone);
            assertThat(resumed.best()).isEqualTo(0.9);
            EarlyStopping continued = new EarlyStopping(1);
            continued.restore(stopping.state());
            continued.onEpochEnd(trainer, validated);
            assertThat(trainer.stopReason()).contains("has not improved on 0.80000 for 1 epochs");
        }
    }

    /** The bias tells the epochs apart. */
    private static void epoch(Trainer trainer, EarlyStopping stopping, int epoch, double loss) {
        trainer.model().parameter("1.bias").value().fill(epoch);
        stopping.onEpochEnd(trainer, result(epoch, Map.of("loss", loss), null));
    }

    @Test
    void onlyWhatIsBetterByMoreThanMinDeltaCounts() {
        EarlyStopping stopping = new EarlyStopping(2).minDelta(0.25);
        try (Trainer trainer = trainer(stopping)) {
            epoch(trainer, stopping, 1, 1);
            epoch(trainer, stopping, 2, 0.75);
            assertThat(stopping.state()).containsEntry("waited", "1").containsEntry("best", "1.0");
            epoch(trainer, stopping, 3, 0.7);
            assertThat(stopping.state()).containsEntry("waited", "0").containsEntry("best", "0.7");
            EarlyStopping most = new EarlyStopping(Monitor.max("loss"), 2).minDelta(0.25);
            epoch(trainer, most, 1, 1);
            epoch(trainer, most, 2, 1.25);
            assertThat(most.state()).containsEntry("best", "1.0");
            assertThatThrownBy(() -> new EarlyStopping(2).minDelta(0.5).restore(stopping.state()))
                    .hasMessage("EarlyStopping was saved with another min_delta than 0.5: '0.25'");
            assertThatThrownBy(() -> new EarlyStopping(2).minDelta(-1)).hasMessageContaining("at least 0, got -1.0");
        }
    }

    /** Worse than the baseline counts as no progress, however much it improves; the first epochs can be left out. */
    @Test
    void aBaselineHasToBeBeatenAndFirstEpochsCanBeLeftOut() {
        EarlyStopping stopping = new EarlyStopping(2).baseline(0.5).startFromEpoch(1);
        try (Trainer trainer = trainer(stopping)) {
            epoch(trainer, stopping, 1, 0.1); // left out
            assertThat(stopping.state()).containsEntry("waited", "0").containsEntry("best", "Infinity");
            epoch(trainer, stopping, 2, 0.9);
            assertThat(stopping.state()).containsEntry("waited", "1").containsEntry("best", "0.9");
            epoch(trainer, stopping, 3, 0.4);
            assertThat(stopping.state()).containsEntry("waited", "0").containsEntry("best", "0.4");
            EarlyStopping never = new EarlyStopping(2).baseline(0.5);
            epoch(trainer, never, 1, 0.9);
            assertThat(trainer.stopReason()).isNull();
            epoch(trainer, never, 2, 0.8);
            assertThat(trainer.stopReason())
                    .isEqualTo("the loss has not improved on the baseline 0.50000 for 2 epochs");
            assertThatThrownBy(() -> new EarlyStopping(2).startFromEpoch(1).restore(stopping.state()))
                    .hasMessage("EarlyStopping was saved with another baseline than none: '0.5'");
            assertThatThrownBy(() -> new EarlyStopping(2).baseline(0.5).restore(stopping.state()))
                    .hasMessage("EarlyStopping was saved with another start_from_epoch than 0: '1'");
            assertThatThrownBy(() -> stopping.baseline(Double.NaN)).hasMessageContaining("finite baseline, got NaN");
            assertThatThrownBy(() -> stopping.startFromEpoch(-1)).hasMessageContaining("startFromEpoch -1");
        }
    }

    private List<String> filesOf(ModelCheckpoint checkpoint) throws IOException {
        try (Trainer trainer = trainer(checkpoint)) {
            trainer.fit(data(), data(), 2);
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void filesCanHaveNamesOfTheirOwn() throws IOException {
        ModelCheckpoint checkpoint = new ModelCheckpoint(directory).fileName("e{epoch:02d}-{step}-{val_loss:.2f}");
        List<String> files = filesOf(checkpoint);
        assertThat(files).hasSize(2);
        assertThat(files.get(0)).matches("e01-2-\\d\\.\\d\\d\\.safetensors");
        assertThat(files.get(1)).matches("e02-4-\\d\\.\\d\\d\\.safetensors");
        try (Trainer trainer = trainer(new ModelCheckpoint(directory))) {
            Checkpoint.resume(directory.resolve(files.get(0)), trainer);
            assertThat(trainer.step()).isEqualTo(2);
        }
    }

    @Test
    void namesWithinAnEpochHaveRunningFigures() throws IOException {
        assertThat(filesOf(new ModelCheckpoint(directory).every(1).fileName("{step:03d}-{batch}-{accuracy:.1f}")))
                .allMatch(name -> name.matches("00[1-4]-[012]-[01]\\.\\d\\.safetensors"))
                .hasSizeGreaterThanOrEqualTo(4);
    }

    @Test
    void onlyTheBestCanBeKept() throws IOException {
        assertThat(filesOf(new ModelCheckpoint(directory)
                        .monitor(Monitor.max("loss"))
                        .bestOnly()))
                .containsExactly(ModelCheckpoint.BEST);
        assertThat(Checkpoint.metadata(directory.resolve(ModelCheckpoint.BEST))).containsEntry("epoch", "1");
    }

    @Test
    void filesOfWeightsAloneAreNoCheckpoints() throws IOException {
        assertThat(filesOf(new ModelCheckpoint(directory).weightsOnly()))
                .containsExactly(ModelCheckpoint.BEST, ModelCheckpoint.LAST);
        Path last = directory.resolve(ModelCheckpoint.LAST);
        assertThatThrownBy(() -> Checkpoint.metadata(last)).hasMessageContaining("no Alborz checkpoint");
        try (Model model = model()) {
            org.alborz.checkpoint.Weights.load(last, model);
            assertThat(model.isFinite()).isTrue();
        }
    }

    @Test
    void choicesOfModelCheckpointOfNoUseAreRefused() {
        ModelCheckpoint checkpoint = new ModelCheckpoint(directory);
        assertThatThrownBy(() -> checkpoint.every(5).bestOnly()).hasMessageContaining("nothing to save");
        assertThatThrownBy(() -> checkpoint.fileName("{epoch:x}"))
                .hasMessageContainingAll("{epoch:03d}", "'{epoch:x}'");
        assertThatThrownBy(() -> checkpoint.fileName("{loss:d}")).hasMessageContaining("{loss:.4f}");
        for (String pattern : List.of("a/{epoch}", "{epoch", "", "..\\x", "a\nb")) {
            assertThatThrownBy(() -> checkpoint.fileName(pattern)).hasMessageContaining("the name of a file");
        }
        try (Trainer trainer = trainer(checkpoint.every(1).fileName("{val_loss}"))) {
            assertThatThrownBy(() -> trainer.fit(data(), data(), 1)).hasMessageContaining("no val_loss yet");
        }
        try (Trainer trainer = trainer(checkpoint.fileName("{auc}"))) {
            assertThatThrownBy(() -> trainer.fit(data(), 1)).hasMessageContaining("monitors 'auc'");
        }
    }

    /** Epochs with losses, the reason that another callback stops for, and the epoch whose weights remain. */
    @ParameterizedTest
    @CsvSource({
        "3 1 2 2, , 2", // stopped by itself
        "3 2 1, , 3",
        "1 2, interrupted, 2", // goes on later
        "NaN NaN, , 2" // none is best
    })
    void theWeightsOfTheBestEpochAreRestored(String losses, String interruption, int expected) {
        EarlyStopping stopping = new EarlyStopping(2).restoreBestWeights();
        long used;
        try (Trainer trainer = trainer(stopping)) {
            trainer.fit(data(), 0);
            used = session.memory().used();
            int epoch = 0;
            for (String loss : losses.split(" ")) {
                epoch(trainer, stopping, ++epoch, Double.parseDouble(loss));
            }
            if (interruption != null) {
                trainer.stop(interruption);
            }
            stopping.onTrainEnd(trainer);
            assertThat(trainer.model().parameter("1.bias").value().toFloats()).containsOnly(expected);
            stopping.reset();
            assertThat(session.memory().used()).isEqualTo(used);
        }
    }

    @Test
    void theBestWeightsAreKeptForFurtherEpochs() {
        EarlyStopping stopping = new EarlyStopping(9).restoreBestWeights();
        try (Trainer trainer = trainer(stopping)) {
            trainer.fit(data(), 0);
            epoch(trainer, stopping, 1, 1);
            epoch(trainer, stopping, 2, 5);
            stopping.onTrainEnd(trainer);
            assertThat(trainer.model().parameter("1.bias").value().toFloats()).containsOnly(1);
            stopping.onTrainBegin(trainer);
            epoch(trainer, stopping, 3, 5);
            try (Scope scope = session.scope("saved")) {
                stopping.tensors(trainer);
            }
            stopping.onTrainEnd(trainer);
            assertThat(trainer.model().parameter("1.bias").value().toFloats()).containsOnly(1);
        }
    }

    /** Files of before do not say what the best is of. */
    @Test
    void formerStatesAreTaken() {
        ModelCheckpoint checkpoint = new ModelCheckpoint(directory, Map.of());
        checkpoint.restore(Map.of("monitor", "", "best", "0.7"));
        EarlyStopping stopping = new EarlyStopping(1);
        stopping.restore(Map.of("patience", "1", "best", "0.2", "waited", "0"));
        try (Trainer trainer = trainer()) {
            EpochResult result = result(1, Map.of("loss", 0.3, "accuracy", 0.6), null);
            checkpoint.afterEpoch(trainer, result);
            assertThat(checkpoint.best()).isEqualTo(0.7);
            stopping.onEpochEnd(trainer, result);
            assertThat(trainer.stopReason()).contains("has not improved on 0.2");
        }
    }

    @Test
    void settingsOfNoUseAreRefusedByName() {
        ModelCheckpoint checkpoint = new ModelCheckpoint(directory, Map.of());
        assertThatThrownBy(() -> new ModelCheckpoint(null, Map.of())).hasMessageContaining("a directory, got null");
        assertThatThrownBy(() -> new ModelCheckpoint(directory, null)).hasMessageContaining("provenance, got null");
        assertThatThrownBy(() -> checkpoint.monitor(null)).hasMessageContaining("a monitor, got null");
        assertThatThrownBy(() -> checkpoint.every((Duration) null)).hasMessageContaining("a time, got null");
        assertThatThrownBy(() -> new EarlyStopping(0)).hasMessageContaining("at least 1 epoch, got 0");
        assertThatThrownBy(() -> new EarlyStopping(null, 2)).hasMessageContaining("a monitor, got null");
        assertThatThrownBy(() -> Monitor.min(null)).hasMessageContaining("got null");
        assertThatThrownBy(() -> new TerminateOnNaN(0)).hasMessageContaining("every 1 step or more, got 0");
    }

    /** Also where the last step of the last epoch asks for it. */
    @Test
    void aStopAfterTheLastStepIsLogged() {
        Logger logger = (Logger) LoggerFactory.getLogger(FitLoop.class);
        Level level = logger.getLevel();
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        logger.setLevel(Level.INFO);
        try (Trainer trainer = Trainer.classifier(model(), new Sgd(0.01))
                .callback(new Callback() {
                    @Override
                    public void onStepEnd(Trainer running) {
                        if (running.nextBatch() == running.loader().batchesPerEpoch()) {
                            running.stop("seen enough");
                        }
                    }
                })
                .build()) {
            trainer.fit(data(), 1);
            assertThat(log.list)
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .contains("Training stopped after step " + trainer.step() + ": seen enough");
        } finally {
            logger.detachAppender(log);
            logger.setLevel(level);
        }
    }

    private List<String> linesOf(Boolean verbose) {
        Logger logger = (Logger) LoggerFactory.getLogger(Trainer.class);
        Level level = logger.getLevel();
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        logger.setAdditive(false);
        logger.setLevel(Level.INFO);
        Trainer.Builder builder = Trainer.classifier(model(), new Sgd(0.01));
        if (verbose != null) {
            builder.verbose(verbose);
        }
        try (Trainer trainer = builder.build()) {
            trainer.fit(data(), data(), 2);
        } finally {
            logger.detachAppender(log);
            logger.setAdditive(true);
            logger.setLevel(level);
        }
        List<String> lines = new ArrayList<>();
        log.list.forEach(event -> {
            assertThat(event.getLevel()).isEqualTo(Level.INFO);
            lines.add(event.getFormattedMessage());
        });
        return lines;
    }

    @Test
    void aLineIsLoggedAfterEachEpochUnlessItIsNotWanted() {
        for (Boolean verbose : new Boolean[] {null, true}) {
            assertThat(linesOf(verbose))
                    .hasSize(2)
                    .first()
                    .asString()
                    .matches("epoch 1 of 2 in all  loss \\d\\.\\d{4}  accuracy [01]\\.\\d{4}  val_loss \\d\\.\\d{4}"
                            + "  val_accuracy [01]\\.\\d{4}  [\\d.]+ s, \\d+ samples/s");
        }
        assertThat(linesOf(false)).isEmpty();
    }

    private String diagnosis(Objective objective, int everySteps) {
        try (Trainer trainer = Trainer.of(model, new Sgd(0.01), objective)
                .callback(new TerminateOnNaN(everySteps))
                .build()) {
            trainer.fit(data(), 3);
            return trainer.stopReason();
        }
    }

    private Model model;

    /** Once, after the first epoch of one, with the cause; a callback that stops for it says it itself. */
    @Test
    void aLossThatIsNoNumberIsWarnedOf() {
        Logger logger = (Logger) LoggerFactory.getLogger(FitLoop.class);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        logger.setAdditive(false);
        float[][] x = {{1}, {2}, {Float.NaN}, {4}};
        DataLoader bad =
                DataLoader.of(ArrayDataset.of(x, new float[] {1, 2, 3, 4}), 2).build();
        try {
            Model model = Model.create(session, new Linear(1, 1), 1);
            try (Trainer trainer = Trainer.regression(model, new Sgd(0.01)).build()) {
                trainer.fit(data(1), 1);
                assertThat(log.list).isEmpty();
                trainer.fit(bad, 3);
                assertThat(log.list).hasSize(1);
                assertThat(log.list.get(0).getLevel()).isEqualTo(Level.WARN);
                assertThat(log.list.get(0).getFormattedMessage())
                        .startsWith(
                                "After epoch 2 training goes on though the loss is NaN by step 4, since sample 2 of")
                        .contains("holds NaN")
                        .endsWith("The callback TerminateOnNaN stops it there.");
            }
            log.list.clear();
            try (Trainer trainer = Trainer.regression(model, new Sgd(0.01))
                    .callback(new TerminateOnNaN())
                    .build()) {
                trainer.fit(bad, 3);
                assertThat(log.list).noneMatch(event -> event.getLevel() == Level.WARN);
            }
            model.close();
        } finally {
            logger.detachAppender(log);
            logger.setAdditive(true);
        }
    }

    private static DataLoader data(float value) {
        return DataLoader.of(ArrayDataset.of(new float[][] {{value}, {value}}, new float[] {1, 2}), 1)
                .build();
    }

    @Test
    void anObjectiveOfOnesOwnIsNamedWhereItMakesTheNumber() {
        model = model();
        Objective logarithm = new Objective() {
            @Override
            public Tensor of(org.alborz.nn.BatchTensors batch, org.alborz.nn.Pass pass) {
                return model.forward(batch.get(0), pass).mul(0).log().mean();
            }

            @Override
            public String settings() {
                return "log of 0";
            }
        };
        assertThat(diagnosis(logarithm, 1))
                .contains("by step 1, since in step 1 log made -Infinity at [0, 0] (input 0 [8, 10] was finite, from ")
                .contains("weights that training began with", "objective log of 0")
                .doesNotContain("learning rate", "session.observe");
        assertThat(diagnosis(logarithm, 2))
                .contains(
                        "by step 2",
                        "the weights were no finite numbers already before step 1",
                        "lower the learning rate, or look in the objective");
        Objective supervised = Objective.supervised(model, Loss.crossEntropy());
        model.values().fill(Double.NaN);
        assertThat(diagnosis(supervised, 1)).endsWith("lower the learning rate");
        model.close();
    }

    /** A callback that fails at one of its places. */
    private static final class Failing implements Callback {
        private final String place;

        Failing(String place) {
            this.place = place;
        }

        private void at(String here) {
            if (here.equals(place)) {
                throw new IllegalStateException("failed in " + here);
            }
        }

        @Override
        public void onTrainBegin(Trainer trainer) {
            at("onTrainBegin");
        }

        @Override
        public void onBatchEnd(Trainer trainer) {
            at("onBatchEnd");
        }

        @Override
        public void onStepEnd(Trainer trainer) {
            at("onStepEnd");
        }

        @Override
        public void afterStep(Trainer trainer) {
            at("afterStep");
        }

        @Override
        public void onEpochEnd(Trainer trainer, EpochResult result) {
            at("onEpochEnd");
        }

        @Override
        public void afterEpoch(Trainer trainer, EpochResult result) {
            at("afterEpoch");
        }

        @Override
        public void onTrainEnd(Trainer trainer) {
            at("onTrainEnd");
        }
    }

    /** Whatever fails, every callback learns of the end, and the trainer goes on from where it stands. */
    @ParameterizedTest
    @CsvSource({
        "onTrainBegin, 0, 0",
        "onBatchEnd, 1, 0",
        "onStepEnd, 1, 0",
        "afterStep, 1, 0",
        "onEpochEnd, 2, 1",
        "afterEpoch, 2, 1",
        "onTrainEnd, 4, 2"
    })
    void aCallbackThatFailsEndsTheTrainingAndNothingElse(String place, long steps, int epochs) {
        List<String> ended = new ArrayList<>();
        Callback before = new Callback() {
            @Override
            public void onTrainEnd(Trainer trainer) {
                ended.add("before");
            }
        };
        Callback after = new Callback() {
            @Override
            public void onTrainEnd(Trainer trainer) {
                ended.add("after");
            }
        };
        double[] straight;
        try (Trainer trainer = trainer()) {
            trainer.fit(data(), 2);
            straight = trainer.model().values().toDoubles();
        }
        long used = session.memory().used();
        try (Trainer trainer = trainer(before, new Failing(place), after)) {
            assertThatThrownBy(() -> trainer.fit(data(), 2)).hasMessage("failed in " + place);
            if (place.equals("onTrainBegin")) { // the one after it has not begun
                assertThat(ended).containsExactly("before");
            } else {
                assertThat(ended).containsExactly("before", "after");
            }
            assertThat(trainer.step()).isEqualTo(steps);
            assertThat(trainer.epoch()).isEqualTo(epochs);
            // It is not held to run any more, and holds no memory of the step.
            trainer.evaluate(data());
            while (trainer.step() < 4) {
                long stands = trainer.step();
                int epoch = trainer.epoch();
                try {
                    trainer.fit(data(), 2);
                } catch (IllegalStateException e) {
                    assertThat(e).hasMessage("failed in " + place);
                    if (place.equals("onTrainBegin")) {
                        break;
                    }
                    assertThat(trainer.step() > stands || trainer.epoch() > epoch)
                            .isTrue();
                }
            }
            if (!place.equals("onTrainBegin")) {
                assertThat(trainer.model().values().toDoubles()).isEqualTo(straight);
            }
            trainer.model().close();
        }
        assertThat(session.memory().used()).isEqualTo(used);
    }

    /** Those after one that fails have the epoch as well; nothing is saved of it, since not all stand there. */
    @ParameterizedTest
    @CsvSource({"onEpochEnd, 0", "afterEpoch, 1"})
    void everyCallbackIsToldOfTheEpochThoughOneFails(String place, int saved) {
        List<Integer> told = new ArrayList<>();
        List<Integer> afterwards = new ArrayList<>();
        Callback last = new Callback() {
            @Override
            public void onEpochEnd(Trainer trainer, EpochResult result) {
                told.add(result.epoch());
            }

            @Override
            public void afterEpoch(Trainer trainer, EpochResult result) {
                afterwards.add(result.epoch());
            }
        };
        try (Trainer trainer = trainer(new Failing(place), last, new Failing(place))) {
            assertThatThrownBy(() -> trainer.fit(data(), 2))
                    .hasMessage("failed in " + place)
                    .satisfies(e -> assertThat(e.getSuppressed())
                            .extracting(Throwable::getMessage)
                            .containsExactly("failed in " + place));
            assertThat(told).containsExactly(1);
            assertThat(afterwards).hasSize(saved);
        }
    }

    @Test
    void ofTwoThatFailTheFirstIsThrownAndTheOtherSuppressed() {
        Failing both = new Failing("onBatchEnd");
        try (Trainer trainer = trainer(both, new Failing("onTrainEnd"))) {
            assertThatThrownBy(() -> trainer.fit(data(), 2))
                    .hasMessage("failed in onBatchEnd")
                    .satisfies(e -> assertThat(e.getSuppressed())
                            .extracting(Throwable::getMessage)
                            .containsExactly("failed in onTrainEnd"));
        }
    }

    @Test
    void anInterruptedThreadIsToldAndTheTrainingGoesOnLater() {
        double[] straight;
        try (Trainer trainer = trainer()) {
            trainer.fit(data(), 3);
            straight = trainer.model().values().toDoubles();
        }
        Callback interrupting = new Callback() {
            @Override
            public void onStepEnd(Trainer trainer) {
                if (trainer.step() == 3) {
                    Thread.currentThread().interrupt();
                }
            }
        };
        try (Trainer trainer = trainer(interrupting)) {
            try {
                trainer.fit(data(), 3);
            } catch (RuntimeException e) {
                assertThat(e).hasMessageContaining("Interrupted");
            }
            assertThat(Thread.interrupted()).as("the flag is still set").isTrue();
            trainer.fit(data(), 3);
            assertThat(trainer.model().values().toDoubles()).isEqualTo(straight);
        }
    }
}
