package org.alborz.tune;

/** Ends a trial that a {@link StoppingRule} stops; an objective does not catch it. */
public final class TrialStoppedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    TrialStoppedException(String reason) {
        super(reason, null, false, false);
    }
}
