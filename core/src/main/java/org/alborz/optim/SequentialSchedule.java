package org.alborz.optim;

import java.util.List;

/** See {@link Schedule#sequential}. */
record SequentialSchedule(List<Long> milestones, List<Schedule> schedules) implements Schedule {
    SequentialSchedule {
        milestones = Checks.milestones("sequential", milestones);
        schedules = List.copyOf(schedules);
        if (schedules.size() != milestones.size() + 1) {
            throw new IllegalArgumentException("sequential expects one schedule more than milestones, got "
                    + schedules.size() + " schedules and " + milestones.size() + " milestones");
        }
    }

    @Override
    public double factor(long step) {
        Checks.step("A schedule", step);
        int passed = 0;
        while (passed < milestones.size() && milestones.get(passed) < step) {
            passed++;
        }
        long before = passed == 0 ? 0 : milestones.get(passed - 1);
        return schedules.get(passed).factor(step - before);
    }

    @Override
    public String settings() {
        return "SequentialSchedule[" + milestones + ", "
                + schedules.stream().map(Schedule::settings).toList() + "]";
    }
}
