package org.alborz.cuda.ops;

import org.alborz.backend.Elementwise;
import org.alborz.backend.Operand;
import org.alborz.backend.ReduceOp;
import org.alborz.backend.Reductions;
import org.alborz.type.Layout;

/**
 * Reductions: of rows and of columns where the tensor lies in one piece, and of anything else by a thread a result.
 *
 * <p>In how many parts a long sum is taken depends on the sizes alone, so that every GPU gives the same bits.
 */
final class CudaReductions implements Reductions {
    /** Rows up to this long are a warp's work, longer ones a block's. */
    static final int WARP_WIDTH = 1024;

    static final int WARPS = 8;
    private static final int LANES = 32;
    private static final int STRIDED = 256;

    /** With fewer results than this, each of many elements, one block a result would leave a GPU idle. */
    private static final int FEW_RESULTS = 512;

    private static final int ELEMENTS_PER_PART = 4096;
    private static final int MOST_PARTS = 256;

    private final Gpu gpu;
    private final Elementwise elementwise;
    private final ReductionShape form = new ReductionShape();
    private final TypedKernel warp;
    private final TypedKernel block;
    private final TypedKernel split;
    private final TypedKernel columns;
    private final TypedKernel columnsSplit;
    private final TypedKernel join;
    private final TypedKernel strided;
    private final TypedKernel argmaxWarp;
    private final TypedKernel argmaxBlock;
    private final TypedKernel argmaxStrided;

    CudaReductions(Gpu gpu, Elementwise elementwise) {
        this.gpu = gpu;
        this.elementwise = elementwise;
        warp = gpu.kernel("reduce_warp");
        block = gpu.kernel("reduce_block");
        split = gpu.kernel("reduce_split");
        columns = gpu.kernel("reduce_columns");
        columnsSplit = gpu.kernel("reduce_columns_split");
        join = gpu.kernel("reduce_join");
        strided = gpu.kernel("reduce_strided");
        argmaxWarp = gpu.kernel("argmax_warp");
        argmaxBlock = gpu.kernel("argmax_block");
        argmaxStrided = gpu.kernel("argmax_strided");
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
            gpu.launch(strided.of(x.dtype()))
                    .value(op.ordinal())
                    .address(Operands.address(x))
                    .address(Operands.address(y));
            form.kept().passTo(gpu.launcher());
            form.reduced().passTo(gpu.launcher());
            gpu.launcher().value(form.results()).value(form.count());
            gpu.run(form.results(), STRIDED);
        }
    }

    private static double neutral(ReduceOp op) {
        return switch (op) {
            case SUM -> 0;
            case MAX -> Double.NEGATIVE_INFINITY;
            case MIN -> Double.POSITIVE_INFINITY;
        };
    }

    private void reduceRows(ReduceOp op, Operand x, Operand y, long rows, long width) {
        int parts = parts(rows, width);
        if (parts > 1) {
            try (Scratch partial = gpu.sums(x.dtype(), rows * parts)) {
                gpu.launch(split.of(x.dtype()))
                        .value(op.ordinal())
                        .address(Operands.address(x))
                        .address(partial.address())
                        .value(rows)
                        .value(width)
                        .value(parts);
                gpu.run(rows * parts, 1);
                join(op, partial, y, rows, parts);
            }
            return;
        }
        boolean narrow = width <= WARP_WIDTH;
        gpu.launch((narrow ? warp : block).of(x.dtype()))
                .value(op.ordinal())
                .address(Operands.address(x))
                .address(Operands.address(y))
                .value(rows)
                .value(width);
        gpu.run(rows, narrow ? WARPS : 1);
    }

    private void reduceColumns(ReduceOp op, Operand x, Operand y, long outer, long count, long inner) {
        long blocks = outer * ((inner + LANES - 1) / LANES);
        int parts = parts(blocks, count * Math.min(inner, LANES));
        if (parts > 1) {
            try (Scratch partial = gpu.sums(x.dtype(), outer * inner * parts)) {
                gpu.launch(columnsSplit.of(x.dtype()))
                        .value(op.ordinal())
                        .address(Operands.address(x))
                        .address(partial.address())
                        .value(outer)
                        .value(count)
                        .value(inner)
                        .value(parts);
                gpu.run(blocks * parts, 1);
                join(op, partial, y, outer * inner, parts);
            }
            return;
        }
        gpu.launch(columns.of(x.dtype()))
                .value(op.ordinal())
                .address(Operands.address(x))
                .address(Operands.address(y))
                .value(outer)
                .value(count)
                .value(inner);
        gpu.run(blocks, 1);
    }

    private static int parts(long blocks, long elements) {
        return blocks >= FEW_RESULTS ? 1 : (int) Math.max(1, Math.min(MOST_PARTS, elements / ELEMENTS_PER_PART));
    }

    private void join(ReduceOp op, Scratch partial, Operand y, long rows, int parts) {
        gpu.launch(join.of(y.dtype()))
                .value(op.ordinal())
                .address(partial.address())
                .address(Operands.address(y))
                .value(rows)
                .value(parts);
        gpu.run(rows, WARPS);
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
            boolean narrow = width <= WARP_WIDTH;
            gpu.launch((narrow ? argmaxWarp : argmaxBlock).of(x.dtype()))
                    .address(Operands.address(x))
                    .address(Operands.address(indices))
                    .value(results)
                    .value((long) width);
            gpu.run(results, narrow ? WARPS : 1);
            return;
        }
        gpu.launch(argmaxStrided.of(x.dtype())).address(Operands.address(x)).address(Operands.address(indices));
        form.kept().passTo(gpu.launcher());
        gpu.launcher().value(width).value(layout.stride(at)).value(results);
        gpu.run(results, STRIDED);
    }
}
