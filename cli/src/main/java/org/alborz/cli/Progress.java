package org.alborz.cli;

import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;

/** Shows how far a work is, with its rate and the time that is left: by a bar on a terminal, elsewhere by a line every ten seconds. */
final class Progress implements AutoCloseable {
    private static final long LINE_NANOS = 10_000_000_000L;

    private final Screen screen;
    private final String task;
    private final String unit;
    private final long total;
    private final Pace pace;

    /** Null where there is no terminal, and while a line is printed. */
    private ProgressBar bar;

    private final long lineNanos;
    private long shownAt = System.nanoTime();

    private Progress(Screen screen, String task, String unit, long from, long total, long lineNanos) {
        this.screen = screen;
        this.task = task;
        this.unit = unit;
        this.total = total;
        this.lineNanos = lineNanos;
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
        return start(screen, task, unit, total, LINE_NANOS);
    }

    static Progress start(Screen screen, String task, String unit, long total, long lineNanos) {
        return new Progress(screen, task, unit, 0, total, lineNanos);
    }

    /** Begins where a part is done already. */
    static Progress startFrom(Screen screen, String task, String unit, long from, long total) {
        return new Progress(screen, task, unit, from, total, LINE_NANOS);
    }

    /** Says how much is done. */
    void to(long done) {
        if (bar != null) {
            bar.setExtraMessage(String.format(Locale.ROOT, "  %.1f %s/s  %s", pace.rate(done), unit, pace.left(done)));
            bar.stepTo(done);
        } else if (done < total && System.nanoTime() - shownAt > lineNanos) {
            shownAt = System.nanoTime();
            screen.line("%s  %d/%d %s  %.1f %s/s  %s", task, done, total, unit, pace.rate(done), unit, pace.left(done));
        }
    }

    /** Prints a line about something that has ended, with the time that the rest takes, above the bar where there is one. */
    void line(String text, long done) {
        close();
        shownAt = System.nanoTime();
        String left = done < total ? pace.left(done) : "";
        screen.line(text + (left.isEmpty() ? "" : "  " + left));
        if (done < total) {
            showBar();
            to(done);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
