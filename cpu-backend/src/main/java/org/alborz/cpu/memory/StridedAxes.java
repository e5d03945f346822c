package org.alborz.cpu.memory;

import org.alborz.type.Layout;

/**
 * The axes along which up to four layouts of one shape are iterated over together.
 *
 * <p>They are ordered by the strides of the last layout, and neighbours that are one axis in all layouts are joined; so operands of one
 * dense layout have a single axis, whatever the order of theirs. Axes of size 1 are left out. Setting them again reuses the arrays.
 */
public final class StridedAxes {
    /** The most layouts at once. */
    public static final int MOST_OPERANDS = 4;

    private int[] sizes = new int[8];
    private final int[][] strides = new int[MOST_OPERANDS][8];
    private int operands;
    private int count;

    /**
     * Takes the axes of the first layouts.
     *
     * @param used how many of the layouts
     * @param skipped an axis to leave out, along which the sizes may differ, or -1
     * @throws IllegalArgumentException when a stride does not fit an int
     */
    public void set(Layout[] layouts, int used, int skipped) {
        operands = used;
        count = 0;
        int rank = layouts[0].shape().rank();
        reserve(rank);
        for (int axis = 0; axis < rank; axis++) {
            int size = layouts[0].shape().size(axis);
            if (axis != skipped && size != 1) {
                insert(axis, size, layouts);
            }
        }
        join();
    }

    /** Returns how many axes there are; 0 for a single element. */
    public int count() {
        return count;
    }

    public int size(int axis) {
        return sizes[axis];
    }

    public int stride(int operand, int axis) {
        return strides[operand][axis];
    }

    /** Narrows an offset or a stride; those of an array fit an int, and without elements they do not matter. */
    public static int narrow(Layout layout, long elements) {
        if (layout.shape().elements() == 0) {
            return 0;
        }
        if ((int) elements != elements) {
            throw new IllegalArgumentException("A CPU backend expects offsets and strides below 2^31, got " + layout);
        }
        return (int) elements;
    }

    /** Adds an axis so that the strides of the last layout descend. */
    private void insert(int axis, int size, Layout[] layouts) {
        int[] key = strides[operands - 1];
        long stride = layouts[operands - 1].stride(axis);
        int at = count++;
        while (at > 0 && key[at - 1] < stride) {
            copyAxis(at - 1, at);
            at--;
        }
        sizes[at] = size;
        for (int operand = 0; operand < operands; operand++) {
            strides[operand][at] = narrow(layouts[operand], layouts[operand].stride(axis));
        }
    }

    /** Joins each axis with its outer neighbour where no layout has a gap between them. */
    private void join() {
        int last = 0;
        for (int axis = 1; axis < count; axis++) {
            if (follows(last, axis)) {
                int outer = sizes[last];
                copyAxis(axis, last);
                sizes[last] *= outer;
            } else {
                copyAxis(axis, ++last);
            }
        }
        count = Math.min(count, last + 1);
    }

    private boolean follows(int outer, int inner) {
        if ((long) sizes[outer] * sizes[inner] > Integer.MAX_VALUE) {
            return false;
        }
        for (int operand = 0; operand < operands; operand++) {
            if (strides[operand][outer] != strides[operand][inner] * sizes[inner]) {
                return false;
            }
        }
        return true;
    }

    private void copyAxis(int from, int to) {
        sizes[to] = sizes[from];
        for (int operand = 0; operand < operands; operand++) {
            strides[operand][to] = strides[operand][from];
        }
    }

    private void reserve(int rank) {
        if (sizes.length < rank) {
            sizes = new int[rank];
            for (int operand = 0; operand < MOST_OPERANDS; operand++) {
                strides[operand] = new int[rank];
            }
        }
    }
}
