package org.alborz.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.alborz.data.Dataset;
import org.alborz.nn.Model;
import org.alborz.tensor.Session;
import org.alborz.train.LearningRateCurve;
import org.alborz.train.LearningRateFinder;
import org.alborz.train.Trainer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Finds a learning rate for a net and an optimizer. */
@Command(
        name = "lr-find",
        description =
                "Trains a new net for some steps at a growing learning rate, suggests one, and writes the curve of the loss as CSV"
                        + " and SVG. It takes train's options; epochs, schedule and learning rate have no effect.")
final class LrFindCommand implements Callable<Integer> {
    private static final String CSV = "curve.csv";
    private static final String SVG = "curve.svg";

    @Spec
    private CommandSpec spec;

    @Mixin
    private TrainOptions options;

    @Mixin
    private BackendOption backend;

    @Option(
            names = "--start",
            paramLabel = "X",
            defaultValue = "1e-7",
            description = "The first learning rate (default: 1e-7).")
    private double start;

    @Option(
            names = "--end",
            paramLabel = "X",
            defaultValue = "10",
            description = "The last learning rate (default: 10).")
    private double end;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "100",
            description = "Steps, a batch each (default: 100).")
    private int steps;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "lr-find",
            description = "Where curve.csv and curve.svg are written (default: lr-find).")
    private Path out;

    @Mixin
    private JsonOption json;

    /**
     * What {@code --json} holds.
     *
     * @param suggestion null where the loss falls nowhere
     * @param points one a step
     */
    record Report(
            String model,
            String data,
            String optimizer,
            String backend,
            String device,
            Double suggestion,
            List<LearningRateCurve.Point> points) {}

    @Override
    public Integer call() {
        backend.check();
        json.check();
        TrainSettings settings = options.settings();
        OptionChecks.positive("--start", start);
        OptionChecks.positive("--end", end);
        if (!(end > start)) {
            throw CommandFailure.usage("--end expects a learning rate above --start, got " + end + " and " + start);
        }
        if (steps < 2) {
            throw CommandFailure.usage("--steps expects at least 2, got " + steps);
        }
        WritablePlace.requireFolder("--out", out);
        json.requireNone(List.of(out.resolve(CSV), out.resolve(SVG)));
        DataSource source = settings.source();
        json.requireNoneOf(source);
        Dataset training = source.training();
        Signature signature = source.signature(training);
        try (Session session = backend.open();
                Model model = settings.createModel(session, signature, training)) {
            Trainer trainer = signature
                    .task()
                    .trainer(model, settings.newOptimizer())
                    .seed(settings.seed())
                    .build();
            Screen screen = Screen.of(spec);
            LearningRateCurve curve;
            try (Progress progress = Progress.start(screen, "finding", "steps", steps)) {
                curve = LearningRateFinder.of(trainer)
                        .range(start, end)
                        .steps(steps)
                        .run(settings.trainingLoader(training), progress::to);
            }
            write(curve);
            print(screen, settings, curve);
            json.write(new Report(
                    settings.model(),
                    source.describe(training),
                    settings.optimizer(),
                    session.backend().name(),
                    session.backend().device(),
                    curve.suggestion().isPresent() ? curve.suggestion().getAsDouble() : null,
                    curve.points()));
        }
        return ExitCodes.OK;
    }

    private void write(LearningRateCurve curve) {
        try {
            Files.createDirectories(out);
            curve.writeCsv(out.resolve(CSV));
            curve.writeSvg(out.resolve(SVG));
        } catch (IOException e) {
            throw new CommandFailure(ExitCodes.FAILED, "The curve cannot be written to " + out + ": " + e, e);
        }
    }

    private void print(Screen screen, TrainSettings settings, LearningRateCurve curve) {
        OptionalDouble suggestion = curve.suggestion();
        if (suggestion.isPresent()) {
            screen.line(
                    "Suggested learning rate of %s for %s: %s",
                    settings.optimizer(),
                    settings.model(),
                    String.format(Locale.ROOT, "%.2e", suggestion.getAsDouble()));
        } else {
            screen.line(
                    "The loss falls nowhere between the learning rates %s and %s; look at the curve, or widen them with"
                            + " --start and --end.",
                    start, end);
        }
        screen.line(
                "Wrote %s and curve.svg, %d steps.",
                out.resolve(CSV), curve.points().size());
    }
}
