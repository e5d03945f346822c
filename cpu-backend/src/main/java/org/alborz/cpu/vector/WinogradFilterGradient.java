package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;
import static org.alborz.cpu.vector.WinogradTransform.PLANES;
import static org.alborz.cpu.vector.WinogradTransform.SIDE;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.alborz.backend.Operand;

/**
 * The gradient of a filter of 3×3 by Winograd's minimal filtering: the products of input and gradient are summed over all tiles before
 * they are transformed back, once. The tiles are cut into a fixed number of chunks; each has a sum of its own, and the sums are added
 * in order, so the result does not depend on the number of threads. Made once for the sizes of a convolution.
 */
final class WinogradFilterGradient {
    private static final int MAX_CHUNKS = 16;

    /** The most numbers in the sums of all chunks together, where more than two are needed: 4 MiB. */
    private static final int MAX_SUMS = 1 << 20;

    /** The most numbers in both transforms of a group of tiles, where these are more than a task of the forward pass has: 8 MiB. */
    static final int MAX_TRANSFORMS = 1 << 21;

    private final WorkerPool workers;
    private final WinogradPlan plan;
    private final WinogradPatches inputs;
    private final WinogradPatches gradients;
    private final int rows;
    private final int sourceWidth;
    private final int targetWidth;

    /** Numbers in the sums of a chunk: sums[plane][source][target]. */
    private final int size;

    private final ThreadTeam.Task sumChunk = this::sumChunk;
    private final ThreadTeam.Task finish = this::finish;

    // The run that goes on now.
    private int tiles;
    private int together;
    private int chunks;
    private float[] x;
    private int xAt;
    private float[] dy;
    private int dyAt;
    private float[] dw;
    private int dwAt;
    private float[] sums;

    WinogradFilterGradient(WorkerPool workers, Conv2dShape s) {
        this.workers = workers;
        this.plan = WinogradPlan.forward(s);
        this.rows = Gemm.roundUp(plan.sources(), BlockedProduct.ROWS);
        this.sourceWidth = plan.sourceWidth();
        this.targetWidth = plan.targetWidth();
        this.inputs = new WinogradPatches(plan.height(), plan.width(), plan.sources(), sourceWidth, MicroKernels.CHUNK);
        this.gradients = new WinogradPatches(plan.rows(), plan.columns(), plan.targets(), targetWidth, 2 * L);
        this.size = PLANES * rows * targetWidth;
    }

    /** Computes the gradient of a batch of any size. */
    void run(Operand images, Operand gradient, Operand result) {
        tiles = images.shape().size(0) * plan.tilesInImage();
        int inTask = plan.tilesTogether(tiles);
        together = Math.max(inTask, leastTogether());
        chunks = Math.min(Gemm.ceilDiv(tiles, inTask), Math.min(MAX_CHUNKS, Math.max(2, MAX_SUMS / size)));
        x = Floats.of(images);
        xAt = Floats.at(images);
        dy = Floats.of(gradient);
        dyAt = Floats.at(gradient);
        dw = Floats.of(result);
        dwAt = Floats.at(result);
        sums = workers.shared().floats(Workspace.Use.PARTIAL, (long) chunks * size);
        workers.run(chunks, sumChunk);
        workers.run(plan.sources(), finish);
        x = null;
        dy = null;
        dw = null;
        sums = null;
    }

    /**
     * Returns for how many tiles both transforms are twice as large as the sums, all of which are read and written for each such group, or
     * fewer, where that is more than {@link #MAX_TRANSFORMS}.
     */
    private int leastTogether() {
        int width = sourceWidth + targetWidth;
        int most = MAX_TRANSFORMS / (PLANES * width);
        return Math.min(2 * sourceWidth * targetWidth / width, most - most % MicroKernels.RUN_TERMS);
    }

    private void sumChunk(int chunk, int worker) {
        Arrays.fill(sums, chunk * size, (chunk + 1) * size, 0);
        int from = (int) ((long) tiles * chunk / chunks);
        int end = (int) ((long) tiles * (chunk + 1) / chunks);
        int groups = Gemm.ceilDiv(end - from, together);
        int group = Gemm.roundUp(Gemm.ceilDiv(end - from, groups), MicroKernels.RUN_TERMS);
        for (int first = from; first < end; first += group) {
            addTiles(first, Math.min(group, end - first), chunk * size, workers.workspace(worker));
        }
    }

    private void addTiles(int from, int count, int sumAt, Workspace workspace) {
        float[] v = workspace.floats(Workspace.Use.LEFT, (long) PLANES * WinogradTransform.plane(count * sourceWidth));
        float[] z = workspace.floats(Workspace.Use.RIGHT, (long) PLANES * WinogradTransform.plane(count * targetWidth));
        int across = plan.tilesAcross();
        int tilesInImage = plan.tilesInImage();
        for (int i = 0, strip; i < count; i += strip) {
            int tile = from + i;
            strip = plan.strip(tile, count - i);
            int image = tile / tilesInImage;
            int row = tile % tilesInImage / across * SIDE;
            int column = tile % across * SIDE;
            int xImage = xAt + image * plan.height() * plan.width() * plan.sources();
            int y = row - plan.top();
            int left = column - plan.left();
            inputs.input(workspace, x, xImage, y, left, strip, v, i, count);
            int dyImage = dyAt + image * plan.rows() * plan.columns() * plan.targets();
            gradients.gradient(workspace, dy, dyImage, row, column, strip, z, i, count);
        }
        for (int plane = 0; plane < PLANES; plane++) {
            for (int j = 0; j < targetWidth; j += 2 * L) {
                BlockedProduct.addTransposed(
                        rows,
                        PackedFilter.width(j, targetWidth),
                        v,
                        plane * WinogradTransform.plane(count * sourceWidth),
                        count,
                        z,
                        plane * WinogradTransform.plane(count * targetWidth) + count * j,
                        sums,
                        sumAt + plane * rows * targetWidth + j,
                        targetWidth);
            }
        }
    }

    /** Adds a source channel's sums, in order, and transforms them back into {@code dw[tap][channel]}. */
    private void finish(int channel, int worker) {
        Workspace workspace = workers.workspace(worker);
        float[] total = workspace.floats(Workspace.Use.LEFT, (long) PLANES * targetWidth);
        for (int plane = 0; plane < PLANES; plane++) {
            int at = (plane * rows + channel) * targetWidth;
            System.arraycopy(sums, at, total, plane * targetWidth, targetWidth);
            for (int chunk = 1; chunk < chunks; chunk++) {
                add(sums, chunk * size + at, total, plane * targetWidth, targetWidth);
            }
        }
        float[] taps = workspace.floats(Workspace.Use.BLOCK, 9L * targetWidth);
        workspace.winograd().filterGradient(total, 0, targetWidth, targetWidth, taps, 0, targetWidth);
        for (int tap = 0; tap < 9; tap++) {
            int to = dwAt + (tap * plan.sources() + channel) * plan.targets();
            System.arraycopy(taps, tap * targetWidth, dw, to, plan.targets());
        }
    }

    private static void add(float[] x, int at, float[] sum, int to, int count) {
        for (int j = 0; j < count; j += L) {
            FloatVector.fromArray(S, sum, to + j)
                    .add(FloatVector.fromArray(S, x, at + j))
                    .intoArray(sum, to + j);
        }
    }
}
