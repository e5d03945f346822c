package org.alborz.cli;

import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;

/** Shows how far a work is, with its rate and the time that is left: by a bar on a terminal, elsewhere by a line after two seconds and then every ten. */
final class Progress implements AutoCloseable {
    private static final long FIRST_LINE_NANOS = 2_000_000_000L;
    private static final long LINE_NANOS = 10_000_000_000L;

    private final Screen screen;
    private final String task;
    private final String unit;
    private final long total;
    private final Pace pace;

    /** Null where there is no terminal, and while a line is printed. */
    private ProgressBar bar;

    /** How long no line is printed from {@code shownAt} on. */
    private long quietNanos;

    private long shownAt = System.nanoTime();

    private Progress(Screen screen, String task, String unit, long from, long total, long firstLineNanos) {
        this.screen = screen;
        this.task = task;
        this.unit = unit;
        this.total = total;
        this.quietNanos = firstLineNanos;
        this.pace = new Pace(from, total);
        showBar();
    }

    private void showBar() {
        bar = screen.isTerminal() ? TerminalBar.start(task, total) : null;
    }

    /**
     * Begins.
     *
     * @param unit what the total counts, such as {@code batches}
     */
    static Progress start(Screen screen, String task, String unit, long total) {
        return start(screen, task, unit, total, FIRST_LINE_NANOS);
    }

    static Progress start(Screen screen, String task, String unit, long total, long firstLineNanos) {
        return new Progress(screen, task, unit, 0, total, firstLineNanos);
    }

    /** Begins where a part is done already. */
    static Progress startFrom(Screen screen, String task, String unit, long from, long total) {
        return new Progress(screen, task, unit, from, total, FIRST_LINE_NANOS);
    }

    /** Says how much is done. */
    void to(long done) {
        if (bar != null) {
            bar.setExtraMessage(String.format(Locale.ROOT, "  %.1f %s/s  %s", pace.rate(done), unit, pace.left(done)));
            bar.stepTo(done);
        } else if (done < total && System.nanoTime() - shownAt > quietNanos) {
            told();
            screen.line("%s  %d/%d %s  %.1f %s/s  %s", task, done, total, unit, pace.rate(done), unit, pace.left(done));
        }
    }

    private void told() {
        shownAt = System.nanoTime();
        quietNanos = LINE_NANOS;
    }

    /** Prints a result, above the bar where there is one. */
    void result(Runnable print, long done) {
        close();
        print.run();
        if (done < total) {
            showBar();
            to(done);
        }
    }

    /** Prints a line about something that has ended, with the time that the rest takes, above the bar where there is one. */
    void line(String text, long done) {
        told();
        String left = done < total ? pace.left(done) : "";
        result(() -> screen.line(text + (left.isEmpty() ? "" : "  " + left)), done);
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
