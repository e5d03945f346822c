package org.alborz.cpu.vector;

import java.util.Arrays;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.Comparison;
import org.alborz.backend.Elementwise;
import org.alborz.backend.Operand;
import org.alborz.backend.UnaryOp;
import org.alborz.type.DType;

/**
 * Functions of float32 elements, row by row and on all threads; of other types in {@link HalfElementwise}, {@link DoubleElementwise} and
 * {@link VectorIntegers}.
 *
 * <p>Rows that are contiguous are read and written in place. A row of other spacing (0 where an element is repeated) passes through
 * a short block, unless one number is added to a row, multiplied by it or compared with it by a maximum or minimum.
 */
final class VectorElementwise implements Elementwise {
    private final ParallelStridedIterator iterator;
    private final ShortRows shortRows;
    private final WorkerPool workers;
    private final VectorIntegers integers;
    private final VectorMasks masks;
    private final VectorLogic logic;
    private final VectorToFloats toFloats;
    private final HalfElementwise halves;
    private final DoubleElementwise doubles;

    // The call that runs now; kept here, so that a call makes no objects.
    private final float[][] arrays = new float[Workspace.BLOCKS][];
    private int operands;
    private Span span;
    private UnaryOp unaryOp;
    private double parameter;
    private BinaryOp binaryOp;
    private float number;

    // What a call runs.
    private final ParallelStridedIterator.Part inPlace = (at, length, worker) -> span.run(arrays, at, length);
    private final ParallelStridedIterator.Part throughBlocks = this::runThroughBlocks;
    private final ParallelStridedIterator.Part withNumber = this::runWithNumber;
    private final ParallelStridedIterator.Group copyGroup = this::copyGroup;
    private final Span unary = (a, at, n) -> UnaryRows.run(unaryOp, parameter, a[0], at[0], a[1], at[1], n);
    private final Span clamp = (a, at, n) -> UnaryRows.clamp((float) parameter, number, a[0], at[0], a[1], at[1], n);
    private final Span binary = (a, at, n) -> BinaryRows.run(binaryOp, a[0], at[0], a[1], at[1], a[2], at[2], n);
    private final Span copy = (a, at, n) -> System.arraycopy(a[0], at[0], a[1], at[1], n);
    private final Span fill = (a, at, n) -> Arrays.fill(a[0], at[0], at[0] + n, number);

    VectorElementwise(WorkerPool workers) {
        this.workers = workers;
        this.iterator = new ParallelStridedIterator(workers);
        this.shortRows = new ShortRows(workers, iterator);
        this.integers = new VectorIntegers(workers);
        this.masks = new VectorMasks(workers);
        this.logic = new VectorLogic(workers);
        this.toFloats = new VectorToFloats(workers);
        this.halves = new HalfElementwise(workers);
        this.doubles = new DoubleElementwise(workers);
    }

    /** Does a span of up to four operands that are contiguous, the last one being written. */
    interface Span {
        void run(float[][] arrays, int[] at, int length);
    }

    @Override
    public void unary(UnaryOp op, double p, Operand x, Operand y) {
        if (y.dtype() != DType.FLOAT32) {
            if (!HalfElementwise.isHalf(y) || !halves.unary(op, p, x, y)) {
                doubles.unary(op, p, x, y);
            }
            return;
        }
        unaryOp = op;
        parameter = p;
        forEachSpan(unary, x, y);
    }

    @Override
    public void clamp(double least, double most, Operand x, Operand y) {
        if (y.dtype() != DType.FLOAT32) {
            Elementwise.super.clamp(least, most, x, y);
            return;
        }
        parameter = least;
        number = (float) most;
        forEachSpan(clamp, x, y);
    }

    @Override
    public void binary(BinaryOp op, Operand a, Operand b, Operand y) {
        if (y.dtype() == DType.BOOL && (op == BinaryOp.MAXIMUM || op == BinaryOp.MINIMUM)) {
            logic.run(op == BinaryOp.MAXIMUM ? VectorLogic.Function.OR : VectorLogic.Function.AND, a, b, y);
            return;
        }
        if (!y.dtype().isFloating()) {
            integers.binary(op, a, b, y);
            return;
        }
        if (y.dtype() != DType.FLOAT32) {
            if (!HalfElementwise.isHalf(y) || !halves.binary(op, a, b, y)) {
                doubles.binary(op, a, b, y);
            }
            return;
        }
        binaryOp = op;
        forEachSpan(binary, a, b, y);
    }

    @Override
    public void compare(Comparison op, Operand a, Operand b, Operand y) {
        if (a.dtype() == DType.FLOAT32) {
            masks.compare(op, a, b, y);
        } else if (a.dtype() == DType.BOOL && (op == Comparison.EQUAL || op == Comparison.NOT_EQUAL)) {
            logic.run(op == Comparison.EQUAL ? VectorLogic.Function.SAME : VectorLogic.Function.DIFFERENT, a, b, y);
        } else if (a.dtype() != DType.INT64) {
            doubles.compare(op, a, b, y);
        } else {
            integers.compare(op, a, b, y);
        }
    }

    @Override
    public void where(Operand condition, Operand a, Operand b, Operand y) {
        if (y.dtype() == DType.FLOAT32) {
            masks.where(condition, a, b, y);
        } else if (y.dtype() != DType.INT64) {
            doubles.where(condition, a, b, y);
        } else {
            integers.where(condition, a, b, y);
        }
    }

    @Override
    public void copy(Operand x, Operand y) {
        if (x.dtype() == DType.INT64) {
            integers.copy(x, y);
            return;
        }
        if (x.dtype() != DType.FLOAT32 || y.dtype() != DType.FLOAT32) {
            if (!halves.copy(x, y) && !(y.dtype() == DType.FLOAT32 && toFloats.copy(x, y))) {
                doubles.copy(x, y);
            }
            return;
        }
        iterator.start(x.layout(), y.layout());
        if (!Transpose.copy(workers, iterator, Floats.of(x), Floats.of(y))) {
            copyNeighbours(x, y);
        }
    }

    private void copyNeighbours(Operand x, Operand y) {
        iterator.start(x.layout(), y.layout());
        if (iterator.step(0) != 1 || iterator.step(1) != 1) {
            forEachSpan(copy, x, y);
            return;
        }
        arrays[0] = Floats.of(x);
        arrays[1] = Floats.of(y);
        iterator.forEachGroup(copyGroup);
        Arrays.fill(arrays, null); // they may go back to the pool
    }

    private void copyGroup(int[] at, int rows, int length, int worker) {
        RowCopies.copy(arrays[0], at[0], iterator.rowStride(0), arrays[1], at[1], iterator.rowStride(1), rows, length);
    }

    @Override
    public void fill(double value, Operand y) {
        if (y.dtype() != DType.FLOAT32) {
            doubles.fill(value, y);
            return;
        }
        number = (float) value;
        forEachSpan(fill, y);
    }

    private void forEachSpan(Span what, Operand y) {
        iterator.start(y.layout());
        arrays[0] = Floats.of(y);
        run(what, 1);
    }

    private void forEachSpan(Span what, Operand x, Operand y) {
        iterator.start(x.layout(), y.layout());
        arrays[0] = Floats.of(x);
        arrays[1] = Floats.of(y);
        run(what, 2);
    }

    private void forEachSpan(Span what, Operand a, Operand b, Operand y) {
        iterator.start(a.layout(), b.layout(), y.layout());
        arrays[0] = Floats.of(a);
        arrays[1] = Floats.of(b);
        arrays[2] = Floats.of(y);
        run(what, 3);
    }

    private void run(Span what, int count) {
        span = what;
        operands = count;
        boolean contiguous = true;
        for (int i = 0; i < operands; i++) {
            contiguous &= iterator.step(i) == 1;
        }
        if (shortRows.fits(arrays, operands)) {
            shortRows.run(arrays, operands, what);
        } else if (what == binary && isOfRowsAndNumbers()) {
            iterator.forEach(withNumber);
        } else {
            iterator.forEach(contiguous ? inPlace : throughBlocks);
        }
        Arrays.fill(arrays, null); // they may go back to the pool
    }

    /** Tells whether one operand has one number for each row, and there is a function of a row and a number in {@link UnaryRows}; notes which. */
    private boolean isOfRowsAndNumbers() {
        unaryOp = switch (binaryOp) {
            case ADD -> UnaryOp.ADD;
            case MULTIPLY -> UnaryOp.MULTIPLY;
            case MAXIMUM -> UnaryOp.MAXIMUM;
            case MINIMUM -> UnaryOp.MINIMUM;
            default -> null; // the others depend on which comes first
        };
        boolean isFirst = iterator.step(0) == 0 && iterator.step(1) == 1;
        boolean isSecond = iterator.step(0) == 1 && iterator.step(1) == 0;
        return unaryOp != null && (isFirst || isSecond) && iterator.step(2) == 1;
    }

    private void runWithNumber(int[] at, int length, int worker) {
        int number = iterator.step(0); // the second operand where the first one is a row
        int x = 1 - number;
        UnaryRows.run(unaryOp, arrays[number][at[number]], arrays[x], at[x], arrays[2], at[2], length);
    }

    private void runThroughBlocks(int[] at, int length, int worker) {
        Workspace workspace = workers.workspace(worker);
        float[][] stand = workspace.spans();
        int[] places = workspace.places();
        int result = operands - 1;
        for (int done = 0; done < length; done += Workspace.SPAN) {
            int n = Math.min(Workspace.SPAN, length - done);
            for (int i = 0; i <= result; i++) {
                int step = iterator.step(i);
                boolean direct = step == 1;
                float[] block = workspace.block(i);
                workspace.span(i, direct ? arrays[i] : block);
                places[i] = direct ? at[i] + done : 0;
                boolean kept = step == 0 && done > 0;
                if (!direct && !kept && i < result) {
                    gather(arrays[i], at[i] + done * step, step, block, n);
                }
            }
            span.run(stand, places, n);
            if (stand[result] != arrays[result]) {
                scatter(
                        stand[result],
                        arrays[result],
                        at[result] + done * iterator.step(result),
                        iterator.step(result),
                        n);
            }
        }
    }

    private static void gather(float[] from, int at, int step, float[] block, int n) {
        if (step == 0) {
            Arrays.fill(block, 0, n, from[at]);
            return;
        }
        for (int i = 0; i < n; i++) {
            block[i] = from[at + i * step];
        }
    }

    private static void scatter(float[] block, float[] to, int at, int step, int n) {
        for (int i = 0; i < n; i++) {
            to[at + i * step] = block[i];
        }
    }
}
