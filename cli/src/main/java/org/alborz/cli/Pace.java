package org.alborz.cli;

import org.alborz.text.Clock;

/** How fast a work of known length gets on, and how long it will still take. */
final class Pace {
    private final long begunAt = System.nanoTime();
    private final long from;
    private final long total;

    /**
     * Begins now.
     *
     * @param from how much is done already
     */
    Pace(long from, long total) {
        this.from = from;
        this.total = total;
    }

    /** Returns how much is done a second; 0 where that cannot be told yet. */
    double rate(long done) {
        double seconds = (System.nanoTime() - begunAt) * 1e-9;
        return seconds > 0 ? (done - from) / seconds : 0;
    }

    /** Returns the time that is left, such as {@code 1:05 left}; empty where that cannot be told yet. */
    String left(long done) {
        double rate = rate(done);
        if (!(rate > 0)) {
            return "";
        }
        long seconds = Math.round((total - done) / rate);
        return Clock.text(seconds) + " left";
    }
}
