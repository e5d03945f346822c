package org.alborz.optim;

import java.util.Arrays;
import java.util.List;
import org.alborz.text.Described;
import org.alborz.text.Given;

/**
 * The learning rate of each step, as a factor of the optimizer's own. A pure function, so that a resumed run goes on alike.
 *
 * <p>In the equations t is the number of steps done before: 0 at step 1. They are those of {@code torch.optim.lr_scheduler} where its classes
 * are named, with PyTorch's {@code scheduler.step()} called after each step of the optimizer. What reacts to a metric is the callback
 * {@code ReduceLROnPlateau}.
 */
@FunctionalInterface
public interface Schedule {
    /**
     * Returns the factor, a finite number of at least 0.
     *
     * @param step the number of the step, from 1
     */
    double factor(long step);

    /** Returns the schedule in words; a resumed run must have the same. The class's {@code toString}, or its name, unless overridden. */
    default String settings() {
        return Described.of(this);
    }

    /** Returns this schedule after {@code steps} steps in which the factor rises to 1 in equal parts, as {@link #warmup} does. */
    default Schedule withWarmup(long steps) {
        return new SequentialSchedule(List.of(Checks.steps("withWarmup", steps)), List.of(warmup(steps), this));
    }

    /**
     * Returns this schedule, of factors from 0 to 1, scaled so that it falls to {@code least} and not to 0: {@code least + (1 − least)·f(t)}, the
     * {@code eta_min} of PyTorch's cosines as a share of the learning rate.
     *
     * @param least from 0 to 1
     */
    default Schedule downTo(double least) {
        return new BoundedSchedule(this, least);
    }

    /** Keeps the learning rate: {@code f(t) = 1}. */
    static Schedule constant() {
        return new ConstantSchedule();
    }

    /**
     * Multiplies by {@code factor} after every {@code steps} steps: {@code factor^⌊t / steps⌋} ({@code StepLR}).
     *
     * @param factor above 0 and at most 1
     */
    static Schedule stepDecay(long steps, double factor) {
        return new StepSchedule(steps, factor);
    }

    /**
     * Multiplies by {@code factor} after each of some numbers of steps, {@code factor^n} with n the number of milestones ≤ t ({@code MultiStepLR}).
     *
     * @param factor above 0 and at most 1
     * @param milestones numbers of steps that rise
     */
    static Schedule multiStep(double factor, long... milestones) {
        return new MultiStepSchedule(factor, list(milestones));
    }

    /**
     * Multiplies by e^(−decay) each step: {@code e^(−decay·t)}. {@code ExponentialLR} with γ is {@code exponential(-Math.log(γ))}.
     *
     * @param decay at least 0
     */
    static Schedule exponential(double decay) {
        return new ExponentialSchedule(decay);
    }

    /**
     * Divides by {@code 1 + decay·t}.
     *
     * @param decay at least 0
     */
    static Schedule inverseTime(double decay) {
        return new InverseTimeSchedule(decay);
    }

    /**
     * Falls to 0 as {@code (1 − t / steps)^power} ({@code PolynomialLR}).
     *
     * @param power above 0; 1 is a straight line
     */
    static Schedule polynomial(long steps, double power) {
        return new PolynomialSchedule(steps, power);
    }

    /**
     * Goes from one factor to another in a straight line, {@code start + (end − start)·t / steps}, and stays there ({@code LinearLR}).
     *
     * @param start at least 0
     * @param end at least 0
     */
    static Schedule linear(long steps, double start, double end) {
        return new LinearSchedule(steps, start, end);
    }

    /**
     * Has {@code factors[0]} for the first {@code boundaries[0]} steps, then {@code factors[1]} up to step {@code boundaries[1]}, and so on, {@code f(t) = factors[n]}
     * with n the number of boundaries ≤ t; the last factor stays. Keras's {@code PiecewiseConstantDecay} counts steps from 0, so its boundaries are these less 1.
     *
     * @param boundaries numbers of steps that rise
     * @param factors one more than boundaries, each at least 0
     */
    static Schedule piecewise(long[] boundaries, double... factors) {
        return new PiecewiseSchedule(
                list(boundaries), Arrays.stream(factors).boxed().toList());
    }

    /**
     * Falls from 1 to 0 along half a cosine, {@code (1 + cos(π·t / steps)) / 2}, and stays there (Loshchilov and Hutter 2017;
     * {@code CosineAnnealingLR} up to {@code T_max}, after which that rises again).
     */
    static Schedule cosine(long steps) {
        return new CosineSchedule(Checks.steps("cosine", steps));
    }

    /**
     * Falls along half a cosine, {@code (1 + cos(π·(t − warmup) / (steps − warmup))) / 2}, after rising linearly to 1 for {@code warmup} steps. Step {@code warmup + 1} has the whole learning rate,
     * step {@code steps} the last above 0, and the steps after have 0.
     *
     * @param steps in all, the rising ones counted in; at least 1
     * @param warmup how many steps rise; from 0 to {@code steps}
     */
    static Schedule cosine(long steps, long warmup) {
        Checks.steps("cosine", steps);
        if (warmup < 0 || warmup > steps) {
            throw new IllegalArgumentException("cosine expects 0 to " + steps + " warm-up steps, got " + warmup);
        }
        Schedule fall = new CosineSchedule(steps - warmup);
        return warmup == 0 ? fall : fall.withWarmup(warmup);
    }

    /**
     * Falls along half a cosine again and again, {@code (1 + cos(π·s / period)) / 2} with s the steps since the last restart ({@code CosineAnnealingWarmRestarts}; Loshchilov and Hutter 2017).
     *
     * @param first the length of the first period, in steps
     * @param multiplier how many times as long each period is as the one before; at least 1
     */
    static Schedule cosineRestarts(long first, int multiplier) {
        return new CosineRestartsSchedule(first, multiplier);
    }

    /**
     * Rises from 1/25 to 1 over the first 30 % of the steps and falls to 1/250,000, both along half a cosine, {@code to + (from − to)·(1 + cos(π·share)) / 2}
     * ({@code OneCycleLR} with its defaults, whose {@code max_lr} is the optimizer's learning rate; Smith and Topin 2018). The momentum stays as it is.
     */
    static Schedule oneCycle(long steps) {
        return oneCycle(steps, 0.3, 1 / 25.0, 1e-4);
    }

    /**
     * Rises from {@code start} to 1 and falls to {@code start·end}, each as {@code to + (from − to)·(1 + cos(π·share)) / 2}.
     *
     * @param steps in all
     * @param rising the share of the steps in which it rises ({@code pct_start})
     * @param start the factor of the first step (1 / {@code div_factor}), above 0 and at most 1
     * @param end what the last one is of the first (1 / {@code final_div_factor}), above 0 and at most 1
     */
    static Schedule oneCycle(long steps, double rising, double start, double end) {
        return new OneCycleSchedule(steps, rising, start, end);
    }

    /** Rises to 1 in equal parts, {@code (t + 1) / steps}, and stays there. */
    static Schedule warmup(long steps) {
        return new WarmupSchedule(steps);
    }

    /** Multiplies the factors of several schedules, {@code f₀(t)·f₁(t)·…} ({@code ChainedScheduler}). */
    static Schedule chained(Schedule... schedules) {
        return new ChainedSchedule(list("chained", schedules));
    }

    /**
     * Follows one schedule after another, each from its own step 1: {@code fₙ(t − milestones[n − 1])} with n the number of milestones ≤ t ({@code SequentialLR}).
     *
     * @param milestones after how many steps the next one begins; they rise
     * @param schedules one more than milestones
     */
    static Schedule sequential(long[] milestones, Schedule... schedules) {
        return new SequentialSchedule(list(milestones), list("sequential", schedules));
    }

    private static List<Long> list(long... values) {
        return Arrays.stream(values).boxed().toList();
    }

    private static List<Schedule> list(String owner, Schedule... schedules) {
        for (Schedule schedule : schedules) {
            Given.value(schedule, owner, "a schedule");
        }
        return List.of(schedules);
    }
}
