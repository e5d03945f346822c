package org.alborz.text;

import java.util.Locale;

/** Writes lengths of time as clocks do. */
public final class Clock {
    private static final int MINUTE = 60;
    private static final int HOUR = 3600;

    private Clock() {}

    /** Returns minutes and seconds, such as {@code 1:05}, and hours before them where there are any, such as {@code 1:00:05}. */
    public static String text(long seconds) {
        return seconds < HOUR
                ? String.format(Locale.ROOT, "%d:%02d", seconds / MINUTE, seconds % MINUTE)
                : String.format(
                        Locale.ROOT, "%d:%02d:%02d", seconds / HOUR, seconds / MINUTE % MINUTE, seconds % MINUTE);
    }
}
