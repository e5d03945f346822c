package org.alborz.optim;

import java.util.List;

/** See {@link Schedule#chained}. */
record ChainedSchedule(List<Schedule> schedules) implements Schedule {
    ChainedSchedule {
        schedules = List.copyOf(schedules);
    }

    @Override
    public double factor(long step) {
        double factor = 1;
        for (int i = 0; i < schedules.size(); i++) {
            factor *= schedules.get(i).factor(step);
        }
        return factor;
    }

    @Override
    public String settings() {
        return "ChainedSchedule" + schedules.stream().map(Schedule::settings).toList();
    }
}
