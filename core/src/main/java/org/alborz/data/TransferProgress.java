package org.alborz.data;

import java.util.Locale;
import org.alborz.text.Clock;
import org.slf4j.Logger;

/** Logs now and then how far a download is, how fast it comes and how long it will still take. */
final class TransferProgress {
    private static final long FIRST_NANOS = 2_000_000_000L;
    private static final long NEXT_NANOS = 5_000_000_000L;
    private static final double MIB = 1 << 20;

    private final Logger log;
    private final String name;
    private final long from;
    private final long total;
    private final long begunAt = System.nanoTime();
    private long next = FIRST_NANOS;

    /**
     * Begins now.
     *
     * @param from how many bytes were there already
     */
    TransferProgress(Logger log, String name, long from, long total) {
        this.log = log;
        this.name = name;
        this.from = from;
        this.total = total;
    }

    /** Says how many bytes are there. */
    void at(long bytes) {
        long nanos = System.nanoTime() - begunAt;
        if (nanos >= next && bytes < total && bytes > from) {
            next = nanos + NEXT_NANOS;
            log.info(line(bytes, nanos * 1e-9));
        }
    }

    String line(long bytes, double seconds) {
        double rate = (bytes - from) / seconds;
        long left = Math.round((total - bytes) / rate);
        return String.format(
                Locale.ROOT,
                "%s: %.1f of %.1f MiB, %.2f MiB/s, %s left",
                name,
                bytes / MIB,
                total / MIB,
                rate / MIB,
                Clock.text(left));
    }
}
