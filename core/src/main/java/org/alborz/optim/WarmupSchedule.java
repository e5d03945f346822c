package org.alborz.optim;

/** See {@link Schedule#warmup}. */
record WarmupSchedule(long steps) implements Formula {
    WarmupSchedule {
        Checks.steps("warmup", steps);
    }

    @Override
    public double after(long done) {
        return done + 1 >= steps ? 1 : (done + 1.0) / steps;
    }
}
