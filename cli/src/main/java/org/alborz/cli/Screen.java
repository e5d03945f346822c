package org.alborz.cli;

import java.io.PrintWriter;
import java.io.Writer;
import java.lang.reflect.InvocationTargetException;
import java.util.Locale;
import org.alborz.text.Quoted;
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

    /** Returns one for the progress of a command whose standard output is the result itself: lines go to standard error. */
    static Screen besideResult(CommandSpec command) {
        return new Screen(command.commandLine().getErr(), isTerminal(System.console()));
    }

    /** Returns one that shows progress by lines on a terminal too: a bar is drawn by a thread, which would disturb a measurement. */
    Screen withoutBar() {
        return new Screen(out, false);
    }

    /** Returns one that shows nothing, for the ranks of a group but the first. */
    static Screen silent() {
        return new Screen(new PrintWriter(Writer.nullWriter()), false);
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

    /** Prints a line; what comes from files, such as names, cannot steer the terminal. */
    void line(String text) {
        String shown = Quoted.printable(text);
        out.println(shown);
        out.flush();
        log.info(shown);
    }

    /** Prints a line as {@link String#format}. */
    void line(String format, Object... values) {
        line(String.format(Locale.ROOT, format, values));
    }

    /** Prints a label and what belongs to it, aligned with others. */
    void field(String label, Object value) {
        line("%-11s %s", label, value);
    }
}
