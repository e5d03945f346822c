package org.alborz.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.alborz.cuda.budget.CountedStep;
import org.alborz.cuda.budget.GpuRoofline;
import org.alborz.cuda.budget.StepBudget;
import org.alborz.cuda.natives.NativeLibraries;
import org.alborz.softwarecuda.SoftwareCuda;
import org.alborz.softwarecuda.SoftwareDevice;
import org.alborz.train.DataOnDevice;
import picocli.CommandLine.Option;

/** Counts what training steps ask of a GPU, on libraries that accept work and leave it undone, and predicts their time. */
final class GpuBudget {
    private static final double MOST = 1e6;
    private static final long MEMORY_BYTES = 1L << 40;

    /** The options that mean nothing without {@code --gpu-budget}. */
    static final List<String> SETTINGS =
            List.of("--gpu-bandwidth", "--gpu-link", "--gpu-gap", "--gpu-shortest", "--gpu-rate");

    @Option(names = "--gpu-budget", description = "Count the work of training steps on a GPU, without one.")
    private boolean asked;

    @Option(
            names = "--gpu-bandwidth",
            paramLabel = "TB/s",
            defaultValue = "4.3",
            description = "With --gpu-budget: of the device's memory (default: 4.3).")
    private double bandwidth;

    @Option(
            names = "--gpu-link",
            paramLabel = "GB/s",
            defaultValue = "50",
            description = "With --gpu-budget: between host and device (default: 50).")
    private double link;

    @Option(
            names = "--gpu-gap",
            paramLabel = "US",
            defaultValue = "1.2",
            description = "With --gpu-budget: microseconds between two operations of a graph (default: 1.2).")
    private double gap;

    @Option(
            names = "--gpu-shortest",
            paramLabel = "US",
            defaultValue = "1.6",
            description = "With --gpu-budget: microseconds of the shortest kernel (default: 1.6).")
    private double shortest;

    @Option(
            names = "--gpu-rate",
            paramLabel = "TFLOP/s",
            description = "With --gpu-budget: of products and convolutions (default: 220 for TF32, 450 for bfloat16).")
    private Double rate;

    /**
     * A step's figures, as {@code --json} writes them.
     *
     * @param dataOnDevice whether the device keeps the images, which are uploaded batch by batch otherwise
     * @param budgetOperations what a good backend needs at most, or 0 where nothing is set; budgetGigabytes likewise
     */
    record Result(
            String step,
            String precision,
            boolean dataOnDevice,
            long operations,
            int budgetOperations,
            double gigabytes,
            double budgetGigabytes,
            double predictedMs,
            List<StepBudget.Row> rows) {}

    boolean isAsked() {
        return asked;
    }

    void check() {
        OptionChecks.atLeastZero("--gpu-gap", gap, MOST);
        OptionChecks.atLeastZero("--gpu-shortest", shortest, MOST);
        requireAboveZero("--gpu-bandwidth", bandwidth);
        requireAboveZero("--gpu-link", link);
        if (rate != null) {
            requireAboveZero("--gpu-rate", rate);
        }
    }

    private static void requireAboveZero(String option, double value) {
        if (!(value > 0 && value <= MOST)) {
            throw CommandFailure.usage(
                    option + " expects a number above 0 and up to " + (long) MOST + ", got " + value);
        }
    }

    /** Counts the named steps, or all for null, and prints them. */
    List<Result> print(Screen screen, List<String> names) {
        List<CountedStep> steps = steps(names);
        load();
        screen.field(
                "Roofline",
                String.format(
                        Locale.ROOT,
                        "%s TB/s, %s GB/s to the device, %s us a gap, %s us the shortest kernel%s",
                        bandwidth,
                        link,
                        gap,
                        shortest,
                        rate == null ? "" : ", " + rate + " TFLOP/s"));
        screen.field("Method", "counted, not measured: bytes of operands, each read or written once");
        List<Result> results = new ArrayList<>();
        for (CountedStep step : steps) {
            results.add(result(step, DataOnDevice.OFF));
            if (step.isOfImages()) {
                results.add(result(step, DataOnDevice.ON));
            }
        }
        for (Result result : results) {
            print(screen, result);
        }
        return results;
    }

    private static List<CountedStep> steps(List<String> names) {
        if (names == null) {
            return List.of(CountedStep.values());
        }
        names.stream()
                .filter(name -> !CountedStep.labels().contains(name))
                .findFirst()
                .ifPresent(name -> {
                    throw CommandFailure.usage("--work expects some of " + String.join(", ", CountedStep.labels())
                            + " with --gpu-budget, got '" + name + "'");
                });
        return Stream.of(CountedStep.values())
                .filter(step -> names.contains(step.label()))
                .toList();
    }

    private static void load() {
        if (SoftwareCuda.build() instanceof SoftwareCuda.Unavailable unavailable) {
            throw new CommandFailure(
                    ExitCodes.BACKEND,
                    "--gpu-budget counts on emulated libraries, which cannot be built here: " + unavailable.reason());
        }
        SoftwareDevice device = new SoftwareDevice(SoftwareCuda.folder());
        NativeLibraries.loadFrom(SoftwareCuda.folder());
        device.idle(true);
        device.limitMemory(MEMORY_BYTES);
    }

    private Result result(CountedStep step, DataOnDevice where) {
        double operations = rate != null ? rate : step.isTf32() ? 220 : 450;
        GpuRoofline roofline =
                new GpuRoofline(bandwidth * 1e12, link * 1e9, gap * 1e-6, shortest * 1e-6, operations * 1e12);
        StepBudget budget = step.count(where);
        return new Result(
                step.label(),
                step.precision(),
                where == DataOnDevice.ON,
                budget.operations(),
                step.budgetOperations(),
                budget.bytes() * 1e-9,
                step.budgetGigabytes(),
                budget.seconds(roofline) * 1e3,
                budget.rows(roofline));
    }

    private static void print(Screen screen, Result result) {
        screen.line("");
        screen.line(
                "%s, %s%s: %d operations (budget %s), %.2f GB (budget %s), %.2f ms predicted",
                result.step(),
                result.precision(),
                result.dataOnDevice() ? ", data on the device" : "",
                result.operations(),
                result.budgetOperations() == 0 ? "none" : result.budgetOperations(),
                result.gigabytes(),
                result.budgetGigabytes() == 0 ? "none" : String.format(Locale.ROOT, "%.2f", result.budgetGigabytes()),
                result.predictedMs());
        screen.line("  %-12s %-34s %6s %10s %9s", "kind", "name", "count", "MB", "us");
        for (StepBudget.Row row : result.rows()) {
            screen.line(
                    "  %-12s %-34s %6d %10.2f %9.1f",
                    row.kind().name().toLowerCase(Locale.ROOT),
                    row.name(),
                    row.count(),
                    row.bytes() * 1e-6,
                    row.seconds() * 1e6);
        }
    }
}
