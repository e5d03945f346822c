package org.alborz.cpu.vector;

import org.alborz.type.Layout;

/**
 * The elements of a shape in up to four layouts at once, as rows that are evenly spaced in each, shared out to the thread team.
 *
 * <p>The axes are ordered by the strides of the last layout, and neighbours that all layouts step through without a gap are merged; so
 * operands of one dense layout are a single row. Starting again reuses the arrays.
 */
final class ParallelStridedIterator {
    /** About as many elements go to a task, so that the task outweighs handing it out. */
    static final int TASK_ELEMENTS = 1 << 14;

    private static final int MOST_OPERANDS = 4;
    private static final int MOST_AXES = 32;

    private final int[] sizes = new int[MOST_AXES];
    private final int[][] strides = new int[MOST_OPERANDS][MOST_AXES];
    private final int[] origin = new int[MOST_OPERANDS];
    private final int[][] places;
    private final WorkerPool workers;
    private final Layout[] layouts = new Layout[MOST_OPERANDS];
    private final ThreadTeam.Task task = this::runTask;
    private int operands;
    private int axes;
    private int rows;

    /** What {@link #forEach} does, and how it cuts the rows: some rows a task, or each into some pieces. */
    private Part part;

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

    ParallelStridedIterator(WorkerPool workers) {
        this.workers = workers;
        this.places = new int[workers.threads()][MOST_OPERANDS];
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

    private void start(int count) {
        // Offsets and strides of an array fit an int.
        if (layouts[0].shape().elements() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "cpu-vector iterates over at most " + Integer.MAX_VALUE + " elements, got " + layouts[0].shape()
                            + "; take a part of the tensor at a time, or use cpu-scalar");
        }
        operands = count;
        axes = 0;
        if (layouts[0].shape().elements() == 0) {
            rows = 0;
            return;
        }
        rows = 1;
        for (int operand = 0; operand < operands; operand++) {
            origin[operand] = (int) layouts[operand].offset();
        }
        int rank = layouts[0].shape().rank();
        for (int axis = 0; axis < rank; axis++) {
            int size = layouts[0].shape().size(axis);
            if (size != 1) {
                insert(axis, size);
            }
        }
        merge();
        for (int axis = 0; axis < axes - 1; axis++) {
            rows *= sizes[axis];
        }
    }

    /** Adds an axis so that the strides of the last layout descend. */
    private void insert(int axis, int size) {
        int[] key = strides[operands - 1];
        long stride = layouts[operands - 1].stride(axis);
        int at = axes++;
        while (at > 0 && key[at - 1] < stride) {
            copyAxis(at - 1, at);
            at--;
        }
        sizes[at] = size;
        for (int operand = 0; operand < operands; operand++) {
            strides[operand][at] = (int) layouts[operand].stride(axis);
        }
    }

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

    /** Returns how many axes are left; 0 for a single element. */
    int axes() {
        return axes;
    }

    boolean isEmpty() {
        return rows == 0;
    }

    int size(int axis) {
        return sizes[axis];
    }

    int stride(int operand, int axis) {
        return strides[operand][axis];
    }

    int origin(int operand) {
        return origin[operand];
    }

    /** Returns the distance between neighbours in a row. */
    int step(int operand) {
        return axes == 0 ? 1 : strides[operand][axes - 1];
    }

    private int rowLength() {
        return axes == 0 ? 1 : sizes[axes - 1];
    }

    /** Visits every element once, in parts of rows. */
    void forEach(Part work) {
        if (rows == 0) {
            return;
        }
        part = work;
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
        int[] at = places[worker];
        int neighbours = axes > 1 ? sizes[axes - 2] : 1;
        for (int row = firstRow; row < endRow; row++) {
            if (row == firstRow || row % neighbours == 0) {
                findRow(row, from, at);
            } else {
                for (int operand = 0; operand < operands; operand++) {
                    at[operand] += strides[operand][axes - 2];
                }
            }
            part.run(at, length, worker);
        }
    }

    private void findRow(int row, int from, int[] at) {
        for (int operand = 0; operand < operands; operand++) {
            at[operand] = origin[operand] + from * step(operand);
        }
        int rest = row;
        for (int axis = axes - 2; axis >= 0; axis--) {
            int index = rest % sizes[axis];
            rest /= sizes[axis];
            for (int operand = 0; operand < operands; operand++) {
                at[operand] += index * strides[operand][axis];
            }
        }
    }
}
