package org.alborz.distributed;

import java.time.Duration;

/** Checks how long is waited. */
final class Timeouts {
    private Timeouts() {}

    /** Returns a time-out in milliseconds, as sockets take it. */
    static int millis(Duration timeout) {
        if (timeout == null
                || timeout.compareTo(Duration.ofMillis(1)) < 0
                || timeout.compareTo(Duration.ofDays(20)) > 0) {
            throw new IllegalArgumentException("A time-out is 1 ms to 20 days, got " + timeout);
        }
        return Math.toIntExact(timeout.toMillis());
    }
}
