package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;

import java.util.Arrays;

/**
 * Computes the gradient with respect to the weights. The batch is cut into a fixed number of chunks; each sums its images into a
 * part of its own, and the parts are added in order, so the result does not depend on the number of threads.
 */
final class FilterGradient {
    private static final int MAX_CHUNKS = 16;

    /** The most numbers in all parts together, where more than one is wanted: 32 MiB. */
    private static final int MAX_PARTS = 1 << 23;

    /** A chunk sums at least this many pixels, where there are as many. */
    private static final int LEAST_SUM = 512;

    private final Workplace workplace;
    private final FilterPlan plan;
    private final Conv2dShape s;
    private final int partSize;
    private final int chunks;
    private final int rowBlocks;

    FilterGradient(Workplace workplace, FilterPlan plan, Conv2dShape s) {
        this.workplace = workplace;
        this.plan = plan;
        this.s = s;
        // parts[chunk][group][term][width]
        this.partSize = s.p().groups() * plan.terms() * plan.width();
        int byLength = (int) Math.min(MAX_CHUNKS, (long) s.n() * plan.pixels() / LEAST_SUM);
        this.chunks = Math.max(1, Math.min(Math.min(s.n(), byLength), MAX_PARTS / partSize));
        this.rowBlocks = Math.min(Gemm.ceilDiv(MAX_CHUNKS, chunks), Gemm.ceilDiv(plan.terms(), GatherTile.NARROW_ROWS));
    }

    void run(float[] x, int xAt, float[] dy, int dyAt, float[] dw, int dwAt) {
        float[] parts = workplace.shared().floats(Scratch.Use.PARTIAL, (long) chunks * partSize);
        float[] zeros = workplace.shared().zeros(Scratch.Use.START, plan.width());
        workplace.run(
                chunks * rowBlocks,
                (task, member) -> sumChunk(
                        task / rowBlocks, task % rowBlocks, x, xAt, dy, dyAt, zeros, parts, workplace.scratch(member)));
        int rows = s.p().groups() * plan.terms();
        int blocks = Gemm.ceilDiv(rows, 32);
        workplace.run(blocks, (task, member) -> addParts(parts, task * 32, Math.min(rows, task * 32 + 32), dw, dwAt));
    }

    private void sumChunk(
            int chunk,
            int rowBlock,
            float[] x,
            int xAt,
            float[] dy,
            int dyAt,
            float[] zeros,
            float[] parts,
            Scratch scratch) {
        int tiles = Gemm.ceilDiv(plan.terms(), GatherTile.NARROW_ROWS);
        int from = (int) ((long) tiles * rowBlock / rowBlocks) * GatherTile.NARROW_ROWS;
        int to = Math.min(plan.terms(), (int) ((long) tiles * (rowBlock + 1) / rowBlocks) * GatherTile.NARROW_ROWS);
        int firstImage = (int) ((long) s.n() * chunk / chunks);
        int endImage = (int) ((long) s.n() * (chunk + 1) / chunks);
        GatherTile tile = scratch.tile();
        tile.steps = plan.steps();
        tile.firstStep = 0;
        tile.rows = plan.rows();
        tile.c = parts;
        tile.cRows = plan.targets();
        tile.floor = Float.NEGATIVE_INFINITY;
        for (int image = firstImage; image < endImage; image += plan.together()) {
            boolean first = image == firstImage;
            int images = Math.min(plan.together(), endImage - image);
            tile.depth = images * plan.pixels();
            tile.start = first ? zeros : parts;
            tile.startRows = first ? GatherTile.SAME : plan.targets();
            int aAt = readImages(tile, images, x, xAt + image * plan.source().imageSize(), scratch);
            int dyImageAt = dyAt + image * plan.pixels() * s.o();
            for (int group = 0; group < s.p().groups(); group++) {
                int bAt = readGradient(tile, dy, dyImageAt + group * s.outputsPerGroup(), scratch);
                int part = chunk * partSize + group * plan.terms() * plan.width();
                addImages(tile, from, to, first, aAt + group * s.inputsPerGroup(), bAt, part);
            }
        }
    }

    private int readImages(GatherTile tile, int images, float[] x, int at, Scratch scratch) {
        Frame frame = plan.source();
        if (!frame.isNeeded()) {
            tile.a = x;
            return at;
        }
        tile.a = scratch.floats(Scratch.Use.FRAME, (long) plan.together() * frame.size());
        for (int i = 0; i < images; i++) {
            frame.fill(x, at + i * frame.imageSize(), 0, frame.frameHeight(), tile.a, i * frame.size());
        }
        return 0;
    }

    private boolean fillsVectors() {
        return plan.width() == s.outputsPerGroup();
    }

    /** Lets the tile read a group's gradient [pixel][o], from a copy that fills whole vectors where the group does not. */
    private int readGradient(GatherTile tile, float[] dy, int at, Scratch scratch) {
        if (fillsVectors()) {
            tile.b = dy;
            tile.bStep = s.o();
            return at;
        }
        int columns = s.outputsPerGroup();
        float[] wide = scratch.floats(Scratch.Use.GRADIENT, (long) tile.depth * plan.width());
        for (int i = 0; i < tile.depth; i++) {
            System.arraycopy(dy, at + i * s.o(), wide, i * plan.width(), columns);
            Arrays.fill(wide, i * plan.width() + columns, (i + 1) * plan.width(), 0);
        }
        tile.b = wide;
        tile.bStep = plan.width();
        return 0;
    }

    private void addImages(GatherTile tile, int from, int to, boolean first, int aAt, int bAt, int part) {
        for (int j = 0; j < plan.width(); j += 2 * L) {
            int start = first ? 0 : part + j;
            if (PackedFilter.width(j, plan.width()) == L) {
                for (int row = from; row < to; row += GatherTile.NARROW_ROWS) {
                    tile.narrow(row, aAt, bAt + j, first ? 0 : row, start, row, part + j);
                }
            } else {
                for (int row = from; row < to; row += GatherTile.WIDE_ROWS) {
                    tile.wide(row, aAt, bAt + j, first ? 0 : row, start, row, part + j);
                }
            }
        }
    }

    /** Adds rows {@code from} to {@code to} of all parts, in order; row = group · terms + term. */
    private void addParts(float[] parts, int from, int to, float[] dw, int dwAt) {
        int columns = s.outputsPerGroup();
        for (int row = from; row < to; row++) {
            // dw[term][group][column]
            int at = dwAt + row % plan.terms() * s.o() + row / plan.terms() * columns;
            System.arraycopy(parts, row * plan.width(), dw, at, columns);
            for (int chunk = 1; chunk < chunks; chunk++) {
                int part = chunk * partSize + row * plan.width();
                for (int j = 0; j < columns; j++) {
                    dw[at + j] += parts[part + j];
                }
            }
        }
    }
}
