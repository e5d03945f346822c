package org.alborz.cli;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.checkpoint.CheckpointException;
import org.alborz.checkpoint.ModelCheckpoint;
import org.alborz.data.DataException;
import org.alborz.data.DataLoader;
import org.alborz.data.Dataset;
import org.alborz.data.LoaderDescription;
import org.alborz.distributed.Collective;
import org.alborz.distributed.CollectiveException;
import org.alborz.monitor.StepLog;
import org.alborz.monitor.TensorBoard;
import org.alborz.nn.Model;
import org.alborz.tensor.Session;
import org.alborz.text.Quoted;
import org.alborz.train.Callback;
import org.alborz.train.TerminateOnNaN;
import org.alborz.train.Trainer;

/** One call of {@code train}: builds the trainer, runs it, and says what came of it. */
final class TrainingRun {
    private static final int EVALUATION_BATCH = 256;

    private final Screen screen;
    private final TrainSettings settings;
    private final DataSource source;
    private final RunFolder folder;

    private final Path from;
    private final Execution execution;
    private final Interruption interruption;

    private final RankGroup ranks;

    /** Null where this process trains alone. */
    private final Collective collective;

    private final Rounds rounds = new Rounds();

    private final History history;
    private final long start = System.nanoTime();

    /** Null where nothing is measured. */
    private ProfileOutput profile;

    /** Null where no event files are written. */
    private TensorBoard tensorBoard;

    /**
     * Describes a run.
     *
     * @param from the checkpoint to go on from, or null to start
     * @param ranks the processes that train together, which have joined
     */
    TrainingRun(
            Screen screen,
            TrainSettings settings,
            DataSource source,
            RunFolder folder,
            Path from,
            Execution execution,
            Interruption interruption,
            RankGroup ranks) {
        this.screen = screen;
        this.settings = settings;
        this.source = source;
        this.folder = folder;
        this.from = from;
        this.execution = execution;
        this.interruption = interruption;
        this.ranks = ranks;
        this.collective = ranks.collective();
        this.history = new History(folder.history(), source.unit());
    }

    /** Has some steps measured. */
    void profile(int steps) {
        profile = new ProfileOutput(screen, folder, steps);
    }

    /** Has event files for TensorBoard written. */
    void tensorBoard() {
        tensorBoard = new TensorBoard(folder.tensorBoard())
                .histogramFreq(1)
                .writeImages(true)
                .writeStepsPerSecond(true)
                .hyperParameters(settings.hyperParameters());
    }

    TrainReport train(Session session, Dataset training, Dataset test) {
        Signature signature = source.signature(training);
        Map<String, String> provenance = SavedModel.provenance(settings, source, signature, training);
        DataLoader loader = settings.trainingLoader(training);
        DataLoader validation = DataLoader.of(test, EVALUATION_BATCH).build();
        ModelCheckpoint checkpoints =
                SaveInterval.parse(settings.saveEvery()).applyTo(new ModelCheckpoint(folder.path(), provenance));
        try (Model model = settings.createModel(session, signature, training)) {
            printHeader(session, model, training);
            Trainer trainer = trainer(model, signature, loader, checkpoints);
            if (from != null) {
                resume(trainer, loader, checkpoints);
            }
            fit(trainer, loader, validation, provenance);
            if (profile != null) {
                profile.write(session);
            }
            TrainReport report = report(session, trainer, signature.task(), training, test);
            writePage(session, trainer, test);
            return report;
        }
    }

    /** Trains as a process of a group that writes nothing; returns why it stopped, or null. */
    String follow(Session session, Dataset training, Dataset test) {
        Signature signature = source.signature(training);
        DataLoader loader = settings.trainingLoader(training);
        DataLoader validation = DataLoader.of(test, EVALUATION_BATCH).build();
        ModelCheckpoint checkpoints = SaveInterval.parse(settings.saveEvery())
                .applyTo(new ModelCheckpoint(
                        folder.path(), SavedModel.provenance(settings, source, signature, training)));
        try (Model model = settings.createModel(session, signature, training)) {
            Trainer trainer = trainer(model, signature, loader, checkpoints);
            if (from != null) {
                read(trainer, loader);
            }
            trainer.fit(loader, validation, settings.epochs());
            return trainer.stopReason();
        }
    }

    /** Writes the run's page; that it cannot be written does not undo the training. */
    private void writePage(Session session, Trainer trainer, Dataset test) {
        RunReport page = RunReport.ofOwn(folder, settings);
        try {
            page.write(trainer.stopReason() == null ? page.measured(session, test, screen) : page.figures());
        } catch (CheckpointException | DataException | CommandFailure e) {
            screen.line(
                    "Warning: %s was not written: %s. Write it later by: ./alborz report %s",
                    folder.report(),
                    e.getMessage(),
                    ShellWords.quoted(folder.path().toString()));
        }
    }

    private Trainer trainer(Model model, Signature signature, DataLoader loader, ModelCheckpoint checkpoints) {
        ScheduleSettings schedule = settings.scheduleSettings();
        Trainer.Builder builder = signature
                .task()
                .trainer(model, settings.newOptimizer(), settings.moreMetrics(signature))
                .schedule(schedule.schedule(steps(loader.batchesPerEpoch())))
                .seed(settings.seed())
                .graphCapture(execution.graphCapture())
                .dataOnDevice(execution.dataOnDevice())
                .verbose(false) // TrainingProgress shows the epochs
                .callback(rounds)
                .callback(interruption)
                .callback(new TerminateOnNaN())
                .callback(history)
                .callback(new StepLog(folder.steps()))
                .callback(checkpoints)
                .callback(new TrainingProgress(screen, settings.epochs(), source.unit()));
        if (profile != null) {
            builder.callback(profile.callback());
        }
        if (tensorBoard != null) {
            builder.callback(tensorBoard);
        }
        schedule.callback().ifPresent(builder::callback);
        if (collective != null) {
            builder.collective(collective).syncBatchNorm(settings.syncBatchNorm());
        }
        return builder.build();
    }

    /** Returns how many steps so many batches of an epoch are. */
    private int steps(int batches) {
        int ranks = collective == null ? 1 : collective.size();
        return (int) ((batches + ranks - 1L) / ranks);
    }

    private void fit(Trainer trainer, DataLoader loader, DataLoader validation, Map<String, String> provenance) {
        try {
            trainer.fit(loader, validation, settings.epochs());
            boolean failed =
                    trainer.stopReason() != null && !trainer.stopReason().equals(Interruption.REASON);
            if (!failed && !trainer.model().isFinite()) {
                trainer.stop(
                        "the weights are no finite numbers by step " + trainer.step() + "; lower the learning rate");
            } else if (!failed && (trainer.stopReason() != null || interruption.isRequested())) {
                Checkpoint.save(folder.last(), trainer, provenance);
            }
        } catch (DataException e) {
            keepSteps(trainer, provenance, "When the data can be read, continue");
            throw e;
        } catch (CollectiveException e) {
            if (!rounds.within) {
                keepSteps(trainer, provenance, "Continue");
            }
            throw e;
        } catch (UncheckedIOException e) {
            throw new CommandFailure(ExitCodes.FAILED, e.getMessage(), e);
        } catch (CheckpointException e) { // nothing is read any more: it could not be written
            throw new CommandFailure(ExitCodes.FAILED, e.getMessage(), e);
        }
    }

    /** Knows whether a batch is being trained on, in the middle of which a run cannot be saved. */
    private static final class Rounds implements Callback {
        private boolean within;

        @Override
        public void onBatchBegin(Trainer trainer) {
            within = true;
        }

        @Override
        public void onBatchEnd(Trainer trainer) {
            within = false;
        }
    }

    /**
     * Saves what was trained before data could not be read, by this rank or another, such as an image of the validation after a whole epoch.
     *
     * @param advice the beginning of a sentence, to continue
     */
    private void keepSteps(Trainer trainer, Map<String, String> provenance, String advice) {
        if (trainer.step() > 0 && trainer.model().isFinite()) {
            Checkpoint.save(folder.last(), trainer, provenance);
            screen.line(
                    "Saved %s at step %,d. %s with: %s --resume --out %s",
                    folder.last(), trainer.step(), advice, ranks.command(), ShellWords.quoted(folder.path()));
        }
    }

    private void resume(Trainer trainer, DataLoader loader, ModelCheckpoint checkpoints) {
        read(trainer, loader);
        requireBest(trainer, checkpoints);
        history.resume(from, trainer.epoch());
        screen.line(
                "Going on after epoch %d, batch %d (step %,d).", trainer.epoch(), trainer.nextBatch(), trainer.step());
        if (trainer.epoch() >= settings.epochs()) {
            screen.line("All %d epochs are done; raise --epochs to train longer.", settings.epochs());
        }
    }

    private void read(Trainer trainer, DataLoader loader) {
        try {
            Checkpoint.resume(from, trainer);
            requireSameRun(trainer, loader);
        } catch (CheckpointException | DataException e) {
            throw folder.unreadable(from, e);
        }
    }

    /** Refuses a damaged {@code best}; a missing one is written after the next epoch. */
    private void requireBest(Trainer trainer, ModelCheckpoint checkpoints) {
        if (!from.equals(folder.last())) {
            return;
        }
        Optional<SavedModel> best = folder.ownBest();
        try {
            best.ifPresent(saved -> saved.open(trainer.model().session()).close());
        } catch (CheckpointException e) {
            throw folder.unusableBest(e);
        }
        if (best.isEmpty() && !Double.isNaN(checkpoints.best())) {
            checkpoints.forgetBest();
            screen.line(
                    "Warning: %s is missing, of the best epoch so far; the next epoch counts as the best at first.",
                    folder.best());
        }
    }

    /** Refuses a checkpoint of other data, or of a place where a run on these data alone cannot stand. */
    private void requireSameRun(Trainer trainer, DataLoader loader) {
        LoaderDescription saved = trainer.loaderDescription();
        if (saved != null) {
            saved.difference(loader.description()).ifPresent(difference -> {
                throw new DataException(from + " was saved by a run that was trained on other data: " + difference
                        + "; use the same data and settings, or start a new run");
            });
        }
        List<String> classes = SavedModel.read(from).classes();
        if (!classes.equals(loader.dataset().classes())) {
            throw new DataException(from + " was saved by a run with the classes " + Quoted.list(classes)
                    + ", and the data have " + Quoted.list(loader.dataset().classes())
                    + "; use the same data, or start a new run");
        }
        long steps = (long) trainer.epoch() * steps(loader.batchesPerEpoch()) + steps(trainer.nextBatch());
        long samples = Math.min(
                (long) trainer.nextBatch() * loader.batchSize(),
                loader.dataset().size());
        if (trainer.step() != steps || trainer.metrics().samples() != samples) {
            throw new DataException(from + " is damaged: after " + trainer.epoch() + " epochs and "
                    + trainer.nextBatch() + " batches there are " + steps + " steps, and " + samples
                    + " samples in the running epoch, and it tells of " + trainer.step() + " and "
                    + trainer.metrics().samples() + "; use another checkpoint");
        }
    }

    private void printHeader(Session session, Model model, Dataset training) {
        screen.field(
                "Model", String.format(Locale.ROOT, "%s, %,d parameters", settings.model(), model.parameterCount()));
        screen.field("Data", source.describe(training));
        screen.field("Backend", BackendOption.describe(session));
        if (collective != null) {
            screen.field(
                    "Processes",
                    collective.size() + " ranks train together; a step is of a batch of each"
                            + (settings.syncBatchNorm() ? ", and batch norm is synchronised" : ""));
        }
        screen.field(
                "Training",
                String.format(
                        Locale.ROOT,
                        "%s, learning rate %s%s, batch size %d, %d epochs, seed %d%s%s",
                        settings.optimizer(),
                        settings.learningRate(),
                        settings.schedule().equals("constant") ? "" : " (" + settings.schedule() + ")",
                        settings.batchSize(),
                        settings.epochs(),
                        settings.seed(),
                        settings.augment() ? ", augmented" : "",
                        model.precision().isMixed() ? ", precision " + model.precision() : ""));
        if (!settings.saveEvery().equals(SaveInterval.EPOCH)) {
            screen.field(
                    "Saved",
                    "every " + settings.saveEvery()
                            + (Character.isDigit(settings.saveEvery()
                                            .charAt(settings.saveEvery().length() - 1))
                                    ? " steps"
                                    : "")
                            + ", and after each epoch");
        }
        screen.field("Output", folder.path());
        if (source.isGenerated()) {
            screen.field("Note", "Generated images are not CIFAR-10, and far easier. For the real data: --data DIR");
        }
        screen.line("");
    }

    private TrainReport report(Session session, Trainer trainer, Task task, Dataset training, Dataset test) {
        TrainReport report = new TrainReport(
                settings,
                task,
                trainer.model().parameterCount(),
                source.describe(training),
                source.describe(test),
                training.classes(),
                session.backend().name(),
                session.backend().device(),
                Machine.ofThis(),
                history.epochs(),
                history.best(task).orElse(null),
                trainer.step(),
                trainer.stopReason(),
                (System.nanoTime() - start) * 1e-9,
                folder.path().toString());
        AtomicFile.write(folder.result(), JsonFile.indentedText(report) + "\n");
        return report;
    }
}
