package org.alborz.cuda.ops;

import java.nio.ByteBuffer;
import org.alborz.cuda.driver.Launcher;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * The axes of a kernel's operands and their strides, by which it finds an element's offset in each operand; the structure {@code
 * OffsetCalculator} of {@code offset_calculator.cuh}.
 *
 * <p>Axes of size 1 are left out, the others come in the order that they have in the result's memory, and neighbours that are one axis
 * in every operand are joined; the last axis is the innermost. So operands of one dense layout make one axis, whatever the order of their own axes.
 * One object is reused for all calls.
 */
final class OffsetCalculator {
    private static final int MOST_AXES = 8;
    private static final int MOST_OPERANDS = 4;

    /** Rank, then size, magic and shift of each axis, then the strides. */
    private static final int BYTES = (1 + 3 * MOST_AXES + MOST_OPERANDS * MOST_AXES) * Integer.BYTES;

    private static final int SIZES = Integer.BYTES;
    private static final int MAGICS = SIZES + MOST_AXES * Integer.BYTES;
    private static final int SHIFTS = MAGICS + MOST_AXES * Integer.BYTES;
    private static final int STRIDES = SHIFTS + MOST_AXES * Integer.BYTES;

    private final int[] sizes = new int[MOST_AXES];
    private final long[][] strides = new long[MOST_OPERANDS][MOST_AXES];
    private final AxisOrder order = new AxisOrder();
    private int rank;
    private int operands;
    private long elements;
    private int apart;

    /** Sets the axes to those of layouts of one shape, the result's last. */
    OffsetCalculator over(Layout result) {
        return fill(1, result, null, null, null, result);
    }

    /** Sets the axes to those of layouts of one shape, the result's last. */
    OffsetCalculator over(Layout first, Layout result) {
        return fill(2, first, result, null, null, result);
    }

    /** Sets the axes to those of layouts of one shape, the result's last. */
    OffsetCalculator over(Layout first, Layout second, Layout result) {
        return fill(3, first, second, result, null, result);
    }

    /** Sets the axes to those of layouts of one shape, the result's last. */
    OffsetCalculator over(Layout first, Layout second, Layout third, Layout result) {
        return fill(4, first, second, third, result, result);
    }

    private OffsetCalculator fill(int count, Layout a, Layout b, Layout c, Layout d, Layout result) {
        begin(count);
        for (int i = order.of(result) - 1; i >= 0; i--) {
            int axis = order.axis(i);
            axis(result.shape().size(axis), stride(a, axis), stride(b, axis), stride(c, axis), stride(d, axis));
        }
        return this;
    }

    private static long stride(Layout layout, int axis) {
        return layout == null ? 0 : layout.stride(axis);
    }

    /** Begins without axes, for {@link #axis} to add them. */
    OffsetCalculator begin(int count) {
        rank = 0;
        operands = count;
        elements = 1;
        apart = 0;
        return this;
    }

    /** Adds an axis inside the ones before, with its stride in each operand. */
    void axis(int size, long first, long second, long third, long fourth) {
        elements *= size;
        if (size == 1) {
            return;
        }
        int last = rank - 1;
        boolean joins = rank > apart
                && strides[0][last] == first * size
                && strides[1][last] == second * size
                && strides[2][last] == third * size
                && strides[3][last] == fourth * size;
        int at = joins ? last : next();
        sizes[at] = joins ? sizes[at] * size : size;
        strides[0][at] = first;
        strides[1][at] = second;
        strides[2][at] = third;
        strides[3][at] = fourth;
    }

    /** Adds an axis that stays one of its own, even of size 1, and returns its number. */
    int axisApart(int size, long first, long second) {
        int at = next();
        elements *= size;
        sizes[at] = size;
        strides[0][at] = first;
        strides[1][at] = second;
        strides[2][at] = 0;
        strides[3][at] = 0;
        apart = rank;
        return at;
    }

    private int next() {
        if (rank == MOST_AXES) {
            throw new IllegalArgumentException("On CUDA, an operation takes at most " + MOST_AXES
                    + " axes that are not adjacent. Make the tensors contiguous first.");
        }
        return rank++;
    }

    /** Tells whether every operand is contiguous, in the same order. */
    boolean isContiguous() {
        if (rank == 0) {
            return true;
        }
        for (int operand = 0; operand < operands; operand++) {
            if (strides[operand][0] != 1) {
                return false;
            }
        }
        return rank == 1;
    }

    int rank() {
        return rank;
    }

    int size(int axis) {
        return sizes[axis];
    }

    long stride(int operand, int axis) {
        return strides[operand][axis];
    }

    /** Returns the number of elements. */
    long elements() {
        return elements;
    }

    /** Adds the calculator to the arguments of a launch. */
    void passTo(Launcher launcher) {
        if (elements > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("On CUDA, tensors that are not contiguous have at most "
                    + Integer.MAX_VALUE + " elements, got " + elements);
        }
        int at = launcher.structure(BYTES);
        ByteBuffer block = launcher.block();
        block.putInt(at, rank);
        for (int axis = 0; axis < rank; axis++) {
            int place = at + axis * Integer.BYTES;
            int size = sizes[axis];
            // Dividing by a fixed number is a multiplication and a shift (Granlund and Montgomery 1994).
            int shift = size <= 1 ? 0 : Integer.SIZE - Integer.numberOfLeadingZeros(size - 1);
            long magic = size == 0 ? 1 : (((1L << shift) - size) << Integer.SIZE) / size + 1;
            block.putInt(place + SIZES, size);
            block.putInt(place + MAGICS, (int) magic);
            block.putInt(place + SHIFTS, shift);
            for (int operand = 0; operand < operands; operand++) {
                block.putInt(place + STRIDES + operand * MOST_AXES * Integer.BYTES, narrow(strides[operand][axis]));
            }
        }
    }

    private static int narrow(long stride) {
        if ((int) stride != stride) {
            throw new IllegalArgumentException("On CUDA, a tensor that is not contiguous has strides of at most "
                    + Integer.MAX_VALUE + " elements, got " + stride + ". Make the tensors contiguous first.");
        }
        return (int) stride;
    }

    /** The axes of a layout by their strides. */
    static final class AxisOrder {
        private int[] axes = new int[MOST_AXES];

        /** Sorts the axes that are longer than 1, the smallest stride first, and returns how many they are. */
        int of(Layout layout) {
            Shape shape = layout.shape();
            if (axes.length < shape.rank()) {
                axes = new int[shape.rank()];
            }
            int count = 0;
            for (int axis = shape.rank() - 1; axis >= 0; axis--) {
                if (shape.size(axis) != 1) {
                    int at = count++;
                    while (at > 0 && layout.stride(axes[at - 1]) > layout.stride(axis)) {
                        axes[at] = axes[at - 1];
                        at--;
                    }
                    axes[at] = axis;
                }
            }
            return count;
        }

        int axis(int place) {
            return axes[place];
        }
    }
}
