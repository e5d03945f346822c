package org.alborz.tck;

import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;
import org.alborz.random.RandomStream;
import org.alborz.type.Shape;

/** Numbers on the host, in row-major order of a shape: what oracles read and make. Random ones are exact in float32. */
final class HostArray {
    private final Shape shape;
    private final double[] values;

    private HostArray(Shape shape, double[] values) {
        this.shape = shape;
        this.values = values;
    }

    static HostArray of(Shape shape, double... values) {
        if (values.length != shape.elements()) {
            throw new IllegalArgumentException(
                    "An array " + shape + " expects " + shape.elements() + " values, got " + values.length);
        }
        return new HostArray(shape, values.clone());
    }

    static HostArray vector(double... values) {
        return of(Shape.of(values.length), values);
    }

    static HostArray filled(double value, Shape shape) {
        return compute(shape, index -> value);
    }

    /** Makes an array of what a function says of each index; the function must not keep the index. */
    static HostArray compute(Shape shape, ToDoubleFunction<int[]> element) {
        double[] values = new double[Math.toIntExact(shape.elements())];
        int[] next = {0};
        forEachIndex(shape, index -> values[next[0]++] = element.applyAsDouble(index));
        return new HostArray(shape, values);
    }

    /** Draws uniformly between two numbers. */
    static HostArray uniform(long seed, double low, double high, Shape shape) {
        RandomStream random = new RandomStream(seed, shape.hashCode());
        return compute(shape, index -> (float) (low + (high - low) * random.uniform()));
    }

    /** Draws magnitudes uniformly between two positive numbers, and signs at random: numbers that keep off 0. */
    static HostArray signed(long seed, double low, double high, Shape shape) {
        RandomStream random = new RandomStream(seed, shape.hashCode());
        return compute(shape, index -> {
            double sign = random.nextInt(2) == 0 ? -1 : 1;
            return (float) (sign * (low + (high - low) * random.uniform()));
        });
    }

    /** Makes numbers from -1 to 1 in random order, no two of which are equal or, among few, close. */
    static HostArray distinct(long seed, Shape shape) {
        int[] ranks = new int[Math.toIntExact(shape.elements())];
        Arrays.setAll(ranks, i -> i);
        new RandomStream(seed, shape.hashCode()).shuffle(ranks);
        return new HostArray(
                shape,
                Arrays.stream(ranks)
                        .mapToDouble(rank -> (float) ((2.0 * rank + 1) / ranks.length - 1))
                        .toArray());
    }

    /** Calls the action with each index in row-major order; it must not keep the array. */
    static void forEachIndex(Shape shape, Consumer<int[]> action) {
        int[] index = new int[shape.rank()];
        long elements = shape.elements();
        for (long i = 0; i < elements; i++) {
            action.accept(index);
            for (int axis = index.length - 1; axis >= 0 && ++index[axis] == shape.size(axis); axis--) {
                index[axis] = 0;
            }
        }
    }

    /** Applies a function to each pair of elements of two arrays that broadcast. */
    static HostArray broadcast(DoubleBinaryOperator function, HostArray a, HostArray b) {
        Shape shape = Shape.broadcast(a.shape, b.shape);
        HostArray left = a.expand(shape);
        HostArray right = b.expand(shape);
        double[] result = new double[left.values.length];
        Arrays.setAll(result, i -> function.applyAsDouble(left.values[i], right.values[i]));
        return new HostArray(shape, result);
    }

    Shape shape() {
        return shape;
    }

    double[] values() {
        return values;
    }

    /** Returns the element at an index with one number an axis. */
    double at(int... index) {
        return values[offset(index)];
    }

    /** Adds to the element at an index. */
    void add(double value, int... index) {
        values[offset(index)] += value;
    }

    /** Sets the element at an index. */
    void set(double value, int... index) {
        values[offset(index)] = value;
    }

    /** Returns where in {@link #values} the element at an index is. */
    int offset(int... index) {
        int offset = 0;
        for (int axis = 0; axis < index.length; axis++) {
            offset = offset * shape.size(axis) + index[axis];
        }
        return offset;
    }

    HostArray map(DoubleUnaryOperator function) {
        return new HostArray(shape, Arrays.stream(values).map(function).toArray());
    }

    HostArray reshape(Shape to) {
        return of(to, values);
    }

    /** Repeats axes of size 1 and adds axes in front. */
    HostArray expand(Shape to) {
        if (to.equals(shape)) {
            return this;
        }
        int added = to.rank() - shape.rank();
        int[] from = new int[shape.rank()];
        return compute(to, index -> {
            for (int axis = 0; axis < from.length; axis++) {
                from[axis] = shape.size(axis) == 1 ? 0 : index[added + axis];
            }
            return at(from);
        });
    }

    /** Puts the axes into another order. */
    HostArray permute(int... axes) {
        int[] sizes = new int[axes.length];
        Arrays.setAll(sizes, i -> shape.size(axes[i]));
        int[] from = new int[axes.length];
        return compute(Shape.of(sizes), index -> {
            for (int i = 0; i < axes.length; i++) {
                from[axes[i]] = index[i];
            }
            return at(from);
        });
    }

    /** Joins the elements along some axes, which stay with size 1. */
    HostArray reduce(double initial, DoubleBinaryOperator join, int... axes) {
        Shape kept = shape;
        for (int axis : axes) {
            kept = kept.with(axis, 1);
        }
        HostArray result = filled(initial, kept);
        forEachIndex(shape, index -> {
            int[] into = index.clone();
            for (int axis : axes) {
                into[axis] = 0;
            }
            int place = result.offset(into);
            result.values[place] = join.applyAsDouble(result.values[place], at(index));
        });
        return result;
    }

    /** Returns this array moved {@code distance} along a direction. */
    HostArray moved(double distance, HostArray direction) {
        double[] result = values.clone();
        Arrays.setAll(result, i -> values[i] + distance * direction.values[i]);
        return new HostArray(shape, result);
    }

    double sum() {
        return Arrays.stream(values).sum();
    }

    /** Returns the largest finite magnitude, 0 where there is none. */
    double largestMagnitude() {
        return Arrays.stream(values)
                .filter(Double::isFinite)
                .map(Math::abs)
                .max()
                .orElse(0);
    }
}
