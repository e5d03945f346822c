package org.alborz.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
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
        Schedule constant = Schedule.constant();
        for (Schedule schedule : new Schedule[] {
            constant,
            Schedule.stepDecay(1, 0.5),
            Schedule.multiStep(0.5, 1),
            Schedule.exponential(1),
            Schedule.inverseTime(1),
            Schedule.polynomial(1, 1),
            Schedule.linear(1, 1, 0),
            Schedule.piecewise(new long[] {1}, 1, 0.1),
            Schedule.cosine(2),
            Schedule.cosine(2, 1),
            Schedule.cosineRestarts(1, 2),
            Schedule.oneCycle(10),
            Schedule.warmup(1),
            Schedule.chained(constant),
            Schedule.sequential(new long[0], constant),
            constant.withWarmup(2),
            constant.downTo(1)
        }) {
            for (long step : new long[] {0, -1, Long.MIN_VALUE}) {
                refused(() -> schedule.factor(step), "step of at least 1, got " + step);
            }
        }
    }

    private static void refused(ThrowingCallable call, String... message) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessageContainingAll(message);
    }

    @Test
    void settingsTellSchedulesApart() {
        assertThat(Schedule.cosine(110, 10).settings())
                .isEqualTo("SequentialSchedule[[10], [WarmupSchedule[steps=10], CosineSchedule[steps=100]]]");
        assertThat(Schedule.chained(
                                Schedule.constant(),
                                Schedule.multiStep(0.5, 2, 3).downTo(0.1))
                        .settings())
                .isEqualTo("ChainedSchedule[ConstantSchedule[],"
                        + " BoundedSchedule[MultiStepSchedule[factor=0.5, milestones=[2, 3]], least=0.1]]");
        assertThat(Schedule.cosine(110, 5).settings())
                .isNotEqualTo(Schedule.cosine(110, 10).settings());
    }

    @Test
    void piecewiseCountsWholeSteps() {
        Schedule schedule = Schedule.piecewise(new long[] {3, 5}, 1, 0.5, 2);
        assertThat(factors(schedule, 7)).containsExactly(1, 1, 1, 0.5, 0.5, 2, 2);
    }

    @Test
    void aWarmupComesBeforeAnySchedule() {
        assertThat(factors(Schedule.stepDecay(2, 0.5).withWarmup(4), 8))
                .containsExactly(0.25, 0.5, 0.75, 1, 1, 1, 0.5, 0.5);
        assertThat(factors(Schedule.warmup(1), 2)).containsExactly(1, 1);
        Schedule mine = step -> 1.0 / step;
        assertThat(factors(mine.withWarmup(1), 3)).containsExactly(1, 1, 0.5);
    }

    @Test
    void longRunsStayFinite() {
        for (Schedule schedule : new Schedule[] {
            Schedule.cosineRestarts(1, 2),
            Schedule.cosineRestarts(3, 1),
            Schedule.oneCycle(10),
            Schedule.polynomial(10, 3),
            Schedule.linear(10, 1, 0.5),
            Schedule.multiStep(0.1, 5, 7)
        }) {
            for (long step : new long[] {1_000_000, 1L << 62, Long.MAX_VALUE}) {
                assertThat(schedule.factor(step)).as(schedule.settings()).isBetween(0.0, 1.0);
            }
        }
    }

    @Test
    void settingsThatNoScheduleHasAreRefused() {
        refused(() -> Schedule.multiStep(0, 1), "multiStep expects a factor above 0 and at most 1, got 0.0");
        refused(() -> Schedule.multiStep(0.5, 3, 3), "multiStep expects numbers of steps that rise");
        refused(() -> Schedule.piecewise(new long[] {0}, 1, 1), "the first at least 1, got [0]");
        refused(() -> Schedule.piecewise(new long[] {1}, 1), "got 1 factors and 1 boundaries");
        refused(() -> Schedule.piecewise(new long[] {1}, 1, -1), "factor of at least 0, got -1.0");
        refused(() -> Schedule.polynomial(0, 1), "polynomial expects at least 1 step, got 0");
        refused(() -> Schedule.polynomial(1, Double.NaN), "power above 0, got NaN");
        refused(() -> Schedule.linear(1, Double.POSITIVE_INFINITY, 1), "linear expects a finite factor");
        refused(() -> Schedule.cosineRestarts(1, 0), "multiplier of at least 1, got 0");
        refused(() -> Schedule.oneCycle(3), "oneCycle expects a rising part");
        refused(() -> Schedule.oneCycle(100, 1, 0.1, 0.1), "got 1.0 of 100");
        refused(() -> Schedule.oneCycle(100, 0.3, 0, 0.1), "oneCycle expects a factor above 0");
        refused(() -> Schedule.warmup(0), "warmup expects at least 1 step, got 0");
        refused(() -> Schedule.constant().withWarmup(-1), "withWarmup expects at least 1 step, got -1");
        refused(() -> Schedule.constant().downTo(1.5), "downTo expects a factor from 0 to 1, got 1.5");
        refused(() -> Schedule.chained(Schedule.constant(), null), "chained", "a schedule, got null");
        refused(() -> Schedule.sequential(new long[] {1, 2}, Schedule.constant()), "got 1 schedules and 2 milestones");
    }

    private static double[] factors(Schedule schedule, int steps) {
        return IntStream.rangeClosed(1, steps).mapToDouble(schedule::factor).toArray();
    }
}
