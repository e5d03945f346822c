package org.alborz.type;

import java.util.Arrays;
import java.util.List;

/**
 * The sizes of a tensor along its axes; a scalar has none.
 *
 * <p>Images are spoken of as {@code [N, C, H, W]}, whatever their {@link Layout} in memory.
 */
public final class Shape {
    private static final Shape SCALAR = new Shape(new int[0]);

    private final int[] sizes;
    private final long elements;

    /** The dense layouts of this shape, made when they are first asked for; see {@link Layout}. */
    Layout rowMajor;

    Layout channelsLast;
    Layout filter;

    private Shape(int[] sizes) {
        this.sizes = sizes;
        boolean empty = false;
        long product = 1;
        for (int size : sizes) {
            if (size < 0) {
                throw new IllegalArgumentException("Shape expects sizes of at least 0, got " + Arrays.toString(sizes));
            }
            // An empty axis does not excuse the others: strides are products of their sizes.
            empty |= size == 0;
            long next = product * Math.max(1, size);
            if (Math.multiplyHigh(product, Math.max(1, size)) != 0 || next < 0) {
                throw new IllegalArgumentException("Shape expects at most " + Long.MAX_VALUE
                        + " elements (empty axes not counted), got " + Arrays.toString(sizes));
            }
            product = next;
        }
        this.elements = empty ? 0 : product;
    }

    /**
     * Returns the shape with the given sizes, outermost axis first.
     *
     * @throws IllegalArgumentException for a negative size, and for more than 2⁶³ − 1 elements
     */
    public static Shape of(int... sizes) {
        return given(sizes, "A shape expects sizes").length == 0 ? SCALAR : new Shape(sizes.clone());
    }

    /** Returns what was given; refuses null. */
    static <T> T given(T value, String expectation) {
        if (value == null) {
            throw new IllegalArgumentException(expectation + ", got null");
        }
        return value;
    }

    /** Returns the shape of a scalar. */
    public static Shape scalar() {
        return SCALAR;
    }

    /** Returns the number of axes. */
    public int rank() {
        return sizes.length;
    }

    /** Returns the number of elements: 1 for a scalar, 0 where an axis is empty. */
    public long elements() {
        return elements;
    }

    /** Returns the size along an axis; a negative axis counts from the end. */
    public int size(int axis) {
        return sizes[axis(axis)];
    }

    /** Returns the axis counted from the start, and refuses one that this shape does not have. */
    public int axis(int axis) {
        int fromStart = axis < 0 ? axis + sizes.length : axis;
        if (fromStart < 0 || fromStart >= sizes.length) {
            throw new IllegalArgumentException("Axis " + axis + " does not exist in shape " + this + "; expected "
                    + (sizes.length == 0 ? "no axis, as of a scalar" : -sizes.length + " to " + (sizes.length - 1)));
        }
        return fromStart;
    }

    /**
     * Returns the axes counted from the start, in the order given: what every operation on several axes asks first.
     *
     * @throws IllegalArgumentException when this shape does not have one of them, or one is named twice
     */
    public int[] axes(int... axes) {
        int[] fromStart = new int[given(axes, "A shape expects axes").length];
        for (int i = 0; i < axes.length; i++) {
            fromStart[i] = axis(axes[i]);
            for (int j = 0; j < i; j++) {
                if (fromStart[j] == fromStart[i]) {
                    throw new IllegalArgumentException("Axis " + fromStart[i] + " of shape " + this
                            + " appears more than once in " + Arrays.toString(axes) + "; name each axis once");
                }
            }
        }
        return fromStart;
    }

    /** Returns this shape with another size along one axis; a negative axis counts from the end. */
    public Shape with(int axis, int size) {
        int at = axis(axis);
        if (sizes[at] == size) {
            return this;
        }
        int[] changed = sizes.clone();
        changed[at] = size;
        return new Shape(changed);
    }

    /**
     * Returns this shape with a new axis of the given size.
     *
     * @param axis where the new axis is in the result; a negative one counts from the result's end, so that -1 adds it behind the last
     */
    public Shape insert(int axis, int size) {
        int at = axis < 0 ? axis + sizes.length + 1 : axis;
        if (at < 0 || at > sizes.length) {
            throw new IllegalArgumentException("insert expects an axis of the result, " + (-sizes.length - 1) + " to "
                    + sizes.length + " for shape " + this + ", got " + axis);
        }
        int[] changed = new int[sizes.length + 1];
        System.arraycopy(sizes, 0, changed, 0, at);
        changed[at] = size;
        System.arraycopy(sizes, at, changed, at + 1, sizes.length - at);
        return new Shape(changed);
    }

    /** Returns this shape without one axis; a negative axis counts from the end. */
    public Shape remove(int axis) {
        int at = axis(axis);
        int[] changed = new int[sizes.length - 1];
        System.arraycopy(sizes, 0, changed, 0, at);
        System.arraycopy(sizes, at + 1, changed, at, changed.length - at);
        return changed.length == 0 ? SCALAR : new Shape(changed);
    }

    /**
     * Returns the shape that both broadcast to: axes are aligned at the end, and a missing axis or one of size 1 stretches.
     *
     * @throws IllegalArgumentException when an axis differs and neither size is 1
     */
    public static Shape broadcast(Shape a, Shape b) {
        if (a.equals(b)) {
            return a;
        }
        int rank = Math.max(a.rank(), b.rank());
        int[] sizes = new int[rank];
        for (int i = 1; i <= rank; i++) {
            int left = i <= a.rank() ? a.sizes[a.rank() - i] : 1;
            int right = i <= b.rank() ? b.sizes[b.rank() - i] : 1;
            if (left != right && left != 1 && right != 1) {
                throw new IllegalArgumentException("Shapes " + a + " and " + b + " do not broadcast: sizes " + left
                        + " and " + right + " differ at axis -" + i + " and neither is 1");
            }
            sizes[rank - i] = left == 1 ? right : left;
        }
        return new Shape(sizes);
    }

    /** Returns a copy of the sizes. */
    public int[] toArray() {
        return sizes.clone();
    }

    /** Returns the indices, one for each axis, of an element that is counted in row-major order from 0. */
    public List<Integer> position(long element) {
        Integer[] position = new Integer[rank()];
        long left = element;
        for (int i = rank() - 1; i >= 0; i--) {
            position[i] = (int) (left % size(i));
            left /= size(i);
        }
        return List.of(position);
    }

    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof Shape that && Arrays.equals(sizes, that.sizes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(sizes);
    }

    @Override
    public String toString() {
        return Arrays.toString(sizes);
    }
}
