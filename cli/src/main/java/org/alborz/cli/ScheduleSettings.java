package org.alborz.cli;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.alborz.optim.Schedule;
import org.alborz.train.Callback;
import org.alborz.train.Monitor;
import org.alborz.train.ReduceLROnPlateau;

/** How the learning rate of a run changes: a schedule's name and its settings, whose times are epochs. */
final class ScheduleSettings {
    static final String CONSTANT = "constant";
    static final String COSINE = "cosine";

    /** What {@code --schedule} says of itself. */
    static final String HELP =
            "NAME or NAME:KEY=VALUE,…: how the learning rate changes (default: constant). Times are epochs, such as 2 or 0.5:%n"
                    + "  constant%n"
                    + "  step:every=N,factor=0.1          every N epochs times the factor (a third of all)%n"
                    + "  multi-step:epochs=20+30,factor=0.1   after each of these (half and three quarters of all)%n"
                    + "  exponential:factor=0.95          each epoch, step by step%n"
                    + "  linear:start=1,end=0             over all epochs%n"
                    + "  polynomial:power=2               to 0 over all epochs%n"
                    + "  cosine:least=0                   to 0, or that share of it; warmup is a twentieth of all unless set%n"
                    + "  cosine-restarts:period=10,multiplier=2%n"
                    + "  one-cycle:rising=0.3,start=0.04,end=0.0001%n"
                    + "  plateau:patience=10,factor=0.1,cooldown=0,least=0   where the validation loss does not fall%n"
                    + "Each but one-cycle takes warmup=N as well, in which the learning rate rises from 0.";

    private static final String WARMUP = "warmup";
    private static final String FACTOR = "factor";
    private static final String LEAST = "least";

    /** The keys of each schedule beside {@link #WARMUP}. */
    private static final Map<String, List<String>> KEYS = Map.of(
            CONSTANT,
            List.of(WARMUP),
            "step",
            List.of("every", FACTOR, WARMUP),
            "multi-step",
            List.of("epochs", FACTOR, WARMUP),
            "exponential",
            List.of(FACTOR, WARMUP),
            "linear",
            List.of("start", "end", WARMUP),
            "polynomial",
            List.of("power", WARMUP),
            COSINE,
            List.of(LEAST, WARMUP),
            "cosine-restarts",
            List.of("period", "multiplier", WARMUP),
            "one-cycle",
            List.of("rising", "start", "end"),
            "plateau",
            List.of("patience", FACTOR, "cooldown", LEAST, WARMUP));

    private static final List<String> NAMES = List.of(
            CONSTANT,
            "step",
            "multi-step",
            "exponential",
            "linear",
            "polynomial",
            COSINE,
            "cosine-restarts",
            "one-cycle",
            "plateau");

    private static final double MOST_EPOCHS = 1e6;
    private static final double SMALLEST = 1e-6;

    /** The learning rate of the cosine rises over the first of this many equal parts of the steps unless told otherwise. */
    private static final int WARMUP_PART = 20;

    private final NamedSettings settings;
    private final int epochs;

    private ScheduleSettings(NamedSettings settings, int epochs) {
        this.settings = settings;
        this.epochs = epochs;
    }

    /** Reads the value of {@code --schedule} for a run of some epochs, and refuses what cannot be meant. */
    static ScheduleSettings parse(String text, int epochs) {
        NamedSettings settings = NamedSettings.parse("--schedule", text);
        OptionChecks.oneOf("--schedule", settings.name(), NAMES);
        settings.requireKeys(KEYS.get(settings.name()));
        ScheduleSettings schedule = new ScheduleSettings(settings, epochs);
        schedule.schedule(1_000); // which looks at every setting
        schedule.callback();
        return schedule;
    }

    /** Tells whether the learning rate of a step depends on how many epochs there are in all. */
    boolean dependsOnEpochs() {
        return switch (settings.name()) {
            case "step" -> !settings.has("every");
            case "multi-step" -> !settings.has("epochs");
            case "linear", "polynomial", COSINE, "one-cycle" -> true;
            default -> false;
        };
    }

    /** Returns the schedule of the steps. */
    Schedule schedule(int batchesPerEpoch) {
        long all = (long) epochs * batchesPerEpoch;
        long warmup = steps(settings.number(WARMUP, 0, 0, epochs), batchesPerEpoch);
        return switch (settings.name()) {
            case "step" ->
                after(warmup, Schedule.stepDecay(time("every", epochs / 3.0, batchesPerEpoch), factor(0.1, 1)));
            case "multi-step" -> after(warmup, Schedule.multiStep(factor(0.1, 1), milestones(batchesPerEpoch)));
            case "exponential" -> after(warmup, Schedule.exponential(-Math.log(factor(0.95, 1)) / batchesPerEpoch));
            case "linear" ->
                follows(
                        warmup,
                        Schedule.linear(
                                Math.max(1, all - warmup),
                                settings.number("start", 1, 0, 100),
                                settings.number("end", 0, 0, 100)));
            case "polynomial" ->
                follows(
                        warmup,
                        Schedule.polynomial(Math.max(1, all - warmup), settings.number("power", 2, SMALLEST, 100)));
            case COSINE -> {
                double least = settings.number(LEAST, 0, 0, 1);
                Schedule cosine = Schedule.cosine(all, settings.has(WARMUP) ? warmup : all / WARMUP_PART);
                yield least == 0 ? cosine : cosine.downTo(least);
            }
            case "cosine-restarts" ->
                follows(
                        warmup,
                        Schedule.cosineRestarts(
                                time("period", 10, batchesPerEpoch), settings.count("multiplier", 2, 1, 1_000)));
            case "one-cycle" ->
                Schedule.oneCycle(
                        all,
                        settings.number("rising", 0.3, SMALLEST, 1 - SMALLEST),
                        settings.number("start", 1 / 25.0, SMALLEST, 1),
                        settings.number("end", 1e-4, SMALLEST, 1));
            default -> warmup == 0 ? Schedule.constant() : Schedule.warmup(warmup);
        };
    }

    /** Returns what reacts to the validation, where the schedule does. */
    Optional<Callback> callback() {
        return settings.name().equals("plateau")
                ? Optional.of(new ReduceLROnPlateau(
                                Monitor.min("val_loss"), settings.count("patience", 10, 0, (int) MOST_EPOCHS))
                        .factor(factor(0.1, 1 - SMALLEST))
                        .cooldown(settings.count("cooldown", 0, 0, (int) MOST_EPOCHS))
                        .least(settings.number(LEAST, 0, 0, 1)))
                : Optional.empty();
    }

    private double factor(double usual, double most) {
        return settings.number(FACTOR, usual, SMALLEST, most);
    }

    /** Returns the steps of a time that the user may have given, at least one. */
    private long time(String key, double usual, int batchesPerEpoch) {
        return Math.max(1, steps(settings.number(key, usual, SMALLEST, MOST_EPOCHS), batchesPerEpoch));
    }

    private long[] milestones(int batchesPerEpoch) {
        double[] usual = {epochs * 0.5, epochs * 0.75};
        double[] times = settings.rising("epochs", usual, SMALLEST, MOST_EPOCHS);
        long[] steps = new long[times.length];
        for (int i = 0; i < steps.length; i++) {
            steps[i] = Math.max(i == 0 ? 1 : steps[i - 1] + 1, steps(times[i], batchesPerEpoch));
        }
        return steps;
    }

    private static long steps(double epochs, int batchesPerEpoch) {
        return Math.round(epochs * batchesPerEpoch);
    }

    /** Returns a schedule whose times are counted from the run's beginning, beside one that rises. */
    private static Schedule after(long warmup, Schedule schedule) {
        return warmup == 0 ? schedule : Schedule.chained(Schedule.warmup(warmup), schedule);
    }

    /** Returns a schedule that begins where the rising one ends. */
    private static Schedule follows(long warmup, Schedule schedule) {
        return warmup == 0 ? schedule : schedule.withWarmup(warmup);
    }
}
