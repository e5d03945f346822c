package org.alborz.cuda.dnn;

import java.util.function.BooleanSupplier;
import org.alborz.cuda.driver.Event;
import org.alborz.cuda.driver.Stream;

/** Times work on a stream. */
public final class Stopwatch {
    /** How often work is timed; the shortest time counts. */
    private static final int TRIALS = 3;

    private Stopwatch() {}

    /**
     * Returns the shortest time of some calls; infinity where one puts no work on the stream.
     *
     * @param work tells whether it put its work on the stream
     */
    public static double microseconds(Stream stream, BooleanSupplier work) {
        double least = Double.POSITIVE_INFINITY;
        try (Event begin = Event.timed(stream.context());
                Event end = Event.timed(stream.context())) {
            for (int i = 0; i <= TRIALS; i++) {
                begin.record(stream);
                if (!work.getAsBoolean()) {
                    return Double.POSITIVE_INFINITY;
                }
                end.record(stream);
                end.await();
                if (i > 0) { // the first loads the kernels
                    least = Math.min(least, end.microsecondsSince(begin));
                }
            }
        }
        return least;
    }
}
