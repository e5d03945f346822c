package org.alborz.cpu.scalar;

import org.alborz.backend.BinaryOp;
import org.alborz.backend.Comparison;
import org.alborz.backend.Operand;
import org.alborz.backend.ReduceOp;
import org.alborz.cpu.memory.BoolBuffer;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.type.DType;
import org.alborz.type.Layout;

/** What is computed with integers and truth values, in 64 bits, which hold them exactly; for operands of any strides. */
final class ScalarIntegers {
    private final StridedIterator iterator = new StridedIterator();

    /** Computes {@code y = op(a, b)}; sums, differences and products wrap around in the type of {@code y}. */
    void binary(BinaryOp op, Operand a, Operand b, Operand y) {
        CpuBuffer left = CpuBuffer.of(a);
        CpuBuffer right = CpuBuffer.of(b);
        CpuBuffer into = CpuBuffer.of(y);
        boolean narrow = y.dtype() == DType.INT32;
        iterator.start(a.layout(), b.layout(), y.layout());
        while (iterator.next()) {
            for (int i = 0; i < iterator.length(); i++) {
                long value = apply(op, left.getLong(iterator.at(0, i)), right.getLong(iterator.at(1, i)));
                into.setLong(iterator.at(2, i), narrow ? (int) value : value);
            }
        }
    }

    private static long apply(BinaryOp op, long a, long b) {
        return switch (op) {
            case ADD -> a + b;
            case SUBTRACT -> a - b;
            case MULTIPLY -> a * b;
            case MAXIMUM -> Math.max(a, b);
            case MINIMUM -> Math.min(a, b);
            case REMAINDER -> b == 0 ? 0 : Math.floorMod(a, b);
            case FLOOR_DIVIDE -> b == 0 ? 0 : Math.floorDiv(a, b);
            default -> throw new IllegalArgumentException(op + " is computed with floating numbers only");
        };
    }

    void compare(Comparison op, Operand a, Operand b, Operand y) {
        CpuBuffer left = CpuBuffer.of(a);
        CpuBuffer right = CpuBuffer.of(b);
        boolean[] into = BoolBuffer.arrayOf(y);
        iterator.start(a.layout(), b.layout(), y.layout());
        while (iterator.next()) {
            for (int i = 0; i < iterator.length(); i++) {
                int order = Long.compare(left.getLong(iterator.at(0, i)), right.getLong(iterator.at(1, i)));
                into[iterator.at(2, i)] = ScalarElementwise.holds(op, order, 0);
            }
        }
    }

    void where(boolean[] condition, Layout ofCondition, Operand a, Operand b, Operand y) {
        CpuBuffer left = CpuBuffer.of(a);
        CpuBuffer right = CpuBuffer.of(b);
        CpuBuffer into = CpuBuffer.of(y);
        iterator.start(ofCondition, a.layout(), b.layout(), y.layout());
        while (iterator.next()) {
            for (int i = 0; i < iterator.length(); i++) {
                into.setLong(
                        iterator.at(3, i),
                        condition[iterator.at(0, i)]
                                ? left.getLong(iterator.at(1, i))
                                : right.getLong(iterator.at(2, i)));
            }
        }
    }

    void reduce(ReduceOp op, Operand x, Operand y) {
        CpuBuffer from = CpuBuffer.of(x);
        CpuBuffer into = CpuBuffer.of(y);
        long initial = switch (op) {
            case SUM -> 0;
            case MAX -> x.dtype() == DType.BOOL ? 0 : Long.MIN_VALUE;
            case MIN -> x.dtype() == DType.BOOL ? 1 : Long.MAX_VALUE;
            case MEAN -> throw new IllegalArgumentException("A mean is of floating numbers only");
        };
        iterator.start(y.layout());
        while (iterator.next()) {
            for (int i = 0; i < iterator.length(); i++) {
                into.setLong(iterator.at(0, i), initial);
            }
        }
        // The result is walked with stride 0 along the reduced axes.
        iterator.start(y.layout().expand(x.shape()), x.layout());
        while (iterator.next()) {
            for (int i = 0; i < iterator.length(); i++) {
                int at = iterator.at(0, i);
                into.setLong(at, join(op, into.getLong(at), from.getLong(iterator.at(1, i))));
            }
        }
    }

    static int indexOfExtreme(boolean smallest, CpuBuffer x, int at, int stride, int size) {
        int best = 0;
        long extreme = x.getLong(at);
        for (int i = 1; i < size; i++) {
            long value = x.getLong(at + i * stride);
            if (smallest ? value < extreme : value > extreme) {
                best = i;
                extreme = value;
            }
        }
        return best;
    }

    private static long join(ReduceOp op, long a, long b) {
        return switch (op) {
            case SUM, MEAN -> a + b;
            case MAX -> Math.max(a, b);
            case MIN -> Math.min(a, b);
        };
    }
}
