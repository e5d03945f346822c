package org.alborz.optim;

/** See {@link Schedule#inverseTime}. */
record InverseTimeSchedule(double decay) implements Formula {
    InverseTimeSchedule {
        Checks.decay("inverseTime", decay);
    }

    @Override
    public double after(long done) {
        return 1 / (1 + decay * done);
    }
}
