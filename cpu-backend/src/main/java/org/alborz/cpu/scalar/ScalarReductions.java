package org.alborz.cpu.scalar;

import java.util.function.DoubleBinaryOperator;
import org.alborz.backend.Operand;
import org.alborz.backend.ReduceOp;
import org.alborz.backend.Reductions;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.type.Layout;

/** Many elements to one, for operands of any strides. */
public final class ScalarReductions implements Reductions {
    private final Strided walk = new Strided();
    private final double[] block = new double[Strided.BLOCK];
    private final Scratch totals = new Scratch();

    @Override
    public void reduce(ReduceOp op, Operand x, Operand y) {
        double initial = switch (op) {
            case SUM, MEAN -> 0;
            case MAX -> Double.NEGATIVE_INFINITY;
            case MIN -> Double.POSITIVE_INFINITY;
        };
        DoubleBinaryOperator join = switch (op) {
            case SUM, MEAN -> Double::sum;
            case MAX -> Math::max;
            case MIN -> Math::min;
        };
        double[] total = totals.filled(y.shape().elements(), initial);
        Layout totalLayout = Layout.rowMajor(y.shape());
        CpuBuffer from = CpuBuffer.of(x);
        // The totals are walked with stride 0 along the reduced axes.
        walk.start(totalLayout.expand(x.shape()), x.layout());
        while (walk.next()) {
            walk.read(1, from, block);
            int at = walk.at(0);
            for (int i = 0; i < walk.length(); i++, at += walk.step(0)) {
                total[at] = join.applyAsDouble(total[at], block[i]);
            }
        }
        if (op == ReduceOp.MEAN) {
            double count = (double) x.shape().elements() / y.shape().elements();
            for (int i = 0; i < y.shape().elements(); i++) {
                total[i] /= count;
            }
        }
        Totals.store(total, totalLayout, y, walk, block);
    }

    @Override
    public void argMax(int axis, Operand x, Operand indices) {
        CpuBuffer from = CpuBuffer.of(x);
        CpuBuffer into = CpuBuffer.of(indices);
        int size = x.shape().size(axis);
        int stride = (int) x.layout().stride(axis);
        walk.startWithout(x.shape().axis(axis), x.layout(), indices.layout());
        while (walk.next()) {
            int at = walk.at(0);
            for (int i = 0; i < walk.length(); i++, at += walk.step(0)) {
                block[i] = argMax(from, at, stride, size);
            }
            walk.write(1, into, block);
        }
    }

    private static int argMax(CpuBuffer x, int at, int stride, int size) {
        int best = 0;
        double largest = x.get(at);
        for (int i = 1; i < size && !Double.isNaN(largest); i++) {
            double value = x.get(at + i * stride);
            if (value > largest || Double.isNaN(value)) {
                best = i;
                largest = value;
            }
        }
        return best;
    }
}
