package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;

import java.util.Arrays;
import org.alborz.backend.Operand;

/**
 * Computes the gradient with respect to the weights. The batch is cut into a fixed number of chunks; each sums its images into a
 * part of its own, and the parts are added in order, so the result does not depend on the number of threads.
 *
 * <p>Made once for the sizes of a convolution and run for each of its batches, so that a run makes no objects.
 */
final class FilterGradient {
    private static final int MAX_CHUNKS = 16;

    /** The most numbers in all parts together, where more than one is needed: 32 MiB. */
    private static final int MAX_PARTS = 1 << 23;

    /** A chunk sums at least this many pixels, where there are as many. */
    private static final int LEAST_SUM = 512;

    /** Rows of the result that a task adds up. */
    private static final int ROWS_PER_TASK = 32;

    private final WorkerPool workers;
    private final FilterPlan plan;
    private final Conv2dShape s;
    private final int partSize;
    private final ThreadTeam.Task sumChunk = this::sumChunk;
    private final ThreadTeam.Task addParts = this::addParts;

    // The run that goes on now.
    private int n;
    private int chunks;
    private int rowBlocks;
    private float[] x;
    private int xAt;
    private float[] dy;
    private int dyAt;
    private float[] dw;
    private int dwAt;
    private float[] zeros;
    private float[] parts;

    FilterGradient(WorkerPool workers, Conv2dShape s) {
        this.workers = workers;
        this.plan = FilterPlan.of(s);
        this.s = s;
        // parts[chunk][group][term][width]
        long numbers = (long) s.p().groups() * plan.terms() * plan.width();
        if (numbers > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("The gradient of convolution weights on cpu-vector expects at most "
                    + Integer.MAX_VALUE + " numbers with each group's outputs filled up to " + plan.width() + ", got "
                    + numbers + "; use fewer groups or channels");
        }
        this.partSize = (int) numbers;
    }

    /** Computes the gradient of a batch of any size. */
    void run(Operand images, Operand gradient, Operand result) {
        n = images.shape().size(0);
        int byLength = (int) Math.min(MAX_CHUNKS, (long) n * plan.pixels() / LEAST_SUM);
        chunks = Math.max(1, Math.min(Math.min(n, byLength), MAX_PARTS / partSize));
        rowBlocks = Math.min(
                Gemm.ceilDiv(MAX_CHUNKS, chunks), Gemm.ceilDiv(plan.terms(), IndirectConvolutionTile.NARROW_ROWS));
        x = Floats.of(images);
        xAt = Floats.at(images);
        dy = Floats.of(gradient);
        dyAt = Floats.at(gradient);
        dw = Floats.of(result);
        dwAt = Floats.at(result);
        parts = workers.shared().floats(Workspace.Use.PARTIAL, (long) chunks * partSize);
        zeros = workers.shared().zeros(Workspace.Use.START, plan.width());
        workers.run(chunks * rowBlocks, sumChunk);
        workers.run(Gemm.ceilDiv(rows(), ROWS_PER_TASK), addParts);
        x = null;
        dy = null;
        dw = null;
        zeros = null;
        parts = null;
    }

    private int rows() {
        return s.p().groups() * plan.terms();
    }

    private void sumChunk(int task, int worker) {
        int chunk = task / rowBlocks;
        int rowBlock = task % rowBlocks;
        Workspace workspace = workers.workspace(worker);
        int tiles = Gemm.ceilDiv(plan.terms(), IndirectConvolutionTile.NARROW_ROWS);
        int from = (int) ((long) tiles * rowBlock / rowBlocks) * IndirectConvolutionTile.NARROW_ROWS;
        int to = Math.min(
                plan.terms(), (int) ((long) tiles * (rowBlock + 1) / rowBlocks) * IndirectConvolutionTile.NARROW_ROWS);
        int firstImage = (int) ((long) n * chunk / chunks);
        int endImage = (int) ((long) n * (chunk + 1) / chunks);
        IndirectConvolutionTile tile = workspace.tile();
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
            tile.startRows = first ? IndirectConvolutionTile.SAME : plan.targets();
            int aAt = readImages(tile, images, xAt + image * plan.source().imageSize(), workspace);
            int dyImageAt = dyAt + image * plan.pixels() * s.o();
            if (!plan.source().isNeeded()
                    && plan.pixels() * s.c() == plan.source().imageSize()) {
                tile.ahead = ReadAhead.of(x, aAt, images * plan.source().imageSize());
            }
            tile.ahead = ReadAhead.of(dy, dyImageAt, images * plan.pixels() * s.o());
            for (int group = 0; group < s.p().groups(); group++) {
                int bAt = readGradient(tile, dyImageAt + group * s.outputsPerGroup(), workspace);
                int part = chunk * partSize + group * plan.terms() * plan.width();
                addImages(tile, from, to, first, aAt + group * s.inputsPerGroup(), bAt, part);
            }
        }
    }

    private int readImages(IndirectConvolutionTile tile, int images, int at, Workspace workspace) {
        Frame frame = plan.source();
        if (!frame.isNeeded()) {
            tile.a = x;
            return at;
        }
        tile.a = workspace.floats(Workspace.Use.FRAME, (long) plan.together() * frame.size());
        for (int i = 0; i < images; i++) {
            frame.fill(x, at + i * frame.imageSize(), 0, frame.frameHeight(), tile.a, i * frame.size());
        }
        return 0;
    }

    /**
     * Lets the tile read a group's gradient [pixel][o], in place but for the last pixels where whole vectors would reach beyond the memory.
     * What vectors read behind a group's channels goes to columns of the parts that are left out.
     */
    private int readGradient(IndirectConvolutionTile tile, int at, Workspace workspace) {
        if ((tile.depth - 1) * s.o() <= dy.length - plan.width() - at) {
            tile.b = dy;
            tile.bStep = s.o();
            return at;
        }
        int columns = s.outputsPerGroup();
        float[] wide = workspace.floats(Workspace.Use.GRADIENT, (long) tile.depth * plan.width());
        for (int i = 0; i < tile.depth; i++) {
            System.arraycopy(dy, at + i * s.o(), wide, i * plan.width(), columns);
            Arrays.fill(wide, i * plan.width() + columns, (i + 1) * plan.width(), 0);
        }
        tile.b = wide;
        tile.bStep = plan.width();
        return 0;
    }

    private void addImages(IndirectConvolutionTile tile, int from, int to, boolean first, int aAt, int bAt, int part) {
        for (int j = 0; j < plan.width(); j += 2 * L) {
            int start = first ? 0 : part + j;
            if (PackedFilter.width(j, plan.width()) == L) {
                for (int row = from; row < to; row += IndirectConvolutionTile.NARROW_ROWS) {
                    tile.narrow(row, aAt, bAt + j, first ? 0 : row, start, row, part + j);
                }
            } else {
                for (int row = from; row < to; row += IndirectConvolutionTile.WIDE_ROWS) {
                    tile.wide(row, aAt, bAt + j, first ? 0 : row, start, row, part + j);
                }
            }
        }
    }

    /** Adds some rows of all parts, in order; row = group · terms + term. */
    private void addParts(int task, int worker) {
        float[] from = parts;
        float[] into = dw;
        int end = Math.min(rows(), (task + 1) * ROWS_PER_TASK);
        int columns = s.outputsPerGroup();
        for (int row = task * ROWS_PER_TASK; row < end; row++) {
            // dw[term][group][column]
            int at = dwAt + row % plan.terms() * s.o() + row / plan.terms() * columns;
            System.arraycopy(from, row * plan.width(), into, at, columns);
            for (int chunk = 1; chunk < chunks; chunk++) {
                int part = chunk * partSize + row * plan.width();
                for (int j = 0; j < columns; j++) {
                    into[at + j] += from[part + j];
                }
            }
        }
    }
}
