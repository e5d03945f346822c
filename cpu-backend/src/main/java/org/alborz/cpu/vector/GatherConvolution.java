package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;

import org.alborz.cpu.vector.GatherPlan.Phase;

/** Carries out a {@link GatherPlan}: the forward pass, or the gradient with respect to the input. */
final class GatherConvolution {
    /** With fewer images than this, an image is cut into blocks of results, so that every thread finds work. */
    private static final int WANTED_TASKS = 32;

    /** A task computes at least this many results (in all channels). */
    private static final int LEAST_PIXELS = 2 * GatherTile.NARROW_ROWS;

    private final Workplace workplace;
    private final GatherPlan plan;
    private final int groups;
    private final PackedFilter filter;
    private final float[] start;
    private final float floor;
    private final float[] source;
    private final int sourceAt;
    private final float[] target;
    private final int targetAt;

    /**
     * Prepares the computation.
     *
     * @param start what the sums start from, for each group {@code targetsPerGroup} rounded up to whole vectors
     */
    GatherConvolution(
            Workplace workplace,
            GatherPlan plan,
            int groups,
            PackedFilter filter,
            float[] start,
            float floor,
            float[] source,
            int sourceAt,
            float[] target,
            int targetAt) {
        this.workplace = workplace;
        this.plan = plan;
        this.groups = groups;
        this.filter = filter;
        this.start = start;
        this.floor = floor;
        this.source = source;
        this.sourceAt = sourceAt;
        this.target = target;
        this.targetAt = targetAt;
    }

    void run(int images) {
        int pixels = plan.phases().get(0).pixels();
        int blocks = Math.max(1, Math.min(Gemm.ceilDiv(WANTED_TASKS, images), pixels / LEAST_PIXELS));
        workplace.run(
                images * blocks,
                (task, member) -> computeBlock(task / blocks, task % blocks, blocks, workplace.scratch(member)));
    }

    private void computeBlock(int image, int block, int blocks, Scratch scratch) {
        Frame frame = plan.source();
        float[] from = source;
        int at = sourceAt + image * frame.imageSize();
        if (frame.isNeeded()) {
            from = scratch.floats(Scratch.Use.FRAME, frame.size());
            fillFrame(at, block, blocks, from);
            at = 0;
        }
        GatherTile tile = scratch.tile();
        tile.a = from;
        tile.b = filter.array();
        tile.start = start;
        tile.startRows = GatherTile.SAME;
        tile.firstStep = 0;
        tile.floor = floor;
        for (int i = 0; i < plan.phases().size(); i++) {
            Phase phase = plan.phases().get(i);
            for (int group = 0; group < groups; group++) {
                computePhase(
                        tile,
                        i,
                        group,
                        first(phase, block, blocks),
                        first(phase, block + 1, blocks),
                        at,
                        targetAt + image * plan.targetSize(),
                        scratch);
            }
        }
    }

    /** Returns the block's first result; whole tiles go to a block. */
    private static int first(Phase phase, int block, int blocks) {
        int tiles = Gemm.ceilDiv(phase.pixels(), GatherTile.NARROW_ROWS);
        return Math.min(phase.pixels(), (int) ((long) tiles * block / blocks) * GatherTile.NARROW_ROWS);
    }

    /** Copies the rows that the block reads. */
    private void fillFrame(int at, int block, int blocks, float[] frame) {
        int pitch = plan.source().pitch();
        int from = plan.source().frameHeight();
        int to = 0;
        for (Phase phase : plan.phases()) {
            int first = first(phase, block, blocks);
            int end = first(phase, block + 1, blocks);
            if (end > first && phase.steps().length > 0) {
                from = Math.min(from, phase.firstRow(first, pitch));
                to = Math.max(to, phase.lastRow(end, pitch) + 1);
            }
        }
        plan.source().fill(source, at, from, to, frame, 0);
    }

    private void computePhase(
            GatherTile tile, int index, int group, int from, int to, int imageAt, int targetImageAt, Scratch scratch) {
        Phase phase = plan.phases().get(index);
        int columns = plan.targetsPerGroup();
        tile.rows = phase.rows();
        tile.steps = phase.steps();
        tile.depth = phase.steps().length;
        int aAt = imageAt + group * plan.sourcesPerGroup();
        int cAt = targetImageAt + group * columns;
        int startAt = group * Lanes.wholeVectors(columns);
        for (int j = 0; j < columns; j += 2 * L) {
            int width = PackedFilter.width(j, columns);
            tile.bStep = filter.step(width);
            int bAt = filter.panel(index, group, j);
            if (j + width <= columns) {
                tile.c = target;
                tile.cRows = phase.targets();
                computePanel(tile, width, from, to, aAt, bAt, startAt + j, cAt + j);
            } else {
                computeEdgePanel(tile, phase, width, columns - j, from, to, aAt, bAt, startAt + j, cAt + j, scratch);
            }
        }
    }

    private static void computePanel(
            GatherTile tile, int width, int from, int to, int aAt, int bAt, int startAt, int cAt) {
        if (width == L) {
            for (int row = from; row < to; row += GatherTile.NARROW_ROWS) {
                tile.narrow(row, aAt, bAt, 0, startAt, row, cAt);
            }
        } else {
            for (int row = from; row < to; row += GatherTile.WIDE_ROWS) {
                tile.wide(row, aAt, bAt, 0, startAt, row, cAt);
            }
        }
    }

    /** Computes a panel whose last vector reaches beyond the last channel, by way of a block in the scratch memory. */
    private void computeEdgePanel(
            GatherTile tile,
            Phase phase,
            int width,
            int used,
            int from,
            int to,
            int aAt,
            int bAt,
            int startAt,
            int cAt,
            Scratch scratch) {
        tile.c = scratch.floats(Scratch.Use.BLOCK, GatherTile.NARROW_ROWS * 2 * L);
        tile.cRows = GatherTile.BLOCK_ROWS;
        int tileRows = width == L ? GatherTile.NARROW_ROWS : GatherTile.WIDE_ROWS;
        for (int row = from; row < to; row += tileRows) {
            if (width == L) {
                tile.narrow(row, aAt, bAt, 0, startAt, 0, 0);
            } else {
                tile.wide(row, aAt, bAt, 0, startAt, 0, 0);
            }
            for (int r = 0; r < Math.min(tileRows, to - row); r++) {
                System.arraycopy(tile.c, GatherTile.BLOCK_ROWS[r], target, cAt + phase.targets()[row + r], used);
            }
        }
    }
}
