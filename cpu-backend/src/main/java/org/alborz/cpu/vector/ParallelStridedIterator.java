package org.alborz.cpu.vector;

import org.alborz.cpu.memory.StridedAxes;
import org.alborz.type.Layout;

/**
 * The elements of a shape in up to four layouts at once, as rows that are evenly spaced in each, shared out to the thread team.
 *
 * <p>The axes are ordered and joined by {@link StridedAxes}; so operands of one dense layout are a single row. Starting again reuses the
 * arrays.
 */
final class ParallelStridedIterator {
    /** About as many elements go to a task, so that the task outweighs handing it out. */
    static final int TASK_ELEMENTS = 1 << 14;

    private final StridedAxes axes = new StridedAxes();
    private final int[] origin = new int[StridedAxes.MOST_OPERANDS];
    private final WorkerPool workers;
    private final Layout[] layouts = new Layout[StridedAxes.MOST_OPERANDS];
    private final ThreadTeam.Task task = this::runTask;
    private int operands;
    private int count;
    private int rows;

    /** What {@link #forEach} does with each row of a group. */
    private Part part;

    private final Group eachRow = this::runEachRow;

    /** What is done with a group of rows, and how rows are cut: some rows a task, or each into some pieces. */
    private Group group;

    private int rowsPerTask;
    private int pieces;

    /** What is done with a part of a row. */
    interface Part {
        /**
         * Does the part.
         *
         * @param at the part's first element in each layout
         */
        void run(int[] at, int length, int worker);
    }

    /** What is done with rows that are neighbours in the axis before the last, {@link #rowStride} apart. */
    interface Group {
        /**
         * Does the rows, or a part of one.
         *
         * @param at the first element in each layout
         */
        void run(int[] at, int rows, int length, int worker);
    }

    ParallelStridedIterator(WorkerPool workers) {
        this.workers = workers;
    }

    /** Starts an iteration over one layout. */
    void start(Layout only) {
        layouts[0] = only;
        start(1);
    }

    /** Starts an iteration over two layouts of one shape. */
    void start(Layout first, Layout last) {
        layouts[0] = first;
        layouts[1] = last;
        start(2);
    }

    /** Starts an iteration over three layouts of one shape. */
    void start(Layout first, Layout second, Layout last) {
        layouts[0] = first;
        layouts[1] = second;
        layouts[2] = last;
        start(3);
    }

    /** Starts an iteration over four layouts of one shape. */
    void start(Layout first, Layout second, Layout third, Layout last) {
        layouts[0] = first;
        layouts[1] = second;
        layouts[2] = third;
        layouts[3] = last;
        start(4);
    }

    private void start(int used) {
        // Offsets and strides of an array fit an int.
        if (layouts[0].shape().elements() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "cpu-vector iterates over at most " + Integer.MAX_VALUE + " elements, got " + layouts[0].shape()
                            + "; take a part of the tensor at a time, or use cpu-scalar");
        }
        operands = used;
        count = 0;
        if (layouts[0].shape().elements() == 0) {
            rows = 0;
            return;
        }
        rows = 1;
        for (int operand = 0; operand < operands; operand++) {
            origin[operand] = (int) layouts[operand].offset();
        }
        axes.set(layouts, operands, -1);
        count = axes.count();
        for (int axis = 0; axis < count - 1; axis++) {
            rows *= axes.size(axis);
        }
    }

    /** Returns how many axes are left; 0 for a single element. */
    int axes() {
        return count;
    }

    boolean isEmpty() {
        return rows == 0;
    }

    int size(int axis) {
        return axes.size(axis);
    }

    int stride(int operand, int axis) {
        return axes.stride(operand, axis);
    }

    int origin(int operand) {
        return origin[operand];
    }

    /** Returns the distance between neighbours in a row. */
    int step(int operand) {
        return count == 0 ? 1 : axes.stride(operand, count - 1);
    }

    /** Returns the distance between rows that are neighbours. */
    int rowStride(int operand) {
        return count < 2 ? 0 : axes.stride(operand, count - 2);
    }

    private int rowLength() {
        return count == 0 ? 1 : axes.size(count - 1);
    }

    /** Visits every element once, in parts of rows. */
    void forEach(Part work) {
        part = work;
        forEachGroup(eachRow);
    }

    /** Visits every element once, in groups of rows where these are short. */
    void forEachGroup(Group work) {
        if (rows == 0) {
            return;
        }
        group = work;
        int length = rowLength();
        pieces = Gemm.ceilDiv(length, TASK_ELEMENTS);
        rowsPerTask = Math.max(1, TASK_ELEMENTS / length);
        workers.run(pieces == 1 ? Gemm.ceilDiv(rows, rowsPerTask) : rows * pieces, task);
    }

    private void runTask(int index, int worker) {
        int length = rowLength();
        if (pieces == 1) {
            int first = index * rowsPerTask;
            runRows(first, Math.min(rows, first + rowsPerTask), 0, length, worker);
        } else {
            int row = index / pieces;
            int from = index % pieces * TASK_ELEMENTS;
            runRows(row, row + 1, from, Math.min(TASK_ELEMENTS, length - from), worker);
        }
    }

    private void runRows(int firstRow, int endRow, int from, int length, int worker) {
        int[] at = workers.workspace(worker).at();
        int neighbours = count > 1 ? axes.size(count - 2) : 1;
        int row = firstRow;
        while (row < endRow) {
            int together = Math.min(endRow - row, neighbours - row % neighbours);
            findRow(row, from, at);
            group.run(at, together, length, worker);
            row += together;
        }
    }

    private void runEachRow(int[] at, int together, int length, int worker) {
        for (int row = 0; row < together; row++) {
            part.run(at, length, worker);
            for (int operand = 0; operand < operands; operand++) {
                at[operand] += rowStride(operand);
            }
        }
    }

    private void findRow(int row, int from, int[] at) {
        for (int operand = 0; operand < operands; operand++) {
            at[operand] = origin[operand] + from * step(operand);
        }
        int rest = row;
        for (int axis = count - 2; axis >= 0; axis--) {
            int index = rest % axes.size(axis);
            rest /= axes.size(axis);
            for (int operand = 0; operand < operands; operand++) {
                at[operand] += index * axes.stride(operand, axis);
            }
        }
    }
}
