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
    private final ReductionShape form = new ReductionShape();
    private final RowKernel ofRows;
    private final TypedKernel split;
    private final TypedKernel columns;
    private final TypedKernel columnsSplit;
    private final TypedKernel join;
    private final TypedKernel strided;
    private final RowKernel argmaxOfRows;
    private final TypedKernel argmaxStrided;

    CudaReductions(LaunchContext context, Elementwise elementwise) {
        this.context = context;
        this.elementwise = elementwise;
        ofRows = new RowKernel(context, "reduce");
        split = context.kernel("reduce_split");
        columns = context.kernel("reduce_columns");
        columnsSplit = context.kernel("reduce_columns_split");
        join = context.kernel("reduce_join");
        strided = context.kernel("reduce_strided");
        argmaxOfRows = new RowKernel(context, "argmax");
        argmaxStrided = context.kernel("argmax_strided");
    }

    @Override
    public void reduce(ReduceOp op, Operand x, Operand y) {
        if (Operands.elements(y) == 0) {
            return;
        }
        if (Operands.elements(x) == 0) {
            elementwise.fill(neutral(op), y);
            return;
        }
        form.fill(x.layout(), y.layout());
        if (form.isRows()) {
            reduceRows(op, x, y, form.results(), form.count());
        } else if (form.isColumns()) {
            reduceColumns(op, x, y, form.outer(), form.count(), form.inner());
        } else {
            context.launch(strided.of(x.dtype()))
                    .value(op.ordinal())
                    .address(Operands.address(x))
                    .address(Operands.address(y));
            form.kept().passTo(context.launcher());
            form.reduced().passTo(context.launcher());
            context.launcher().value(form.results()).value(form.count());
            context.run(form.results(), STRIDED);
        }
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
                context.launch(split.of(x.dtype()))
                        .value(op.ordinal())
                        .address(Operands.address(x))
                        .address(partial.address())
                        .value(rows)
                        .value(width)
                        .value(parts);
                context.run(rows * parts, 1);
                join(op, x, partial, y, parts, width, 1);
            }
            return;
        }
        ofRows.begin(x.dtype(), width)
                .value(op.ordinal())
                .address(Operands.address(x))
                .address(Operands.address(y))
                .value(rows)
                .value(width);
        ofRows.run(rows, width);
    }

    private void reduceColumns(ReduceOp op, Operand x, Operand y, long outer, long count, long inner) {
        long blocks = outer * ((inner + LANES - 1) / LANES);
        int parts = parts(blocks, count * Math.min(inner, LANES));
        if (parts > 1) {
            try (TemporaryBuffer partial = partial(x.dtype(), outer * inner * parts)) {
                context.launch(columnsSplit.of(x.dtype()))
                        .value(op.ordinal())
                        .address(Operands.address(x))
                        .address(partial.address())
                        .value(outer)
                        .value(count)
                        .value(inner)
                        .value(parts);
                context.run(blocks * parts, 1);
                join(op, x, partial, y, parts, count, inner);
            }
            return;
        }
        context.launch(columns.of(x.dtype()))
                .value(op.ordinal())
                .address(Operands.address(x))
                .address(Operands.address(y))
                .value(outer)
                .value(count)
                .value(inner);
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
        context.launch(join.of(y.dtype()))
                .value(op.ordinal())
                .address(Operands.address(x))
                .address(partial.address())
                .address(Operands.address(y))
                .value(rows)
                .value(parts)
                .value(count)
                .value(inner);
        context.run(rows, RowKernel.WARPS);
    }

    @Override
    public void argMax(int axis, Operand x, Operand indices) {
        long results = Operands.elements(indices);
        if (results == 0) {
            return;
        }
        Layout layout = x.layout();
        int at = layout.shape().axis(axis);
        form.fill(layout, indices.layout());
        int width = layout.shape().size(at);
        if (form.isRows()) {
            argmaxOfRows
                    .begin(x.dtype(), width)
                    .address(Operands.address(x))
                    .address(Operands.address(indices))
                    .value(results)
                    .value((long) width);
            argmaxOfRows.run(results, width);
            return;
        }
        context.launch(argmaxStrided.of(x.dtype())).address(Operands.address(x)).address(Operands.address(indices));
        form.kept().passTo(context.launcher());
        context.launcher().value(width).value(layout.stride(at)).value(results);
        context.run(results, STRIDED);
    }
}
