package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;
import static org.alborz.cpu.vector.WinogradTransform.PLANES;
import static org.alborz.cpu.vector.WinogradTransform.SIDE;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The gradient of a filter of 3×3 by Winograd's minimal filtering: the products of input and gradient are summed over all tiles before
 * they are transformed back, once. The tiles are cut into a fixed number of chunks; each has a sum of its own, and the sums are added
 * in order, so the result does not depend on the number of threads.
 */
final class WinogradFilterGradient {
    private static final int MAX_CHUNKS = 16;

    /** The most numbers in the sums of all chunks together, where more than two are wanted: 4 MiB. */
    private static final int MAX_SUMS = 1 << 20;

    private final Workplace workplace;
    private final WinogradPlan plan;
    private final int rows;
    private final int sourceWidth;
    private final int targetWidth;
    private final int together;
    private final int chunks;

    WinogradFilterGradient(Workplace workplace, WinogradPlan plan) {
        this.workplace = workplace;
        this.plan = plan;
        this.rows = Gemm.roundUp(plan.sources(), WinogradTile.ROWS);
        this.sourceWidth = plan.sourceWidth();
        this.targetWidth = plan.targetWidth();
        this.together = plan.tilesTogether();
        int affordable = Math.max(2, MAX_SUMS / (PLANES * rows * targetWidth));
        this.chunks = Math.min(Gemm.ceilDiv(plan.tiles(), together), Math.min(MAX_CHUNKS, affordable));
    }

    void run(float[] x, int xAt, float[] dy, int dyAt, float[] dw, int dwAt) {
        int size = PLANES * rows * targetWidth;
        float[] sums = workplace.shared().floats(Scratch.Use.PARTIAL, (long) chunks * size);
        workplace.run(chunks, (chunk, member) -> {
            Arrays.fill(sums, chunk * size, (chunk + 1) * size, 0);
            int from = (int) ((long) plan.tiles() * chunk / chunks);
            int end = (int) ((long) plan.tiles() * (chunk + 1) / chunks);
            int groups = Gemm.ceilDiv(end - from, together);
            for (int group = 0; group < groups; group++) {
                int first = from + (end - from) * group / groups;
                addTiles(
                        first,
                        from + (end - from) * (group + 1) / groups - first,
                        x,
                        xAt,
                        dy,
                        dyAt,
                        sums,
                        chunk * size,
                        workplace.scratch(member));
            }
        });
        workplace.run(
                plan.sources(), (channel, member) -> finish(channel, sums, size, dw, dwAt, workplace.scratch(member)));
    }

    private void addTiles(
            int from, int count, float[] x, int xAt, float[] dy, int dyAt, float[] sums, int sumAt, Scratch scratch) {
        float[] v = scratch.floats(Scratch.Use.LEFT, (long) PLANES * count * sourceWidth);
        float[] z = scratch.floats(Scratch.Use.RIGHT, (long) PLANES * count * targetWidth);
        var inputs = new WinogradPatches(scratch, plan.height(), plan.width(), plan.sources(), sourceWidth);
        var gradients = new WinogradPatches(scratch, plan.rows(), plan.columns(), plan.targets(), targetWidth);
        int across = plan.tilesAcross();
        int tilesInImage = plan.tilesDown() * across;
        for (int i = 0; i < count; i++) {
            int image = (from + i) / tilesInImage;
            int row = (from + i) % tilesInImage / across * SIDE;
            int column = (from + i) % across * SIDE;
            int xImage = xAt + image * plan.height() * plan.width() * plan.sources();
            int dyImage = dyAt + image * plan.rows() * plan.columns() * plan.targets();
            inputs.input(x, xImage, row - plan.top(), column - plan.left(), v, i * sourceWidth, count * sourceWidth);
            gradients.gradient(dy, dyImage, row, column, z, i * targetWidth, count * targetWidth);
        }
        for (int plane = 0; plane < PLANES; plane++) {
            for (int j = 0; j < targetWidth; j += 2 * L) {
                WinogradTile.addTransposed(
                        rows,
                        PackedFilter.width(j, targetWidth),
                        v,
                        plane * count * sourceWidth,
                        sourceWidth,
                        count,
                        z,
                        plane * count * targetWidth + j,
                        targetWidth,
                        sums,
                        sumAt + plane * rows * targetWidth + j,
                        targetWidth);
            }
        }
    }

    /** Adds a source channel's sums, in order, and transforms them back into {@code dw[tap][channel]}. */
    private void finish(int channel, float[] sums, int size, float[] dw, int dwAt, Scratch scratch) {
        float[] total = scratch.floats(Scratch.Use.LEFT, (long) PLANES * targetWidth);
        for (int plane = 0; plane < PLANES; plane++) {
            int at = (plane * rows + channel) * targetWidth;
            System.arraycopy(sums, at, total, plane * targetWidth, targetWidth);
            for (int chunk = 1; chunk < chunks; chunk++) {
                add(sums, chunk * size + at, total, plane * targetWidth, targetWidth);
            }
        }
        float[] taps = scratch.floats(Scratch.Use.BLOCK, 9L * targetWidth);
        scratch.winograd().filterGradient(total, 0, targetWidth, targetWidth, taps, 0, targetWidth);
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
