package org.alborz.train;

import java.io.PrintStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.alborz.notice.Warnings;
import org.alborz.text.Clock;
import org.alborz.text.Given;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows how far an epoch is: batches done, their rate, the time it will still take, loss and metrics; and after the epoch a line of all figures. Build the
 * trainer with {@code verbose(false)} beside it, or each epoch is told twice.
 *
 * <pre>{@code
 * epoch 2/5  30/100 [========>                     ]  12.4 batches/s  0:06 left  loss 0.5121  accuracy 0.8125
 * }</pre>
 *
 * <p>Figures are read only when they are shown, since reading waits for the device.
 */
public final class ProgbarLogger implements Callback {
    private static final Logger log = LoggerFactory.getLogger(ProgbarLogger.class);
    private static final int WIDTH = 30;
    private static final Duration LINES = Duration.ofSeconds(10);
    private static final Duration REDRAWN = Duration.ofMillis(250);

    /** Null for the log. */
    private final PrintStream out;

    private final boolean redrawing;
    private final long everyNanos;
    private long begunAt;
    private int firstBatch;
    private long shownAt;
    private int drawn;

    /** Logs a line every 10 seconds at INFO, or to standard error where SLF4J has no provider and would drop it. */
    public ProgbarLogger() {
        this(null, false, LINES);
    }

    /** Draws a bar on a terminal, such as {@code System.out}, again every quarter of a second. */
    public ProgbarLogger(PrintStream terminal) {
        this(Given.value(terminal, "ProgbarLogger", "a stream"), true, REDRAWN);
    }

    private ProgbarLogger(PrintStream out, boolean redrawing, Duration every) {
        this.out = out;
        this.redrawing = redrawing;
        this.everyNanos = TimeUnit.NANOSECONDS.convert(every);
    }

    /** Returns one that prints lines in place of drawing over the last one, every 10 seconds, for a stream that is no terminal. */
    public ProgbarLogger lines() {
        return new ProgbarLogger(out, false, LINES);
    }

    /** Returns one that shows the progress at most so often. */
    public ProgbarLogger every(Duration time) {
        if (Given.value(time, "ProgbarLogger", "a time").isNegative()) {
            throw new IllegalArgumentException("ProgbarLogger expects a time of at least 0, got " + time);
        }
        return new ProgbarLogger(out, redrawing, time);
    }

    @Override
    public boolean rankZeroOnly() {
        return true;
    }

    @Override
    public void onEpochBegin(Trainer trainer) {
        begunAt = System.nanoTime();
        shownAt = begunAt;
        firstBatch = trainer.nextBatch();
    }

    @Override
    public void onBatchEnd(Trainer trainer) {
        long now = System.nanoTime();
        int batches = trainer.loader().batchesPerEpoch();
        if (now - shownAt >= everyNanos && trainer.nextBatch() < batches) {
            shownAt = now;
            show(line(trainer, batches, (now - begunAt) * 1e-9), false);
        }
    }

    private String line(Trainer trainer, int batches, double seconds) {
        int done = trainer.nextBatch();
        double rate = (done - firstBatch) / seconds;
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("loss", trainer.metrics().loss());
        figures.putAll(trainer.metrics().values());
        return String.format(
                Locale.ROOT,
                "epoch %d/%d  %d/%d %s  %s  %s left  %s",
                trainer.epoch() + 1,
                trainer.epochs(),
                done,
                batches,
                bar(done, batches),
                rate >= 1
                        ? String.format(Locale.ROOT, "%.1f batches/s", rate)
                        : String.format(Locale.ROOT, "%.1f s/batch", 1 / rate),
                Clock.text(Math.round((batches - done) / rate)),
                Figures.text(figures));
    }

    private static String bar(int done, int batches) {
        int filled = (int) ((long) WIDTH * done / batches);
        return "[" + "=".repeat(filled) + ">" + " ".repeat(WIDTH - 1 - filled)
                + "]"; // never full: the epoch is not over
    }

    @Override
    public void onEpochEnd(Trainer trainer, EpochResult result) {
        show(EpochLog.line(result, trainer.epochs()), true);
    }

    /** Ends the line of a bar that an interruption has left. */
    @Override
    public void onTrainEnd(Trainer trainer) {
        if (drawn > 0) {
            out.println();
            out.flush();
            drawn = 0;
        }
    }

    private void show(String line, boolean last) {
        if (out == null) {
            Warnings.tell(log, line);
        } else if (redrawing) {
            out.print("\r" + line + " ".repeat(Math.max(0, drawn - line.length())) + (last ? "\n" : ""));
            out.flush();
            drawn = last ? 0 : line.length();
        } else {
            out.println(line);
        }
    }
}
