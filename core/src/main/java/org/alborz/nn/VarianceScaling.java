package org.alborz.nn;

import org.alborz.random.RandomStream;
import org.alborz.text.Given;
import org.alborz.type.Shape;

/**
 * Draws with mean 0 and variance {@code scale / fan}: the initialisation of He, Xavier (Glorot) and LeCun.
 *
 * @param scale the square of the gain
 * @param fan what the variance is divided by
 * @param distribution what is drawn from
 */
public record VarianceScaling(double scale, FanMode fan, Distribution distribution) implements Initializer {
    /** What is drawn from. */
    public enum Distribution {
        NORMAL,
        /** The normal distribution without what is more than two standard deviations from its mean, widened to the same variance. */
        TRUNCATED_NORMAL,
        UNIFORM
    }

    /** The standard deviation of the standard normal distribution between −2 and 2. */
    private static final double TRUNCATED_DEVIATION = 0.87962566103423978;

    public VarianceScaling {
        Given.value(fan, "VarianceScaling", "a fan mode");
        Given.value(distribution, "VarianceScaling", "a distribution");
        if (!(scale > 0) || Double.isInfinite(scale)) {
            throw new IllegalArgumentException("VarianceScaling expects a finite scale above 0, got " + scale);
        }
    }

    /** Returns one with another gain, such as {@code Gain.leakyRelu(0.2)}. */
    public VarianceScaling gain(double gain) {
        return new VarianceScaling(Given.above0(gain, "gain") * gain, fan, distribution);
    }

    /** Returns one that divides by another fan. */
    public VarianceScaling fan(FanMode mode) {
        return new VarianceScaling(scale, mode, distribution);
    }

    /** Returns one that draws from the truncated normal distribution, as Keras does. */
    public VarianceScaling truncated() {
        return new VarianceScaling(scale, fan, Distribution.TRUNCATED_NORMAL);
    }

    @Override
    public void fill(Shape shape, double[] values, RandomStream random) {
        if (values.length == 0) {
            return;
        }
        double of = fan.of(shape);
        Initializer drawn = switch (distribution) {
            case NORMAL -> Initializer.normal(Math.sqrt(scale / of));
            case TRUNCATED_NORMAL -> Initializer.truncatedNormal(Math.sqrt(scale / of) / TRUNCATED_DEVIATION);
            case UNIFORM -> Initializer.uniform(Math.sqrt(3 * scale / of));
        };
        drawn.fill(shape, values, random);
    }
}
