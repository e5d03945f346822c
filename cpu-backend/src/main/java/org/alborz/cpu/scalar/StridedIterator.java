package org.alborz.cpu.scalar;

import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.cpu.memory.Int64Buffer;
import org.alborz.cpu.memory.StridedAxes;
import org.alborz.type.Layout;

/**
 * Iterates over the elements of a shape in up to four layouts at once, in blocks that are evenly spaced in each.
 *
 * <p>The axes are ordered and joined by {@link StridedAxes}. Starting again reuses the arrays.
 */
public final class StridedIterator {
    /** The most elements of a block; a row of doubles this long stays in the first-level cache. */
    public static final int BLOCK = 1024;

    private final StridedAxes axes = new StridedAxes();
    private int[] index = new int[8];
    private final int[] origin = new int[StridedAxes.MOST_OPERANDS];
    // Where the current run starts, and where the current block does.
    private final int[] run = new int[StridedAxes.MOST_OPERANDS];
    private final int[] place = new int[StridedAxes.MOST_OPERANDS];

    private int operands;
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
        axes.set(layouts, operands, skipped);
        empty = false;
        for (int axis = 0; axis < layouts[0].shape().rank(); axis++) {
            empty |= axis != skipped && layouts[0].shape().size(axis) == 0;
        }
        if (index.length < axes.count()) {
            index = new int[axes.count()];
        }
        for (int operand = 0; operand < operands; operand++) {
            origin[operand] = StridedAxes.narrow(layouts[operand], layouts[operand].offset());
        }
        restart();
    }

    /** Starts the same iteration again, from where the layouts begin. */
    public void restart() {
        for (int operand = 0; operand < operands; operand++) {
            run[operand] = origin[operand];
        }
        for (int axis = 0; axis < axes.count(); axis++) {
            index[axis] = 0;
        }
        runLength = empty ? 0 : axes.count() == 0 ? 1 : axes.size(axes.count() - 1);
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

    /** Returns where element {@code i} of the block is for an operand. */
    int at(int operand, int i) {
        return place[operand] + i * step(operand);
    }

    /** Returns the distance between the block's elements for an operand. */
    public int step(int operand) {
        return axes.count() == 0 ? 1 : axes.stride(operand, axes.count() - 1);
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
        for (int axis = axes.count() - 2; axis >= 0; axis--) {
            boolean inside = ++index[axis] < axes.size(axis);
            int steps = inside ? 1 : 1 - axes.size(axis);
            for (int operand = 0; operand < operands; operand++) {
                run[operand] += steps * axes.stride(operand, axis);
            }
            if (inside) {
                done = 0;
                return true;
            }
            index[axis] = 0;
        }
        return false;
    }
}
