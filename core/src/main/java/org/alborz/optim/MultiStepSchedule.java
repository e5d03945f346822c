package org.alborz.optim;

import java.util.List;

/** See {@link Schedule#multiStep}. */
record MultiStepSchedule(double factor, List<Long> milestones) implements Formula {
    MultiStepSchedule {
        Checks.fall("multiStep", factor);
        milestones = Checks.milestones("multiStep", milestones);
    }

    @Override
    public double after(long done) {
        int passed = 0;
        while (passed < milestones.size() && milestones.get(passed) <= done) {
            passed++;
        }
        return Math.pow(factor, passed);
    }
}
