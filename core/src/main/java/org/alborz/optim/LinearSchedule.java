package org.alborz.optim;

/** See {@link Schedule#linear}. */
record LinearSchedule(long steps, double start, double end) implements Formula {
    LinearSchedule {
        Checks.steps("linear", steps);
        Checks.factor("linear", start);
        Checks.factor("linear", end);
    }

    @Override
    public double after(long done) {
        return done >= steps ? end : start + (end - start) * ((double) done / steps);
    }
}
