package org.alborz.examples.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.alborz.tensor.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures how fast a backend is here. */
@Command(
        name = "bench",
        description = "Measures how fast a backend multiplies matrices and trains, here and now.",
        footer = {
            "",
            "After a warm-up the works take turns, so that a machine that slows down slows all of them. Shown are the",
            "median of the repetitions, the lowest and the highest. Nothing else should run meanwhile."
        })
final class BenchCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private BackendOption backend;

    @Option(
            names = "--work",
            paramLabel = "NAME",
            split = ",",
            description = "Only these: gemm-512, gemm-1024, train-cifar-cnn, train-resnet20 (default: all).")
    private List<String> chosen;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            defaultValue = "128",
            description = "Images a step (default: 128).")
    private int batchSize;

    @Option(names = "--repetitions", paramLabel = "N", defaultValue = "7", description = "Of each work (default: 7).")
    private int repetitions;

    @Option(
            names = "--seconds",
            paramLabel = "X",
            defaultValue = "0.5",
            description = "How long a repetition lasts at least; the warm-up lasts four of them (default: 0.5).")
    private double seconds;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() {
        if (batchSize < 1 || repetitions < 1 || !(seconds >= 0)) {
            throw CommandFailure.usage(
                    "--batch-size and --repetitions expect at least 1, and --seconds at least 0; got " + batchSize
                            + ", " + repetitions + " and " + seconds);
        }
        List<String> names = chosen == null ? Workload.NAMES : chosen;
        names.stream()
                .filter(name -> !Workload.NAMES.contains(name))
                .findFirst()
                .ifPresent(name -> {
                    throw CommandFailure.usage(
                            "--work expects some of " + String.join(", ", Workload.NAMES) + ", got '" + name + "'");
                });
        Screen screen = Screen.of(spec);
        try (Session session = backend.open()) {
            Machine machine = Machine.ofThis();
            screen.field("Backend", BackendOption.describe(session));
            screen.field(
                    "Machine", machine.cpu() + ", " + machine.processors() + " processors, Java " + machine.java());
            screen.field(
                    "Method",
                    "batch " + batchSize + ", median of " + repetitions + " repetitions of " + seconds + " s or more");
            List<Measurement> measurements = measure(session, names);
            print(screen, measurements);
            json.write(measurements.stream().map(Measurement::result).toList());
        }
        return ExitCodes.OK;
    }

    private List<Measurement> measure(Session session, List<String> names) {
        List<Workload> works = new ArrayList<>();
        try {
            List<Measurement> measurements = new ArrayList<>();
            for (String name : names) {
                Workload work = Workload.named(name, session, batchSize);
                works.add(work);
                measurements.add(new Measurement(work));
                work.rate(4 * seconds); // the compiler needs it
            }
            for (int i = 0; i < repetitions; i++) {
                measurements.forEach(measurement -> measurement.repeat(seconds));
            }
            return measurements;
        } finally {
            works.forEach(Workload::close);
        }
    }

    private static void print(Screen screen, List<Measurement> measurements) {
        screen.line("");
        screen.line("%-16s %10s %10s %10s  %-9s %12s", "work", "median", "low", "high", "unit", "ms a run");
        for (Measurement measurement : measurements) {
            Measurement.Result r = measurement.result();
            screen.line(
                    "%-16s %10.1f %10.1f %10.1f  %-9s %12.2f",
                    r.work(), r.ours(), r.low(), r.high(), r.unit(), 1000 * measurement.amount() / r.ours());
        }
    }
}
