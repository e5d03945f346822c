package org.alborz.examples.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.Charset;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Where a command prints to: standard output, with progress bars where that is a terminal.
 *
 * <p>Every line also goes to the logger {@code console}, from where {@link RunLog} takes it.
 */
final class Screen {
    private static final Logger log = LoggerFactory.getLogger("console");

    private final PrintWriter out;
    private final boolean terminal;

    private Screen(PrintWriter out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    static Screen of(CommandSpec command) {
        return new Screen(command.commandLine().getOut(), isTerminal(System.console()));
    }

    /** Before Java 22 there is a console only on a terminal; since then there is always one, and it can be asked. */
    private static boolean isTerminal(java.io.Console console) {
        if (console == null || Runtime.version().feature() < 22) {
            return console != null;
        }
        try {
            return (boolean) java.io.Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
            return false;
        }
    }

    /** Tells whether progress bars can be shown. */
    boolean isTerminal() {
        return terminal;
    }

    /** Prints a line. */
    void line(String text) {
        out.println(text);
        out.flush();
        log.info(text);
    }

    /** Prints a line as {@link String#format}. */
    void line(String format, Object... values) {
        line(String.format(Locale.ROOT, format, values));
    }

    /** Prints a label and what belongs to it, aligned with others. */
    void field(String label, Object value) {
        line("%-11s %s", label, value);
    }

    /** Starts a progress bar, which vanishes when it is closed. Only for a terminal. */
    ProgressBar bar(String task, long steps, String unit) {
        PrintStream console = System.out;
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(steps)
                .setUnit(" " + unit, 1)
                .setStyle(isUnicode() ? ProgressBarStyle.UNICODE_BLOCK : ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(100)
                .clearDisplayOnFinish()
                .continuousUpdate()
                .setConsumer(new ConsoleProgressBarConsumer(console))
                .build();
    }

    private static boolean isUnicode() {
        String charset = System.getProperty("stdout.encoding", Charset.defaultCharset().name());
        return charset.toUpperCase(Locale.ROOT).startsWith("UTF");
    }
}
