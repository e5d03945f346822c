package org.alborz.tune;

/** Computes what a trial's settings come to; with several trials at a time it is called by several threads. */
@FunctionalInterface
public interface TrialObjective {
    /**
     * Runs a trial.
     *
     * @return its value, such as the validation loss; NaN where it came to none
     * @throws Exception when it failed; the study stores that and goes on
     */
    double evaluate(TrialRun run) throws Exception;
}
