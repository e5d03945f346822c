package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.alborz.backend.Operand;
import org.alborz.backend.ReduceOp;
import org.alborz.backend.Reductions;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.cpu.memory.Float16Buffer;
import org.alborz.type.DType;
import org.alborz.type.Layout;

/**
 * Reductions of float32 and of 16 bits along one span of neighbouring axes, with kept axes before it, behind it, or both; everything else
 * goes to the reference.
 *
 * <p>Long spans are cut into chunks of a fixed size, which are reduced in parallel and joined in order. Sums run in float32 over
 * short pieces only, and in float64 over these; a result that is not finite is left to the reference, which tells a piece that went
 * beyond float32 from a sum that does.
 */
final class VectorReductions implements Reductions {
    /** Elements of a line that are summed in float32: 32 for each lane of two accumulators. */
    private static final int PIECE = 64 * L;

    /** Columns of 16 bits that are reduced together; a cache line of them, or two. */
    private static final int HALF_COLUMNS = 64;

    private final WorkerPool workers;
    private final ParallelStridedIterator iterator;
    private final Reductions reference;

    VectorReductions(WorkerPool workers, Reductions reference) {
        this.workers = workers;
        this.iterator = new ParallelStridedIterator(workers);
        this.reference = reference;
    }

    /**
     * A reduction of {@code x[before][length][behind]} to {@code y[before][behind]}; the last axis of x is contiguous.
     *
     * @param xBefore from one group of lines to the next, in x; likewise in y
     * @param xLine from one line to the next
     * @param yBehind from one element of the result to the next
     */
    private record Plan(
            int before, int length, int behind, int xBefore, int xLine, int yBefore, int yBehind, int xAt, int yAt) {
        /** Lines, or with {@code behind = 1} elements, in a chunk. */
        int chunk() {
            return Gemm.roundUp(
                    Math.max(1, ParallelStridedIterator.TASK_ELEMENTS / behind), behind == 1 ? PIECE : Columns.ROWS);
        }

        int chunks() {
            return Gemm.ceilDiv(length, chunk());
        }
    }

    @Override
    public void reduce(ReduceOp op, Operand x, Operand y) {
        long elements = x.shape().elements(); // more than an array has only where elements are repeated
        boolean isHalf = HalfElementwise.isHalf(x);
        boolean plannable = (isHalf || x.dtype() == DType.FLOAT32) && elements > 0 && elements <= Integer.MAX_VALUE;
        Plan plan = plannable ? plan(x.layout(), y.layout()) : null;
        if (plan == null) {
            reference.reduce(op, x, y);
            return;
        }
        if (isHalf) {
            reduceHalves(op, plan, x, y);
            return;
        }
        float[] from = Floats.of(x);
        float[] into = Floats.of(y);
        int chunks = plan.chunks();
        // parts[before][chunk][behind]
        double[] parts = workers.shared().doubles((long) plan.before * chunks * plan.behind);
        int groups = plan.before * chunks;
        int perTask = Math.max(
                1, ParallelStridedIterator.TASK_ELEMENTS / (Math.min(plan.length, plan.chunk()) * plan.behind));
        workers.run(Gemm.ceilDiv(groups, perTask), (task, worker) -> {
            for (int group = task * perTask; group < Math.min(groups, (task + 1) * perTask); group++) {
                reduceChunk(
                        op,
                        plan,
                        from,
                        group / chunks,
                        group % chunks,
                        parts,
                        group * plan.behind,
                        workers.workspace(worker));
            }
        });
        double divisor = op == ReduceOp.MEAN ? plan.length : 1;
        boolean finite = true;
        for (int group = 0; group < plan.before; group++) {
            for (int c = 0; c < plan.behind; c++) {
                double total = parts[group * chunks * plan.behind + c];
                for (int chunk = 1; chunk < chunks; chunk++) {
                    total = join(op, total, parts[(group * chunks + chunk) * plan.behind + c]);
                }
                finite &= Double.isFinite(total);
                into[plan.yAt + group * plan.yBefore + c * plan.yBehind] = (float) (total / divisor);
            }
        }
        if (!finite && isSum(op)) {
            reference.reduce(op, x, y);
        }
    }

    /** Adds up 16 bits in float64 and in the order of lines, as the reference does; some columns, or a whole line, are a task. */
    private void reduceHalves(ReduceOp op, Plan plan, Operand x, Operand y) {
        short[] from = ((Float16Buffer) CpuBuffer.of(x)).array();
        CpuBuffer into = CpuBuffer.of(y);
        DType dtype = x.dtype();
        int width = Math.min(plan.behind, HALF_COLUMNS);
        int parts = Gemm.ceilDiv(plan.behind, width);
        double divisor = op == ReduceOp.MEAN ? plan.length : 1;
        workers.run(plan.before * parts, (task, worker) -> {
            int group = task / parts;
            int first = task % parts * width;
            int columns = Math.min(width, plan.behind - first);
            double[] totals = workers.workspace(worker).doubles(width);
            float[] block = workers.workspace(worker).block(0);
            Arrays.fill(totals, 0, columns, initial(op));
            int at = plan.xAt + group * plan.xBefore + first;
            if (plan.behind == 1) {
                for (int done = 0; done < plan.length; done += Workspace.SPAN) {
                    int n = Math.min(Workspace.SPAN, plan.length - done);
                    HalfRows.widen(dtype, from, at + done, block, 0, n);
                    totals[0] = joinAll(op, totals[0], block, n);
                }
            } else {
                for (int line = 0; line < plan.length; line++) {
                    HalfRows.widen(dtype, from, at + line * plan.xLine, block, 0, columns);
                    joinEach(op, totals, block, columns);
                }
            }
            for (int c = 0; c < columns; c++) {
                into.set(plan.yAt + group * plan.yBefore + (first + c) * plan.yBehind, totals[c] / divisor);
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
        int axes = iterator.axes();
        int last = axes - 1;
        if (axes == 0) {
            return new Plan(1, 1, 1, 0, 1, 0, 1, iterator.origin(1), iterator.origin(0));
        }
        if (iterator.stride(1, last) != 1) {
            return null;
        }
        int behindAxes = iterator.stride(0, last) != 0 ? 1 : 0;
        int reducedAxis = last - behindAxes;
        if (reducedAxis < 0) {
            return new Plan(
                    1,
                    1,
                    iterator.size(last),
                    0,
                    0,
                    0,
                    iterator.stride(0, last),
                    iterator.origin(1),
                    iterator.origin(0));
        }
        boolean fits = iterator.stride(0, reducedAxis) == 0
                && reducedAxis <= 1
                && (reducedAxis == 0 || iterator.stride(0, 0) != 0);
        int behind = behindAxes == 1 ? iterator.size(last) : 1;
        // The kernels read lines that follow each other without a gap.
        if (!fits || iterator.stride(1, reducedAxis) != behind) {
            return null;
        }
        int before = reducedAxis == 1 ? iterator.size(0) : 1;
        return new Plan(
                before,
                iterator.size(reducedAxis),
                behind,
                reducedAxis == 1 ? iterator.stride(1, 0) : 0,
                iterator.stride(1, reducedAxis),
                reducedAxis == 1 ? iterator.stride(0, 0) : 0,
                behindAxes == 1 ? iterator.stride(0, last) : 1,
                iterator.origin(1),
                iterator.origin(0));
    }

    private static double join(ReduceOp op, double a, double b) {
        return switch (op) {
            case SUM, MEAN -> a + b;
            case MAX -> Math.max(a, b);
            case MIN -> Math.min(a, b);
        };
    }

    private static void reduceChunk(
            ReduceOp op, Plan plan, float[] x, int group, int chunk, double[] parts, int partAt, Workspace workspace) {
        int first = chunk * plan.chunk();
        int count = Math.min(plan.chunk(), plan.length - first);
        int at = plan.xAt + group * plan.xBefore + first * plan.xLine;
        if (plan.behind == 1) {
            parts[partAt] = reduceLine(op, x, at, count, workspace.floats(Workspace.Use.BLOCK, L));
        } else {
            reduceColumns(op, x, at, count, plan.behind, parts, partAt, workspace);
        }
    }

    private static void reduceColumns(
            ReduceOp op, float[] x, int at, int rows, int columns, double[] parts, int partAt, Workspace workspace) {
        float[] result = workspace.floats(Workspace.Use.BLOCK, columns);
        for (int row = 0; row < rows; row += Columns.ROWS) {
            int count = Math.min(Columns.ROWS, rows - row);
            if (isSum(op)) {
                Columns.sum(x, at + row * columns, count, columns, result);
            } else {
                Columns.extreme(op == ReduceOp.MIN, x, at + row * columns, count, columns, result);
            }
            for (int c = 0; c < columns; c++) {
                parts[partAt + c] = row == 0 ? result[c] : join(op, parts[partAt + c], result[c]);
            }
        }
    }

    private static double reduceLine(ReduceOp op, float[] x, int at, int count, float[] lanes) {
        double total = isSum(op) ? 0 : x[at];
        for (int i = 0; i < count; i += PIECE) {
            int n = Math.min(PIECE, count - i);
            total = isSum(op) ? total + sumPiece(x, at + i, n, lanes) : extremePiece(op, total, x, at + i, n);
        }
        return total;
    }

    private static double sumPiece(float[] x, int at, int n, float[] lanes) {
        FloatVector s0 = FloatVector.zero(S);
        FloatVector s1 = FloatVector.zero(S);
        int whole = n - n % (2 * L);
        for (int i = 0; i < whole; i += 2 * L) {
            s0 = s0.add(FloatVector.fromArray(S, x, at + i));
            s1 = s1.add(FloatVector.fromArray(S, x, at + i + L));
        }
        double total = Lanes.sum(s0.add(s1), lanes);
        for (int i = whole; i < n; i++) {
            total += x[at + i];
        }
        return total;
    }

    private static double extremePiece(ReduceOp op, double start, float[] x, int at, int n) {
        float best = (float) start;
        for (int i = 0; i < n; i++) {
            best = op == ReduceOp.MAX ? Math.max(best, x[at + i]) : Math.min(best, x[at + i]);
        }
        return best;
    }

    @Override
    public void argMax(int axis, Operand x, Operand indices) {
        reference.argMax(axis, x, indices);
    }

    @Override
    public void argMin(int axis, Operand x, Operand indices) {
        reference.argMin(axis, x, indices);
    }
}
