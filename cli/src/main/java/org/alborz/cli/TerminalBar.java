package org.alborz.cli;

import java.io.PrintStream;
import java.nio.charset.Charset;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarRenderer;
import me.tongfei.progressbar.ProgressState;

/**
 * Draws a progress bar on a terminal: what, how far, and a message, such as how long it will still take.
 *
 * <p>It writes to the terminal itself. The library's own writer asks JLine for the terminal's width, and JLine replaces the
 * handler of Ctrl-C, after which a run ends without saving.
 */
final class TerminalBar implements ProgressBarRenderer, ProgressBarConsumer {
    private static final int USUAL_WIDTH = 80;
    private static final int LEAST_BAR = 4;
    private static final String EIGHTHS = " ▏▎▍▌▋▊▉";

    private final PrintStream terminal;
    private final boolean unicode;
    private final int width;

    TerminalBar(PrintStream terminal, boolean unicode, int width) {
        this.terminal = terminal;
        this.unicode = unicode;
        this.width = width;
    }

    /** Starts a bar on standard output; it vanishes when it is closed. */
    static ProgressBar start(String task, long steps) {
        TerminalBar bar = new TerminalBar(System.out, isUnicode(), width());
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(steps)
                .setUpdateIntervalMillis(100)
                .clearDisplayOnFinish()
                .continuousUpdate()
                .setRenderer(bar)
                .setConsumer(bar)
                .build();
    }

    private static boolean isUnicode() {
        String charset =
                System.getProperty("stdout.encoding", Charset.defaultCharset().name());
        return charset.toUpperCase(Locale.ROOT).startsWith("UTF");
    }

    private static int width() {
        String columns = System.getenv("COLUMNS");
        return columns != null && columns.matches("[1-9]\\d{1,3}") ? Integer.parseInt(columns) : USUAL_WIDTH;
    }

    @Override
    public String render(ProgressState state, int maxLength) {
        double done = state.getMax() == 0 ? 1 : (double) state.getCurrent() / state.getMax();
        String before = state.getTaskName() + " ";
        String after =
                String.format(Locale.ROOT, " %d/%d%s", state.getCurrent(), state.getMax(), state.getExtraMessage());
        int room = Math.max(LEAST_BAR, maxLength - before.length() - after.length() - 2);
        String line = before + (unicode ? "▕" : "[") + bar(done, room) + (unicode ? "▏" : "]") + after;
        // What was there before must not shine through, and a longer line would wrap.
        return line.length() > maxLength ? line.substring(0, maxLength) : line + " ".repeat(maxLength - line.length());
    }

    private String bar(double done, int room) {
        int eighths = (int) (done * room * 8);
        int full = eighths / 8;
        if (!unicode) {
            return "#".repeat(full) + " ".repeat(room - full);
        }
        String part = full < room ? EIGHTHS.substring(eighths % 8, eighths % 8 + 1) : "";
        return "█".repeat(full) + part + " ".repeat(room - full - part.length());
    }

    @Override
    public int getMaxRenderedLength() {
        return width - 1;
    }

    @Override
    public void accept(String line) {
        terminal.print(line.startsWith("\r") ? line : "\r" + line);
        terminal.flush();
    }

    @Override
    public void close() {
        // The terminal stays.
    }
}
