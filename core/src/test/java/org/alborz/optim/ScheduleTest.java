package org.alborz.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
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
        assertThat(schedule.factor(1)).isEqualTo(1);
        assertThat(schedule.factor(10)).isEqualTo(1);
        assertThat(schedule.factor(11)).isEqualTo(0.5);
        assertThat(schedule.factor(31)).isEqualTo(0.125);
        assertThat(schedule.factor(Long.MAX_VALUE)).isZero();
        refused(() -> Schedule.stepDecay(0, 0.5), "got 0");
        for (double factor : new double[] {0, -0.5, 1.5, Double.NaN, Double.POSITIVE_INFINITY}) {
            refused(
                    () -> Schedule.stepDecay(10, factor),
                    "stepDecay expects a factor above 0 and at most 1, got " + factor);
        }
    }

    @Test
    void exponentialAndInverseTimeStartAtTheFullRate() {
        assertThat(Schedule.exponential(0.1).factor(1)).isEqualTo(1);
        assertThat(Schedule.exponential(0.1).factor(11)).isCloseTo(Math.exp(-1), within(1e-15));
        assertThat(Schedule.exponential(0.1).factor(Long.MAX_VALUE)).isZero();
        assertThat(Schedule.inverseTime(0.5).factor(1)).isEqualTo(1);
        assertThat(Schedule.inverseTime(0.5).factor(5)).isCloseTo(1.0 / 3, within(1e-15));
        assertThat(Schedule.inverseTime(0.5).factor(Long.MAX_VALUE)).isBetween(0.0, 1e-18);
        for (double decay : new double[] {-1e-3, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            refused(
                    () -> Schedule.exponential(decay),
                    "exponential expects a finite decay of at least 0, got " + decay);
            refused(
                    () -> Schedule.inverseTime(decay),
                    "inverseTime expects a finite decay of at least 0, got " + decay);
        }
    }

    @Test
    void cosineFallsFromTheFullRateTowardsZeroAndStaysThere() {
        Schedule schedule = Schedule.cosine(100, 0);
        assertThat(schedule.factor(1)).isEqualTo(1);
        assertThat(schedule.factor(51)).isCloseTo(0.5, within(1e-15));
        assertThat(schedule.factor(100)).isBetween(1e-4, 1e-3);
        assertThat(schedule.factor(101)).isZero();
        assertThat(schedule.factor(Long.MAX_VALUE)).isZero();
        assertThat(Schedule.cosine(1, 0).factor(1)).isEqualTo(1);
        assertThat(Schedule.cosine(Long.MAX_VALUE, 0).factor(1)).isEqualTo(1);
    }

    @Test
    void cosineWarmsUpFirst() {
        Schedule schedule = Schedule.cosine(110, 10);
        assertThat(schedule.factor(1)).isCloseTo(0.1, within(1e-15));
        assertThat(schedule.factor(10)).isEqualTo(1);
        assertThat(schedule.factor(11)).isEqualTo(1);
        assertThat(schedule.factor(61)).isCloseTo(0.5, within(1e-15));
        assertThat(schedule.factor(111)).isZero();
        refused(() -> Schedule.cosine(0, 0), "cosine expects at least 1 step, got 0");
        refused(() -> Schedule.cosine(10, -1), "cosine expects 0 to 10 warm-up steps, got -1");
        refused(() -> Schedule.cosine(10, 11), "cosine expects 0 to 10 warm-up steps, got 11");
    }

    @Test
    void everyStepOfACosineTrains() {
        for (int steps = 1; steps < 20; steps++) {
            for (int warmup = 0; warmup <= steps; warmup++) {
                Schedule schedule = Schedule.cosine(steps, warmup);
                for (int step = 1; step <= steps; step++) {
                    assertThat(schedule.factor(step))
                            .as("step %d of %s", step, schedule.settings())
                            .isBetween(1e-3, 1.0);
                }
            }
        }
    }

    @Test
    void stepsCountFromOne() {
        for (Schedule schedule : new Schedule[] {
            Schedule.constant(),
            Schedule.stepDecay(1, 0.5),
            Schedule.exponential(1),
            Schedule.inverseTime(1),
            Schedule.cosine(2, 1)
        }) {
            for (long step : new long[] {0, -1, Long.MIN_VALUE}) {
                refused(() -> schedule.factor(step), "step of at least 1, got " + step);
            }
        }
    }

    private static void refused(ThrowingCallable call, String message) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessageContaining(message);
    }

    @Test
    void settingsTellSchedulesApart() {
        assertThat(Schedule.cosine(110, 10).settings()).isEqualTo("cosine(110, 10)");
        assertThat(Schedule.cosine(110, 5).settings())
                .isNotEqualTo(Schedule.cosine(110, 10).settings());
    }
}
