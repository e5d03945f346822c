package org.alborz.optim;

/** See {@link Schedule#oneCycle}. */
record OneCycleSchedule(long steps, double rising, double start, double end) implements Formula {
    OneCycleSchedule {
        Checks.steps("oneCycle", steps);
        if (!(rising > 0 && rising < 1) || rising * steps <= 1 || rising * steps >= steps) {
            throw new IllegalArgumentException(
                    "oneCycle expects a rising part between 0 and 1 of more than 1 step, got " + rising + " of "
                            + steps);
        }
        Checks.fall("oneCycle", start);
        Checks.fall("oneCycle", end);
    }

    @Override
    public double after(long done) {
        double peak = rising * steps - 1;
        if (done >= steps) {
            return start * end;
        }
        return done <= peak
                ? between(start, 1, done / peak)
                : between(1, start * end, (done - peak) / (steps - 1 - peak));
    }

    private static double between(double from, double to, double share) {
        return to + (from - to) / 2 * (Math.cos(Math.PI * share) + 1);
    }
}
