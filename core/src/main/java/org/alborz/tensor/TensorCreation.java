package org.alborz.tensor;

import org.alborz.random.RandomKey;
import org.alborz.random.Streams;
import org.alborz.text.Given;
import org.alborz.type.Shape;

/** The usual ways to make a tensor that are written with others; {@link Session} has those. */
abstract class TensorCreation {
    private Session self() {
        return (Session) this;
    }

    /** Returns zeros of another tensor's shape and type. */
    public Tensor zerosLike(Tensor other) {
        return self().zeros(Given.value(other, "zerosLike", "a tensor").shape(), other.dtype());
    }

    /** Returns ones of another tensor's shape and type. */
    public Tensor onesLike(Tensor other) {
        return self().ones(Given.value(other, "onesLike", "a tensor").shape(), other.dtype());
    }

    /** Returns the identity matrix of n rows. */
    public Tensor eye(int n) {
        float[] values = new float[arrayLength("eye", (long) n * n)];
        for (int i = 0; i < n; i++) {
            values[i * n + i] = 1;
        }
        return self().tensor(values, Shape.of(n, n));
    }

    /** Returns the int32 numbers from 0 to before {@code end}. */
    public Tensor arange(int end) {
        return arange(0, end);
    }

    /** Returns the int32 numbers from {@code start} to before {@code end}. */
    public Tensor arange(int start, int end) {
        int[] values = new int[arrayLength("arange", (long) end - start)];
        for (int i = 0; i < values.length; i++) {
            values[i] = start + i;
        }
        return self().tensor(values, Shape.of(values.length));
    }

    /**
     * Returns {@code start + i·step} for as long as it is before {@code end}, in the session's type; each number is rounded once.
     *
     * @param step not 0; negative to count down
     */
    public Tensor arange(double start, double end, double step) {
        double count = Math.ceil((end - start) / step);
        if (step == 0 || !(count >= 0)) {
            throw new IllegalArgumentException(
                    "arange expects a step that leads from " + start + " to " + end + ", got " + step);
        }
        double[] values = new double[arrayLength("arange", (long) count)];
        for (int i = 0; i < values.length; i++) {
            values[i] = start + i * step;
        }
        return self().tensor(values, Shape.of(values.length));
    }

    /** Returns {@code count} numbers from {@code start} to {@code end}, both inclusive, at equal distances; of one, the start. */
    public Tensor linspace(double start, double end, int count) {
        double[] values = new double[arrayLength("linspace", count)];
        for (int i = 0; i < count; i++) {
            // From the nearer end, so that both are met.
            double step = step(start, end, Math.max(1, count - 1));
            values[i] = i < count / 2 || count == 1 ? start + i * step : end - (count - 1 - i) * step;
        }
        return self().tensor(values, Shape.of(count));
    }

    /** Returns the distance; where that of the ends has no finite number, that of their parts has. */
    private static double step(double start, double end, int parts) {
        double step = (end - start) / parts;
        return Double.isFinite(step) ? step : end / parts - start / parts;
    }

    private static int arrayLength(String method, long elements) {
        if (elements < 0 || elements > Session.LONGEST_ARRAY) {
            throw new IllegalArgumentException(
                    method + " expects from 0 to " + Session.LONGEST_ARRAY + " elements, got " + elements);
        }
        return (int) elements;
    }

    // ---- random numbers ----

    /** Draws from [0, 1): the same numbers for the same seed on every backend. */
    public Tensor uniform(Shape shape, long seed) {
        return self().uniform(key(seed), shape);
    }

    /** Draws from the standard normal distribution: the same numbers for the same seed on every backend but for their last digits. */
    public Tensor normal(Shape shape, long seed) {
        return self().normal(key(seed), shape);
    }

    private static RandomKey key(long seed) {
        return new RandomKey(seed, Streams.TENSOR.stream(0), 0);
    }

    // ---- Java arrays of arrays ----

    /** Returns a tensor {@code [A, B]} of the session's type. */
    public Tensor tensor(float[][] values) {
        return floats(values);
    }

    /** Returns a tensor {@code [A, B, C]} of the session's type. */
    public Tensor tensor(float[][][] values) {
        return floats(values);
    }

    /** Returns a tensor {@code [A, B, C, D]} of the session's type. */
    public Tensor tensor(float[][][][] values) {
        return floats(values);
    }

    /** Returns a tensor {@code [A, B]} of the session's type. */
    public Tensor tensor(double[][] values) {
        return doubles(values);
    }

    /** Returns a tensor {@code [A, B, C]} of the session's type. */
    public Tensor tensor(double[][][] values) {
        return doubles(values);
    }

    /** Returns a tensor {@code [A, B, C, D]} of the session's type. */
    public Tensor tensor(double[][][][] values) {
        return doubles(values);
    }

    /** Returns an int32 tensor {@code [A, B]}. */
    public Tensor tensor(int[][] values) {
        return ints(values);
    }

    /** Returns an int32 tensor {@code [A, B, C]}. */
    public Tensor tensor(int[][][] values) {
        return ints(values);
    }

    /** Returns an int32 tensor {@code [A, B, C, D]}. */
    public Tensor tensor(int[][][][] values) {
        return ints(values);
    }

    /** Returns a tensor {@code [A]} of the session's type. */
    public Tensor tensor(float[] values) {
        return floats(values);
    }

    /** Returns a tensor {@code [A]} of the session's type. */
    public Tensor tensor(double[] values) {
        return doubles(values);
    }

    /** Returns an int32 tensor {@code [A]}. */
    public Tensor tensor(int[] values) {
        return ints(values);
    }

    private Tensor floats(Object values) {
        Shape shape = shape(values);
        return self().tensor(NestedArray.flatten(values, shape, new float[length(shape)]), shape);
    }

    private Tensor doubles(Object values) {
        Shape shape = shape(values);
        return self().tensor(NestedArray.flatten(values, shape, new double[length(shape)]), shape);
    }

    private Tensor ints(Object values) {
        Shape shape = shape(values);
        return self().tensor(NestedArray.flatten(values, shape, new int[length(shape)]), shape);
    }

    private Shape shape(Object values) {
        self().check();
        return NestedArray.shape(Given.value(values, "tensor", "an array"));
    }

    private static int length(Shape shape) {
        return arrayLength("tensor", shape.elements());
    }
}
