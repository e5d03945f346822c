package org.alborz.nn;

import java.util.Arrays;
import org.alborz.nn.VarianceScaling.Distribution;
import org.alborz.random.RandomStream;
import org.alborz.text.Given;
import org.alborz.type.Shape;

/**
 * Gives a parameter its first values. They are drawn on the host in row-major order, so that every backend starts alike.
 *
 * <p>Of weights {@code [out, in, KH, KW]}, fan-in is {@code in·KH·KW} and fan-out {@code out·KH·KW}.
 */
@FunctionalInterface
public interface Initializer {
    /** Fills the values of a parameter of the given shape. */
    void fill(Shape shape, double[] values, RandomStream random);

    /** Sets every value to the same number, {@code w = value}. */
    static Initializer constant(double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("Initializer.constant expects a finite value, got " + value);
        }
        return (shape, values, random) -> Arrays.fill(values, value);
    }

    /**
     * Sets numbers that are known, {@code w[i] = numbers[i]} in row-major order.
     *
     * @param numbers as many as the parameter has
     */
    static Initializer values(double... numbers) {
        double[] known = Given.value(numbers, "Initializer.values", "numbers").clone();
        return (shape, values, random) -> {
            if (known.length != values.length) {
                throw new IllegalArgumentException("Initializer.values expects a parameter of " + known.length
                        + " values, as many as it was given, got one of the shape " + shape);
            }
            System.arraycopy(known, 0, values, 0, known.length);
        };
    }

    /** Draws from the normal distribution with mean 0, {@code w = standardDeviation·z}. */
    static Initializer normal(double standardDeviation) {
        extent("normal", "standard deviation", standardDeviation);
        return (shape, values, random) -> {
            random.fillNormal(values);
            for (int i = 0; i < values.length; i++) {
                values[i] *= standardDeviation;
            }
        };
    }

    /** Draws from the normal distribution with mean 0, {@code w = standardDeviation·z}, again where {@code |z| > 2}. */
    static Initializer truncatedNormal(double standardDeviation) {
        extent("truncatedNormal", "standard deviation", standardDeviation);
        return (shape, values, random) -> {
            for (int i = 0; i < values.length; i++) {
                double value = random.normal();
                while (Math.abs(value) > 2) {
                    value = random.normal();
                }
                values[i] = value * standardDeviation;
            }
        };
    }

    /** Draws uniformly from [−bound, bound), {@code w = (2·u − 1)·bound}. */
    static Initializer uniform(double bound) {
        extent("uniform", "bound", bound);
        return (shape, values, random) -> {
            for (int i = 0; i < values.length; i++) {
                values[i] = (2.0 * random.uniform() - 1) * bound;
            }
        };
    }

    /** Draws normally with variance 2 / fan-in, for layers followed by a rectifier (He et al. 2015; {@code kaiming_normal_}). */
    static VarianceScaling heNormal() {
        return new VarianceScaling(2, FanMode.FAN_IN, Distribution.NORMAL);
    }

    /** Draws uniformly with variance 2 / fan-in (He et al. 2015; {@code kaiming_uniform_}). */
    static VarianceScaling heUniform() {
        return new VarianceScaling(2, FanMode.FAN_IN, Distribution.UNIFORM);
    }

    /** Draws normally with variance 2 / (fan-in + fan-out) (Glorot and Bengio 2010; {@code xavier_normal_}). */
    static VarianceScaling xavierNormal() {
        return new VarianceScaling(1, FanMode.FAN_AVERAGE, Distribution.NORMAL);
    }

    /** Draws uniformly with variance 2 / (fan-in + fan-out) (Glorot and Bengio 2010; {@code xavier_uniform_}). */
    static VarianceScaling xavierUniform() {
        return new VarianceScaling(1, FanMode.FAN_AVERAGE, Distribution.UNIFORM);
    }

    /** Draws normally with variance 1 / fan-in (LeCun et al. 1998), for layers followed by SELU, for one. */
    static VarianceScaling lecunNormal() {
        return new VarianceScaling(1, FanMode.FAN_IN, Distribution.NORMAL);
    }

    /** Draws uniformly with variance 1 / fan-in (LeCun et al. 1998). */
    static VarianceScaling lecunUniform() {
        return new VarianceScaling(1, FanMode.FAN_IN, Distribution.UNIFORM);
    }

    /** Makes a random orthogonal matrix, {@code w·wᵀ = 1}, as {@link #orthogonal(double)} with a gain of 1. */
    static Initializer orthogonal() {
        return orthogonal(1);
    }

    /**
     * Makes a random orthogonal matrix, times a gain (Saxe et al. 2014; {@code torch.nn.init.orthogonal_}): of weights
     * {@code [out, in, …]}, taken as {@code [out, in·…]}, the rows or, where there are more of these, the columns are orthonormal, {@code w·wᵀ = gain²·1}. It is
     * the Q of the QR decomposition of normal numbers whose R has a positive diagonal.
     *
     * @param gain finite and at least 0
     */
    static Initializer orthogonal(double gain) {
        return new OrthogonalInitializer(extent("orthogonal", "gain", gain));
    }

    /** Makes a convolution pass on its inputs, {@code y = x}, as {@link #dirac(int)} with one group. */
    static Initializer dirac() {
        return dirac(1);
    }

    /**
     * Makes a convolution of weights {@code [out, in / groups, …]} pass on its inputs, as many as there are outputs in a group: 1 in the
     * middle of the kernel from input i to output i, and 0 elsewhere ({@code torch.nn.init.dirac_}).
     */
    static Initializer dirac(int groups) {
        return new DiracInitializer(groups);
    }

    private static double extent(String initializer, String name, double value) {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(
                    "Initializer." + initializer + " expects a finite " + name + " of at least 0, got " + value);
        }
        return value;
    }
}
