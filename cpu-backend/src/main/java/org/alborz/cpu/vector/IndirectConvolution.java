package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;

import java.util.Arrays;
import org.alborz.backend.Operand;
import org.alborz.backend.PackedWeights;
import org.alborz.cpu.vector.IndirectConvolutionPlan.Phase;
import org.alborz.type.Activation;

/**
 * Carries out a {@link IndirectConvolutionPlan}: the forward pass, or the gradient with respect to the input. Made once for the sizes of a
 * convolution and run for each of its batches, so that a run makes no objects.
 */
final class IndirectConvolution {
    /** With fewer images than this, an image is cut into blocks of results, so that every thread finds work. */
    private static final int WANTED_TASKS = 32;

    /** A task computes at least this many results (in all channels). */
    private static final int LEAST_PIXELS = 4 * IndirectConvolutionTile.NARROW_ROWS;

    /** Pixels that are read ahead where they are the rows of a matrix, each of which the kernel would wait for. */
    private static final int ROWS_AHEAD = 64;

    /** Numbers that are copied at a time: 128 KiB. */
    private static final int MOST_COPIED = 1 << 15;

    private static final int[] IN_ONE = {0};

    private final WorkerPool workers;
    private final IndirectConvolutionPlan plan;
    private final boolean isProduct;
    private final int[][] copiedRows;
    private final int groups;
    private final PackedFilter filter;
    private final PackedWeights.Form form;
    // How the plan is carried out where it is a product of a kind that has a way of its own, or null.
    private final PixelProduct product;
    private final ThreadTeam.Task computeBlock = this::computeBlock;

    // The run that goes on now.
    private int blocks;
    private float[] weights;
    private float[] start;
    private final AddActivation addActivation = new AddActivation();
    private float[] source;
    private int sourceAt;
    private float[] target;
    private int targetAt;

    private IndirectConvolution(WorkerPool workers, IndirectConvolutionPlan plan, Conv2dShape s, boolean transposed) {
        this.workers = workers;
        this.plan = plan;
        this.isProduct = plan.isProduct();
        this.copiedRows = copiedRows(plan);
        this.groups = s.p().groups();
        this.filter = new PackedFilter(workers, plan, s, transposed);
        this.form = new PackedWeights.Form("panels of each of " + groups + " groups", filter.size());
        this.product = PixelProduct.isFor(plan) ? new PixelProduct(workers, plan, filter) : null;
    }

    static IndirectConvolution forward(WorkerPool workers, Conv2dShape s) {
        return new IndirectConvolution(workers, IndirectConvolutionPlan.forward(s), s, false);
    }

    static IndirectConvolution backwardData(WorkerPool workers, Conv2dShape s) {
        return new IndirectConvolution(workers, IndirectConvolutionPlan.backwardData(s), s, true);
    }

    /** Returns how weights are packed. */
    PackedWeights.Form form() {
        return form;
    }

    /** Packs weights. */
    void pack(Operand w, Operand packed) {
        filter.pack(w, Floats.of(packed), Floats.at(packed));
    }

    /**
     * Computes the target of a batch of any size.
     *
     * @param packed the weights as {@link #pack} packs them, or null where that is still to be done
     * @param bias what the sums start from, or null for 0
     * @param addend what is added to each result, or null for 0; only for a forward pass
     */
    void run(
            Operand from,
            Operand w,
            Operand packed,
            Operand bias,
            Operand addend,
            Activation activation,
            Operand into) {
        weights = packed == null ? filter.pack(w) : filter.take(packed);
        start = start(bias);
        addActivation.start(addend, activation, into);
        source = Floats.of(from);
        sourceAt = Floats.at(from);
        target = Floats.of(into);
        targetAt = Floats.at(into);
        int images = into.shape().size(0);
        int pixels = plan.phases().get(0).pixels();
        blocks = Math.max(1, Math.min(Gemm.ceilDiv(WANTED_TASKS, images), pixels / LEAST_PIXELS));
        if (product == null) {
            workers.run(images * blocks, computeBlock);
        } else {
            product.run(images * pixels, source, sourceAt, weights, start, addActivation, target, targetAt);
        }
        weights = null;
        start = null;
        source = null;
        target = null;
        addActivation.end();
    }

    /** Returns the bias with each group filled up to whole vectors, or zeros. */
    private float[] start(Operand bias) {
        int columns = plan.targetsPerGroup();
        int width = Lanes.wholeVectors(columns);
        float[] filled = workers.shared().zeros(Workspace.Use.START, (long) groups * width);
        if (bias != null) {
            for (int group = 0; group < groups; group++) {
                System.arraycopy(Floats.of(bias), Floats.at(bias) + group * columns, filled, group * width, columns);
            }
        }
        return filled;
    }

    private void computeBlock(int task, int worker) {
        int image = task / blocks;
        int block = task % blocks;
        Workspace workspace = workers.workspace(worker);
        Frame frame = plan.source();
        float[] from = source;
        int at = sourceAt + image * frame.imageSize();
        if (frame.isNeeded()) {
            from = workspace.floats(Workspace.Use.FRAME, frame.size());
            fillFrame(at, block, from);
            at = 0;
        }
        IndirectConvolutionTile tile = workspace.tile();
        tile.a = from;
        tile.b = weights;
        tile.start = start;
        for (int i = 0; i < plan.phases().size(); i++) {
            Phase phase = plan.phases().get(i);
            for (int group = 0; group < groups; group++) {
                computePhase(
                        tile,
                        i,
                        group,
                        first(phase, block),
                        first(phase, block + 1),
                        at,
                        targetAt + image * plan.targetSize(),
                        workspace);
            }
        }
    }

    /** Applies the addend and the activation to some pixels of a forward pass, which are adjacent; a gradient has neither. */
    private void finish(int imageAt, int from, int to) {
        int pixel = groups * plan.targetsPerGroup();
        addActivation.finish(target, imageAt + from * pixel, (to - from) * pixel);
    }

    /** Returns the block's first result; whole tiles go to a block. */
    private int first(Phase phase, int block) {
        int tiles = Gemm.ceilDiv(phase.pixels(), IndirectConvolutionTile.NARROW_ROWS);
        return Math.min(phase.pixels(), (int) ((long) tiles * block / blocks) * IndirectConvolutionTile.NARROW_ROWS);
    }

    /** Copies the rows that the block reads. */
    private void fillFrame(int at, int block, float[] frame) {
        int pitch = plan.source().pitch();
        int from = plan.source().frameHeight();
        int to = 0;
        for (int i = 0; i < plan.phases().size(); i++) {
            Phase phase = plan.phases().get(i);
            int first = first(phase, block);
            int end = first(phase, block + 1);
            if (end > first && phase.steps().length > 0) {
                from = Math.min(from, phase.firstRow(first, pitch));
                to = Math.max(to, phase.lastRow(end, pitch) + 1);
            }
        }
        plan.source().fill(source, at, from, to, frame, 0);
    }

    private void computePhase(
            IndirectConvolutionTile tile,
            int index,
            int group,
            int from,
            int to,
            int imageAt,
            int targetImageAt,
            Workspace workspace) {
        Phase phase = plan.phases().get(index);
        int columns = plan.targetsPerGroup();
        int aAt = imageAt + group * plan.sourcesPerGroup();
        int cAt = targetImageAt + group * columns;
        int startAt = group * Lanes.wholeVectors(columns);
        int most = phase.isCopied() ? rowsOfCopy(phase) : isProduct ? ROWS_AHEAD : to;
        float[] image = tile.a;
        for (int first = from, end; first < to; first = end) {
            end = Math.min(to, first + most);
            if (phase.isCopied()) {
                int rows = Gemm.roundUp(end - first, IndirectConvolutionTile.NARROW_ROWS);
                tile.a = workspace.floats(Workspace.Use.LEFT, (long) most * phase.packedTerms() + L);
                ConvolutionPacking.rows(
                        image, aAt, phase.rows(), first, rows, phase.runs(), phase.run(), tile.a, phase.packedTerms());
                tile.rows = copiedRows[index];
                tile.runs = IN_ONE;
                tile.run = phase.packedTerms();
                computePanels(tile, index, group, first, end, first, 0, startAt, cAt, workspace);
            } else {
                tile.rows = phase.rows();
                tile.runs = phase.runs();
                tile.run = phase.run();
                if (isProduct) {
                    tile.ahead = ReadAhead.of(image, aAt + tile.rows[first], (end - first) * tile.run);
                }
                computePanels(tile, index, group, first, end, 0, aAt, startAt, cAt, workspace);
            }
            if (group == groups - 1) {
                finish(targetImageAt, first, end);
            }
        }
        tile.a = image;
    }

    /** Returns how many rows are copied at a time, so that they stay in the second cache. */
    private static int rowsOfCopy(Phase phase) {
        int rows = Math.min(ROWS_AHEAD, MOST_COPIED / Math.max(1, phase.packedTerms()));
        return Math.max(1, rows / IndirectConvolutionTile.NARROW_ROWS) * IndirectConvolutionTile.NARROW_ROWS;
    }

    /** Returns for each phase where the rows of a copy begin, or null where rows are read in place. */
    private static int[][] copiedRows(IndirectConvolutionPlan plan) {
        int[][] tables = new int[plan.phases().size()][];
        for (int i = 0; i < tables.length; i++) {
            Phase phase = plan.phases().get(i);
            if (phase.isCopied()) {
                tables[i] = new int[rowsOfCopy(phase)];
                Arrays.setAll(tables[i], row -> row * phase.packedTerms());
            }
        }
        return tables;
    }

    /**
     * Computes some results in all columns.
     *
     * @param firstRow the result whose row is the first of the tile's table
     */
    private void computePanels(
            IndirectConvolutionTile tile,
            int index,
            int group,
            int from,
            int to,
            int firstRow,
            int aAt,
            int startAt,
            int cAt,
            Workspace workspace) {
        Phase phase = plan.phases().get(index);
        int columns = plan.targetsPerGroup();
        int last = (columns - 1) / (2 * L) * 2 * L;
        // The last panel first: what its vectors write behind a pixel, the others overwrite.
        for (int j = last; j >= 0; j -= 2 * L) {
            int width = PackedFilter.width(j, columns);
            int bAt = filter.panel(index, group, j);
            if (j + width <= columns) {
                tile.c = target;
                tile.cRows = phase.targets();
                computePanel(tile, width, from, to, firstRow, aAt, bAt, startAt + j, cAt + j);
            } else {
                computeEdgePanel(
                        tile, phase, width, columns - j, from, to, firstRow, aAt, bAt, startAt + j, cAt + j, workspace);
            }
        }
    }

    private static void computePanel(
            IndirectConvolutionTile tile,
            int width,
            int from,
            int to,
            int firstRow,
            int aAt,
            int bAt,
            int startAt,
            int cAt) {
        if (width == L) {
            for (int row = from; row < to; row += IndirectConvolutionTile.NARROW_ROWS) {
                tile.narrow(row - firstRow, aAt, bAt, startAt, row, cAt);
            }
        } else {
            for (int row = from; row < to; row += IndirectConvolutionTile.WIDE_ROWS) {
                tile.wide(row - firstRow, aAt, bAt, startAt, row, cAt);
            }
        }
    }

    /**
     * Computes a panel whose last vector reaches beyond the last channel. Where the pixels of the result are adjacent it is stored, and later rows
     * or panels overwrite what is wrong then; the last pixels, and all others, go by way of a block in the scratch memory.
     */
    private void computeEdgePanel(
            IndirectConvolutionTile tile,
            Phase phase,
            int width,
            int used,
            int from,
            int to,
            int firstRow,
            int aAt,
            int bAt,
            int startAt,
            int cAt,
            Workspace workspace) {
        int tileRows = width == L ? IndirectConvolutionTile.NARROW_ROWS : IndirectConvolutionTile.WIDE_ROWS;
        int row = from;
        if (plan.phases().size() == 1 && groups == 1) {
            int beyond = Gemm.ceilDiv(width - used, plan.targetsPerGroup());
            row += Math.max(0, to - from - beyond) / tileRows * tileRows;
            tile.c = target;
            tile.cRows = phase.targets();
            computePanel(tile, width, from, row, firstRow, aAt, bAt, startAt, cAt);
        }
        tile.c = workspace.floats(Workspace.Use.BLOCK, IndirectConvolutionTile.NARROW_ROWS * 2 * L);
        tile.cRows = IndirectConvolutionTile.BLOCK_ROWS;
        for (; row < to; row += tileRows) {
            if (width == L) {
                tile.narrow(row - firstRow, aAt, bAt, startAt, 0, 0);
            } else {
                tile.wide(row - firstRow, aAt, bAt, startAt, 0, 0);
            }
            for (int r = 0; r < Math.min(tileRows, to - row); r++) {
                System.arraycopy(
                        tile.c, IndirectConvolutionTile.BLOCK_ROWS[r], target, cAt + phase.targets()[row + r], used);
            }
        }
    }
}
