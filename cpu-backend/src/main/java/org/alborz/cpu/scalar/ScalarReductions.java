package org.alborz.cpu.scalar;

import java.util.function.DoubleBinaryOperator;
import org.alborz.backend.Operand;
import org.alborz.backend.ReduceOp;
import org.alborz.backend.Reductions;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.type.DType;
import org.alborz.type.Layout;

/** Many elements to one, for operands of any strides. */
public final class ScalarReductions implements Reductions {
    private final StridedIterator iterator = new StridedIterator();
    private final double[] block = new double[StridedIterator.BLOCK];
    private final RowBuffer totals = new RowBuffer();
    private final ScalarIntegers integers = new ScalarIntegers();

    @Override
    public void reduce(ReduceOp op, Operand x, Operand y) {
        if (!x.dtype().isFloating()) {
            integers.reduce(op, x, y);
            return;
        }
        double initial = switch (op) {
            case SUM, MEAN -> 0;
            case MAX -> Double.NEGATIVE_INFINITY;
            case MIN -> Double.POSITIVE_INFINITY;
        };
        double count = (double) x.shape().elements() / y.shape().elements();
        DoubleBinaryOperator join = switch (op) {
            case SUM, MEAN -> Double::sum;
            case MAX -> Math::max;
            case MIN -> Math::min;
        };
        double[] total = totals.filled(y.shape().elements(), initial);
        join(join, 1, x, y, total);
        if (op == ReduceOp.MEAN && !divide(total, count, y)) {
            // A sum beyond float64: numbers that are divided one by one lose digits instead.
            join(join, count, x, y, totals.filled(y.shape().elements(), 0));
        }
        Totals.store(total, Layout.rowMajor(y.shape()), y, iterator, block);
    }

    /** Joins all elements, each divided, to the totals, which are stored row-major. */
    private void join(DoubleBinaryOperator join, double divisor, Operand x, Operand y, double[] total) {
        CpuBuffer from = CpuBuffer.of(x);
        // The totals are iterated over with stride 0 along the reduced axes.
        iterator.start(Layout.rowMajor(y.shape()).expand(x.shape()), x.layout());
        while (iterator.next()) {
            iterator.read(1, from, block);
            for (int i = 0; divisor != 1 && i < iterator.length(); i++) {
                block[i] /= divisor;
            }
            int at = iterator.at(0);
            for (int i = 0; i < iterator.length(); i++, at += iterator.step(0)) {
                total[at] = join.applyAsDouble(total[at], block[i]);
            }
        }
    }

    /** Divides the totals, and tells whether none is infinite. */
    private static boolean divide(double[] total, double count, Operand y) {
        boolean finite = true;
        for (int i = 0; i < y.shape().elements(); i++) {
            total[i] /= count;
            finite &= !Double.isInfinite(total[i]);
        }
        return finite;
    }

    @Override
    public void scan(int axis, boolean reverse, Operand a, Operand x, Operand y) {
        LineOperations.scan(axis, reverse, a, x, y, 0, new Lines(axis, y.layout()).count());
    }

    @Override
    public void argMax(int axis, Operand x, Operand indices) {
        findExtremes(false, axis, x, indices);
    }

    @Override
    public void argMin(int axis, Operand x, Operand indices) {
        findExtremes(true, axis, x, indices);
    }

    private void findExtremes(boolean smallest, int axis, Operand x, Operand indices) {
        CpuBuffer from = CpuBuffer.of(x);
        CpuBuffer into = CpuBuffer.of(indices);
        int size = x.shape().size(axis);
        int stride = (int) x.layout().stride(axis);
        iterator.startWithout(x.shape().axis(axis), x.layout(), indices.layout());
        while (iterator.next()) {
            int at = iterator.at(0);
            for (int i = 0; i < iterator.length(); i++, at += iterator.step(0)) {
                block[i] = x.dtype() == DType.INT64
                        ? ScalarIntegers.indexOfExtreme(smallest, from, at, stride, size)
                        : indexOfExtreme(smallest, from, at, stride, size);
            }
            iterator.write(1, into, block);
        }
    }

    private static int indexOfExtreme(boolean smallest, CpuBuffer x, int at, int stride, int size) {
        int best = 0;
        double extreme = x.get(at);
        for (int i = 1; i < size && !Double.isNaN(extreme); i++) {
            double value = x.get(at + i * stride);
            if (Double.isNaN(value) || (smallest ? value < extreme : value > extreme)) {
                best = i;
                extreme = value;
            }
        }
        return best;
    }
}
