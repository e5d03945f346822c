package org.alborz.examples.cli;

import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
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
        description = "Trains a net on images in ten classes, and writes checkpoints and figures.",
        footer = {
            "",
            "Examples:",
            "  ./alborz train                                    the CNN, on generated images",
            "  ./alborz train resnet20 --data DIR --epochs 20    a ResNet, on CIFAR-10",
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
            description = "Go on from last.safetensors in --out, with that run's settings; --epochs may be raised, and"
                    + " --data name the folder that its data have moved to.")
    private boolean resume;

    @Option(
            names = "--record-steps",
            description =
                    "Record a training step once and replay it as one CUDA graph (default: off). The results are the same bits;"
                            + " a backend that cannot record says so and goes on without.")
    private boolean recordSteps;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() {
        TrainSettings settings;
        RunFolder folder;
        if (resume) {
            folder = RunFolder.existing(out);
            settings = settingsToResume(folder);
        } else {
            settings = options.settings();
            folder = RunFolder.fresh(out == null ? defaultFolder(settings) : out);
        }
        // Data and backend first: what cannot start leaves no folder behind.
        Dataset training = settings.source().training();
        Dataset test = settings.source().test();
        try (Interruption interruption = Interruption.listen();
                Session session = backend.open()) {
            folder.create();
            try (RunLog log = new RunLog(folder.log())) {
                Screen screen = Screen.of(spec);
                TrainingRun run = new TrainingRun(screen, settings, folder, resume, recordSteps, interruption);
                TrainReport report = log.around(() -> run.train(session, training, test));
                json.write(report);
                return conclude(screen, folder, report, interruption.isRequested());
            }
        }
    }

    private static Path defaultFolder(TrainSettings settings) {
        return Path.of(
                "runs",
                settings.model() + "-"
                        + LocalDateTime.now(ZoneId.systemDefault()).format(TIME));
    }

    private TrainSettings settingsToResume(RunFolder folder) {
        TrainSettings saved = SavedModel.read(folder.last()).settings();
        TrainSettings asked = options.over(saved);
        List<String> conflicts = saved.conflicts(asked);
        if (!conflicts.isEmpty()) {
            throw CommandFailure.usage("The run in " + folder.path() + " has " + String.join("; ", conflicts)
                    + ". Leave these options out, or start a new run without --resume");
        }
        return asked;
    }

    private int conclude(Screen screen, RunFolder folder, TrainReport report, boolean interrupted) {
        screen.line("");
        if (report.stopped() != null && !report.stopped().equals(Interruption.REASON)) {
            double rate = report.settings().learningRate();
            throw new CommandFailure(
                    ExitCodes.FAILED,
                    String.format(
                            Locale.ROOT,
                            "The training failed: %s (it was %s; try --learning-rate %.2g). Checkpoints of earlier epochs, if any, are"
                                    + " kept in %s",
                            report.stopped(),
                            rate,
                            rate / 10,
                            folder.path()));
        }
        if (interrupted) {
            screen.line("Stopped at step %,d and saved %s.", report.steps(), folder.last());
            screen.line("Go on with: ./alborz train --resume --out %s", folder.path());
            return ExitCodes.INTERRUPTED;
        }
        if (report.best() != null) {
            screen.line(
                    "Best validation accuracy %.1f %%, after epoch %d. %.1f s in all.",
                    100 * report.best().validationAccuracy(), report.best().epoch(), report.seconds());
        }
        screen.line("Wrote %s: best.safetensors, last.safetensors, history.csv, result.json, train.log", folder.path());
        screen.line("Look closer: ./alborz evaluate %s", folder.best());
        return ExitCodes.OK;
    }
}
