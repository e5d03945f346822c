package org.alborz.cli;

import java.util.ArrayList;
import java.util.HashSet;
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
            "median of the repetitions, the lowest and the highest. Nothing else should run meanwhile.",
            "",
            "With --peers Alborz and a peer take turns, each in a process of its own: PyTorch for the nets, OpenBLAS for",
            "the products. Shown are the medians of both, and the median, the lowest and the highest of the ratios of",
            "the rounds; above 1 Alborz is better. Both compute the same, which is checked first. All works on two",
            "threads, products on one or on all. The first time this downloads about 150 MB. --work takes rows and groups:",
            "",
            "  gemm         gemm-N, gemm-tn-N and gemm-nt-N (left or right operand transposed), N 256, 512, 1024, 2048;",
            "               one thread, or all with -all behind the name",
            "  train        train-NET-BATCH: cifar-cnn and resnet20 with batch 1, 32, 128; mobilenet-v2-32; mlp-1 and",
            "               mlp-256; lstm-32 (256 wide, 2 layers, 100 steps); gpt-block-8 (384 wide, 256 tokens)",
            "  infer        infer-NET-BATCH: likewise, forward passes; a NET alone names its rows of both groups",
            "  elementwise  FUNCTION-SHAPE, such as exp-1024x1024 or log-softmax-65536x10, for some 50 functions of a",
            "               matrix and the shapes 1024x1024, 65536x10 and 64x50000; elementwise-SHAPE is all of a shape",
            "  start        from the start of the JVM to the end of the first training step",
            "  memory       the peak of resident memory in 100 training steps",
            "  all          everything, about 25 minutes",
            "",
            "Without --work it is a part of each, in less than ten minutes.",
            "",
            "With --collective it measures what ranks that train together wait for: sums over threads and over sockets of this",
            "machine. From that it fits a model of messages, and predicts steps of up to 1,024 machines.",
            "",
            "With --gpu-budget it counts what one captured training step asks of a GPU, by kind of work, and predicts its",
            "time from that; nothing is measured, and no GPU is needed, but g++ and a JDK's headers. --work takes",
            "cifar-cnn-128, cifar-cnn-1024, resnet20-128, resnet18-512 and gpt2-8; without it, all of them."
        })
final class BenchCommand implements Callable<Integer> {
    private static final int MOST_IMAGES = 100_000;
    private static final int MOST_REPETITIONS = 10_000;
    private static final double MOST_SECONDS = 3_600;

    /** The warm-up lasts as long as so many repetitions. */
    private static final int WARM_UP = 4;

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

    @Option(names = "--peers", description = "Compare Alborz with PyTorch and OpenBLAS.")
    private boolean peers;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            defaultValue = "128",
            description = "Images a step (default: 128).")
    private int batchSize;

    @Option(names = "--repetitions", paramLabel = "N", description = "Of each work (default: 7, with --peers 5).")
    private Integer chosenRepetitions;

    @Option(
            names = "--seconds",
            paramLabel = "X",
            defaultValue = "0.5",
            description =
                    "How long a repetition lasts at least, with --peers a fifth of it for functions of a matrix; the"
                            + " warm-up lasts four of them, with --peers five (default: 0.5).")
    private double seconds;

    @Option(
            names = "--collective",
            description =
                    "Measure sums over 2 and 4 ranks, from 1 KiB to 256 MiB, beside a plain socket and a copy in memory.")
    private boolean collective;

    @Mixin
    private GpuBudget gpuBudget;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() {
        backend.check();
        json.check();
        int repetitions = chosenRepetitions != null ? chosenRepetitions : peers ? 5 : 7;
        OptionChecks.count("--batch-size", batchSize, MOST_IMAGES);
        if (chosen != null && new HashSet<>(chosen).size() < chosen.size()) {
            throw CommandFailure.usage("--work expects each name once, got " + String.join(",", chosen));
        }
        OptionChecks.count("--repetitions", repetitions, MOST_REPETITIONS);
        OptionChecks.atLeastZero("--seconds", seconds, MOST_SECONDS);
        if (gpuBudget.isAsked()) {
            gpuBudget.check();
            requireNone(
                    "--gpu-budget", "--peers", "--backend", "--threads", "--batch-size", "--repetitions", "--seconds");
            json.write(gpuBudget.print(Screen.of(spec), chosen));
            return ExitCodes.OK;
        }
        for (String name : GpuBudget.SETTINGS) {
            if (spec.commandLine().getParseResult().hasMatchedOption(name)) {
                throw CommandFailure.usage(name + " is a setting of --gpu-budget; add that option or leave it out");
            }
        }
        if (collective) {
            requireNone("--collective", "--peers", "--backend", "--threads", "--batch-size", "--work");
            CollectiveContest contest = new CollectiveContest(repetitions, seconds);
            json.write(
                    new CollectiveTable(Screen.of(spec), contest).print(CollectiveTable.SIZES, CollectiveTable.STEPS));
            return ExitCodes.OK;
        }
        if (peers) {
            List<PeerWork> works = PeerRows.named(chosen);
            try (PeerContest contest = contest(repetitions)) {
                json.write(PeerTable.of(Screen.of(spec)).fill(contest, works));
            }
            return ExitCodes.OK;
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
            List<Measurement> measurements = measure(session, names, repetitions);
            print(screen, measurements);
            json.write(measurements.stream().map(Measurement::result).toList());
        }
        return ExitCodes.OK;
    }

    private void requireNone(String option, String... others) {
        for (String other : others) {
            if (spec.commandLine().getParseResult().hasMatchedOption(other)) {
                throw CommandFailure.usage(other + " does not go with " + option + "; leave one of them out");
            }
        }
    }

    private PeerContest contest(int repetitions) {
        for (String fixed : List.of("--backend", "--threads", "--batch-size")) {
            if (spec.commandLine().getParseResult().hasMatchedOption(fixed)) {
                throw CommandFailure.usage(
                        fixed + " does not go with --peers, which compares cpu-vector on two threads, and"
                                + " names the batch size in --work, such as infer-resnet20-32");
            }
        }
        return PeerContest.of(repetitions, seconds);
    }

    private List<Measurement> measure(Session session, List<String> names, int repetitions) {
        List<Workload> works = new ArrayList<>();
        Screen screen = Screen.of(spec).withoutBar();
        int total = names.size() * (WARM_UP + repetitions);
        try (Progress progress = Progress.start(screen, "measuring", "repetitions", total)) {
            List<Measurement> measurements = new ArrayList<>();
            for (String name : names) {
                Workload work = Workload.named(name, session, batchSize);
                works.add(work);
                measurements.add(new Measurement(work));
                work.rate(WARM_UP * seconds); // the compiler needs it
                progress.to((long) WARM_UP * works.size());
            }
            for (int i = 0; i < repetitions; i++) {
                for (int j = 0; j < measurements.size(); j++) {
                    measurements.get(j).repeat(seconds);
                    progress.to((long) (WARM_UP + i) * names.size() + j + 1);
                }
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
