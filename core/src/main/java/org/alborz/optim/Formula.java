package org.alborz.optim;

/** A schedule by a formula of the steps that were done before. */
interface Formula extends Schedule {
    /** Computes the factor of the next step after so many, at least 0. */
    double after(long steps);

    @Override
    default double factor(long step) {
        return after(Checks.step("A schedule", step) - 1);
    }
}
