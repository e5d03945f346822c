package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.WinogradTransform.PLANES;
import static org.alborz.cpu.vector.WinogradTransform.SIDE;

import org.alborz.backend.Operand;
import org.alborz.backend.PackedWeights;
import org.alborz.type.Activation;

/**
 * A convolution of 3×3 by Winograd's minimal filtering: squares of the source are transformed, each of the 36 places of the transforms
 * is a matrix product over channels, and its results are transformed back. Made once for the sizes of a convolution and run for each
 * of its batches, so that a run makes no objects.
 */
final class WinogradConvolution {
    private final WorkerPool workers;
    private final WinogradPlan plan;
    private final WinogradFilter filter;
    private final PackedWeights.Form form;
    private final WinogradPatches patches;
    private final int sourceWidth;
    private final int targetWidth;
    private final boolean inBlocks;

    /** Channels of the results of all tiles that are together: all, or two vectors of them. */
    private final int panelWidth;

    private final ThreadTeam.Task computeTiles = this::computeTiles;

    // The run that goes on now.
    private int tiles;
    private int together;
    private float[] planes;
    private int planesAt;
    private float[] bias;
    private final AddActivation addActivation = new AddActivation();
    private float[] source;
    private int sourceAt;
    private float[] target;
    private int targetAt;

    private WinogradConvolution(WorkerPool workers, WinogradPlan plan, boolean turned) {
        this.workers = workers;
        this.plan = plan;
        this.filter = new WinogradFilter(workers, plan, turned);
        this.form = new PackedWeights.Form("transformed by Winograd", filter.size());
        this.sourceWidth = plan.sourceWidth();
        this.targetWidth = plan.targetWidth();
        this.inBlocks = BlockedProduct.isInBlocks(plan.sources(), targetWidth);
        this.panelWidth = inBlocks ? 2 * L : targetWidth;
        int group = inBlocks ? MicroKernels.BLOCK_TERMS : sourceWidth;
        this.patches = new WinogradPatches(plan.height(), plan.width(), plan.sources(), sourceWidth, group);
    }

    static WinogradConvolution forward(WorkerPool workers, Conv2dShape s) {
        return new WinogradConvolution(workers, WinogradPlan.forward(s), false);
    }

    static WinogradConvolution backwardData(WorkerPool workers, Conv2dShape s) {
        return new WinogradConvolution(workers, WinogradPlan.backwardData(s), true);
    }

    /** Returns how weights are packed. */
    PackedWeights.Form form() {
        return form;
    }

    /** Transforms weights. */
    void pack(Operand w, Operand packed) {
        filter.transform(w, Floats.of(packed), Floats.at(packed));
    }

    /**
     * Computes the target of a batch of any size.
     *
     * @param packed the filter as {@link #pack} transforms it, or null where that is still to be done
     * @param shift what is added for each channel, or null for 0
     * @param addend what is added to each result, or null for 0
     */
    void run(
            Operand from,
            Operand w,
            Operand packed,
            Operand shift,
            Operand addend,
            Activation activation,
            Operand into) {
        tiles = into.shape().size(0) * plan.tilesInImage();
        together = plan.tilesTogether(tiles);
        planes = packed == null ? filter.transform(w) : Floats.of(packed);
        planesAt = packed == null ? 0 : Floats.at(packed);
        bias = workers.shared().zeros(Workspace.Use.START, targetWidth);
        if (shift != null) {
            System.arraycopy(Floats.of(shift), Floats.at(shift), bias, 0, plan.targets());
        }
        addActivation.start(addend, activation, into);
        source = Floats.of(from);
        sourceAt = Floats.at(from);
        target = Floats.of(into);
        targetAt = Floats.at(into);
        workers.run(Gemm.ceilDiv(tiles, together), computeTiles);
        planes = null;
        bias = null;
        source = null;
        target = null;
        addActivation.end();
    }

    private void computeTiles(int task, int worker) {
        Workspace workspace = workers.workspace(worker);
        int from = task * together;
        int count = Math.min(together, tiles - from);
        int rows = Gemm.roundUp(count, BlockedProduct.ROWS);
        float[] v = workspace.floats(Workspace.Use.LEFT, (long) PLANES * WinogradTransform.plane(rows * sourceWidth));
        float[] m = workspace.floats(Workspace.Use.RIGHT, (long) PLANES * WinogradTransform.plane(rows * targetWidth));
        float[] zeros = inBlocks ? workspace.zeros(Workspace.Use.GRADIENT, (long) rows * panelWidth) : null;
        int across = plan.tilesAcross();
        int tilesInImage = plan.tilesInImage();
        for (int i = 0, strip; i < count; i += strip) {
            int tile = from + i;
            strip = plan.strip(tile, count - i);
            int image = sourceAt + tile / tilesInImage * plan.height() * plan.width() * plan.sources();
            int y = tile % tilesInImage / across * SIDE - plan.top();
            int x = tile % across * SIDE - plan.left();
            patches.input(workspace, source, image, y, x, strip, v, i, rows);
        }
        for (int plane = 0; plane < PLANES; plane++) {
            for (int j = 0; j < targetWidth; j += 2 * L) {
                int a = plane * WinogradTransform.plane(rows * sourceWidth);
                int b = planesAt + filter.panel(plane, j);
                int c = plane * WinogradTransform.plane(rows * targetWidth);
                if (inBlocks) {
                    BlockedProduct.blocks(rows, v, a, plan.sources(), planes, b, zeros, m, c + j * rows);
                } else {
                    int width = PackedFilter.width(j, targetWidth);
                    BlockedProduct.product(
                            rows, width, v, a, sourceWidth, plan.sources(), planes, b, m, c + j, targetWidth);
                }
            }
        }
        for (int i = 0, strip; i < count; i += strip) {
            strip = writeTiles(from + i, count - i, m, i * panelWidth, rows, workspace);
        }
    }

    /** Writes a tile, and those beside it that can be written together with it; returns how many. */
    private int writeTiles(int tile, int most, float[] m, int at, int rows, Workspace workspace) {
        int across = plan.tilesAcross();
        int tilesInImage = plan.tilesInImage();
        int y = tile % tilesInImage / across * SIDE;
        int x = tile % across * SIDE;
        int pixel = plan.targets();
        int pitch = plan.columns() * pixel;
        int to = targetAt + tile / tilesInImage * plan.rows() * pitch + y * pitch + x * pixel;
        int whole = Math.min(plan.strip(tile, most), (plan.columns() - x) / SIDE);
        if (whole > 0 && y + SIDE <= plan.rows() && targetWidth == pixel) {
            output(workspace, m, at, rows, whole, target, to, pitch, pixel);
            for (int i = 0; i < SIDE; i++) {
                addActivation.finish(target, to + i * pitch, whole * SIDE * pixel);
            }
            return whole;
        }
        int strip = plan.strip(tile, most);
        int columns = Math.min(strip * SIDE, plan.columns() - x);
        int row = strip * SIDE * targetWidth;
        float[] patch = workspace.floats(Workspace.Use.BLOCK, (long) SIDE * row);
        output(workspace, m, at, rows, strip, patch, 0, row, targetWidth);
        for (int i = 0; i < Math.min(SIDE, plan.rows() - y); i++) {
            WinogradTransform.copyPixels(patch, i * row, targetWidth, target, to + i * pitch, pixel, columns);
            addActivation.finish(target, to + i * pitch, columns * pixel);
        }
        return strip;
    }

    /** Transforms the products of some tiles side by side back, a panel of channels at a time. */
    private void output(
            Workspace workspace, float[] m, int at, int rows, int tiles, float[] y, int yAt, int pitch, int pixel) {
        WinogradTransform transform = workspace.winograd();
        int plane = WinogradTransform.plane(rows * targetWidth);
        for (int j = 0; j < targetWidth; j += panelWidth) {
            transform.output(m, at + j * rows, plane, tiles, panelWidth, bias, j, y, yAt + j, pitch, pixel);
        }
    }
}
