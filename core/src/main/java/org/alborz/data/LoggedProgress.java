package org.alborz.data;

import java.util.Locale;
import org.alborz.text.Clock;
import org.slf4j.Logger;

/** Logs now and then how far a long work is, such as a download, how fast it goes on and how long it will still take. */
final class LoggedProgress {
    private static final long FIRST_NANOS = 2_000_000_000L;
    private static final long NEXT_NANOS = 5_000_000_000L;
    private static final int MIB = 1 << 20;

    private final Logger log;
    private final String name;
    private final String unit;
    private final int scale;
    private final long from;
    private final long total;
    private final long begunAt = System.nanoTime();
    private long next = FIRST_NANOS;

    private LoggedProgress(Logger log, String name, String unit, int scale, long from, long total) {
        this.log = log;
        this.name = name;
        this.unit = unit;
        this.scale = scale;
        this.from = from;
        this.total = total;
    }

    /**
     * Begins a transfer now.
     *
     * @param from how many bytes were there already
     */
    static LoggedProgress ofBytes(Logger log, String name, long from, long total) {
        return new LoggedProgress(log, name, "MiB", MIB, from, total);
    }

    /**
     * Begins now.
     *
     * @param unit what the total counts, such as {@code tokens}
     */
    static LoggedProgress of(Logger log, String name, String unit, long total) {
        return new LoggedProgress(log, name, unit, 1, 0, total);
    }

    /** Says how much is done. */
    void at(long done) {
        long nanos = System.nanoTime() - begunAt;
        if (nanos >= next && done < total && done > from) {
            next = nanos + NEXT_NANOS;
            log.info(line(done, nanos * 1e-9));
        }
    }

    String line(long done, double seconds) {
        double rate = (done - from) / seconds;
        long left = Math.round((total - done) / rate);
        return String.format(
                Locale.ROOT,
                scale == 1 ? "%s: %.0f of %.0f %s, %.1f %s/s, %s left" : "%s: %.1f of %.1f %s, %.2f %s/s, %s left",
                name,
                (double) done / scale,
                (double) total / scale,
                unit,
                rate / scale,
                unit,
                Clock.text(left));
    }
}
