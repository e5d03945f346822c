package org.alborz.cpu.vector;

import java.util.Arrays;
import java.util.function.Supplier;
import org.alborz.backend.Indexing;
import org.alborz.backend.Operand;
import org.alborz.cpu.memory.BoolBuffer;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.cpu.memory.Float16Buffer;
import org.alborz.cpu.memory.Float32Buffer;
import org.alborz.cpu.memory.Float64Buffer;
import org.alborz.cpu.memory.Int32Buffer;
import org.alborz.cpu.memory.Int64Buffer;
import org.alborz.cpu.memory.Uint8Buffer;
import org.alborz.type.Shape;

/**
 * Reading and writing by index on all threads, with the reference's bits; gathering is in {@link VectorGather}. Row-major operands are seen as
 * {@code [outer][axis][inner]}; others are written by the reference as a whole.
 *
 * <p>The terms of an index are added in float64 and in the order of k, whichever thread adds them: a task has targets of its own.
 */
final class VectorIndexing implements Indexing {
    /** Narrower slices are shared out by their targets, not by their columns. */
    private static final int NARROW = 32;

    /** Columns of a task. */
    private static final int COLUMNS = 64;

    /** The same where rows are sorted: fewer pieces of a row, and still enough tasks. */
    private static final int SORTED_COLUMNS = 128;

    /** Into how many parts the targets of narrow slices are cut; each part looks through all indices. */
    private static final int PARTS = 4;

    private final WorkerPool workers;
    private final Slices<Indexing> slices;
    private final VectorGather gather;
    private final VectorLines lines;

    // The call that runs now; kept here, so that a call makes no objects.
    private CpuBuffer from;
    private CpuBuffer into;
    private Object source;
    private Object target;
    private int[] indices;
    private int indicesAt;
    private int xAt;
    private int yAt;
    private int outer;
    private int inner;

    /** Float32 rows that are not narrow, or numbers of short lines, sorted by target before they are added. */
    private final TermRows terms = new TermRows();

    private boolean isSorted;

    /** Places along the axis in x and in y. */
    private int xSize;

    private int ySize;
    private int rowsPerTask;
    private int columns;

    private final ThreadTeam.Task addColumns = this::addColumns;
    private final ThreadTeam.Task addParts = this::addParts;
    private final ThreadTeam.Task addSlices = this::addSlices;
    private final ThreadTeam.Task markRows = this::markRows;

    VectorIndexing(WorkerPool workers, Supplier<Indexing> reference) {
        this.workers = workers;
        slices = new Slices<>(workers, Indexing.class, reference);
        gather = new VectorGather(workers, slices);
        lines = new VectorLines(workers);
    }

    @Override
    public void gather(int axis, Operand x, Operand index, Operand y) {
        check("gather", index, index.shape().size(0), x.shape().size(axis));
        if (y.shape().elements() > 0) {
            gather.run(axis, x, index, y);
        }
    }

    @Override
    public void scatterAdd(int axis, Operand x, Operand index, Operand y) {
        check("scatterAdd", index, index.shape().size(0), y.shape().size(axis));
        if (y.shape().elements() == 0) {
            return;
        }
        if (!isRowMajor(x, y)) {
            slices.whole().scatterAdd(axis, x, index, y);
            return;
        }
        start(axis, x, index, y);
        boolean isShort = inner == 1 && outer > 1 && Math.max(xSize, ySize) <= TermRows.SHORT;
        isSorted = (inner >= NARROW || isShort) && source instanceof float[];
        if (isSorted) {
            terms.sort(indices, indicesAt, xSize, ySize);
        }
        if (outer > 1) {
            int slice = Math.max(1, Math.max(xSize, ySize) * inner);
            rowsPerTask = Math.max(1, ParallelStridedIterator.TASK_ELEMENTS / slice);
            run(Gemm.ceilDiv(outer, rowsPerTask), addSlices);
        } else if (inner < NARROW) {
            rowsPerTask = Gemm.ceilDiv(ySize, PARTS);
            run(Gemm.ceilDiv(ySize, rowsPerTask), addParts);
        } else {
            columns = Math.min(isSorted ? SORTED_COLUMNS : COLUMNS, inner);
            run(Gemm.ceilDiv(inner, columns), addColumns);
        }
    }

    @Override
    public void takeAlongAxis(int axis, Operand x, Operand index, Operand y) {
        lines.take(axis, x, index, y);
    }

    @Override
    public void scatterAddAlongAxis(int axis, Operand x, Operand index, Operand y) {
        lines.add(axis, x, index, y);
    }

    @Override
    public void scatterAlongAxis(int axis, Operand x, Operand index, Operand y) {
        lines.put(axis, x, index, y);
    }

    @Override
    public void argSort(int axis, boolean descending, Operand x, Operand index) {
        lines.argSort(axis, descending, x, index);
    }

    @Override
    public void oneHot(Operand index, Operand y) {
        int rows = y.shape().size(0);
        int classes = y.shape().size(1);
        check("oneHot", index, rows, classes);
        if (y.shape().elements() == 0) {
            return;
        }
        if (!y.layout().isRowMajor()) {
            slices.whole().oneHot(index, y);
            return;
        }
        into = CpuBuffer.of(y);
        yAt = Floats.at(y);
        inner = classes;
        outer = rows;
        takeIndices(index);
        rowsPerTask = Math.max(1, ParallelStridedIterator.TASK_ELEMENTS / classes);
        run(Gemm.ceilDiv(rows, rowsPerTask), markRows);
    }

    static boolean isRowMajor(Operand x, Operand y) {
        return x.layout().isRowMajor()
                && y.layout().isRowMajor()
                && x.shape().elements() <= Integer.MAX_VALUE
                && x.dtype() == y.dtype();
    }

    private static void check(String what, Operand index, int count, int size) {
        int[] values = ((Int32Buffer) CpuBuffer.of(index)).array();
        int at = Floats.at(index);
        for (int k = 0; k < count; k++) {
            int value = values[at + k];
            if (value < 0 || value >= size) {
                throw new IndexOutOfBoundsException(what + " expects indices from 0 to " + (size - 1) + ", got " + value
                        + " at position " + k + ". Check the labels or indices.");
            }
        }
    }

    private void takeIndices(Operand index) {
        indices = ((Int32Buffer) CpuBuffer.of(index)).array();
        indicesAt = Floats.at(index);
    }

    /** Returns the elements of the axes from {@code from} to {@code end}, exclusive. */
    static int product(Shape shape, int from, int end) {
        int product = 1;
        for (int axis = from; axis < end; axis++) {
            product *= shape.size(axis);
        }
        return product;
    }

    private void start(int axis, Operand x, Operand index, Operand y) {
        Shape shape = x.shape();
        outer = product(shape, 0, axis);
        inner = product(shape, axis + 1, shape.rank());
        xSize = shape.size(axis);
        ySize = y.shape().size(axis);
        from = CpuBuffer.of(x);
        into = CpuBuffer.of(y);
        source = array(from);
        target = array(into);
        xAt = Floats.at(x);
        yAt = Floats.at(y);
        takeIndices(index);
    }

    private void run(int tasks, ThreadTeam.Task task) {
        try {
            workers.run(tasks, task);
        } finally {
            from = null; // they may go back to the pool
            into = null;
            source = null;
            target = null;
            indices = null;
        }
    }

    /** Returns the array of a buffer of any type. */
    static Object array(CpuBuffer buffer) {
        if (buffer instanceof Float32Buffer b) {
            return b.array();
        } else if (buffer instanceof Float64Buffer b) {
            return b.array();
        } else if (buffer instanceof Float16Buffer b) {
            return b.array();
        } else if (buffer instanceof Int32Buffer b) {
            return b.array();
        } else if (buffer instanceof Int64Buffer b) {
            return b.array();
        } else if (buffer instanceof Uint8Buffer b) {
            return b.array();
        } else if (buffer instanceof BoolBuffer b) {
            return b.array();
        }
        throw new AssertionError(buffer);
    }

    /** Adds whole slices, of all targets. */
    private void addSlices(int task, int worker) {
        int first = task * rowsPerTask;
        int end = Math.min(outer, first + rowsPerTask);
        if (isSorted && inner == 1) {
            int x = xAt + first * xSize;
            int y = yAt + first * ySize;
            terms.addNumbers((float[]) source, x, xSize, (float[]) target, y, ySize, end - first);
            return;
        }
        for (int row = first; row < end; row++) {
            add(row, 0, ySize, 0, inner, worker);
        }
    }

    /** Adds to some of the targets. */
    private void addParts(int task, int worker) {
        int first = task * rowsPerTask;
        int count = Math.min(rowsPerTask, ySize - first);
        add(0, first, count, 0, inner, worker);
    }

    /** Adds some columns of the slices. */
    private void addColumns(int task, int worker) {
        int first = task * columns;
        int width = Math.min(columns, inner - first);
        add(0, 0, ySize, first, width, worker);
    }

    /** Adds columns {@code column} to {@code column + width} of an outer slice to {@code count} targets from {@code first} on. */
    private void add(int slice, int first, int count, int column, int width, int worker) {
        int x = xAt + slice * xSize * inner + column;
        int y = yAt + (slice * ySize + first) * inner + column;
        Workspace workspace = workers.workspace(worker);
        if (isSorted) {
            terms.add((float[]) source, x, (float[]) target, y, inner, width, ySize, workspace.doubles(width));
            return;
        }
        // Room for these targets, and for one row behind them.
        double[] totals = workspace.doubles((long) count * width + width);
        Arrays.fill(totals, 0, count * width, 0);
        if (source instanceof float[] floats) {
            if (width == 1) {
                addNumbers(floats, x, inner, indices, indicesAt, xSize, totals, first, count);
            } else {
                addFloats(floats, x, inner, indices, indicesAt, xSize, totals, first, count, width);
            }
        } else {
            for (int k = 0; k < xSize; k++) {
                int place = indices[indicesAt + k] - first;
                if (place >= 0 && place < count) {
                    from.read(x + k * inner, 1, width, totals, count * width);
                    for (int c = 0; c < width; c++) {
                        totals[place * width + c] += totals[count * width + c];
                    }
                }
            }
        }
        if (width == inner) {
            into.write(y, 1, count * width, totals, 0);
        } else {
            for (int row = 0; row < count; row++) {
                into.write(y + row * inner, 1, width, totals, row * width);
            }
        }
    }

    private static void addNumbers(
            float[] x, int xi, int step, int[] index, int at, int terms, double[] totals, int first, int count) {
        for (int k = 0; k < terms; k++) {
            int place = index[at + k] - first;
            if (place >= 0 && place < count) {
                totals[place] += x[xi + k * step];
            }
        }
    }

    private static void addFloats(
            float[] x,
            int xi,
            int step,
            int[] index,
            int at,
            int terms,
            double[] totals,
            int first,
            int count,
            int width) {
        for (int k = 0; k < terms; k++) {
            int place = index[at + k] - first;
            if (place >= 0 && place < count) {
                int row = xi + k * step;
                for (int c = 0; c < width; c++) {
                    totals[place * width + c] += x[row + c];
                }
            }
        }
    }

    private void markRows(int task, int worker) {
        int first = task * rowsPerTask;
        int end = Math.min(outer, first + rowsPerTask);
        into.fill(yAt + first * inner, yAt + end * inner, 0);
        for (int row = first; row < end; row++) {
            into.set(yAt + row * inner + indices[indicesAt + row], 1);
        }
    }
}
