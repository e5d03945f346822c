package org.alborz.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import org.alborz.data.DataLoader;
import org.alborz.data.Dataset;
import org.alborz.data.PatchWhitening;
import org.alborz.metrics.Accuracy;
import org.alborz.nn.Model;
import org.alborz.tensor.Session;
import org.alborz.train.Evaluation;
import org.alborz.train.LambdaCallback;
import org.alborz.train.Objective;
import org.alborz.train.TestTimeAugmentation;
import org.alborz.train.Trainer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains a classifier of CIFAR-10 in few epochs, once for each of several seeds. */
@Command(
        name = "speedrun",
        description =
                "Trains the net of airbench94 (Jordan 2024), made to learn CIFAR-10 in few epochs, with several seeds, and prints the accuracy and the"
                        + " time of each, their mean and their standard deviation.",
        footer = {
            "",
            "The time is that of training; reading the data, whitening and evaluation are not counted. That of the first seed",
            "holds what is done once: compiling, choosing algorithms, taking memory. Where the backend captures steps, each is",
            "one graph.",
            "",
            "Examples:",
            "  ./alborz speedrun --data cifar10 --seeds 5 --backend cuda --precision bfloat16",
            "  ./alborz speedrun --data cifar10 --epochs 4 --batch-size 256 --width 0.25"
        })
final class SpeedrunCommand implements Callable<Integer> {
    private static final int EVALUATION_BATCH = 500;
    private static final int MOST_SEEDS = 10_000;
    private static final int MOST_SHIFT = 8;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--data",
            paramLabel = "NAME|DIR",
            defaultValue = ImageSource.GENERATED,
            description = "cifar10, a directory with its files, or other images of 32 by 32 pixels as train takes them"
                    + " (default: generated, which are NOT CIFAR-10).")
    private String data;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "0",
            description = "Use only the first N images of each part (default: 0, all).")
    private int limit;

    @Option(names = "--epochs", paramLabel = "N", defaultValue = "10", description = "Epochs (default: 10).")
    private int epochs;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            defaultValue = "1024",
            description = "Images a step; the learning rate is proportional to it (default: 1024).")
    private int batchSize;

    @Option(
            names = "--width",
            paramLabel = "X",
            defaultValue = "1",
            description = "What the numbers of channels, 64, 256 and 256, are multiplied by (default: 1).")
    private double width;

    @Option(
            names = "--learning-rate",
            paramLabel = "X",
            description =
                    "Of 1,024 images, before it is divided by 1 + 1 / (1 - momentum) (default: 11.5); of muon the rate"
                            + " itself, for any number of images (default: 0.02).")
    private Double learningRate;

    @Option(
            names = "--optimizer",
            paramLabel = "NAME",
            defaultValue = "nesterov",
            description =
                    "nesterov, as in airbench94; or muon for the convolutions, with AdamW for all else, which is not tuned"
                            + " (default: nesterov).")
    private String optimizer;

    @Option(
            names = "--lookahead",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Average the weights every five steps, as airbench94 does, or not (default: --lookahead).")
    private boolean lookahead;

    @Option(
            names = "--precision",
            paramLabel = "NAME",
            defaultValue = "float32",
            description = "float32; or bfloat16 or float16, which layers then compute in (default: float32).")
    private String precision;

    @Option(names = "--seeds", paramLabel = "N", defaultValue = "1", description = "How many runs (default: 1).")
    private int seeds;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Of the first run (default: 1).")
    private long seed;

    @Option(
            names = "--shift",
            paramLabel = "N",
            defaultValue = "0",
            description = "Evaluate images moved by N pixels as well, beside mirrored ones (default: 0, none).")
    private int shift;

    @Mixin
    private BackendOption backend;

    @Mixin
    private JsonOption json;

    /**
     * What a run came to.
     *
     * @param accuracy of the images alone
     * @param accuracyWithFlips of the mean of an image and its mirror image, and of moved ones where they were asked for
     * @param seconds of training
     */
    record Run(long seed, double accuracy, double accuracyWithFlips, double seconds) {}

    /** What {@code --json} holds. */
    record Report(
            String data,
            int limit,
            SpeedrunSettings settings,
            int shift,
            long parameters,
            String backend,
            String device,
            Map<String, Object> options,
            List<Run> runs,
            Statistic accuracy,
            Statistic accuracyWithFlips,
            Statistic seconds) {}

    /**
     * A mean over runs.
     *
     * @param deviation the standard deviation of a sample, null of one run
     */
    record Statistic(double mean, Double deviation) {
        static Statistic of(List<Run> runs, ToDoubleFunction<Run> value) {
            double mean = runs.stream().mapToDouble(value).average().orElseThrow();
            double squares = runs.stream()
                    .mapToDouble(value)
                    .map(each -> (each - mean) * (each - mean))
                    .sum();
            return new Statistic(mean, runs.size() < 2 ? null : Math.sqrt(squares / (runs.size() - 1)));
        }

        String text(double factor, String format) {
            String spread = deviation == null ? "" : String.format(Locale.ROOT, " ± " + format, factor * deviation);
            return String.format(Locale.ROOT, format, factor * mean) + spread;
        }
    }

    @Override
    public Integer call() {
        backend.check();
        json.check();
        OptionChecks.oneOf("--optimizer", optimizer, SpeedrunSettings.OPTIMIZERS);
        double rate = learningRate == null ? SpeedrunSettings.learningRate(optimizer) : learningRate;
        SpeedrunSettings settings =
                new SpeedrunSettings(epochs, batchSize, width, rate, precision, optimizer, lookahead);
        OptionChecks.count("--seeds", seeds, MOST_SEEDS);
        if (seed > Long.MAX_VALUE - seeds) {
            throw CommandFailure.usage("--seed expects a number that --seeds can be added to, got " + seed);
        }
        OptionChecks.between("--shift", shift, 0, MOST_SHIFT);
        ImageSource source = new ImageSource(ImageSource.absolute(data), limit);
        json.requireNoneOf(source);
        Dataset training = source.training();
        DataLoader test = DataLoader.of(source.test(), EVALUATION_BATCH).build();
        Screen screen = Screen.of(spec);
        screen.field("Data", source.describe(training));
        PatchWhitening whitening = SpeedrunSettings.whitening(training);
        try (Session session = backend.open()) {
            screen.field("Backend", BackendOption.describe(session));
            List<Run> runs = new ArrayList<>();
            long parameters = 0;
            for (int i = 0; i < seeds; i++) {
                long each = seed + i;
                try (Model model = settings.model(session, training.classes().size(), whitening, each)) {
                    parameters = model.parameterCount();
                    runs.add(run(screen, settings, model, settings.loader(training, each), test, each));
                }
            }
            Report report = new Report(
                    source.describe(training),
                    limit,
                    settings,
                    shift,
                    parameters,
                    session.backend().name(),
                    session.backend().device(),
                    backend.options(),
                    runs,
                    Statistic.of(runs, Run::accuracy),
                    Statistic.of(runs, Run::accuracyWithFlips),
                    Statistic.of(runs, Run::seconds));
            screen.line(
                    "%d runs  accuracy %s %%, with flips %s %%  %s s",
                    runs.size(),
                    report.accuracy().text(100, "%.2f"),
                    report.accuracyWithFlips().text(100, "%.2f"),
                    report.seconds().text(1, "%.1f"));
            json.write(report);
        }
        return ExitCodes.OK;
    }

    private Run run(
            Screen screen, SpeedrunSettings settings, Model model, DataLoader loader, DataLoader test, long number) {
        long steps = (long) settings.epochs() * loader.batchesPerEpoch();
        double seconds;
        Trainer trainer;
        try (Progress progress = Progress.start(screen, "seed " + number, "steps", steps)) {
            trainer = settings.trainer(
                    model, loader, number, new LambdaCallback().onStepEnd(running -> progress.to(running.step())));
            model.session().backend().synchronize();
            long start = System.nanoTime();
            trainer.fit(loader, settings.epochs());
            model.session().backend().synchronize();
            seconds = (System.nanoTime() - start) * 1e-9;
        }
        if (!model.isFinite()) {
            throw new CommandFailure(
                    ExitCodes.FAILED,
                    "The weights of seed " + number
                            + " are no finite numbers after training; use a smaller --learning-rate");
        }
        TestTimeAugmentation views = TestTimeAugmentation.flips().shifted(shift);
        Objective objective = Objective.supervised(model, SpeedrunSettings.loss(), views);
        Run run = new Run(
                number,
                trainer.evaluate(test).accuracy(),
                Evaluation.of(model, objective, List.of(new Accuracy()), test).accuracy(),
                seconds);
        screen.line(
                "seed %d  accuracy %.2f %%, with flips %.2f %%  %.1f s",
                number, 100 * run.accuracy(), 100 * run.accuracyWithFlips(), seconds);
        return run;
    }
}
