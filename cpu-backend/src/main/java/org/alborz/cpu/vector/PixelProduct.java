package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.MicroKernels.PITCH;
import static org.alborz.cpu.vector.MicroKernels.PITCH_TERMS;
import static org.alborz.cpu.vector.MicroKernels.RUN_TERMS;

/**
 * A convolution of 1×1 of stride 1 without padding, or its gradient with respect to the images, as one matrix product whose rows are the pixels of the
 * batch. A task copies some rows, {@link MicroKernels#PITCH} apart and a slice of the terms after the other, so that the micro-kernel has one
 * index for all of them, and computes all columns.
 *
 * <p>For machines with 16 vector registers; those with 32 have enough for the indices of {@link IndirectConvolutionTile}.
 */
final class PixelProduct {
    /** Rows of a block of two vectors, and of one of three, which ends an odd number of vectors. */
    private static final int ROWS = 6;

    private static final int ROWS_OF_THREE = 4;

    /** A common multiple of both numbers of rows. */
    private static final int COMMON_ROWS = 12;

    /** The least and the most rows of a task, and about how many numbers its rows have. */
    private static final int LEAST_ROWS = 48;

    private static final int MOST_ROWS = 192;
    private static final int NUMBERS = LEAST_ROWS * PITCH_TERMS;

    private final WorkerPool workers;
    private final PackedFilter filter;
    private final int terms;
    private final int columns;
    // Columns that are computed two vectors at a time, and rows, a multiple of what all blocks take.
    private final int byTwo;
    private final int tile;
    private final int taskRows;
    private final ThreadTeam.Task computeRows = this::computeRows;

    // The run that goes on now.
    private int rows;
    private int tasks;
    private float[] source;
    private int sourceAt;
    private float[] weights;
    private float[] start;
    private float[] target;
    private int targetAt;
    private AddActivation last;

    PixelProduct(WorkerPool workers, IndirectConvolutionPlan plan, PackedFilter filter) {
        this.workers = workers;
        this.filter = filter;
        this.terms = plan.sourcesPerGroup();
        this.columns = plan.targetsPerGroup();
        boolean odd = columns / L % 2 != 0;
        this.byTwo = odd ? columns - 3 * L : columns;
        this.tile = odd ? COMMON_ROWS : ROWS;
        this.taskRows = Math.max(LEAST_ROWS, Math.min(MOST_ROWS, NUMBERS / terms));
    }

    /** Tells whether a plan is one of these. */
    static boolean isFor(IndirectConvolutionPlan plan) {
        return Lanes.REGISTERS == 16
                && plan.isProduct()
                && plan.sourcesPerGroup() % RUN_TERMS == 0
                && plan.targetsPerGroup() % L == 0
                && plan.targetsPerGroup() >= 2 * L;
    }

    /**
     * Computes the results of a batch.
     *
     * @param pixels of all images
     * @param packed the weights as the filter packed or took them last
     * @param starts what the sums of each column start from
     * @param finish what is done to the results
     */
    void run(
            int pixels,
            float[] from,
            int fromAt,
            float[] packed,
            float[] starts,
            AddActivation finish,
            float[] into,
            int intoAt) {
        rows = pixels;
        source = from;
        sourceAt = fromAt;
        weights = packed;
        start = starts;
        last = finish;
        target = into;
        targetAt = intoAt;
        int wanted = Gemm.roundUp(Gemm.ceilDiv(rows, taskRows), workers.threads());
        tasks = Math.min(wanted, Gemm.ceilDiv(rows, tile));
        workers.run(tasks, computeRows);
        source = null;
        weights = null;
        start = null;
        last = null;
        target = null;
    }

    /** Returns a task's first row; whole tiles go to a task. */
    private int first(int task) {
        return Math.min(rows, (int) ((long) Gemm.ceilDiv(rows, tile) * task / tasks) * tile);
    }

    private void computeRows(int task, int worker) {
        int from = first(task);
        int count = first(task + 1) - from;
        Workspace workspace = workers.workspace(worker);
        float[] copied = workspace.floats(Workspace.Use.LEFT, (long) Gemm.roundUp(count, tile) * PITCH);
        float[] block = workspace.floats(Workspace.Use.BLOCK, ROWS * 3 * L);
        for (int term = 0; term < terms; term += PITCH_TERMS) {
            int some = Math.min(PITCH_TERMS, terms - term);
            for (int row = 0; row < count; row++) {
                System.arraycopy(source, sourceAt + (from + row) * terms + term, copied, row * PITCH, some);
            }
            int at = targetAt + from * columns;
            for (int column = 0; column < byTwo; column += 2 * L) {
                compute(2, ROWS, column, term, some, count, copied, at + column, block);
            }
            if (byTwo < columns) {
                compute(3, ROWS_OF_THREE, byTwo, term, some, count, copied, at + byTwo, block);
            }
        }
        last.finish(target, targetAt + from * columns, count * columns);
    }

    /** Adds a slice of terms to some columns of all rows. */
    private void compute(
            int vectors, int height, int column, int term, int some, int count, float[] copied, int at, float[] block) {
        int whole = count - count % height;
        for (int row = 0; row < whole; row += height) {
            int to = at + row * columns;
            float[] from = term == 0 ? start : target;
            int fromAt = term == 0 ? column : to;
            multiply(
                    vectors,
                    column,
                    term,
                    some,
                    copied,
                    row * PITCH,
                    from,
                    fromAt,
                    term == 0 ? 0 : columns,
                    target,
                    to,
                    columns);
        }
        if (whole < count) {
            computeLast(vectors, count - whole, column, term, some, copied, whole * PITCH, at + whole * columns, block);
        }
    }

    /** Adds a slice of terms to fewer rows than a block has, by way of a block of full size. */
    private void computeLast(
            int vectors,
            int count,
            int column,
            int term,
            int some,
            float[] copied,
            int copiedAt,
            int at,
            float[] block) {
        int width = vectors * L;
        for (int row = 0; row < count && term > 0; row++) {
            System.arraycopy(target, at + row * columns, block, row * width, width);
        }
        float[] from = term == 0 ? start : block;
        multiply(
                vectors,
                column,
                term,
                some,
                copied,
                copiedAt,
                from,
                term == 0 ? column : 0,
                term == 0 ? 0 : width,
                block,
                0,
                width);
        for (int row = 0; row < count; row++) {
            System.arraycopy(block, row * width, target, at + row * columns, width);
        }
    }

    private void multiply(
            int vectors,
            int column,
            int term,
            int some,
            float[] copied,
            int copiedAt,
            float[] from,
            int fromAt,
            int fromStep,
            float[] to,
            int toAt,
            int toStep) {
        int panel = filter.panel(0, 0, column) + term * 2 * L;
        if (vectors == 2) {
            MicroKernels.pitched6x2(some, copied, copiedAt, weights, panel, from, fromAt, fromStep, to, toAt, toStep);
        } else {
            int third = filter.panel(0, 0, column + 2 * L) + term * L;
            MicroKernels.pitched4x3(
                    some, copied, copiedAt, weights, panel, third, from, fromAt, fromStep, to, toAt, toStep);
        }
    }
}
