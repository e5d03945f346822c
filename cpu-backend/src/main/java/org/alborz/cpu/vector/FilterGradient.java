package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.MicroKernels.CHUNK;

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

    /** Pixels that are packed at a time, so that they stay in the second cache. */
    private static final int PIXELS = 256;

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
    // A chunk's part is cut into blocks of rows, or of columns where there are more of them, as each block packs all of
    // the others again.
    private boolean byColumns;
    private int blocks;
    private float[] x;
    private int xAt;
    private float[] dy;
    private int dyAt;
    private float[] dw;
    private int dwAt;
    private float[] parts;

    FilterGradient(WorkerPool workers, Conv2dShape s) {
        this.workers = workers;
        this.plan = FilterPlan.of(s);
        this.s = s;
        // parts[chunk][group][term][width]
        long numbers = (long) s.p().groups() * plan.rowsOfPart() * plan.width();
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
        byColumns = panels() > plan.chunks().length;
        blocks = Math.min(Gemm.ceilDiv(MAX_CHUNKS, chunks), byColumns ? panels() : plan.chunks().length);
        x = Floats.of(images);
        xAt = Floats.at(images);
        dy = Floats.of(gradient);
        dyAt = Floats.at(gradient);
        dw = Floats.of(result);
        dwAt = Floats.at(result);
        parts = workers.shared().floats(Workspace.Use.PARTIAL, (long) chunks * partSize);
        workers.run(chunks * blocks, sumChunk);
        workers.run(Gemm.ceilDiv(rows(), ROWS_PER_TASK), addParts);
        x = null;
        dy = null;
        dw = null;
        parts = null;
    }

    private int rows() {
        return s.p().groups() * plan.terms();
    }

    private void sumChunk(int task, int worker) {
        int chunk = task / blocks;
        int block = task % blocks;
        Workspace workspace = workers.workspace(worker);
        for (int group = 0; group < s.p().groups(); group++) {
            int part = chunk * partSize + group * plan.rowsOfPart() * plan.width();
            for (int row = firstRow(block); row < endRow(block); row++) {
                int at = part + row * plan.width();
                Arrays.fill(parts, at + firstColumn(block), at + endColumn(block), 0);
            }
        }
        int firstImage = (int) ((long) n * chunk / chunks);
        int endImage = (int) ((long) n * (chunk + 1) / chunks);
        for (int image = firstImage; image < endImage; image += plan.together()) {
            int images = Math.min(plan.together(), endImage - image);
            float[] source = x;
            int at = xAt + image * plan.source().imageSize();
            if (plan.source().isNeeded()) {
                source = inFrames(images, at, workspace);
                at = 0;
            }
            addImages(chunk, block, source, at, image * plan.pixels(), images * plan.pixels(), workspace);
        }
    }

    /** Returns the first row of a block; whole chunks go to a block. */
    private int firstRow(int block) {
        return byColumns ? 0 : first(block, plan.chunks().length) * CHUNK;
    }

    /** Returns the row behind a block's last one. */
    private int endRow(int block) {
        return byColumns ? plan.rowsOfPart() : firstRow(block + 1);
    }

    /** Returns the first column of a block; whole panels go to a block. */
    private int firstColumn(int block) {
        return byColumns ? first(block, panels()) * 2 * L : 0;
    }

    /** Returns the column behind a block's last one. */
    private int endColumn(int block) {
        return byColumns ? Math.min(plan.width(), firstColumn(block + 1)) : plan.width();
    }

    private int first(int block, int all) {
        return (int) ((long) all * block / blocks);
    }

    private int panels() {
        return Gemm.ceilDiv(plan.width(), 2 * L);
    }

    private float[] inFrames(int images, int at, Workspace workspace) {
        Frame frame = plan.source();
        float[] frames = workspace.floats(Workspace.Use.FRAME, (long) plan.together() * frame.size());
        for (int i = 0; i < images; i++) {
            frame.fill(x, at + i * frame.imageSize(), 0, frame.frameHeight(), frames, i * frame.size());
        }
        return frames;
    }

    /** Adds the products of some images' pixels, {@code PIXELS} at a time, to a block of the chunk's part. */
    private void addImages(
            int chunk, int block, float[] source, int at, int firstPixel, int pixels, Workspace workspace) {
        int firstColumn = firstColumn(block);
        int width = endColumn(block) - firstColumn;
        int columns = Math.min(s.outputsPerGroup() - firstColumn, width);
        float[] left = workspace.floats(Workspace.Use.LEFT, PIXELS * CHUNK + L);
        float[] right = workspace.floats(Workspace.Use.GRADIENT, (long) PIXELS * plan.width());
        for (int pixel = 0; pixel < pixels; pixel += PIXELS) {
            int some = Math.min(PIXELS, pixels - pixel);
            for (int group = 0; group < s.p().groups(); group++) {
                int dyPixel = dyAt + (firstPixel + pixel) * s.o() + group * s.outputsPerGroup() + firstColumn;
                ConvolutionPacking.panels(dy, dyPixel, s.o(), some, columns, width, right);
                int part = chunk * partSize + group * plan.rowsOfPart() * plan.width() + firstColumn;
                for (int row = firstRow(block); row < endRow(block); row += CHUNK) {
                    int a = at + group * s.inputsPerGroup();
                    ConvolutionPacking.chunk(source, a, plan.steps(), pixel, some, plan.chunks()[row / CHUNK], left);
                    int c = part + row * plan.width();
                    for (int j = 0; j < width; j += 2 * L) {
                        int panel = PackedFilter.width(j, width);
                        BlockedProduct.addTransposed(
                                CHUNK, panel, left, 0, some, right, j * some, parts, c + j, plan.width());
                    }
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
            int rowOfPart = row / plan.terms() * plan.rowsOfPart() + row % plan.terms();
            System.arraycopy(from, rowOfPart * plan.width(), into, at, columns);
            for (int chunk = 1; chunk < chunks; chunk++) {
                int part = chunk * partSize + rowOfPart * plan.width();
                for (int j = 0; j < columns; j++) {
                    into[at + j] += from[part + j];
                }
            }
        }
    }
}
