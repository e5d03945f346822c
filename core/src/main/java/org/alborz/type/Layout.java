package org.alborz.type;

import java.util.Arrays;

/**
 * The position of each element of a tensor in its buffer: element {@code (i, j, …)} at {@code offset + i·stride(0) + j·stride(1) + …},
 * counted in elements.
 *
 * <p>Views (transpose, slice, broadcast) are other layouts over the same buffer. A stride of 0 repeats an element, so such a
 * layout can be read from and not written to.
 */
public final class Layout {
    /** Orders of the axes in memory, outermost first; null stands for row-major. */
    private static final int[] CHANNELS_LAST = {0, 2, 3, 1};

    private static final int[] FILTER = {2, 3, 1, 0};

    private final Shape shape;
    private final long[] strides;
    private final long offset;
    private final boolean dense;

    private Layout(Shape shape, long[] strides, long offset) {
        this.shape = shape;
        this.strides = strides;
        this.offset = offset;
        this.dense = computeDense(shape, strides);
    }

    /**
     * Returns the layout with the given strides and offset, in elements.
     *
     * @throws IllegalArgumentException when one of them is negative, or the place behind the last element would be beyond 2⁶³ − 1
     */
    public static Layout of(Shape shape, long[] strides, long offset) {
        if (strides.length != shape.rank()) {
            throw new IllegalArgumentException("Layout expects " + shape.rank() + " strides for shape " + shape
                    + ", got " + Arrays.toString(strides));
        }
        return new Layout(shape, requirePlaces(shape, strides.clone(), offset), offset);
    }

    private static long[] requirePlaces(Shape shape, long[] strides, long offset) {
        boolean fits = offset >= 0;
        long last = offset;
        for (int i = 0; fits && i < strides.length; i++) {
            long steps = Math.max(0, shape.size(i) - 1);
            fits = strides[i] >= 0 && Math.multiplyHigh(strides[i], steps) == 0 && strides[i] * steps >= 0;
            last += fits ? strides[i] * steps : 0;
            fits &= last >= 0;
        }
        if (!fits || last == Long.MAX_VALUE) {
            throw new IllegalArgumentException("Layout expects strides and an offset of at least 0 that end below 2^63"
                    + " elements, got strides " + Arrays.toString(strides) + " and offset " + offset + " for shape "
                    + shape);
        }
        return strides;
    }

    /** Returns the layout in which the last axis is contiguous. */
    public static Layout rowMajor(Shape shape) {
        Layout known = Shape.given(shape, "A layout expects a shape").rowMajor;
        if (known == null) {
            known = stored(shape, 0, null);
            shape.rowMajor = known;
        }
        return known;
    }

    /** Returns the layout of images {@code [N, C, H, W]} stored as N, H, W, C, and row-major for any other rank. */
    public static Layout channelsLast(Shape shape) {
        if (Shape.given(shape, "A layout expects a shape").rank() != 4) {
            return rowMajor(shape);
        }
        Layout known = shape.channelsLast;
        if (known == null) {
            known = stored(shape, 0, CHANNELS_LAST);
            shape.channelsLast = known;
        }
        return known;
    }

    /** Returns the layout of convolution weights {@code [O, C, KH, KW]} stored as KH, KW, C, O. */
    public static Layout filter(Shape shape) {
        if (shape.rank() != 4) {
            throw new IllegalArgumentException("A filter has shape [O, C, KH, KW], got " + shape);
        }
        Layout known = shape.filter;
        if (known == null) {
            known = stored(shape, 0, FILTER);
            shape.filter = known;
        }
        return known;
    }

    /** Returns the dense layout in which the axes are in the given order, outermost first. */
    private static Layout stored(Shape shape, long offset, int[] order) {
        long[] strides = new long[shape.rank()];
        long stride = 1;
        for (int i = shape.rank() - 1; i >= 0; i--) {
            int axis = order == null ? i : order[i];
            strides[axis] = stride;
            stride *= Math.max(1, shape.size(axis));
        }
        return new Layout(shape, strides, offset);
    }

    /** Returns a dense layout at offset 0 whose axes are in the same order as this one's. */
    public Layout compact() {
        if (dense && offset == 0) {
            return this;
        }
        int rank = shape.rank();
        int[] order = new int[rank];
        for (int i = 0; i < rank; i++) {
            int at = i;
            while (at > 0 && strides[order[at - 1]] < strides[i]) {
                order[at] = order[at - 1];
                at--;
            }
            order[at] = i;
        }
        return stored(shape, 0, order);
    }

    private static boolean computeDense(Shape shape, long[] strides) {
        // Dense: the strides, smallest first, are the running products of the sizes.
        long expected = 1;
        int left = 0;
        for (int i = 0; i < strides.length; i++) {
            left += shape.size(i) == 1 ? 0 : 1;
        }
        if (shape.elements() == 0) {
            return true;
        }
        while (left > 0) {
            int found = -1;
            for (int i = 0; i < strides.length; i++) {
                if (shape.size(i) != 1 && strides[i] == expected) {
                    found = i;
                }
            }
            if (found < 0) {
                return false;
            }
            expected *= shape.size(found);
            left--;
        }
        return true;
    }

    public Shape shape() {
        return shape;
    }

    /** Returns the distance in elements between neighbours along an axis. */
    public long stride(int axis) {
        return strides[shape.axis(axis)];
    }

    /** Returns the place of the first element. */
    public long offset() {
        return offset;
    }

    /** Tells whether the elements fill a contiguous range, each exactly once, in any order of axes. */
    public boolean isDense() {
        return dense;
    }

    /** Tells whether this layout is dense with the last axis contiguous. */
    public boolean isRowMajor() {
        return dense && liesIn(null);
    }

    /** Tells whether this layout is dense in the order of {@link #channelsLast}. */
    public boolean isChannelsLast() {
        return dense && liesIn(shape.rank() == 4 ? CHANNELS_LAST : null);
    }

    /** Tells whether this layout is dense in the order of {@link #filter}. */
    public boolean isFilter() {
        return dense && shape.rank() == 4 && liesIn(FILTER);
    }

    private boolean liesIn(int[] order) {
        long expected = 1;
        for (int i = strides.length - 1; i >= 0; i--) {
            int axis = order == null ? i : order[i];
            int size = shape.size(axis);
            if (size != 1 && strides[axis] != expected) {
                return shape.elements() == 0;
            }
            expected *= size;
        }
        return true;
    }

    /** Tells whether both have the same shape and walk memory alike; strides of axes of size 1 do not matter. */
    public boolean sameOrder(Layout other) {
        return this == other || shape.equals(other.shape) && sameStrides(other);
    }

    private boolean sameStrides(Layout other) {
        for (int i = 0; i < strides.length; i++) {
            if (strides[i] != other.strides[i] && shape.size(i) != 1) {
                return false;
            }
        }
        return true;
    }

    /**
     * Returns this layout moved by some elements.
     *
     * @throws IllegalArgumentException when it would begin before 0
     */
    public Layout shift(long elements) {
        return elements == 0
                ? this
                : new Layout(shape, requirePlaces(shape, strides, offset + elements), offset + elements);
    }

    /** Returns the place behind the last element: how many elements a buffer must have for it; 0 without elements. */
    public long end() {
        if (shape.elements() == 0) {
            return 0;
        }
        long last = offset;
        for (int i = 0; i < strides.length; i++) {
            last += (shape.size(i) - 1) * strides[i];
        }
        return last + 1;
    }

    /** Tells whether a place may belong to both: whether the ranges from their first to their last elements meet. */
    public boolean overlaps(Layout other) {
        return shape.elements() > 0 && other.shape.elements() > 0 && offset < other.end() && other.offset < end();
    }

    /** Returns the layout whose axis {@code i} is this one's axis {@code axes[i]}. */
    public Layout permute(int... axes) {
        int rank = shape.rank();
        if (axes.length != rank) {
            throw new IllegalArgumentException(
                    "permute expects " + rank + " axes for shape " + shape + ", got " + Arrays.toString(axes));
        }
        int[] from = shape.axes(axes);
        int[] sizes = new int[rank];
        long[] permuted = new long[rank];
        for (int i = 0; i < rank; i++) {
            sizes[i] = shape.size(from[i]);
            permuted[i] = strides[from[i]];
        }
        return new Layout(Shape.of(sizes), permuted, offset);
    }

    /** Returns the layout with two axes exchanged. */
    public Layout transpose(int a, int b) {
        int[] axes = new int[shape.rank()];
        Arrays.setAll(axes, i -> i);
        axes[shape.axis(a)] = shape.axis(b);
        axes[shape.axis(b)] = shape.axis(a);
        return permute(axes);
    }

    /**
     * Returns the layout that reads this one as if it had the given shape, repeating axes of size 1 and adding axes in front.
     *
     * @throws IllegalArgumentException when this shape does not broadcast to {@code to}
     */
    public Layout expand(Shape to) {
        if (shape.equals(to)) {
            return this;
        }
        int added = to.rank() - shape.rank();
        long[] expanded = new long[to.rank()];
        boolean fits = added >= 0;
        for (int i = 0; fits && i < shape.rank(); i++) {
            boolean same = shape.size(i) == to.size(added + i);
            fits = same || shape.size(i) == 1;
            expanded[added + i] = same ? strides[i] : 0;
        }
        if (!fits) {
            throw new IllegalArgumentException("Shape " + shape + " does not broadcast to " + to);
        }
        return new Layout(to, expanded, offset);
    }

    /**
     * Returns every {@code step}-th element along one axis, {@code length} of them from {@code start}.
     *
     * @throws IllegalArgumentException when the range leaves the axis; one without elements may begin at its end and not beyond
     */
    public Layout narrow(int axis, int start, int length, int step) {
        int at = shape.axis(axis);
        int size = shape.size(at);
        long end = length == 0 ? start : start + (long) (length - 1) * step + 1;
        if (start < 0 || length < 0 || step < 1 || end > size) {
            throw new IllegalArgumentException("narrow expects a range inside axis " + axis + " of shape " + shape
                    + ", got start " + start + ", length " + length + ", step " + step);
        }
        long[] narrowed = strides.clone();
        narrowed[at] *= length > 1 ? step : 1;
        // Without elements nothing is ever read, and an offset might be outside a buffer of none.
        Shape left = shape.with(at, length);
        return new Layout(left, narrowed, offset + (left.elements() == 0 ? 0 : start * strides[at]));
    }

    /**
     * Returns a layout of another shape over the same elements in row-major reading order, or null where that needs a copy.
     *
     * @throws IllegalArgumentException when the number of elements differs
     */
    public Layout reshape(Shape to) {
        if (to.elements() != shape.elements()) {
            throw new IllegalArgumentException("reshape expects " + shape.elements() + " elements as in " + shape
                    + ", got " + to + " with " + to.elements());
        }
        if (to.equals(shape)) {
            return this;
        }
        if (shape.elements() == 0) {
            return rowMajor(to);
        }
        long[] reshaped = new long[to.rank()];
        int from = shape.rank() - 1;
        int into = to.rank() - 1;
        while (from >= 0 || into >= 0) {
            // The smallest groups of axes, from the end, that hold equally many elements on both sides.
            long have = from >= 0 ? shape.size(from) : 1;
            long want = into >= 0 ? to.size(into) : 1;
            int firstFrom = from;
            int firstInto = into;
            while (have != want) {
                if (have < want) {
                    have *= shape.size(--firstFrom);
                } else {
                    want *= to.size(--firstInto);
                }
            }
            long stride = groupStride(firstFrom, from);
            if (stride < 0) {
                return null;
            }
            for (int i = into; i >= Math.max(0, firstInto); i--) {
                reshaped[i] = stride;
                stride *= to.size(i);
            }
            from = Math.min(from, firstFrom) - 1;
            into = Math.min(into, firstInto) - 1;
        }
        return new Layout(to, reshaped, offset);
    }

    /** Returns the innermost stride of axes {@code first} to {@code last} read as one axis, or -1 if they are not evenly spaced. */
    private long groupStride(int first, int last) {
        long inner = -1;
        long next = -1;
        for (int i = last; i >= Math.max(0, first); i--) {
            if (shape.size(i) == 1) {
                continue;
            }
            if (inner < 0) {
                inner = strides[i];
            } else if (strides[i] != next) {
                return -1;
            }
            next = strides[i] * shape.size(i);
        }
        return inner < 0 ? 1 : inner;
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || other instanceof Layout layout
                        && offset == layout.offset
                        && shape.equals(layout.shape)
                        && Arrays.equals(strides, layout.strides);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * shape.hashCode() + Arrays.hashCode(strides)) + Long.hashCode(offset);
    }

    @Override
    public String toString() {
        return shape + " strides " + Arrays.toString(strides) + " offset " + offset;
    }
}
