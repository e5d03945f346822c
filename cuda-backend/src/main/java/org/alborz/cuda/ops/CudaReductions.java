package org.alborz.cuda.ops;

import org.alborz.backend.Elementwise;
import org.alborz.backend.Operand;
import org.alborz.backend.ReduceOp;
import org.alborz.backend.Reductions;
import org.alborz.cuda.memory.TemporaryBuffer;
import org.alborz.type.DType;
import org.alborz.type.Layout;

/**
 * Reductions: of rows and of columns where the tensor is contiguous, and of anything else by a thread a result.
 *
 * <p>In how many parts a long sum is taken depends on the sizes alone, so that every GPU gives the same bits.
 */
final class CudaReductions implements Reductions {
    private static final int LANES = 32;
    private static final int STRIDED = 256;

    /** With fewer results than this, each of many elements, one block a result would leave a GPU idle. */
    private static final int FEW_RESULTS = 512;

    private static final int ELEMENTS_PER_PART = 4096;
    private static final int MOST_PARTS = 256;

    private final LaunchContext context;
    private final Elementwise elementwise;
    private final CudaGeluGradient gelu;
    private final ReductionShape form = new ReductionShape();
    private final OffsetCalculator lines = new OffsetCalculator();

    CudaReductions(LaunchContext context, Elementwise elementwise, CudaGeluGradient gelu) {
        this.context = context;
        this.elementwise = elementwise;
        this.gelu = gelu;
    }

    @Override
    public void reduce(ReduceOp op, Operand x, Operand y) {
        if (Operands.elements(y) == 0) {
            return;
        }
        if (Operands.elements(x) == 0) {
            elementwise.fill(x.dtype() == DType.BOOL && op == ReduceOp.MAX ? 0 : neutral(op), y);
            return;
        }
        form.fill(x.layout(), y.layout());
        if (!x.dtype().isFloating()) {
            reduceIntegers(op, x, y);
        } else if (form.isRows()) {
            reduceRows(op, x, y, form.results(), form.count());
        } else if (form.isColumns()) {
            boolean isSum = op == ReduceOp.SUM && form.outer() == 1;
            if (isSum && gelu.addsColumns(x, form.count(), form.inner(), y)) {
                return;
            }
            reduceColumns(op, x, y, form.outer(), form.count(), form.inner());
        } else {
            context.kernels()
                    .reduceStrided(x.dtype(), op, x, y, form.kept(), form.reduced(), form.results(), form.count());
            context.run(form.results(), STRIDED);
        }
    }

    private void reduceIntegers(ReduceOp op, Operand x, Operand y) {
        long results = form.results();
        long count = form.count();
        switch (op) {
            case SUM -> context.kernels().sumInteger(x.dtype(), x, y, form.kept(), form.reduced(), results, count);
            case MAX, MIN ->
                context.kernels().extremeInteger(x.dtype(), op, x, y, form.kept(), form.reduced(), results, count);
            case MEAN -> throw new IllegalArgumentException("A mean is of floating numbers only, got " + x.dtype());
        }
        context.runRows(results, count);
    }

    /** Returns the result of no elements. */
    private static double neutral(ReduceOp op) {
        return switch (op) {
            case SUM -> 0;
            case MEAN -> Double.NaN;
            case MAX -> Double.NEGATIVE_INFINITY;
            case MIN -> Double.POSITIVE_INFINITY;
        };
    }

    private void reduceRows(ReduceOp op, Operand x, Operand y, long rows, long width) {
        int parts = parts(rows, width);
        if (parts > 1) {
            try (TemporaryBuffer partial = partial(x.dtype(), rows * parts)) {
                context.kernels().reduceSplit(x.dtype(), op, x, partial, rows, width, parts);
                context.run(rows * parts, 1);
                join(op, x, partial, y, parts, width, 1);
            }
            return;
        }
        context.kernels().reduce(x.dtype(), op, x, y, rows, width);
        context.runRows(rows, width);
    }

    private void reduceColumns(ReduceOp op, Operand x, Operand y, long outer, long count, long inner) {
        long blocks = outer * ((inner + LANES - 1) / LANES);
        int parts = parts(blocks, count * Math.min(inner, LANES));
        if (parts > 1) {
            try (TemporaryBuffer partial = partial(x.dtype(), outer * inner * parts)) {
                context.kernels().reduceColumnsSplit(x.dtype(), op, x, partial, outer, count, inner, parts);
                context.run(blocks * parts, 1);
                join(op, x, partial, y, parts, count, inner);
            }
            return;
        }
        context.kernels().reduceColumns(x.dtype(), op, x, y, outer, count, inner);
        context.run(blocks, 1);
    }

    private static int parts(long blocks, long elements) {
        return blocks >= FEW_RESULTS ? 1 : (int) Math.max(1, Math.min(MOST_PARTS, elements / ELEMENTS_PER_PART));
    }

    /** Returns memory for sums that are not rounded to 16 bits yet. */
    private TemporaryBuffer partial(DType dtype, long elements) {
        return context.pool().borrow(dtype.accumulator(), elements);
    }

    private void join(ReduceOp op, Operand x, TemporaryBuffer partial, Operand y, int parts, long count, long inner) {
        long rows = Operands.elements(y);
        context.kernels().reduceJoin(y.dtype(), op, x, partial, y, rows, parts, count, inner);
        context.run(rows, RowKernel.WARPS);
    }

    @Override
    public void scan(int axis, boolean reverse, Operand a, Operand x, Operand y) {
        if (Operands.elements(y) == 0) {
            return;
        }
        Layout from = x.layout();
        Layout into = y.layout();
        Layout factors = a == null ? from : a.layout();
        int size = from.shape().size(axis);
        lines.begin(a == null ? 2 : 3);
        for (int i = 0; i < from.shape().rank(); i++) {
            if (i != axis) {
                lines.axis(from.shape().size(i), from.stride(i), into.stride(i), factors.stride(i), 0);
            }
        }
        long count = Operands.elements(y) / size;
        int sign = reverse ? -1 : 1;
        Operand firstX = reverse ? last(axis, x) : x;
        Operand firstY = reverse ? last(axis, y) : y;
        if (a == null) {
            context.kernels()
                    .scanSum(
                            y.dtype(),
                            firstX,
                            firstY,
                            lines,
                            count,
                            size,
                            sign * from.stride(axis),
                            sign * into.stride(axis));
            context.run(count, 1);
        } else {
            context.kernels()
                    .scanRecurrence(
                            y.dtype(),
                            reverse ? last(axis, a) : a,
                            firstX,
                            firstY,
                            lines,
                            count,
                            size,
                            sign * factors.stride(axis),
                            sign * from.stride(axis),
                            sign * into.stride(axis));
            context.run(count, STRIDED);
        }
    }

    /** Returns the last element of each line. */
    private static Operand last(int axis, Operand operand) {
        Layout layout = operand.layout();
        int size = layout.shape().size(axis);
        return new DeviceOperand(Operands.buffer(operand), layout.narrow(axis, size - 1, 1, 1));
    }

    @Override
    public void argMax(int axis, Operand x, Operand indices) {
        findExtremes(0, axis, x, indices);
    }

    @Override
    public void argMin(int axis, Operand x, Operand indices) {
        findExtremes(1, axis, x, indices);
    }

    private void findExtremes(int smallest, int axis, Operand x, Operand indices) {
        long results = Operands.elements(indices);
        if (results == 0) {
            return;
        }
        Layout layout = x.layout();
        int at = layout.shape().axis(axis);
        form.fill(layout, indices.layout());
        int width = layout.shape().size(at);
        if (form.isRows()) {
            context.kernels().argmax(x.dtype(), smallest, x, indices, results, width);
            context.runRows(results, width);
            return;
        }
        context.kernels()
                .argmaxStrided(x.dtype(), smallest, x, indices, form.kept(), width, layout.stride(at), results);
        context.run(results, STRIDED);
    }
}
