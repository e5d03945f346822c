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

    /** Null where there is no terminal. */
    private final ProgressBar bar;

    private final long lineNanos;
    private long shownAt = System.nanoTime();

    private Progress(Screen screen, String task, String unit, long total, long lineNanos) {
        this.screen = screen;
        this.task = task;
        this.unit = unit;
        this.total = total;
        this.lineNanos = lineNanos;
        this.pace = new Pace(0, total);
        this.bar = screen.isTerminal() ? TerminalBar.start(task, total) : null;
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
        return new Progress(screen, task, unit, total, lineNanos);
    }

    /** Says how much is done. */
    void to(long done) {
        if (bar != null) {
            bar.setExtraMessage(String.format(Locale.ROOT, "  %.1f %s/s", pace.rate(done), unit));
            bar.stepTo(done);
        } else if (done < total && System.nanoTime() - shownAt > lineNanos) {
            shownAt = System.nanoTime();
            screen.line("%s  %d/%d %s  %.1f %s/s  %s", task, done, total, unit, pace.rate(done), unit, pace.left(done));
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
