package org.alborz.optim;

/** See {@link Schedule#exponential}. */
record ExponentialSchedule(double decay) implements Formula {
    ExponentialSchedule {
        Checks.decay("exponential", decay);
    }

    @Override
    public double after(long done) {
        return Math.exp(-decay * done);
    }
}
