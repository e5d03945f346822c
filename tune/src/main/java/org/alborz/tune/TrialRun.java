package org.alborz.tune;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A trial while it runs: what an objective reads and reports to. It belongs to the thread that runs the objective. */
public final class TrialRun {
    private final Study study;
    private final int number;
    private final Proposal.Try proposal;
    private final List<Trial.Report> reports = new ArrayList<>();
    private final long start = System.nanoTime();
    private String stopReason;

    TrialRun(Study study, int number, Proposal.Try proposal) {
        this.study = study;
        this.number = number;
        this.proposal = proposal;
    }

    /** Returns its number, counted from 0: a seed that differs from trial to trial, or the name of a folder. */
    public int number() {
        return number;
    }

    public Settings settings() {
        return proposal.settings();
    }

    /** Returns what it is given, such as epochs; 0 where the strategy gives none. */
    public int budget() {
        return proposal.budget();
    }

    /** Returns the number of the trial with the same settings and a smaller budget that it may go on from; −1 for none. */
    public int from() {
        return proposal.from();
    }

    /**
     * Reports a value on the way, and ends the trial where a stopping rule says so.
     *
     * @param step such as the epoch, greater than the one before and at least 1
     * @throws TrialStoppedException to end it
     */
    public void report(int step, double value) {
        Optional<String> reason = offer(step, value);
        if (reason.isPresent()) {
            throw new TrialStoppedException(reason.get());
        }
    }

    /**
     * Reports a value on the way, and returns why the trial is to end, where it is: for loops that end by other means than an exception.
     *
     * @param step such as the epoch, greater than the one before and at least 1
     */
    public Optional<String> offer(int step, double value) {
        int before = reports.isEmpty() ? 0 : reports.get(reports.size() - 1).step();
        if (step <= before) {
            throw new IllegalArgumentException(
                    "A trial expects a report of a step after " + before + ", got one of step " + step);
        }
        reports.add(new Trial.Report(step, value));
        Optional<String> reason = study.reported(this);
        reason.ifPresent(text -> stopReason = text);
        return reason;
    }

    Trial running() {
        return trial(Trial.State.RUNNING, Double.NaN, "");
    }

    /** Returns what it has become; of one that was stopped the value is the last reported. */
    Trial ended(double value) {
        return stopReason == null
                ? trial(Trial.State.COMPLETE, value, "")
                : trial(Trial.State.STOPPED, reports.get(reports.size() - 1).value(), stopReason);
    }

    Trial failed(Throwable cause) {
        return trial(Trial.State.FAILED, Double.NaN, cause.toString());
    }

    private Trial trial(Trial.State state, double value, String message) {
        return new Trial(
                number,
                proposal.settings(),
                proposal.budget(),
                proposal.from(),
                state,
                value,
                reports,
                (System.nanoTime() - start) * 1e-9,
                message);
    }
}
