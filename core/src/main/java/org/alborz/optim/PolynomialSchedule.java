package org.alborz.optim;

/** See {@link Schedule#polynomial}. */
record PolynomialSchedule(long steps, double power) implements Formula {
    PolynomialSchedule {
        Checks.steps("polynomial", steps);
        if (!(power > 0) || Double.isInfinite(power)) {
            throw new IllegalArgumentException("polynomial expects a finite power above 0, got " + power);
        }
    }

    @Override
    public double after(long done) {
        return done >= steps ? 0 : Math.pow(1 - (double) done / steps, power);
    }
}
