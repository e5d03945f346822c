package org.alborz.optim;

import java.util.List;

/** See {@link Schedule#piecewise}. */
record PiecewiseSchedule(List<Long> boundaries, List<Double> factors) implements Formula {
    PiecewiseSchedule {
        boundaries = Checks.milestones("piecewise", boundaries);
        factors = List.copyOf(factors);
        if (factors.size() != boundaries.size() + 1) {
            throw new IllegalArgumentException("piecewise expects one factor more than boundaries, got "
                    + factors.size() + " factors and " + boundaries.size() + " boundaries");
        }
        factors.forEach(factor -> Checks.factor("piecewise", factor));
    }

    @Override
    public double after(long done) {
        int passed = 0;
        while (passed < boundaries.size() && boundaries.get(passed) <= done) {
            passed++;
        }
        return factors.get(passed);
    }
}
