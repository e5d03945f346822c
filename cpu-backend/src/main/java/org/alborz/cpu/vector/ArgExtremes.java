package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.alborz.backend.Operand;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.cpu.memory.Int32Buffer;
import org.alborz.cpu.memory.StridedAxes;
import org.alborz.type.DType;
import org.alborz.type.Layout;

/**
 * Indices of the largest or smallest float32 along an axis, on all threads: of lines, whose elements are neighbours, or of columns, whose
 * neighbours are those of other columns. Columns are cut into chunks of rows, which are joined in order.
 */
final class ArgExtremes {
    /** Shorter lines are read number by number. */
    private static final int SHORT = 64;

    /** The bits of an int in a long. */
    private static final long PLACE = 0xFFFF_FFFFL;

    /** Columns of a task; the lines of a strip as wide are read one after the other. */
    private static final int STRIP = 1024;

    /** Elements of a chunk of rows, about. */
    private static final int CHUNK = 4 * ParallelStridedIterator.TASK_ELEMENTS;

    /** Up to here a float holds each row's number. */
    private static final int MOST_ROWS = 1 << 24;

    private final WorkerPool workers;
    private final StridedAxes axes = new StridedAxes();
    private final Layout[] layouts = new Layout[2];

    // The call that runs now; kept here, so that a call makes no objects.
    private float[] x;
    private int[] y;
    private float sign;
    private int xAt;
    private int yAt;
    private int outer;
    private int length;
    private int xOuter;
    private int yOuter;
    private int width;
    private int yInner;
    private int perTask;
    private int chunks;
    private int strips;
    private float[] extremes;
    private float[] rows;

    private final ThreadTeam.Task lines = this::searchLines;
    private final ThreadTeam.Task columns = this::searchColumns;

    ArgExtremes(WorkerPool workers) {
        this.workers = workers;
    }

    /** Finds the indices, and tells whether it did: other types, and other orders in memory, are not its work. */
    boolean find(boolean smallest, int axis, Operand from, Operand indices) {
        long elements = from.shape().elements();
        length = from.shape().size(axis);
        if (from.dtype() != DType.FLOAT32 || elements == 0 || elements > Integer.MAX_VALUE || length > MOST_ROWS) {
            return false;
        }
        layouts[0] = indices.layout();
        layouts[1] = from.layout();
        axes.set(layouts, 2, axis);
        int count = axes.count();
        long step = from.layout().stride(axis);
        boolean areLines = step == 1 && count <= 1;
        boolean areColumns = count > 0
                && count <= 2
                && axes.stride(1, count - 1) == 1
                && step == axes.size(count - 1)
                && axes.size(count - 1) > 1;
        if (!areLines && !areColumns) {
            return false;
        }
        int outers = areLines ? count : count - 1;
        outer = outers == 1 ? axes.size(0) : 1;
        xOuter = outers == 1 ? axes.stride(1, 0) : 0;
        yOuter = outers == 1 ? axes.stride(0, 0) : 0;
        width = areLines ? 1 : axes.size(count - 1);
        yInner = areLines ? 0 : axes.stride(0, count - 1);
        x = Floats.of(from);
        y = ((Int32Buffer) CpuBuffer.of(indices)).array();
        xAt = Floats.at(from);
        yAt = Floats.at(indices);
        sign = smallest ? -1 : 1;
        try {
            if (areLines) {
                perTask = Math.max(1, ParallelStridedIterator.TASK_ELEMENTS / length);
                workers.run(Gemm.ceilDiv(outer, perTask), lines);
            } else {
                findInColumns();
            }
        } finally {
            x = null; // they may go back to the pool
            y = null;
            extremes = null;
            rows = null;
        }
        return true;
    }

    private void searchLines(int task, int worker) {
        int end = Math.min(outer, (task + 1) * perTask);
        for (int line = task * perTask; line < end; line++) {
            int at = xAt + line * xOuter;
            y[yAt + line * yOuter] = inLine(sign, x, at, length);
        }
    }

    /** Returns the place, from 0, of the first largest of n numbers times the sign, or of the first NaN. */
    static int inLine(float sign, float[] x, int at, int n) {
        return n < SHORT ? indexInShort(sign, x, at, n) : indexOf(Extremes.ofLine(sign, x, at, n), x, at, n);
    }

    /** By longs of a number's order and its place, of which the first is the largest; without branches, unless there is NaN. */
    private static int indexInShort(float sign, float[] x, int at, int n) {
        long best = Long.MIN_VALUE;
        float sum = 0;
        for (int i = 0; i < n; i++) {
            float value = x[at + i] * sign + 0; // no −0
            sum += value;
            best = Math.max(best, (long) Extremes.ordered(Float.floatToRawIntBits(value)) << Integer.SIZE | ~i & PLACE);
        }
        return Float.isNaN(sum) ? indexInAnyShort(sign, x, at, n) : ~(int) best;
    }

    private static int indexInAnyShort(float sign, float[] x, int at, int n) {
        int best = 0;
        float extreme = x[at] * sign;
        for (int i = 1; i < n; i++) {
            float value = x[at + i] * sign;
            if (value > extreme) {
                best = i;
                extreme = value;
            } else if (Float.isNaN(value) && !Float.isNaN(extreme)) {
                return i;
            }
        }
        return best;
    }

    /** Returns the first place of a number, or of NaN. */
    private static int indexOf(float number, float[] x, int at, int n) {
        int i = 0;
        if (!Float.isNaN(number)) {
            while (i + L <= n
                    && !FloatVector.fromArray(S, x, at + i)
                            .compare(VectorOperators.EQ, number)
                            .anyTrue()) {
                i += L;
            }
            while (x[at + i] != number) {
                i++;
            }
        } else {
            while (!Float.isNaN(x[at + i])) {
                i++;
            }
        }
        return i;
    }

    private void findInColumns() {
        strips = Gemm.ceilDiv(width, STRIP);
        int chunkRows = Math.max(1, CHUNK / Math.min(STRIP, width));
        chunks = Gemm.ceilDiv(length, chunkRows);
        boolean isCut = chunks > 1 || strips > 1;
        perTask = isCut ? chunkRows : Math.max(1, CHUNK / (length * width));
        long parts = (long) outer * chunks * width;
        extremes = workers.shared().floats(Workspace.Use.LEFT, parts);
        rows = workers.shared().floats(Workspace.Use.RIGHT, parts);
        workers.run(isCut ? outer * chunks * strips : Gemm.ceilDiv(outer, perTask), columns);
        for (int group = 0; group < outer; group++) {
            for (int c = 0; c < width; c++) {
                int first = group * chunks * width + c;
                float best = extremes[first];
                float row = rows[first];
                for (int chunk = 1; chunk < chunks && !Float.isNaN(best); chunk++) {
                    float value = extremes[first + chunk * width];
                    if (value > best || Float.isNaN(value)) {
                        best = value;
                        row = rows[first + chunk * width];
                    }
                }
                y[yAt + group * yOuter + c * yInner] = (int) row;
            }
        }
    }

    private void searchColumns(int task, int worker) {
        if (chunks > 1 || strips > 1) {
            int part = task / strips;
            int first = part % chunks * perTask;
            search(part / chunks, first, Math.min(perTask, length - first), part, task % strips * STRIP);
            return;
        }
        int end = Math.min(outer, (task + 1) * perTask);
        for (int group = task * perTask; group < end; group++) {
            search(group, 0, length, group, 0);
        }
    }

    private void search(int group, int first, int count, int part, int column) {
        int at = xAt + group * xOuter + first * width + column;
        int n = Math.min(STRIP, width - column);
        search(sign, x, at, first, count, width, n, extremes, rows, part * width + column);
    }

    private static void search(
            float sign,
            float[] x,
            int at,
            int first,
            int count,
            int pitch,
            int width,
            float[] extremes,
            float[] rows,
            int to) {
        int whole = width - width % L;
        for (int c = 0; c < whole; c += L) {
            FloatVector best = FloatVector.fromArray(S, x, at + c).mul(sign);
            FloatVector row = FloatVector.broadcast(S, first);
            for (int i = 1; i < count; i++) {
                FloatVector v = FloatVector.fromArray(S, x, at + i * pitch + c).mul(sign);
                VectorMask<Float> better = v.compare(VectorOperators.GT, best)
                        .or(v.compare(VectorOperators.NE, v))
                        .and(best.compare(VectorOperators.EQ, best));
                best = best.blend(v, better);
                row = row.blend(first + i, better);
            }
            best.intoArray(extremes, to + c);
            row.intoArray(rows, to + c);
        }
        for (int c = whole; c < width; c++) {
            float best = x[at + c] * sign;
            int row = 0;
            for (int i = 1; i < count; i++) {
                float v = x[at + i * pitch + c] * sign;
                if ((v > best || Float.isNaN(v)) && !Float.isNaN(best)) {
                    best = v;
                    row = i;
                }
            }
            extremes[to + c] = best;
            rows[to + c] = first + row;
        }
    }
}
