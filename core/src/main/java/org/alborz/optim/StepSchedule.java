package org.alborz.optim;

/** See {@link Schedule#stepDecay}. */
record StepSchedule(long steps, double factor) implements Formula {
    StepSchedule {
        Checks.steps("stepDecay", steps);
        Checks.fall("stepDecay", factor);
    }

    @Override
    public double after(long done) {
        return Math.pow(factor, (double) (done / steps));
    }
}
