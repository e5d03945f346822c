package org.alborz.cpu.vector;

import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.Comparison;
import org.alborz.backend.Operand;
import org.alborz.backend.UnaryOp;
import org.alborz.cpu.memory.BoolBuffer;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.cpu.scalar.ScalarElementwise;

/**
 * Functions of elements of any type but int64 in float64, as the reference computes them and with its bits, but on all threads: row by row,
 * in spans that pass through blocks of doubles.
 */
final class DoubleElementwise {
    private static final int SPAN = Workspace.SPAN;

    private final ParallelStridedIterator iterator;
    private final WorkerPool workers;

    // The call that runs now; kept here, so that a call makes no objects.
    private CpuBuffer a;
    private CpuBuffer b;
    private CpuBuffer y;
    private boolean[] mask;
    private DoubleUnaryOperator unaryFunction;
    private DoubleBinaryOperator binaryFunction;
    private Comparison comparison;
    private double number;

    private final ParallelStridedIterator.Part unary = this::unaryRow;
    private final ParallelStridedIterator.Part binary = this::binaryRow;
    private final ParallelStridedIterator.Part compare = this::compareRow;
    private final ParallelStridedIterator.Part where = this::chooseRow;
    private final ParallelStridedIterator.Part fill = this::fillRow;

    DoubleElementwise(WorkerPool workers) {
        this.workers = workers;
        this.iterator = new ParallelStridedIterator(workers);
    }

    void unary(UnaryOp op, double parameter, Operand x, Operand into) {
        unaryFunction = ScalarElementwise.function(op, parameter);
        map(x, into);
    }

    /** Copies and converts. */
    void copy(Operand x, Operand into) {
        unaryFunction = null;
        map(x, into);
    }

    private void map(Operand x, Operand into) {
        a = CpuBuffer.of(x);
        y = CpuBuffer.of(into);
        iterator.start(x.layout(), into.layout());
        run(unary);
    }

    void binary(BinaryOp op, Operand left, Operand right, Operand into) {
        binaryFunction = ScalarElementwise.function(op);
        a = CpuBuffer.of(left);
        b = CpuBuffer.of(right);
        y = CpuBuffer.of(into);
        iterator.start(left.layout(), right.layout(), into.layout());
        run(binary);
    }

    void compare(Comparison op, Operand left, Operand right, Operand into) {
        comparison = op;
        a = CpuBuffer.of(left);
        b = CpuBuffer.of(right);
        mask = BoolBuffer.arrayOf(into);
        iterator.start(left.layout(), right.layout(), into.layout());
        run(compare);
    }

    void where(Operand condition, Operand whenTrue, Operand whenFalse, Operand into) {
        mask = BoolBuffer.arrayOf(condition);
        a = CpuBuffer.of(whenTrue);
        b = CpuBuffer.of(whenFalse);
        y = CpuBuffer.of(into);
        iterator.start(condition.layout(), whenTrue.layout(), whenFalse.layout(), into.layout());
        run(where);
    }

    void fill(double value, Operand into) {
        number = value;
        y = CpuBuffer.of(into);
        iterator.start(into.layout());
        run(fill);
    }

    private void run(ParallelStridedIterator.Part part) {
        iterator.forEach(part);
        a = null; // they may go back to the pool
        b = null;
        y = null;
        mask = null;
    }

    private void unaryRow(int[] at, int length, int worker) {
        double[] values = workers.workspace(worker).doubles(SPAN);
        for (int done = 0; done < length; done += SPAN) {
            int n = Math.min(SPAN, length - done);
            a.read(place(at, 0, done), iterator.step(0), n, values, 0);
            if (unaryFunction != null) {
                for (int i = 0; i < n; i++) {
                    values[i] = unaryFunction.applyAsDouble(values[i]);
                }
            }
            y.write(place(at, 1, done), iterator.step(1), n, values, 0);
        }
    }

    private void binaryRow(int[] at, int length, int worker) {
        double[] values = workers.workspace(worker).doubles(2 * SPAN);
        for (int done = 0; done < length; done += SPAN) {
            int n = Math.min(SPAN, length - done);
            a.read(place(at, 0, done), iterator.step(0), n, values, 0);
            b.read(place(at, 1, done), iterator.step(1), n, values, SPAN);
            for (int i = 0; i < n; i++) {
                values[i] = binaryFunction.applyAsDouble(values[i], values[SPAN + i]);
            }
            y.write(place(at, 2, done), iterator.step(2), n, values, 0);
        }
    }

    private void compareRow(int[] at, int length, int worker) {
        double[] values = workers.workspace(worker).doubles(2 * SPAN);
        int step = iterator.step(2);
        for (int done = 0; done < length; done += SPAN) {
            int n = Math.min(SPAN, length - done);
            a.read(place(at, 0, done), iterator.step(0), n, values, 0);
            b.read(place(at, 1, done), iterator.step(1), n, values, SPAN);
            int to = place(at, 2, done);
            for (int i = 0; i < n; i++) {
                mask[to + i * step] = ScalarElementwise.holds(comparison, values[i], values[SPAN + i]);
            }
        }
    }

    private void chooseRow(int[] at, int length, int worker) {
        double[] values = workers.workspace(worker).doubles(2 * SPAN);
        int step = iterator.step(0);
        for (int done = 0; done < length; done += SPAN) {
            int n = Math.min(SPAN, length - done);
            a.read(place(at, 1, done), iterator.step(1), n, values, 0);
            b.read(place(at, 2, done), iterator.step(2), n, values, SPAN);
            int from = place(at, 0, done);
            for (int i = 0; i < n; i++) {
                values[i] = mask[from + i * step] ? values[i] : values[SPAN + i];
            }
            y.write(place(at, 3, done), iterator.step(3), n, values, 0);
        }
    }

    private void fillRow(int[] at, int length, int worker) {
        int step = iterator.step(0);
        if (step == 1) {
            y.fill(at[0], at[0] + length, number);
            return;
        }
        for (int i = 0; i < length; i++) {
            y.set(at[0] + i * step, number);
        }
    }

    private int place(int[] at, int operand, int done) {
        return at[operand] + done * iterator.step(operand);
    }
}
