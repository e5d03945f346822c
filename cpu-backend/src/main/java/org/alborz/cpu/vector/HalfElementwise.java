package org.alborz.cpu.vector;

import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.Operand;
import org.alborz.backend.UnaryOp;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.cpu.memory.Float16Buffer;
import org.alborz.cpu.memory.Float32Buffer;
import org.alborz.cpu.scalar.ScalarElementwise;
import org.alborz.type.DType;

/**
 * Functions of 16 bits that have the same bits whether they are computed in float64 or in float32: spans of each row become float32,
 * go through the functions of float32, and are rounded.
 *
 * <p>They are those that give one of their arguments or 0, and sums, differences, products, quotients and square roots, since float32 has
 * more than twice the digits of either type (Figueroa 1995, "When is double rounding innocuous?"). That does not hold for results below
 * float32's smallest normal number, which bfloat16 reaches as well; these are computed once more in float64.
 */
final class HalfElementwise {
    /** The most fraction bits of a factor whose product with 11 digits float32 holds exactly; the bits below must be 0. */
    private static final int LONGER_FACTOR = (1 << 11) - 1;

    /** The bits of the largest subnormal number of float32. */
    private static final int LARGEST_SUBNORMAL = (1 << 23) - 1;

    private final ParallelStridedIterator iterator;
    private final WorkerPool workers;

    // The call that runs now; kept here, so that a call makes no objects.
    private final short[][] halves = new short[3][];
    private float[] floats;
    private DType from;
    private DType into;
    private CpuBuffer result;
    private int operands;
    private boolean mayUnderflow;
    private VectorElementwise.Span span;
    private UnaryOp unaryOp;
    private double parameter;
    private DoubleUnaryOperator unaryFunction;
    private BinaryOp binaryOp;
    private DoubleBinaryOperator binaryFunction;

    private final ParallelStridedIterator.Part rows = this::runRow;
    private final ParallelStridedIterator.Part widen = this::widenRow;
    private final ParallelStridedIterator.Part narrow = this::narrowRow;
    private final ParallelStridedIterator.Part move = this::moveRow;
    private final VectorElementwise.Span unary =
            (a, at, n) -> UnaryRows.run(unaryOp, parameter, a[0], at[0], a[1], at[1], n);
    private final VectorElementwise.Span binary =
            (a, at, n) -> BinaryRows.run(binaryOp, a[0], at[0], a[1], at[1], a[2], at[2], n);

    HalfElementwise(WorkerPool workers) {
        this.workers = workers;
        this.iterator = new ParallelStridedIterator(workers);
    }

    static boolean isHalf(Operand operand) {
        return operand.dtype() == DType.FLOAT16 || operand.dtype() == DType.BFLOAT16;
    }

    /** Computes {@code y = op(x)} of 16 bits, and tells whether it did. */
    boolean unary(UnaryOp op, double p, Operand x, Operand y) {
        if (!isExact(op, p)) {
            return false;
        }
        unaryOp = op;
        parameter = p;
        unaryFunction = ScalarElementwise.function(op, p);
        binaryFunction = null;
        take(0, x);
        take(1, y);
        mayUnderflow = op == UnaryOp.SQUARE || op == UnaryOp.RECIPROCAL || op == UnaryOp.MULTIPLY;
        iterator.start(x.layout(), y.layout());
        run(unary, 2, y);
        return true;
    }

    private static boolean isExact(UnaryOp op, double p) {
        return switch (op) {
            case NEGATE, ABS, SQUARE, SQRT, RECIPROCAL, RELU, FLOOR, CEIL, ROUND, TRUNC -> true;
            case MAXIMUM, MINIMUM -> (float) p == p;
            case MULTIPLY -> (float) p == p && (Float.floatToRawIntBits((float) p) & LONGER_FACTOR) == 0;
            default -> false;
        };
    }

    /** Computes {@code y = op(a, b)} of 16 bits, and tells whether it did. */
    boolean binary(BinaryOp op, Operand a, Operand b, Operand y) {
        if (op == BinaryOp.POWER || op == BinaryOp.REMAINDER || op == BinaryOp.FLOOR_DIVIDE || op == BinaryOp.ATAN2) {
            return false;
        }
        binaryOp = op;
        binaryFunction = ScalarElementwise.function(op);
        unaryFunction = null;
        take(0, a);
        take(1, b);
        take(2, y);
        mayUnderflow = op == BinaryOp.MULTIPLY || op == BinaryOp.DIVIDE;
        iterator.start(a.layout(), b.layout(), y.layout());
        run(binary, 3, y);
        return true;
    }

    private void take(int operand, Operand x) {
        halves[operand] = ((Float16Buffer) CpuBuffer.of(x)).array();
    }

    private void run(VectorElementwise.Span what, int count, Operand y) {
        span = what;
        operands = count;
        result = CpuBuffer.of(y);
        into = y.dtype();
        mayUnderflow &= into == DType.BFLOAT16; // float16 has no numbers as small
        iterator.forEach(rows);
        release();
    }

    private void release() {
        Arrays.fill(halves, null); // they may go back to the pool
        floats = null;
        result = null;
    }

    private void runRow(int[] at, int length, int worker) {
        Workspace workspace = workers.workspace(worker);
        float[][] stand = workspace.spans();
        int[] places = workspace.places();
        int last = operands - 1;
        for (int done = 0; done < length; done += Workspace.SPAN) {
            int n = Math.min(Workspace.SPAN, length - done);
            for (int i = 0; i <= last; i++) {
                workspace.span(i, workspace.block(i));
                places[i] = 0;
                int step = iterator.step(i);
                if (i < last && (step != 0 || done == 0)) {
                    HalfRows.gather(into, halves[i], at[i] + done * step, step, stand[i], 0, n);
                }
            }
            span.run(stand, places, n);
            int step = iterator.step(last);
            HalfRows.scatter(into, stand[last], 0, halves[last], at[last] + done * step, step, n);
            if (mayUnderflow && hasSubnormal(stand[last], n)) {
                repairSubnormals(stand, at[last] + done * step, step, n);
            }
        }
    }

    /** Tells whether a result is so small that float32 had already rounded it; without branches, as many results are 0. */
    private static boolean hasSubnormal(float[] results, int n) {
        int found = 0;
        for (int i = 0; i < n; i++) {
            int below = (Float.floatToRawIntBits(results[i]) & Integer.MAX_VALUE) - 1;
            found |= below - LARGEST_SUBNORMAL & ~below;
        }
        return found < 0;
    }

    /** Computes such results again. */
    private void repairSubnormals(float[][] stand, int at, int step, int n) {
        float[] rounded = stand[operands - 1];
        for (int i = 0; i < n; i++) {
            float size = Math.abs(rounded[i]);
            if (size < Float.MIN_NORMAL && size > 0) {
                double a = stand[0][i];
                result.set(
                        at + i * step,
                        unaryFunction == null
                                ? binaryFunction.applyAsDouble(a, stand[1][i])
                                : unaryFunction.applyAsDouble(a));
            }
        }
    }

    /** Copies 16 bits to and from float32, and 16 bits of one type, and tells whether it did. */
    boolean copy(Operand x, Operand y) {
        CpuBuffer source = CpuBuffer.of(x);
        CpuBuffer target = CpuBuffer.of(y);
        ParallelStridedIterator.Part part;
        if (source instanceof Float16Buffer half && target instanceof Float32Buffer wide) {
            halves[0] = half.array();
            floats = wide.array();
            part = widen;
        } else if (source instanceof Float32Buffer wide && target instanceof Float16Buffer half) {
            floats = wide.array();
            halves[1] = half.array();
            part = narrow;
        } else if (source instanceof Float16Buffer one
                && target instanceof Float16Buffer other
                && x.dtype() == y.dtype()) {
            halves[0] = one.array();
            halves[1] = other.array();
            part = move;
        } else {
            return false;
        }
        from = x.dtype();
        into = y.dtype();
        iterator.start(x.layout(), y.layout());
        iterator.forEach(part);
        release();
        return true;
    }

    private void widenRow(int[] at, int n, int worker) {
        int step = iterator.step(0);
        int toStep = iterator.step(1);
        if (toStep == 1) {
            HalfRows.gather(from, halves[0], at[0], step, floats, at[1], n);
            return;
        }
        float[] block = workers.workspace(worker).block(0);
        for (int done = 0; done < n; done += Workspace.SPAN) {
            int count = Math.min(Workspace.SPAN, n - done);
            HalfRows.gather(from, halves[0], at[0] + done * step, step, block, 0, count);
            for (int i = 0; i < count; i++) {
                floats[at[1] + (done + i) * toStep] = block[i];
            }
        }
    }

    private void narrowRow(int[] at, int n, int worker) {
        int step = iterator.step(0);
        int toStep = iterator.step(1);
        if (step == 1) {
            HalfRows.scatter(into, floats, at[0], halves[1], at[1], toStep, n);
            return;
        }
        float[] block = workers.workspace(worker).block(0);
        for (int done = 0; done < n; done += Workspace.SPAN) {
            int count = Math.min(Workspace.SPAN, n - done);
            for (int i = 0; i < count; i++) {
                block[i] = floats[at[0] + (done + i) * step];
            }
            HalfRows.scatter(into, block, 0, halves[1], at[1] + done * toStep, toStep, count);
        }
    }

    private void moveRow(int[] at, int n, int worker) {
        int step = iterator.step(0);
        int toStep = iterator.step(1);
        if (step == 1 && toStep == 1) {
            System.arraycopy(halves[0], at[0], halves[1], at[1], n);
            return;
        }
        for (int i = 0; i < n; i++) {
            halves[1][at[1] + i * toStep] = halves[0][at[0] + i * step];
        }
    }
}
