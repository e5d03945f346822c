package org.alborz.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ScheduleTest {
    @Test
    void constantKeepsTheRate() {
        assertThat(Schedule.constant().factor(1)).isEqualTo(1);
        assertThat(Schedule.constant().factor(1_000_000)).isEqualTo(1);
    }

    @Test
    void stepDecayFallsAfterEveryFewSteps() {
        Schedule schedule = Schedule.stepDecay(10, 0.5);
        assertThat(schedule.factor(10)).isEqualTo(1);
        assertThat(schedule.factor(11)).isEqualTo(0.5);
        assertThat(schedule.factor(31)).isEqualTo(0.125);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Schedule.stepDecay(0, 0.5))
                .withMessageContaining("got 0");
    }

    @Test
    void exponentialAndInverseTimeStartAtTheFullRate() {
        assertThat(Schedule.exponential(0.1).factor(1)).isEqualTo(1);
        assertThat(Schedule.exponential(0.1).factor(11)).isCloseTo(Math.exp(-1), within(1e-15));
        assertThat(Schedule.inverseTime(0.5).factor(1)).isEqualTo(1);
        assertThat(Schedule.inverseTime(0.5).factor(5)).isCloseTo(1.0 / 3, within(1e-15));
    }

    @Test
    void cosineWarmsUpFallsToZeroAndStaysThere() {
        Schedule schedule = Schedule.cosine(110, 10);
        assertThat(schedule.factor(1)).isCloseTo(0.1, within(1e-15));
        assertThat(schedule.factor(10)).isEqualTo(1);
        assertThat(schedule.factor(60)).isCloseTo(0.5, within(1e-15));
        assertThat(schedule.factor(110)).isCloseTo(0, within(1e-15));
        assertThat(schedule.factor(500)).isCloseTo(0, within(1e-15));
    }

    @Test
    void settingsTellSchedulesApart() {
        assertThat(Schedule.cosine(110, 10).settings()).isEqualTo("cosine(110, 10)");
        assertThat(Schedule.cosine(110, 5).settings())
                .isNotEqualTo(Schedule.cosine(110, 10).settings());
    }
}
