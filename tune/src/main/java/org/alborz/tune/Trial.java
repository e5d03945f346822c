package org.alborz.tune;

import java.util.List;

/**
 * One set of settings that was tried.
 *
 * @param number counted from 0
 * @param settings what was tried
 * @param budget what it was given, such as epochs; 0 where the strategy gives none
 * @param from number of the trial with the same settings and a smaller budget that it goes on from, or −1
 * @param state what became of it
 * @param value what it came to: the objective's result, of a stopped one the last value reported; NaN where there is none
 * @param reports values on the way
 * @param seconds it took
 * @param message why it was stopped or failed; empty otherwise
 */
public record Trial(
        int number,
        Settings settings,
        int budget,
        int from,
        State state,
        double value,
        List<Report> reports,
        double seconds,
        String message) {
    /** What became of a trial. */
    public enum State {
        RUNNING,
        COMPLETE,
        /** Ended early by a {@link StoppingRule}. */
        STOPPED,
        /** Ended by an exception. */
        FAILED
    }

    /**
     * A value on the way.
     *
     * @param step such as the epoch, counted from 1 and growing
     */
    public record Report(int step, double value) {}

    public Trial {
        reports = List.copyOf(reports);
    }

    /** Tells whether it ended and came to a finite value. */
    public boolean hasValue() {
        return state != State.RUNNING && state != State.FAILED && Double.isFinite(value);
    }

    /** Tells whether it ran to its end and came to a finite value. */
    public boolean isComplete() {
        return state == State.COMPLETE && Double.isFinite(value);
    }
}
