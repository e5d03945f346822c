package org.alborz.cpu.vector;

import java.util.Arrays;
import org.alborz.backend.Operand;

/**
 * The gradient of a depthwise convolution with respect to its weights. The rows of the batch are cut into a fixed number of chunks; each
 * sums its rows into a part of its own, and the parts are added in order, so the result does not depend on the number of threads.
 */
final class DepthwiseFilterGradient {
    private static final int MOST_CHUNKS = 16;
    private static final int TAPS_TOGETHER = 3;

    private final WorkerPool workers;
    private final Conv2dShape s;
    private final int partSize;
    // For each column of the filter the outputs from first to before end meet a pixel of the image.
    private final int[] first;
    private final int[] end;
    // How filters of 3×3 are summed, or null.
    private final Depthwise3x3FilterGradient threes;
    private final ThreadTeam.Task sumChunk = this::sumChunk;

    // The run that goes on now.
    private int rows;
    private int chunks;
    private float[] x;
    private int xAt;
    private float[] dy;
    private int dyAt;
    private float[] parts;

    DepthwiseFilterGradient(WorkerPool workers, Conv2dShape s) {
        this.workers = workers;
        this.s = s;
        this.partSize = s.kh() * s.kw() * s.c();
        this.threes = Depthwise3x3.isFor(s) ? new Depthwise3x3FilterGradient(s) : null;
        this.first = new int[s.kw()];
        this.end = new int[s.kw()];
        int stride = s.p().strideW();
        for (int v = 0; v < s.kw(); v++) {
            int before = s.p().padding().left() - v * s.p().dilationW();
            first[v] = before <= 0 ? 0 : Math.min(s.ow(), (before - 1) / stride + 1);
            int beyond = s.w() + before;
            end[v] = Math.max(first[v], beyond <= 0 ? 0 : Math.min(s.ow(), (beyond - 1) / stride + 1));
        }
    }

    /** Computes the gradient of a batch of any size. */
    void run(Operand images, Operand gradient, Operand result) {
        rows = images.shape().size(0) * s.oh();
        chunks = Math.max(1, Math.min(MOST_CHUNKS, rows));
        x = Floats.of(images);
        xAt = Floats.at(images);
        dy = Floats.of(gradient);
        dyAt = Floats.at(gradient);
        parts = workers.shared().floats(Workspace.Use.PARTIAL, (long) chunks * partSize);
        workers.run(chunks, sumChunk);
        float[] dw = Floats.of(result);
        int dwAt = Floats.at(result);
        System.arraycopy(parts, 0, dw, dwAt, partSize);
        for (int chunk = 1; chunk < chunks; chunk++) {
            AddActivation.add(
                    dw, dwAt, parts, chunk * partSize, partSize, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
        }
        x = null;
        dy = null;
        parts = null;
    }

    private void sumChunk(int chunk, int worker) {
        int part = chunk * partSize;
        Arrays.fill(parts, part, part + partSize, 0);
        int to = (int) ((long) rows * (chunk + 1) / chunks);
        int from = (int) ((long) rows * chunk / chunks);
        if (threes != null) {
            threes.add(workers.workspace(worker), x, xAt, dy, dyAt, from, to, parts, part);
            return;
        }
        for (int row = from; row < to; row++) {
            int i = row % s.oh();
            for (int u = 0; u < s.kh(); u++) {
                int sourceRow = i * s.p().strideH() - s.p().padding().top() + u * s.p().dilationH();
                if (sourceRow >= 0 && sourceRow < s.h()) {
                    int at = xAt + (row / s.oh() * s.h() + sourceRow) * s.w() * s.c();
                    addRow(at, dyAt + row * s.ow() * s.c(), part + u * s.kw() * s.c());
                }
            }
        }
    }

    /** Adds the products of one row of the filter. */
    private void addRow(int at, int slopesAt, int sumsAt) {
        int v = 0;
        for (; v + TAPS_TOGETHER <= s.kw(); v += TAPS_TOGETHER) {
            int from = Math.max(first[v], Math.max(first[v + 1], first[v + 2]));
            int to = Math.max(from, Math.min(end[v], Math.min(end[v + 1], end[v + 2])));
            DepthwiseRows.addThreeProducts(
                    x,
                    at + source(from, v),
                    s.p().strideW() * s.c(),
                    s.p().dilationW() * s.c(),
                    dy,
                    slopesAt + from * s.c(),
                    to - from,
                    parts,
                    sumsAt + v * s.c(),
                    s.c());
            for (int tap = v; tap < v + TAPS_TOGETHER; tap++) {
                addPixels(at, slopesAt, sumsAt, tap, first[tap], Math.min(from, end[tap]));
                addPixels(at, slopesAt, sumsAt, tap, Math.max(to, first[tap]), end[tap]);
            }
        }
        for (; v < s.kw(); v++) {
            addPixels(at, slopesAt, sumsAt, v, first[v], end[v]);
        }
    }

    private void addPixels(int at, int slopesAt, int sumsAt, int v, int from, int to) {
        if (from < to) {
            DepthwiseRows.addProducts(
                    x,
                    at + source(from, v),
                    s.p().strideW() * s.c(),
                    dy,
                    slopesAt + from * s.c(),
                    to - from,
                    parts,
                    sumsAt + v * s.c(),
                    s.c());
        }
    }

    /** Returns how far into its row the source of an output and a tap is. */
    private int source(int j, int v) {
        return (j * s.p().strideW() - s.p().padding().left() + v * s.p().dilationW()) * s.c();
    }
}
