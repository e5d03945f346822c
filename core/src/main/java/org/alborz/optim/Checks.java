package org.alborz.optim;

import java.util.List;
import org.alborz.type.DType;

/** Checks of the numbers that optimizers and schedules take. */
final class Checks {
    private Checks() {}

    static double learningRate(String owner, double value) {
        return atLeastZero(owner, "learning rate", value);
    }

    static double weightDecay(String owner, double value) {
        return atLeastZero(owner, "weight decay", value);
    }

    static double epsilon(String owner, double value) {
        return positive(owner, "epsilon", value);
    }

    /** Refuses a number that is infinite, or 0 though it is none, in the type that steps are computed in. */
    static void requireIn(DType type, String owner, String name, double value) {
        float rounded = (float) value;
        if (type != DType.FLOAT64 && (Float.isInfinite(rounded) || rounded == 0 && value != 0)) {
            throw new IllegalArgumentException(owner + " expects " + name + " within the range of " + type
                    + ", in which its steps are computed, got " + value + ", which is " + rounded
                    + " there; choose one between 1e-38 and 1e38, or a session of float64");
        }
    }

    /** Takes the number of a step. */
    static long step(String owner, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(
                    owner + " expects a step of at least 1, got " + value + "; steps are counted from 1");
        }
        return value;
    }

    /** Takes a finite number of at least 0. */
    static double decay(String owner, double value) {
        return atLeastZero(owner, "decay", value);
    }

    /** Takes the factor of a penalty. */
    static double penalty(String owner, String name, double value) {
        return atLeastZero(owner, "factor of the " + name + " penalty", value);
    }

    /** Takes a number that may be 0. */
    static double atLeastZero(String owner, String name, double value) {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(owner + " expects a finite " + name + " of at least 0, got " + value);
        }
        return value;
    }

    /** Takes a finite number above 0. */
    static double positive(String owner, String name, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(owner + " expects a finite " + name + " above 0, got " + value);
        }
        return value;
    }

    /** Takes a number in [0, 1). */
    static double share(String owner, String name, double value) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException(owner + " expects " + name + " in [0, 1), got " + value);
        }
        return value;
    }

    static long steps(String owner, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(owner + " expects at least 1 step, got " + value);
        }
        return value;
    }

    /** Takes what a learning rate is multiplied by. */
    static double factor(String owner, double value) {
        return atLeastZero(owner, "factor", value);
    }

    /** Takes what a falling learning rate is multiplied by. */
    static double fall(String owner, double value) {
        if (!(value > 0 && value <= 1)) {
            throw new IllegalArgumentException(owner + " expects a factor above 0 and at most 1, got " + value);
        }
        return value;
    }

    /** Takes numbers of steps that rise, the first at least 1. */
    static List<Long> milestones(String owner, List<Long> values) {
        long before = 0;
        for (long value : values) {
            if (value <= before) {
                throw new IllegalArgumentException(
                        owner + " expects numbers of steps that rise, the first at least 1, got " + values);
            }
            before = value;
        }
        return List.copyOf(values);
    }
}
