package org.alborz.optim;

/** Checks of the numbers that optimizers and schedules take. */
final class Settings {
    private Settings() {}

    static double learningRate(String owner, double value) {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(owner + " expects a finite learning rate of at least 0, got " + value);
        }
        return value;
    }

    static double weightDecay(String owner, double value) {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(owner + " expects a finite weight decay of at least 0, got " + value);
        }
        return value;
    }

    static double epsilon(String owner, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(owner + " expects a finite epsilon above 0, got " + value);
        }
        return value;
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
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(owner + " expects a finite decay of at least 0, got " + value);
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
}
