package org.alborz.gpucheck;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.alborz.backend.BackendUnavailableException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Checks a backend on this machine, measures it, and prints one table. */
@Command(
        name = "gpu-check",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Checks a backend on this machine, measures it, and prints one table.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:Nothing failed.",
            "1:A check failed.",
            "2:Wrong usage.",
            "3:The backend cannot run here; another one is never taken instead."
        })
public final class GpuCheck implements Callable<Integer> {
    private static final int FAILED = 1;
    private static final int UNAVAILABLE = 3;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--backend",
            paramLabel = "NAME",
            defaultValue = "cuda",
            description = "What is checked: cuda (the default), cpu-vector or cpu-scalar.")
    private String backend;

    @Option(
            names = "--reference",
            paramLabel = "NAME",
            defaultValue = "cpu-vector",
            description = "What losses and random numbers are compared with (default: cpu-vector).")
    private String reference;

    @Option(names = "--quick", description = "Only see whether everything runs: small sizes, few tests.")
    private boolean quick;

    @Option(names = "--only", paramLabel = "NAME", split = ",", description = "Only these checks; --list names them.")
    private List<String> only;

    @Option(
            names = "--minutes",
            paramLabel = "N",
            defaultValue = "8",
            description = "Begin no more checks after so long (default: 8, of which a GPU needs less).")
    private double minutes;

    @Option(names = "--list", description = "Print the names of the checks and exit.")
    private boolean list;

    @Option(names = "--json", paramLabel = "FILE", description = "Also write the table to FILE, as JSON.")
    private Path json;

    @Option(
            names = "--log",
            paramLabel = "FILE",
            defaultValue = "gpu-check.log",
            description = "Where failures stand in full (default: gpu-check.log).")
    private Path logFile;

    @Option(
            names = "--python",
            paramLabel = "FILE",
            defaultValue = "python3",
            description = "A Python with PyTorch to compare with (default: python3).")
    private String python;

    @Option(
            names = "--torch-script",
            paramLabel = "FILE",
            defaultValue = "tools/torch_cnn.py",
            description = "What PyTorch runs (default: tools/torch_cnn.py).")
    private Path torchScript;

    /** What {@code --json} holds. */
    record Report(Map<String, String> heading, boolean quick, List<Row> rows) {}

    private GpuCheck() {}

    /** Runs and ends the JVM with the exit code. */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    /** Returns the command; tests set its output first. */
    static CommandLine commandLine() {
        CommandLine command = new CommandLine(new GpuCheck());
        command.setExecutionExceptionHandler((failure, line, parsed) -> {
            line.getErr().println("gpu-check: " + failure.getMessage());
            line.getErr().flush();
            if (failure instanceof BackendUnavailableException) {
                return UNAVAILABLE;
            }
            failure.printStackTrace(line.getErr());
            return FAILED;
        });
        return command;
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Subject subject = Subject.named(backend);
        Rows rows = new Rows(line -> {
            err.println(line);
            err.flush();
        });
        try (Log log = Log.open(logFile)) {
            List<Check> checks = chosen(subject, log);
            if (list) {
                checks.forEach(check -> out.println(check.name()));
                return CommandLine.ExitCode.OK;
            }
            Map<String, String> heading = Heading.of(subject);
            rows.afterEach(
                    () -> write(new Report(heading, quick, rows.all()))); // what is there stays when the time is up
            err.println(Row.HEAD);
            long start = System.nanoTime();
            for (Check check : checks) {
                if ((System.nanoTime() - start) * 1e-9 < 60 * minutes) {
                    run(check, rows, log);
                } else {
                    rows.skipped(check.name(), "the %s minutes of --minutes were over", minutes);
                }
            }
            print(out, heading, rows);
        }
        return rows.count(Row.Verdict.FAILED) == 0 ? CommandLine.ExitCode.OK : FAILED;
    }

    private List<Check> chosen(Subject subject, Log log) {
        Path torchLog = logFile.resolveSibling(logFile.getFileName() + ".torch");
        List<Check> all = Checks.of(
                subject, Subject.named(reference), Scale.of(quick, subject), python, torchScript, log, torchLog);
        if (only == null) {
            return all;
        }
        List<String> names = all.stream().map(Check::name).toList();
        if (!names.containsAll(only)) {
            throw new ParameterException(
                    spec.commandLine(), "--only expects some of " + String.join(", ", names) + ", got " + only);
        }
        return all.stream().filter(check -> only.contains(check.name())).toList();
    }

    @SuppressWarnings(
            "CatchingUnchecked") // one check's failure, whatever it is, is a row and keeps no other from running
    private static void run(Check check, Rows rows, Log log) {
        try {
            check.run(rows);
        } catch (Exception | LinkageError | AssertionError | OutOfMemoryError e) {
            rows.failed(check.name(), "%s", e);
            log.failure(check.name() + " failed", e);
        }
    }

    private void write(Report report) {
        if (json == null) {
            return;
        }
        try {
            new ObjectMapper().writer(SerializationFeature.INDENT_OUTPUT).writeValue(json.toFile(), report);
        } catch (IOException e) {
            throw new UncheckedIOException(json + " cannot be written (" + e + "); name another by --json", e);
        }
    }

    private static void print(PrintWriter out, Map<String, String> heading, Rows rows) {
        heading.forEach((label, text) -> out.printf("%-12s %s%n", label, text));
        out.println();
        out.println(Row.HEAD);
        rows.all().forEach(out::println);
        out.println();
        out.printf(
                "%d passed, %d failed, %d skipped%n",
                rows.count(Row.Verdict.PASSED), rows.count(Row.Verdict.FAILED), rows.count(Row.Verdict.SKIPPED));
        out.flush();
    }
}
