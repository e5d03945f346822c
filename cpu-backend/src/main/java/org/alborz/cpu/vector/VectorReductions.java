package org.alborz.cpu.vector;

import java.util.Arrays;
import java.util.function.Supplier;
import org.alborz.backend.Operand;
import org.alborz.backend.ReduceOp;
import org.alborz.backend.Reductions;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.cpu.memory.Float16Buffer;
import org.alborz.type.DType;
import org.alborz.type.Layout;

/**
 * Reductions of float32 and of 16 bits whose last axis in memory is contiguous, along any axes; other types, and other layouts, go to the
 * reference, cut along a kept axis where there is one.
 *
 * <p>Long spans are cut into chunks of a fixed size, which are reduced in parallel and joined in order. Sums run in float32 over
 * short pieces only, and in float64 over these; a result that is not finite is left to the reference, which tells a piece that went
 * beyond float32 from a sum that does. The order of a sum depends neither on the number of threads nor on that of lanes.
 *
 * <p>The file is long because lines, columns, short lines and 16 bits are reduced each in a way of its own, by one plan.
 */
final class VectorReductions implements Reductions {
    /** Columns of 16 bits that are reduced together; a cache line of them, or two. */
    private static final int HALF_COLUMNS = 64;

    /** Columns of a task where rows are long; their results stay in the first cache. */
    private static final int STRIP = 2048;

    private final WorkerPool workers;
    private final ParallelStridedIterator iterator;
    private final Reductions reference;
    private final Slices<Reductions> slices;
    private final ArgExtremes argExtremes;
    private final VectorLines lines;
    private double[] joined = {};

    VectorReductions(WorkerPool workers, Supplier<Reductions> reference) {
        this.workers = workers;
        this.iterator = new ParallelStridedIterator(workers);
        this.slices = new Slices<>(workers, Reductions.class, reference);
        this.reference = slices.whole();
        this.argExtremes = new ArgExtremes(workers);
        this.lines = new VectorLines(workers);
    }

    /**
     * A reduction of {@code x[before][length][behind]}; {@code before} is some axes, kept or reduced, and {@code behind} some kept ones; the
     * iterator has them.
     *
     * @param groups lines, or groups of lines
     * @param beforeAxes how many axes there are before the lines
     * @param behindAxis the first axis behind the lines
     * @param isJoined whether some of the axes before are reduced, so that groups are joined
     */
    private record Plan(
            int groups, int length, int behind, int beforeAxes, int behindAxis, boolean isJoined, int xAt, int yAt) {
        /** Lines, or with {@code behind = 1} elements, in a chunk. */
        int chunk() {
            return Gemm.roundUp(
                    Math.max(1, ParallelStridedIterator.TASK_ELEMENTS / behind),
                    behind == 1 ? LineSums.PIECE : Columns.ROWS);
        }

        int chunks() {
            return Gemm.ceilDiv(length, chunk());
        }

        /** Into how many strips of columns long rows are cut; a column's sum does not depend on it. */
        int strips() {
            return behind < 2 * STRIP ? 1 : Gemm.ceilDiv(behind, STRIP);
        }

        /** The most columns of a strip. */
        int stripWidth() {
            return strips() == 1 ? behind : STRIP;
        }
    }

    @Override
    public void reduce(ReduceOp op, Operand x, Operand y) {
        long elements = x.shape().elements(); // more than an array has only where elements are repeated
        boolean isHalf = HalfElementwise.isHalf(x);
        boolean plannable = (isHalf || x.dtype() == DType.FLOAT32) && elements > 0 && elements <= Integer.MAX_VALUE;
        Plan plan = plannable ? plan(x.layout(), y.layout()) : null;
        if (plan == null || isHalf && plan.isJoined) {
            reduceSlices(op, x, y);
            return;
        }
        if (isHalf) {
            reduceHalves(op, plan, x, y);
            return;
        }
        float[] from = Floats.of(x);
        int chunks = plan.chunks();
        // parts[group][chunk][behind]
        double[] parts = workers.shared().doubles((long) plan.groups * chunks * plan.behind);
        int strips = plan.strips();
        int units = plan.groups * chunks * strips;
        int perTask = Math.max(
                1, ParallelStridedIterator.TASK_ELEMENTS / (Math.min(plan.length, plan.chunk()) * plan.stripWidth()));
        workers.run(Gemm.ceilDiv(units, perTask), (task, worker) -> {
            int end = Math.min(units, (task + 1) * perTask);
            if (plan.behind == 1 && plan.length < LineSums.SUMS) {
                reduceShortLines(op, plan, from, task * perTask, end, parts);
                return;
            }
            if (plan.behind == 1 && chunks == 1) {
                reduceLines(op, plan, from, task * perTask, end, parts, workers.workspace(worker));
                return;
            }
            for (int unit = task * perTask; unit < end; unit++) {
                reduceChunk(op, plan, from, unit / strips, unit % strips, parts, workers.workspace(worker));
            }
        });
        if (!store(op, plan, chunks, parts, y, Floats.of(y)) && isSum(op)) {
            reference.reduce(op, x, y);
        }
    }

    /** Joins the parts and stores the results; tells whether all are finite. */
    private boolean store(ReduceOp op, Plan plan, int chunks, double[] parts, Operand y, float[] into) {
        double divisor = op == ReduceOp.MEAN
                ? (double) plan.length * plan.groups * plan.behind / y.shape().elements()
                : 1;
        if (plan.behind == 1 && chunks == 1 && plan.beforeAxes == 1 && !plan.isJoined) {
            return storeEach(parts, 0, plan.groups, divisor, into, plan.yAt, iterator.stride(0, 0));
        }
        double[] totals = parts;
        int kept = plan.groups;
        if (plan.isJoined) {
            kept = (int) (y.shape().elements() / plan.behind);
            totals = totals(kept * plan.behind, op);
        }
        boolean finite = true;
        boolean isEven = plan.behindAxis >= iterator.axes() - 1; // at most one axis behind
        int step = behind(plan, 1);
        for (int group = 0; group < plan.groups; group++) {
            int first = group * chunks * plan.behind;
            int place = plan.isJoined ? keptIndex(plan, group) * plan.behind : first;
            int at = plan.yAt + position(0, plan.beforeAxes, group);
            for (int chunk = 1; chunk < chunks; chunk++) {
                joinRow(op, parts, first, first + chunk * plan.behind, plan.behind);
            }
            if (isEven && !plan.isJoined) {
                finite &= storeEach(parts, first, plan.behind, divisor, into, at, step);
                continue;
            }
            for (int c = 0; c < plan.behind; c++) {
                double total = parts[first + c];
                if (plan.isJoined) {
                    total = join(op, totals[place + c], total);
                    totals[place + c] = total;
                }
                finite &= Double.isFinite(total);
                into[at + (isEven ? c * step : behind(plan, c))] = (float) (total / divisor);
            }
        }
        return finite;
    }

    /** Stores totals of lines that are evenly spaced in the result. */
    private static boolean storeEach(
            double[] totals, int first, int count, double divisor, float[] into, int at, int step) {
        boolean finite = true;
        for (int i = 0; i < count; i++) {
            double total = totals[first + i];
            finite &= Double.isFinite(total);
            into[at + i * step] = (float) (divisor == 1 ? total : total / divisor);
        }
        return finite;
    }

    private static void joinRow(ReduceOp op, double[] parts, int to, int from, int n) {
        if (isSum(op)) {
            for (int i = 0; i < n; i++) {
                parts[to + i] += parts[from + i];
            }
        } else {
            for (int i = 0; i < n; i++) {
                parts[to + i] = join(op, parts[to + i], parts[from + i]);
            }
        }
    }

    private double[] totals(int count, ReduceOp op) {
        if (joined.length < count) {
            joined = new double[count];
        }
        Arrays.fill(joined, 0, count, initial(op));
        return joined;
    }

    /** Returns the number of a group's result. */
    private int keptIndex(Plan plan, int group) {
        int rest = group;
        int index = 0;
        int factor = 1;
        for (int axis = plan.beforeAxes - 1; axis >= 0; axis--) {
            int size = iterator.size(axis);
            if (iterator.stride(0, axis) != 0) {
                index += rest % size * factor;
                factor *= size;
            }
            rest /= size;
        }
        return index;
    }

    /** Returns where a group is in an operand, the result being the first. */
    private int position(int operand, int axes, int group) {
        if (axes == 1) {
            return group * iterator.stride(operand, 0);
        }
        int rest = group;
        int at = 0;
        for (int axis = axes - 1; axis >= 0; axis--) {
            int size = iterator.size(axis);
            at += rest % size * iterator.stride(operand, axis);
            rest /= size;
        }
        return at;
    }

    /** Returns where an element behind the lines is in the result. */
    private int behind(Plan plan, int element) {
        int axis = iterator.axes() - 1;
        if (axis < plan.behindAxis) {
            return 0;
        }
        int rest = element;
        int at = 0;
        for (; axis > plan.behindAxis; axis--) {
            int size = iterator.size(axis);
            at += rest % size * iterator.stride(0, axis);
            rest /= size;
        }
        return at + rest * iterator.stride(0, axis);
    }

    /** Has the reference reduce on all threads, cut along the longest axis that is kept. */
    private void reduceSlices(ReduceOp op, Operand x, Operand y) {
        int longest = longestKept(x, y);
        if (longest < 0) {
            reference.reduce(op, x, y);
            return;
        }
        slices.forEach(
                (family, parts) -> family.reduce(op, parts[0], parts[1]), inFront(longest, x), inFront(longest, y));
    }

    private void findInSlices(boolean smallest, int axis, Operand x, Operand indices) {
        int longest = longestKept(x, indices);
        if (longest < 0) {
            find(reference, smallest, axis, x, indices);
            return;
        }
        int moved = axis == 0 ? longest : axis;
        slices.forEach(
                (family, parts) -> find(family, smallest, moved, parts[0], parts[1]),
                inFront(longest, x),
                inFront(longest, indices));
    }

    private static void find(Reductions family, boolean smallest, int axis, Operand x, Operand indices) {
        if (smallest) {
            family.argMin(axis, x, indices);
        } else {
            family.argMax(axis, x, indices);
        }
    }

    /** Returns the longest axis that is kept, or -1 where there is none or so little to do that it is not worth a cut. */
    private static int longestKept(Operand x, Operand y) {
        if (x.shape().elements() < ParallelStridedIterator.TASK_ELEMENTS) {
            return -1;
        }
        int longest = -1;
        int size = 1;
        for (int axis = 0; axis < x.shape().rank(); axis++) {
            if (y.shape().size(axis) == x.shape().size(axis) && x.shape().size(axis) > size) {
                longest = axis;
                size = x.shape().size(axis);
            }
        }
        return longest;
    }

    private static Operand inFront(int axis, Operand operand) {
        return new Slices.Slice(operand.buffer(), operand.layout().transpose(0, axis));
    }

    /** Adds up 16 bits in float64 and in the order of lines, as the reference does; some columns, or a whole line, are a task. */
    private void reduceHalves(ReduceOp op, Plan plan, Operand x, Operand y) {
        short[] from = ((Float16Buffer) CpuBuffer.of(x)).array();
        CpuBuffer into = CpuBuffer.of(y);
        DType dtype = x.dtype();
        int width = Math.min(plan.behind, HALF_COLUMNS);
        int parts = Gemm.ceilDiv(plan.behind, width);
        double divisor = op == ReduceOp.MEAN ? plan.length : 1;
        workers.run(plan.groups * parts, (task, worker) -> {
            int group = task / parts;
            int first = task % parts * width;
            int columns = Math.min(width, plan.behind - first);
            double[] totals = workers.workspace(worker).doubles(width);
            float[] block = workers.workspace(worker).block(0);
            Arrays.fill(totals, 0, columns, initial(op));
            int at = plan.xAt + position(1, plan.beforeAxes, group) + first;
            if (plan.behind == 1) {
                for (int done = 0; done < plan.length; done += Workspace.SPAN) {
                    int n = Math.min(Workspace.SPAN, plan.length - done);
                    HalfRows.widen(dtype, from, at + done, block, 0, n);
                    totals[0] = joinAll(op, totals[0], block, n);
                }
            } else {
                for (int line = 0; line < plan.length; line++) {
                    HalfRows.widen(dtype, from, at + line * plan.behind, block, 0, columns);
                    joinEach(op, totals, block, columns);
                }
            }
            for (int c = 0; c < columns; c++) {
                into.set(plan.yAt + position(0, plan.beforeAxes, group) + behind(plan, first + c), totals[c] / divisor);
            }
        });
    }

    private static double initial(ReduceOp op) {
        return switch (op) {
            case SUM, MEAN -> 0;
            case MAX -> Double.NEGATIVE_INFINITY;
            case MIN -> Double.POSITIVE_INFINITY;
        };
    }

    private static double joinAll(ReduceOp op, double start, float[] values, int n) {
        double total = start;
        if (isSum(op)) {
            for (int i = 0; i < n; i++) {
                total += values[i];
            }
        } else {
            for (int i = 0; i < n; i++) {
                total = join(op, total, values[i]);
            }
        }
        return total;
    }

    private static void joinEach(ReduceOp op, double[] totals, float[] values, int n) {
        if (isSum(op)) {
            for (int i = 0; i < n; i++) {
                totals[i] += values[i];
            }
        } else {
            for (int i = 0; i < n; i++) {
                totals[i] = join(op, totals[i], values[i]);
            }
        }
    }

    private static boolean isSum(ReduceOp op) {
        return op == ReduceOp.SUM || op == ReduceOp.MEAN;
    }

    /** Returns how to reduce, or null where the axes do not fit. */
    private Plan plan(Layout x, Layout y) {
        // The result is iterated over with stride 0 along reduced axes; x comes last and orders the axes.
        iterator.start(y.expand(x.shape()), x);
        int axis = iterator.axes();
        int behind = 1;
        while (axis > 0 && iterator.stride(0, axis - 1) != 0 && iterator.stride(1, axis - 1) == behind) {
            behind *= iterator.size(--axis);
        }
        int behindAxis = axis;
        // The kernels read lines that follow each other without a gap.
        int length = 1;
        while (axis > 0 && iterator.stride(0, axis - 1) == 0 && iterator.stride(1, axis - 1) == behind * length) {
            length *= iterator.size(--axis);
        }
        if (axis == iterator.axes() && axis > 0) {
            return null;
        }
        int groups = 1;
        boolean isJoined = false;
        for (int i = 0; i < axis; i++) {
            groups *= iterator.size(i);
            isJoined |= iterator.stride(0, i) == 0;
        }
        return new Plan(groups, length, behind, axis, behindAxis, isJoined, iterator.origin(1), iterator.origin(0));
    }

    private static double join(ReduceOp op, double a, double b) {
        return switch (op) {
            case SUM, MEAN -> a + b;
            case MAX -> Math.max(a, b);
            case MIN -> Math.min(a, b);
        };
    }

    /** Reduces a strip of a chunk; chunks are numbered through all groups. */
    private void reduceChunk(
            ReduceOp op, Plan plan, float[] x, int chunk, int strip, double[] parts, Workspace workspace) {
        int chunks = plan.chunks();
        int first = chunk % chunks * plan.chunk();
        int count = Math.min(plan.chunk(), plan.length - first);
        int from = strip * plan.stripWidth();
        int at = plan.xAt + position(1, plan.beforeAxes, chunk / chunks) + first * plan.behind + from;
        int partAt = chunk * plan.behind + from;
        if (plan.behind == 1) {
            parts[partAt] = reduceLine(op, x, at, count, workspace.floats(Workspace.Use.BLOCK, LineSums.SUMS));
        } else {
            int width = Math.min(plan.stripWidth(), plan.behind - from);
            reduceColumns(op, x, at, count, plan.behind, width, parts, partAt, workspace);
        }
    }

    /** Reduces lines that are a chunk each. */
    private void reduceLines(
            ReduceOp op, Plan plan, float[] x, int first, int end, double[] parts, Workspace workspace) {
        float[] sums = workspace.floats(Workspace.Use.BLOCK, LineSums.SUMS);
        for (int line = first; line < end; line++) {
            parts[line] = reduceLine(op, x, plan.xAt + position(1, plan.beforeAxes, line), plan.length, sums);
        }
    }

    /** Reduces lines that are shorter than the sums side by side, number by number. */
    private void reduceShortLines(ReduceOp op, Plan plan, float[] x, int first, int end, double[] parts) {
        for (int line = first; line < end; line++) {
            int at = plan.xAt + position(1, plan.beforeAxes, line);
            parts[line] = isSum(op) ? sumShort(x, at, plan.length) : Extremes.ofShortLine(sign(op), x, at, plan.length);
        }
    }

    private static double sumShort(float[] x, int at, int n) {
        double total = 0;
        for (int i = 0; i < n; i++) {
            total += x[at + i];
        }
        return total;
    }

    private static void reduceColumns(
            ReduceOp op,
            float[] x,
            int at,
            int rows,
            int columns,
            int width,
            double[] parts,
            int partAt,
            Workspace workspace) {
        float[] result = workspace.floats(Workspace.Use.BLOCK, width);
        for (int row = 0; row < rows; row += Columns.ROWS) {
            int count = Math.min(Columns.ROWS, rows - row);
            if (isSum(op)) {
                Columns.sum(x, at + row * columns, count, columns, width, result);
            } else {
                Extremes.ofColumns(sign(op), x, at + row * columns, count, columns, width, result);
            }
            for (int c = 0; c < width; c++) {
                parts[partAt + c] = row == 0 ? result[c] : join(op, parts[partAt + c], result[c]);
            }
        }
    }

    private static float sign(ReduceOp op) {
        return op == ReduceOp.MIN ? -1 : 1;
    }

    private static double reduceLine(ReduceOp op, float[] x, int at, int count, float[] sums) {
        if (!isSum(op)) {
            return Extremes.ofLine(sign(op), x, at, count);
        }
        return LineSums.of(x, at, count, sums);
    }

    @Override
    public void scan(int axis, boolean reverse, Operand a, Operand x, Operand y) {
        lines.scan(axis, reverse, a, x, y);
    }

    @Override
    public void argMax(int axis, Operand x, Operand indices) {
        if (!argExtremes.find(false, axis, x, indices)) {
            findInSlices(false, axis, x, indices);
        }
    }

    @Override
    public void argMin(int axis, Operand x, Operand indices) {
        if (!argExtremes.find(true, axis, x, indices)) {
            findInSlices(true, axis, x, indices);
        }
    }
}
