package org.alborz.optim;

import java.util.function.LongToDoubleFunction;

/** The learning rate of each step, as a factor of the optimizer's own. A pure function, so that a resumed run goes on alike. */
public interface Schedule {
    /**
     * Returns the factor.
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

    /** Multiplies by {@code factor} after every {@code steps} steps. */
    static Schedule stepDecay(long steps, double factor) {
        requirePositive("stepDecay", steps);
        return new Named(
                "step_decay(" + steps + ", " + factor + ")", step -> Math.pow(factor, (double) ((step - 1) / steps)));
    }

    /** Multiplies by e^(−decay) each step. */
    static Schedule exponential(double decay) {
        return new Named("exponential(" + decay + ")", step -> Math.exp(-decay * (step - 1)));
    }

    /** Divides by 1 + decay·step. */
    static Schedule inverseTime(double decay) {
        return new Named("inverse_time(" + decay + ")", step -> 1 / (1 + decay * (step - 1)));
    }

    /** Falls from 1 to 0 along half a cosine (Loshchilov and Hutter 2017), after rising linearly for {@code warmup} steps. */
    static Schedule cosine(long steps, long warmup) {
        requirePositive("cosine", steps);
        return new Named("cosine(" + steps + ", " + warmup + ")", step -> {
            if (step <= warmup) {
                return (double) step / warmup;
            }
            double done = Math.min(1, (double) (step - warmup) / Math.max(1, steps - warmup));
            return 0.5 * (1 + Math.cos(Math.PI * done));
        });
    }

    private static void requirePositive(String name, long steps) {
        if (steps < 1) {
            throw new IllegalArgumentException(name + " expects at least 1 step, got " + steps);
        }
    }

    /** A function with its name. */
    record Named(String settings, LongToDoubleFunction function) implements Schedule {
        @Override
        public double factor(long step) {
            return function.applyAsDouble(step);
        }
    }
}
