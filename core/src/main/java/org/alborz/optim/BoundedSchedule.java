package org.alborz.optim;

/** See {@link Schedule#downTo}. */
record BoundedSchedule(Schedule schedule, double least) implements Schedule {
    BoundedSchedule {
        if (!(least >= 0 && least <= 1)) {
            throw new IllegalArgumentException("downTo expects a factor from 0 to 1, got " + least);
        }
    }

    @Override
    public double factor(long step) {
        return least + (1 - least) * schedule.factor(step);
    }

    @Override
    public String settings() {
        return "BoundedSchedule[" + schedule.settings() + ", least=" + least + "]";
    }
}
