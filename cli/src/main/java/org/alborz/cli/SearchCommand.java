package org.alborz.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.alborz.data.DataLoader;
import org.alborz.data.Dataset;
import org.alborz.metrics.Metric;
import org.alborz.nn.Model;
import org.alborz.tensor.Session;
import org.alborz.train.Monitor;
import org.alborz.train.TerminateOnNaN;
import org.alborz.train.Trainer;
import org.alborz.tune.Asha;
import org.alborz.tune.BayesianSearch;
import org.alborz.tune.EvolutionSearch;
import org.alborz.tune.GridSearch;
import org.alborz.tune.ParallelCoordinates;
import org.alborz.tune.RandomSearch;
import org.alborz.tune.StopDivergence;
import org.alborz.tune.StoppingRule;
import org.alborz.tune.Strategy;
import org.alborz.tune.Study;
import org.alborz.tune.Trial;
import org.alborz.tune.TrialCallback;
import org.alborz.tune.TrialObjective;
import org.alborz.tune.TrialRun;
import org.alborz.tune.TrialTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Searches settings of a training. */
@Command(
        name = "search",
        description =
                "Trains a net again and again with other settings, and says which are best. It takes train's options for what"
                        + " all trials share. The same command goes on after the trials that its folder has.",
        footer = {
            "",
            "Examples:",
            "  ./alborz search mlp --vary learning-rate=1e-4..1:log --vary optimizer=adam,nesterov --trials 20",
            "  ./alborz search resnet20 --data cifar10 --limit 5000 --epochs 6 --stop asha --strategy random"
        })
final class SearchCommand implements Callable<Integer> {
    private static final String TRIALS = "trials.jsonl";
    private static final String CSV = "trials.csv";
    private static final String PAGE = "search.html";
    private static final int EVALUATION_BATCH = 256;
    private static final int SHOWN = 10;

    /** The first step and the reduction of {@code --stop asha}. */
    private static final int ASHA_STEPS = 1;

    private static final int ASHA_REDUCTION = 3;
    private static final int POPULATION = 20;
    private static final int SAMPLE = 5;

    @Spec
    private CommandSpec spec;

    @Mixin
    private TrainOptions options;

    @Mixin
    private BackendOption backend;

    @Option(names = "--vary", paramLabel = "NAME=VALUES", description = "What to vary: " + Variation.HELP + ".")
    private List<String> vary;

    @Option(names = "--trials", paramLabel = "N", defaultValue = "20", description = "Trials in all (default: 20).")
    private int trials;

    @Option(
            names = "--strategy",
            paramLabel = "NAME",
            defaultValue = "bayesian",
            description = "bayesian, random, grid or evolution (default: bayesian).")
    private String strategy;

    @Option(
            names = "--grid-points",
            paramLabel = "N",
            defaultValue = "5",
            description = "Of grid: values of a range (default: 5).")
    private int gridPoints;

    @Option(
            names = "--stop",
            split = ",",
            paramLabel = "NAME",
            defaultValue = "divergence",
            description =
                    "What ends trials early: divergence, a loss that passes three times its first or is no number; asha, not to be"
                            + " in the best third after 1, 3, 9, … epochs; none (default: divergence).")
    private List<String> stop;

    @Option(
            names = "--monitor",
            paramLabel = "NAME",
            defaultValue = "val_loss",
            description =
                    "What is to become small, or large where it is an accuracy or another score: val_loss, or val_ and one of"
                            + " --metrics; of each trial the best epoch counts (default: val_loss).")
    private String monitor;

    @Option(
            names = "--parallel",
            paramLabel = "N",
            defaultValue = "1",
            description = "Trials at a time, which share the processors (default: 1).")
    private int parallel;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "search",
            description = "Where trials.jsonl, trials.csv and search.html are written (default: search).")
    private Path out;

    @Mixin
    private JsonOption json;

    /** While trials run. */
    private SearchProgress progress;

    /**
     * What {@code --json} holds.
     *
     * @param best null where no trial has a value
     * @param command that trains as the best did; null likewise
     */
    record Report(String monitor, String strategy, Result best, String command, List<Result> trials) {}

    /** A trial. */
    record Result(
            int number, String state, double value, Map<String, Object> settings, double seconds, String message) {
        static Result of(Trial trial) {
            return new Result(
                    trial.number(),
                    trial.state().name(),
                    trial.value(),
                    trial.settings().values(),
                    trial.seconds(),
                    trial.message());
        }
    }

    @Override
    public Integer call() {
        backend.check();
        json.check();
        OptionChecks.count("--trials", trials);
        OptionChecks.count("--grid-points", gridPoints);
        OptionChecks.count("--parallel", parallel, 256);
        TrialSettings settings = new TrialSettings(spec.commandLine().getParseResult(), vary);
        TrainSettings base = settings.base();
        Strategy chosen = strategy(base.seed());
        StoppingRule[] rules = rules();
        WritablePlace.requireFolder("--out", out);
        json.requireNone(List.of(out.resolve(TRIALS), out.resolve(CSV), out.resolve(PAGE)));
        DataSource source = base.source();
        json.requireNoneOf(source);
        Screen screen = Screen.of(spec);
        Dataset training = source.training();
        Dataset validation = source.validation();
        Signature signature = source.signature(training);
        requireMeasured(base, signature);
        Study study = study(settings, chosen, rules);
        screen.field("Search", trials + " trials, " + chosen + ", for " + monitor);
        screen.field("Data", source.describe(training));
        screen.field("Space", study.space());
        if (!study.trials().isEmpty()) {
            screen.line("Going on after the %d trials in %s.", study.trials().size(), out.resolve(TRIALS));
        }
        long samplesEach = (long) base.epochs() * training.size();
        try (SearchProgress shown = new SearchProgress(
                screen, monitor, source.unit(), study.trials().size(), trials, samplesEach)) {
            progress = shown;
            run(study, run -> train(settings.of(run.settings()), run, training, validation, signature));
        }
        write(study, base);
        print(screen, settings, study);
        return ExitCodes.OK;
    }

    private void run(Study study, TrialObjective objective) {
        try {
            study.run(trials, objective);
        } catch (UncheckedIOException | IllegalStateException e) {
            throw new CommandFailure(
                    ExitCodes.FAILED,
                    e.getMessage() + ". The trials that have ended are kept, and the same command goes on after them.",
                    e);
        }
    }

    private Strategy strategy(long seed) {
        return switch (OptionChecks.oneOf("--strategy", strategy, List.of("bayesian", "random", "grid", "evolution"))) {
            case "random" -> new RandomSearch(seed);
            case "grid" -> new GridSearch(gridPoints);
            case "evolution" -> new EvolutionSearch(seed, POPULATION, SAMPLE);
            default -> new BayesianSearch(seed);
        };
    }

    private StoppingRule[] rules() {
        List<StoppingRule> rules = new ArrayList<>();
        for (String name : stop) {
            switch (OptionChecks.oneOf("--stop", name, List.of("divergence", "asha", "none"))) {
                case "asha" -> rules.add(new Asha(ASHA_STEPS, ASHA_REDUCTION));
                case "divergence" -> rules.add(new StopDivergence());
                default -> {
                    if (stop.size() > 1) {
                        throw CommandFailure.usage("--stop none excludes other rules, got " + String.join(",", stop));
                    }
                }
            }
        }
        return rules.toArray(StoppingRule[]::new);
    }

    private Study study(TrialSettings settings, Strategy chosen, StoppingRule[] rules) {
        boolean least = isSmallBetter();
        Study.Builder builder = least ? Study.minimize(settings.space()) : Study.maximize(settings.space());
        try {
            return builder.strategy(chosen)
                    .stop(rules)
                    .parallel(parallel)
                    .description(settings.description() + ", " + monitor)
                    .storage(out.resolve(TRIALS))
                    .listener(trial -> progress.ended(trial))
                    .build();
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitCodes.DATA, e.getMessage() + ". Or choose another folder with --out.", e);
        }
    }

    private void requireMeasured(TrainSettings base, Signature signature) {
        List<String> known = new ArrayList<>(List.of("loss"));
        known.addAll(signature.task().metrics());
        Stream.of(base.moreMetrics(signature)).map(Metric::name).forEach(known::add);
        if (!known.contains(monitor.replaceFirst("^val_", ""))) {
            throw OptionChecks.refused(
                    "--monitor",
                    "what is measured: " + String.join(", ", known) + ", with val_ or without",
                    "'" + monitor + "'");
        }
    }

    private boolean isSmallBetter() {
        return List.of("loss", "mae", "rmse", "mse", "perplexity", "calibration-error", "calibration_error").stream()
                .anyMatch(name -> monitor.equals(name) || monitor.equals("val_" + name));
    }

    private double train(
            TrainSettings settings, TrialRun run, Dataset training, Dataset validation, Signature signature) {
        DataLoader loader = settings.trainingLoader(training);
        ScheduleSettings schedule = settings.scheduleSettings();
        TrialCallback report = new TrialCallback(run, isSmallBetter() ? Monitor.min(monitor) : Monitor.max(monitor));
        try (Session session = backend.openOneOf(parallel);
                Model model = settings.createModel(session, signature, training)) {
            Trainer.Builder builder = signature
                    .task()
                    .trainer(model, settings.newOptimizer(), settings.moreMetrics(signature))
                    .schedule(schedule.schedule(loader.batchesPerEpoch()))
                    .seed(settings.seed())
                    .verbose(false)
                    .callback(report)
                    .callback(progress.of(run.number()))
                    .callback(new TerminateOnNaN());
            schedule.callback().ifPresent(builder::callback);
            builder.build()
                    .fit(loader, DataLoader.of(validation, EVALUATION_BATCH).build(), settings.epochs());
            return report.best();
        }
    }

    private void write(Study study, TrainSettings base) {
        try {
            Files.createDirectories(out);
        } catch (IOException e) {
            throw CommandFailure.unwritable(out, e);
        }
        AtomicFile.write(out.resolve(CSV), TrialTable.of(study).csv());
        String title = "Search: " + base.model() + ", " + monitor;
        AtomicFile.write(out.resolve(PAGE), ParallelCoordinates.html(study, title));
    }

    private void print(Screen screen, TrialSettings settings, Study study) {
        screen.line("");
        TrialTable.of(study).text(SHOWN).lines().forEach(screen::line);
        Optional<Trial> best = study.best();
        screen.line("");
        if (best.isPresent()) {
            screen.line("Best: trial %d. To train so:", best.get().number());
            screen.line("  " + settings.command(best.get().settings()));
        } else {
            screen.line("No trial ran to its end with a finite %s; see %s.", monitor, out.resolve(CSV));
        }
        screen.line("Wrote %s, trials.csv and trials.jsonl.", out.resolve(PAGE));
        json.write(new Report(
                monitor,
                strategy,
                best.map(Result::of).orElse(null),
                best.map(trial -> settings.command(trial.settings())).orElse(null),
                study.trials().stream().map(Result::of).toList()));
    }
}
