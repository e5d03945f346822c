package org.alborz.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.alborz.checkpoint.CheckpointException;
import org.alborz.data.DataException;
import org.alborz.data.Dataset;
import org.alborz.tensor.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains a net. */
@Command(
        name = "train",
        description = "Trains a net on images, the rows of a table or a text, and writes checkpoints and figures.",
        footer = {
            "",
            "Examples:",
            "  ./alborz train                                    the CNN, on generated images",
            "  ./alborz train resnet20 --data cifar10 --augment  a ResNet, on CIFAR-10, which is downloaded",
            "  ./alborz train resnet20 --data DIR --epochs 20    the same on image folders, in fewer epochs",
            "  ./alborz train mlp --data FILE.csv --target price the rows of a table",
            "  ./alborz train gpt --data FILE.txt                a language model, for ./alborz generate",
            "  ./alborz train --resume --out runs/NAME           goes on where that run stopped"
        })
final class TrainCommand implements Callable<Integer> {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);

    @Spec
    private CommandSpec spec;

    @Mixin
    private TrainOptions options;

    @Mixin
    private BackendOption backend;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where the result is written (default: runs/MODEL-DATE-TIME).")
    private Path out;

    @Option(
            names = "--resume",
            description =
                    "Continue the run in --out from where it last saved, with that run's settings; --epochs may be raised, and"
                            + " --data name the folder that its data have moved to. Where there is none and MODEL is named, start it.")
    private boolean resume;

    @Option(
            names = "--graph-capture",
            description =
                    "Capture a training step once and replay it as one CUDA graph (default: off). The results are the same bits;"
                            + " a backend that cannot capture says so and continues without.")
    private boolean graphCapture;

    @Option(
            names = "--data-on-device",
            paramLabel = "WHEN",
            defaultValue = "auto",
            description =
                    "Keep the images in the GPU's memory, so that steps upload none: auto, on or off (default: auto, where they take at"
                            + " most a quarter of what is free). The results are the same bits; the log says what was decided.")
    private String dataOnDevice;

    @Option(
            names = "--profile",
            description =
                    "Measure some steps by layer and operation, print the table at the end, and write profile.json and"
                            + " profile.csv beside the checkpoints (default: off, which costs nothing).")
    private boolean profile;

    @Option(
            names = "--profile-steps",
            paramLabel = "N",
            defaultValue = "20",
            description = "How many steps --profile measures, after the first ten (default: 20).")
    private int profileSteps;

    @Option(
            names = "--tensorboard",
            description =
                    "Also write event files for TensorBoard into tensorboard/ beside the checkpoints: curves, the graph, and after each epoch"
                            + " the distributions of weights, gradients and activations (default: off). tensorboard --logdir runs shows them.")
    private boolean tensorBoard;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description =
                    "Take options from a file of JSON: {\"model\": \"resnet20\", \"epochs\": 20, \"augment\": true}; those on the command"
                            + " line win. A run folder's config.json is such a file.")
    private Path config;

    @Mixin
    private JsonOption json;

    @Option(
            names = "--collective",
            paramLabel = "NAME",
            defaultValue = "auto",
            description =
                    "How several processes exchange gradients: nccl between their GPUs, tcp over the host's memory, or auto (default: auto, nccl where all"
                            + " have it and compute by cuda). tcp adds in the order of the ranks, nccl in an order of its own.")
    private String collective;

    @Override
    public Integer call() {
        return ConfigFile.apply(config, spec).explaining(this::train);
    }

    private int train() {
        RankGroup group = RankGroup.of(System.getenv());
        group.endWithLauncher();
        backend.check();
        CollectiveChoice.of(collective);
        Execution execution = new Execution(graphCapture, Execution.dataOnDevice(dataOnDevice));
        json.check();
        OptionChecks.count("--profile-steps", profileSteps);
        if (profile && graphCapture) {
            throw CommandFailure.usage(
                    "--profile does not go with --graph-capture, whose replayed steps have no operations to measure; leave"
                            + " one of them out");
        }
        TrainSettings settings;
        RunFolder wanted;
        if (resume) {
            wanted = RunFolder.toResume(out);
            settings = settingsToResume(wanted);
        } else {
            settings = options.settings();
            wanted = new RunFolder(out == null ? defaultFolder(settings) : out);
        }
        if (graphCapture && settings.syncBatchNorm()) {
            throw CommandFailure.usage(
                    "--sync-batch-norm does not go with --graph-capture, whose replayed steps exchange no"
                            + " statistics; leave one of them out");
        }
        if (group.isFirst()) {
            requireUsable(wanted);
        }
        json.requireNone(wanted.written());
        if (config != null) {
            json.requireNone(List.of(config));
        }
        DataSource source = settings.source();
        json.requireNoneOf(source);
        // Data and backend first: what cannot start leaves no folder behind.
        Dataset training = source.training();
        Dataset validation = source.validation();
        settings.requireMeasured(source.signature(training));
        try (RankGroup ranks = group) {
            ranks.join();
            try {
                return ranks.isFirst()
                        ? lead(ranks, wanted, settings, execution, source, training, validation)
                        : follow(ranks, settings, execution, source, training, validation);
            } catch (RuntimeException | Error e) {
                ranks.abort(e);
                throw e;
            }
        }
    }

    /** Trains as the process that writes. */
    private int lead(
            RankGroup ranks,
            RunFolder wanted,
            TrainSettings settings,
            Execution execution,
            DataSource source,
            Dataset training,
            Dataset validation) {
        try (Interruption interruption = Interruption.listen();
                Session session = backend.openIn(ranks);
                RankGroup.Devices devices = ranks.exchange(CollectiveChoice.of(collective), session)) {
            RunFolder folder = out == null ? wanted.made() : wanted;
            try (RunLock lock = folder.claim()) {
                RunState state = prepare(folder, settings);
                ranks.tell(folder);
                folder.noteConfig(EffectiveConfig.of(spec, settings, backend, session, execution));
                try (RunLog log = new RunLog(folder.log())) {
                    Screen screen = Screen.of(spec);
                    announce(screen, folder, state);
                    TrainingRun run = new TrainingRun(
                            screen, settings, source, folder, folder.checkpoint(), execution, interruption, ranks);
                    if (profile) {
                        run.profile(profileSteps);
                    }
                    if (tensorBoard) {
                        run.tensorBoard();
                    }
                    TrainReport report = log.around(() -> run.train(session, training, validation));
                    json.write(report);
                    return conclude(screen, folder, report, interruption.isRequested(), ranks.command());
                }
            }
        }
    }

    /** Trains as another process of a group, which writes nothing. */
    private int follow(
            RankGroup ranks,
            TrainSettings settings,
            Execution execution,
            DataSource source,
            Dataset training,
            Dataset validation) {
        try (Interruption interruption = Interruption.listen();
                Session session = backend.openIn(ranks);
                RankGroup.Devices devices = ranks.exchange(CollectiveChoice.of(collective), session)) {
            RankGroup.Place place = ranks.hear();
            String stopped = new TrainingRun(
                            Screen.silent(),
                            settings,
                            source,
                            place.folder(),
                            place.checkpoint(),
                            execution,
                            interruption,
                            ranks)
                    .follow(session, training, validation);
            if (stopped == null) {
                return ExitCodes.OK;
            }
            if (stopped.equals(Interruption.REASON)) {
                return ExitCodes.INTERRUPTED;
            }
            throw new CommandFailure(
                    ExitCodes.OTHER_RANK, "The training of all ranks failed: " + stopped + ". Rank 0 says more");
        }
    }

    /** Refuses a folder before the work; without {@code --out} one is found that nobody has. */
    private void requireUsable(RunFolder folder) {
        WritablePlace.requireFolder("--out", folder.path());
        if (out != null) {
            if (!resume) {
                folder.requireFree();
            }
            RunLock.requireFree(folder);
        }
    }

    /** Makes the folder, which is this process's by now, ready for the run; returns what it held. */
    private RunState prepare(RunFolder folder, TrainSettings settings) {
        RunState state = resume ? folder.requireRun() : folder.requireFree();
        if (!state.hasCheckpoint()) {
            folder.startOver();
        }
        folder.note(settings);
        return state;
    }

    private void announce(Screen screen, RunFolder folder, RunState state) {
        switch (state) {
            case BEGUN ->
                screen.line(
                        "The run in %s has no checkpoint yet: %s from the beginning.",
                        folder.path(), resume ? "it starts" : "this one takes its place and starts");
            case BEST_ONLY ->
                screen.line(
                        "The run in %s was ended while it saved its first epoch: it goes on from %s.",
                        folder.path(), folder.best().getFileName());
            case EMPTY -> {
                if (resume) {
                    screen.line("There is no run in %s to continue: it starts from the beginning.", folder.path());
                }
            }
            case FOREIGN, SAVED -> {}
        }
    }

    private static Path defaultFolder(TrainSettings settings) {
        return Path.of(
                "runs",
                settings.model() + "-"
                        + LocalDateTime.now(ZoneId.systemDefault()).format(TIME));
    }

    /** Returns the run's settings with what was given now. Its last ones, of which some may change, are noted beside the checkpoint. */
    private TrainSettings settingsToResume(RunFolder folder) {
        Optional<TrainSettings> noted = folder.settings();
        Path checkpoint = folder.checkpoint();
        if (checkpoint == null) {
            return noted.isPresent() ? compared(folder, noted.get(), noted.get(), 0) : settingsToStart(folder);
        }
        SavedModel saved;
        try {
            saved = SavedModel.read(checkpoint);
        } catch (CheckpointException | DataException e) {
            throw folder.unreadable(checkpoint, e);
        }
        noted.ifPresent(settings -> requireSameRun(folder.settingsFile(), settings, checkpoint, saved.settings()));
        if (checkpoint.equals(folder.last())) {
            folder.ownBest()
                    .ifPresent(best -> requireSameRun(checkpoint, saved.settings(), best.file(), best.settings()));
        }
        return compared(folder, saved.settings(), noted.orElse(saved.settings()), saved.epochs());
    }

    /** Returns the settings of a run that a kill may have ended before it noted them; a mistyped {@code --out} starts none. */
    private TrainSettings settingsToStart(RunFolder folder) {
        if (!options.hasModel()) {
            throw new DataException("There is no " + folder.last() + " to go on from; check --out, start a new run"
                    + " without --resume, or name the MODEL for one to start where there is none");
        }
        return options.settings();
    }

    private static void requireSameRun(Path one, TrainSettings settings, Path other, TrainSettings others) {
        settings.conflicts(others).stream().findFirst().ifPresent(first -> {
            throw new DataException(one + " and " + other.getFileName() + " are of different runs: " + first
                    + "; remove the one that does not belong there, or check --out");
        });
    }

    private TrainSettings compared(RunFolder folder, TrainSettings saved, TrainSettings noted, int finishedEpochs) {
        TrainSettings asked = options.over(noted);
        List<String> conflicts = saved.conflicts(asked);
        if (noted.epochs() < finishedEpochs && !options.hasEpochs()) {
            throw new DataException(folder.settingsFile() + " asks for " + noted.epochs()
                    + " epochs, and the checkpoint has finished " + finishedEpochs
                    + "; say how many there are to be with --epochs");
        }
        if (asked.epochs() < finishedEpochs) {
            conflicts.add(finishedEpochs + " finished epochs, more than --epochs " + asked.epochs());
        }
        if (!conflicts.isEmpty()) {
            throw CommandFailure.usage("The run in " + folder.path() + " has " + String.join("; ", conflicts)
                    + ". Leave these options out, or start a new run without --resume");
        }
        return asked;
    }

    /** @param command that starts the training, up to its options */
    private int conclude(Screen screen, RunFolder folder, TrainReport report, boolean interrupted, String command) {
        screen.line("");
        if (report.stopped() != null && !report.stopped().equals(Interruption.REASON)) {
            double rate = report.settings().learningRate();
            String hint = report.stopped().contains("learning rate")
                    ? String.format(Locale.ROOT, " (it was %s; try --learning-rate %.2g)", rate, rate / 10)
                    : "";
            throw new CommandFailure(
                    ExitCodes.FAILED,
                    "The training failed: " + report.stopped() + hint
                            + ". Checkpoints of earlier epochs, if any, are kept in " + folder.path());
        }
        if (interrupted || Interruption.REASON.equals(report.stopped())) {
            screen.line("Stopped at step %,d and saved %s.", report.steps(), folder.last());
            screen.line("Continue with: %s --resume --out %s", command, ShellWords.quoted(folder.path()));
            return ExitCodes.INTERRUPTED;
        }
        if (report.best() != null) {
            screen.line("Best %s. %.1f s in all.", report.best().describedBy(report.task()), report.seconds());
        }
        boolean hasBest = Files.isRegularFile(folder.best());
        if (tensorBoard) {
            screen.line("For TensorBoard: tensorboard --logdir %s", ShellWords.quoted(folder.tensorBoard()));
        }
        screen.line(
                "Wrote %s: %slast.safetensors, history.csv, result.json, report.html, train.log",
                folder.path(), hasBest ? "best.safetensors, " : "");
        String result = ShellWords.quoted(hasBest ? folder.best() : folder.last());
        screen.line("Look closer: ./alborz evaluate %s", result);
        if (report.task() == Task.LANGUAGE_MODEL) {
            screen.line("Have it write: ./alborz generate %s --prompt \"…\"", result);
        }
        return ExitCodes.OK;
    }
}
