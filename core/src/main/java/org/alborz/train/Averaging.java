package org.alborz.train;

/**
 * How the weights are averaged over the steps.
 *
 * @param decay the share that an exponential average keeps at a step, or 0 for none of that kind
 * @param start the step whose weights begin an average of equal shares, or 0 for none of that kind
 * @param every of how many steps the weights of one are taken into that
 */
record Averaging(double decay, long start, long every) {
    static final Averaging NONE = new Averaging(0, 0, 0);

    static Averaging exponential(double decay) {
        if (!(decay > 0 && decay < 1)) {
            throw new IllegalArgumentException("ema expects a decay above 0 and below 1, got " + decay);
        }
        return new Averaging(decay, 0, 0);
    }

    static Averaging equal(long start, long every) {
        if (start < 1 || every < 1) {
            throw new IllegalArgumentException(
                    "swa expects a first step and a distance of at least 1, got " + start + " and " + every);
        }
        return new Averaging(0, start, every);
    }

    boolean isNone() {
        return decay == 0 && start == 0;
    }

    /** Returns the share of the weights after a step in the average from then on: 1 begins it, 0 leaves it as it is. */
    double share(long step) {
        if (decay > 0) {
            return step == 1 ? 1 : 1 - decay;
        }
        return step < start || (step - start) % every != 0 ? 0 : 1 / ((step - start) / every + 1.0);
    }

    /** Tells whether there is an average after so many steps. */
    boolean hasBegun(long steps) {
        return steps >= Math.max(1, start);
    }

    String settings() {
        return start > 0 ? "equal from step " + start + " every " + every : Double.toString(decay);
    }
}
