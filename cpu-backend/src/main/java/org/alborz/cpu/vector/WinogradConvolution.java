package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;
import static org.alborz.cpu.vector.WinogradTransform.PLANES;
import static org.alborz.cpu.vector.WinogradTransform.SIDE;

import jdk.incubator.vector.FloatVector;

/**
 * A convolution of 3×3 by Winograd's minimal filtering: squares of the source are transformed, each of the 36 places of the transforms
 * is a matrix product over channels, and its results are transformed back.
 */
final class WinogradConvolution {
    private final Workplace workplace;
    private final WinogradPlan plan;
    private final WinogradFilter filter;
    private final float[] bias;
    private final float floor;
    private final float[] source;
    private final int sourceAt;
    private final float[] target;
    private final int targetAt;
    private final int sourceWidth;
    private final int targetWidth;

    /**
     * Prepares the computation.
     *
     * @param bias what is added, filled up to whole vectors
     */
    WinogradConvolution(
            Workplace workplace,
            WinogradPlan plan,
            WinogradFilter filter,
            float[] bias,
            float floor,
            float[] source,
            int sourceAt,
            float[] target,
            int targetAt) {
        this.workplace = workplace;
        this.plan = plan;
        this.filter = filter;
        this.bias = bias;
        this.floor = floor;
        this.source = source;
        this.sourceAt = sourceAt;
        this.target = target;
        this.targetAt = targetAt;
        this.sourceWidth = plan.sourceWidth();
        this.targetWidth = plan.targetWidth();
    }

    void run() {
        int together = plan.tilesTogether();
        workplace.run(Gemm.ceilDiv(plan.tiles(), together), (task, member) -> {
            int from = task * together;
            computeTiles(from, Math.min(together, plan.tiles() - from), workplace.scratch(member));
        });
    }

    private void computeTiles(int from, int count, Scratch scratch) {
        int rows = Gemm.roundUp(count, WinogradTile.ROWS);
        float[] v = scratch.floats(Scratch.Use.LEFT, (long) PLANES * rows * sourceWidth);
        float[] m = scratch.floats(Scratch.Use.RIGHT, (long) PLANES * rows * targetWidth);
        WinogradPatches patches =
                new WinogradPatches(scratch, plan.height(), plan.width(), plan.sources(), sourceWidth);
        int across = plan.tilesAcross();
        int tilesInImage = plan.tilesDown() * across;
        for (int i = 0; i < count; i++) {
            int tile = from + i;
            int image = sourceAt + tile / tilesInImage * plan.height() * plan.width() * plan.sources();
            int y = tile % tilesInImage / across * SIDE - plan.top();
            int x = tile % across * SIDE - plan.left();
            patches.input(source, image, y, x, v, i * sourceWidth, rows * sourceWidth);
        }
        for (int plane = 0; plane < PLANES; plane++) {
            for (int j = 0; j < targetWidth; j += 2 * L) {
                int width = PackedFilter.width(j, targetWidth);
                WinogradTile.product(
                        rows,
                        width,
                        v,
                        plane * rows * sourceWidth,
                        sourceWidth,
                        plan.sources(),
                        filter.array(),
                        filter.panel(plane, j),
                        width,
                        m,
                        plane * rows * targetWidth + j,
                        targetWidth);
            }
        }
        for (int i = 0; i < count; i++) {
            writeTile(from + i, m, i * targetWidth, rows * targetWidth, scratch);
        }
    }

    private void writeTile(int tile, float[] m, int at, int plane, Scratch scratch) {
        int across = plan.tilesAcross();
        int tilesInImage = plan.tilesDown() * across;
        int y = tile % tilesInImage / across * SIDE;
        int x = tile % across * SIDE;
        int pixel = plan.targets();
        int pitch = plan.columns() * pixel;
        int to = targetAt + tile / tilesInImage * plan.rows() * pitch + y * pitch + x * pixel;
        boolean whole = y + SIDE <= plan.rows() && x + SIDE <= plan.columns() && targetWidth == pixel;
        if (whole) {
            scratch.winograd().output(m, at, plane, targetWidth, bias, 0, target, to, pitch, pixel);
            raise(target, to, pitch);
            return;
        }
        float[] patch = scratch.floats(Scratch.Use.BLOCK, (long) SIDE * SIDE * targetWidth);
        scratch.winograd().output(m, at, plane, targetWidth, bias, 0, patch, 0, SIDE * targetWidth, targetWidth);
        raise(patch, 0, SIDE * targetWidth);
        for (int i = 0; i < Math.min(SIDE, plan.rows() - y); i++) {
            for (int j = 0; j < Math.min(SIDE, plan.columns() - x); j++) {
                System.arraycopy(patch, (i * SIDE + j) * targetWidth, target, to + i * pitch + j * pixel, pixel);
            }
        }
    }

    /** Raises a tile's results to the floor. */
    private void raise(float[] y, int at, int pitch) {
        if (floor == Float.NEGATIVE_INFINITY) {
            return;
        }
        for (int i = 0; i < SIDE; i++) {
            int row = at + i * pitch;
            for (int j = row; j < row + SIDE * targetWidth; j += L) {
                FloatVector.fromArray(S, y, j).max(floor).intoArray(y, j);
            }
        }
    }
}
