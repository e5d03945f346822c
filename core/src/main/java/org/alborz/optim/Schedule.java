package org.alborz.optim;

import java.util.function.LongToDoubleFunction;

/**
 * The learning rate of each step, as a factor of the optimizer's own. A pure function, so that a resumed run goes on alike.
 *
 * <p>The factories' schedules begin with the whole learning rate, or with its rise, at step 1: what falls is a function of {@code step −
 * 1}.
 */
public interface Schedule {
    /**
     * Returns the factor, a finite number of at least 0.
     *
     * @param step the number of the step, from 1
     */
    double factor(long step);

    /** Returns the schedule in words; a resumed run must have the same. */
    String settings();

    /** Keeps the learning rate. */
    static Schedule constant() {
        return new Named("constant", step -> 1);
    }

    /**
     * Multiplies by {@code factor} after every {@code steps} steps.
     *
     * @param factor above 0 and at most 1
     */
    static Schedule stepDecay(long steps, double factor) {
        requireSteps("stepDecay", steps);
        if (!(factor > 0 && factor <= 1)) {
            throw new IllegalArgumentException("stepDecay expects a factor above 0 and at most 1, got " + factor);
        }
        return new Named(
                "step_decay(" + steps + ", " + factor + ")", step -> Math.pow(factor, (double) ((step - 1) / steps)));
    }

    /**
     * Multiplies by e^(−decay) each step.
     *
     * @param decay at least 0
     */
    static Schedule exponential(double decay) {
        Checks.decay("exponential", decay);
        return new Named("exponential(" + decay + ")", step -> Math.exp(-decay * (step - 1)));
    }

    /**
     * Divides by 1 + decay·(step − 1).
     *
     * @param decay at least 0
     */
    static Schedule inverseTime(double decay) {
        Checks.decay("inverseTime", decay);
        return new Named("inverse_time(" + decay + ")", step -> 1 / (1 + decay * (step - 1)));
    }

    /**
     * Falls from 1 towards 0 along half a cosine (Loshchilov and Hutter 2017), after rising linearly to 1 for {@code warmup} steps. Step
     * {@code warmup + 1} has the whole learning rate, step {@code steps} the last above 0, and the steps after have 0.
     *
     * @param steps in all, the rising ones counted in; at least 1
     * @param warmup how many steps rise; from 0 to {@code steps}
     */
    static Schedule cosine(long steps, long warmup) {
        requireSteps("cosine", steps);
        if (warmup < 0 || warmup > steps) {
            throw new IllegalArgumentException("cosine expects 0 to " + steps + " warm-up steps, got " + warmup);
        }
        return new Named("cosine(" + steps + ", " + warmup + ")", step -> {
            if (step <= warmup) {
                return (double) step / warmup;
            }
            if (step > steps) {
                return 0;
            }
            double done = (double) (step - 1 - warmup) / (steps - warmup);
            return 0.5 * (1 + Math.cos(Math.PI * done));
        });
    }

    private static void requireSteps(String name, long steps) {
        if (steps < 1) {
            throw new IllegalArgumentException(name + " expects at least 1 step, got " + steps);
        }
    }

    /** A function with its name. */
    record Named(String settings, LongToDoubleFunction function) implements Schedule {
        @Override
        public double factor(long step) {
            return function.applyAsDouble(Checks.step("A schedule", step));
        }
    }
}
