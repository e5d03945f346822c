package org.alborz.cpu.scalar;

import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.cpu.memory.Int64Buffer;
import org.alborz.type.Layout;

/**
 * Iterates over the elements of a shape in up to four layouts at once, in blocks that are evenly spaced in each.
 *
 * <p>The axes are ordered by the strides of the last layout, and neighbouring axes that all layouts step through without a gap are merged;
 * so operands of one dense layout are one run, whatever the order of their axes. Starting again reuses its arrays.
 */
public final class StridedIterator {
    /** The most elements of a block; a row of doubles this long stays in the first-level cache. */
    public static final int BLOCK = 1024;

    private static final int MOST_OPERANDS = 4;

    private int[] sizes = new int[8];
    private int[] index = new int[8];
    private final int[][] strides = new int[MOST_OPERANDS][8];
    private final int[] origin = new int[MOST_OPERANDS];
    // Where the current run starts, and where the current block does.
    private final int[] run = new int[MOST_OPERANDS];
    private final int[] place = new int[MOST_OPERANDS];

    private int operands;
    private int axes;
    private boolean empty;
    private int runLength;
    private int done;
    private int length;

    /** Starts an iteration over layouts of one shape. */
    public void start(Layout... layouts) {
        startWithout(-1, layouts);
    }

    /** Starts an iteration over all axes but one, which stays at its first element; the sizes along it may differ. */
    public void startWithout(int skipped, Layout... layouts) {
        operands = layouts.length;
        axes = 0;
        empty = false;
        int rank = layouts[0].shape().rank();
        reserve(rank);
        for (int axis = 0; axis < rank; axis++) {
            int size = layouts[0].shape().size(axis);
            empty |= axis != skipped && size == 0;
            if (axis != skipped && size != 1) {
                insert(axis, size, layouts);
            }
        }
        for (int operand = 0; operand < operands; operand++) {
            origin[operand] = place(layouts[operand], layouts[operand].offset());
        }
        merge();
        if (axes == 0) {
            addSingleElement();
        }
        restart();
    }

    /** Starts the same iteration again, from where the layouts begin. */
    public void restart() {
        for (int operand = 0; operand < operands; operand++) {
            run[operand] = origin[operand];
        }
        for (int axis = 0; axis < axes; axis++) {
            index[axis] = 0;
        }
        runLength = empty ? 0 : sizes[axes - 1];
        done = 0;
    }

    /** Moves one operand; to be called before the first block. */
    public void move(int operand, long elements) {
        run[operand] += (int) elements;
    }

    /** Goes to the next block; false when there is none. */
    public boolean next() {
        if (done == runLength && !nextRun()) {
            return false;
        }
        length = Math.min(runLength - done, BLOCK);
        for (int operand = 0; operand < operands; operand++) {
            place[operand] = run[operand] + done * step(operand);
        }
        done += length;
        return true;
    }

    /** Returns how many elements the block has, at most {@link #BLOCK}. */
    public int length() {
        return length;
    }

    /** Returns the position of the block's first element for an operand. */
    public int at(int operand) {
        return place[operand];
    }

    /** Returns the distance between the block's elements for an operand. */
    public int step(int operand) {
        return strides[operand][axes - 1];
    }

    /** Reads the block of an operand. */
    void read(int operand, CpuBuffer buffer, double[] into) {
        buffer.read(at(operand), step(operand), length, into, 0);
    }

    /** Writes the block of an operand. */
    void write(int operand, CpuBuffer buffer, double[] from) {
        buffer.write(at(operand), step(operand), length, from, 0);
    }

    /** Copies the block of an operand to another's; {@code block} has room for it. */
    void copy(int operand, CpuBuffer from, int target, CpuBuffer into, double[] block) {
        if (!(from instanceof Int64Buffer longs)) {
            read(operand, from, block);
            write(target, into, block);
            return;
        }
        // A double does not hold every int64.
        for (int i = 0; i < length; i++) {
            into.setLong(at(target) + i * step(target), longs.array()[at(operand) + i * step(operand)]);
        }
    }

    private boolean nextRun() {
        if (empty) {
            return false;
        }
        for (int axis = axes - 2; axis >= 0; axis--) {
            boolean inside = ++index[axis] < sizes[axis];
            int steps = inside ? 1 : 1 - sizes[axis];
            for (int operand = 0; operand < operands; operand++) {
                run[operand] += steps * strides[operand][axis];
            }
            if (inside) {
                done = 0;
                return true;
            }
            index[axis] = 0;
        }
        return false;
    }

    /** Adds an axis so that the strides of the last layout descend. */
    private void insert(int axis, int size, Layout[] layouts) {
        int[] key = strides[operands - 1];
        long stride = layouts[operands - 1].stride(axis);
        int at = axes++;
        while (at > 0 && key[at - 1] < stride) {
            copyAxis(at - 1, at);
            at--;
        }
        sizes[at] = size;
        for (int operand = 0; operand < operands; operand++) {
            strides[operand][at] = place(layouts[operand], layouts[operand].stride(axis));
        }
    }

    /** Narrows an offset or a stride; of an array they fit, and without elements they do not matter. */
    private static int place(Layout layout, long elements) {
        if (layout.shape().elements() == 0) {
            return 0;
        }
        if ((int) elements != elements) {
            throw new IllegalArgumentException("A CPU backend expects offsets and strides below 2^31, got " + layout);
        }
        return (int) elements;
    }

    /** Joins each axis with its outer neighbour where no layout leaves a gap between them. */
    private void merge() {
        int last = 0;
        for (int axis = 1; axis < axes; axis++) {
            if (follows(last, axis)) {
                int outer = sizes[last];
                copyAxis(axis, last);
                sizes[last] *= outer;
            } else {
                copyAxis(axis, ++last);
            }
        }
        axes = Math.min(axes, last + 1);
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

    private void addSingleElement() {
        axes = 1;
        sizes[0] = 1;
        for (int operand = 0; operand < operands; operand++) {
            strides[operand][0] = 1;
        }
    }

    private void reserve(int rank) {
        if (sizes.length < rank) {
            sizes = new int[rank];
            index = new int[rank];
            for (int operand = 0; operand < MOST_OPERANDS; operand++) {
                strides[operand] = new int[rank];
            }
        }
    }
}
