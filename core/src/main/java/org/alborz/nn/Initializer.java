package org.alborz.nn;

import java.util.Arrays;
import org.alborz.random.RandomStream;
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

    /** Sets every value to the same number. */
    static Initializer constant(double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("Initializer.constant expects a finite value, got " + value);
        }
        return (shape, values, random) -> Arrays.fill(values, value);
    }

    /** Draws from the normal distribution with mean 0. */
    static Initializer normal(double standardDeviation) {
        return drawnNormally(extent("normal", "standard deviation", standardDeviation));
    }

    private static Initializer drawnNormally(double standardDeviation) {
        return (shape, values, random) -> {
            random.fillNormal(values);
            for (int i = 0; i < values.length; i++) {
                values[i] *= standardDeviation;
            }
        };
    }

    /** Draws uniformly from [-bound, bound). */
    static Initializer uniform(double bound) {
        return drawnUniformly(extent("uniform", "bound", bound));
    }

    private static Initializer drawnUniformly(double bound) {
        return (shape, values, random) -> {
            for (int i = 0; i < values.length; i++) {
                values[i] = (2.0 * random.uniform() - 1) * bound;
            }
        };
    }

    /** Draws normally with variance 2 / fan-in, for layers followed by a rectifier (He et al. 2015). */
    static Initializer heNormal() {
        return (shape, values, random) ->
                drawnNormally(Math.sqrt(2.0 / fanIn(shape))).fill(shape, values, random);
    }

    /** Draws uniformly with variance 2 / fan-in (He et al. 2015). */
    static Initializer heUniform() {
        return (shape, values, random) ->
                drawnUniformly(Math.sqrt(6.0 / fanIn(shape))).fill(shape, values, random);
    }

    /** Draws normally with variance 2 / (fan-in + fan-out) (Glorot and Bengio 2010). */
    static Initializer xavierNormal() {
        return (shape, values, random) ->
                drawnNormally(Math.sqrt(2.0 / (fanIn(shape) + fanOut(shape)))).fill(shape, values, random);
    }

    /** Draws uniformly with variance 2 / (fan-in + fan-out) (Glorot and Bengio 2010). */
    static Initializer xavierUniform() {
        return (shape, values, random) ->
                drawnUniformly(Math.sqrt(6.0 / (fanIn(shape) + fanOut(shape)))).fill(shape, values, random);
    }

    private static double extent(String initializer, String name, double value) {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(
                    "Initializer." + initializer + " expects a finite " + name + " of at least 0, got " + value);
        }
        return value;
    }

    /** Returns how many inputs one output sums over. */
    static double fanIn(Shape shape) {
        return shape.rank() < 2 ? shape.elements() : (double) shape.elements() / shape.size(0);
    }

    /** Returns how many outputs one input reaches. */
    static double fanOut(Shape shape) {
        return shape.rank() < 2 ? shape.elements() : (double) shape.elements() / shape.size(1);
    }
}
