package org.alborz.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.ResourceBundle;
import java.util.stream.Collectors;
import org.alborz.data.DataException;
import org.alborz.text.Quoted;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line's entry: finds the command, runs it, and turns what goes wrong into a line and an exit code. */
@Command(
        name = "alborz",
        description = "Trains and uses neural networks in Java, on the CPU or a GPU.",
        versionProvider = Alborz.Version.class,
        subcommands = {
            DoctorCommand.class,
            TrainCommand.class,
            LaunchCommand.class,
            EvaluateCommand.class,
            PredictCommand.class,
            GenerateCommand.class,
            LrFindCommand.class,
            SummaryCommand.class,
            BisectCommand.class,
            SearchCommand.class,
            ReportCommand.class,
            WatchCommand.class,
            ExportCommand.class,
            LessonCommand.class,
            SpeedrunCommand.class,
            BenchCommand.class,
            CompletionCommand.class
        },
        footer = {"", "Start with: ./alborz doctor, then ./alborz train"})
public final class Alborz implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description =
                    "Show the stack trace of what went wrong; and of doctor, the algorithms of convolutions on the GPU.")
    private boolean verbose;

    private Alborz() {}

    /** Tells whether a command shall tell more than usual. */
    boolean isVerbose() {
        return verbose;
    }

    /** Runs a command and ends the JVM with its exit code. */
    public static void main(String[] args) {
        CommandLine root = commandLine();
        StandardOutput out = StandardOutput.ofThis();
        root.setOut(out.writer());
        System.exit(out.conclude(run(root, args), root.getErr()));
    }

    /** Returns the parser with all commands, for {@link #run}; tests set its output first. */
    static CommandLine commandLine() {
        CommandLine root = new CommandLine(new Alborz());
        Numbers.registerWith(root);
        Explanation explanation = new Explanation(root);
        root.setExecutionExceptionHandler(explanation);
        root.setParameterExceptionHandler(explanation);
        root.getCommandSpec()
                .addOption(OptionSpec.builder("-V", "--version")
                        .versionHelp(true)
                        .description("Show the version and exit.")
                        .build());
        describe(root);
        root.getSubcommands().get("launch").setStopAtPositional(true); // what follows are options of train
        // A file's name may begin with @, such as one of those that *.png stands for; it does not name a file of
        // options.
        root.setExpandAtFiles(false);
        return root;
    }

    static int run(CommandLine root, String... args) {
        try {
            return root.execute(args);
        } catch (OutOfMemoryError e) {
            return explain(root, new CommandFailure(ExitCodes.FAILED, outOfMemory(e.getMessage()), e));
        }
    }

    static String outOfMemory(String what) {
        String message = "Out of memory: " + what + (what != null && what.endsWith(".") ? " " : ". ");
        if (what != null && what.contains("thread")) {
            return message + "The system gives Java no more threads. Use fewer --threads, or raise the system's limit,"
                    + " such as by ulimit -u.";
        }
        return message + "The Java heap may take " + (Runtime.getRuntime().maxMemory() >> 20)
                + " MiB. Use a smaller --batch-size or --limit, or give it more: ALBORZ_JAVA_OPTS=-Xmx8g ./alborz ...";
    }

    private static void describe(CommandLine command) {
        command.getCommandSpec()
                .usageMessage()
                .width(110)
                .exitCodeListHeading("%nExit codes:%n")
                .exitCodeList(ExitCodes.meanings())
                .abbreviateSynopsis(true)
                .sortOptions(false);
        command.getCommandSpec()
                .addOption(OptionSpec.builder("-h", "--help")
                        .usageHelp(true)
                        .description("Show this help and exit.")
                        .build());
        command.getSubcommands().values().forEach(Alborz::describe);
    }

    /** Not two lambdas, with which Java 17 crashes; see {@link Numbers}. */
    private record Explanation(CommandLine root) implements IExecutionExceptionHandler, IParameterExceptionHandler {
        @Override
        public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
            return explain(root, failure);
        }

        @Override
        public int handleParseException(ParameterException failure, String[] args) {
            return explainUsage(failure);
        }
    }

    private static int explain(CommandLine root, Throwable failure) {
        Alborz options = root.getCommand();
        PrintWriter err = root.getErr();
        err.println("alborz: " + printable(message(failure)));
        if (options.verbose) {
            failure.printStackTrace(err);
        }
        err.flush();
        return ExitCodes.of(failure);
    }

    /** A message may have several lines; nothing else in it, such as a file's name, moves the cursor. */
    private static String printable(String message) {
        return message.lines().map(Quoted::printable).collect(Collectors.joining(System.lineSeparator()));
    }

    private static String message(Throwable failure) {
        boolean expected = ExitCodes.of(failure) != ExitCodes.FAILED
                || failure instanceof CommandFailure
                || failure instanceof DataException
                || failure instanceof IllegalArgumentException;
        return expected && failure.getMessage() != null ? failure.getMessage() : failure + " (--verbose shows where)";
    }

    private static int explainUsage(ParameterException failure) {
        CommandLine command = failure.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("alborz: " + printable(failure.getMessage()));
        UnmatchedArgumentException.printSuggestions(failure, err);
        err.println("Try: ./" + command.getCommandSpec().qualifiedName() + " --help");
        err.flush();
        return ExitCodes.USAGE;
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "Missing command: one of "
                        + String.join(", ", spec.subcommands().keySet()));
    }

    /** Returns the version of Alborz. */
    static String version() {
        return ResourceBundle.getBundle("alborz", Locale.ROOT).getString("version");
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"Alborz " + version(), "Java " + Runtime.version()};
        }
    }
}
