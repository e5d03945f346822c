package org.alborz.cpu.vector;

import org.alborz.backend.Operand;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;

/**
 * A depthwise convolution by filters of 3×3 that moves by one or two pixels, or its gradient with respect to the images where it moves by
 * one: a task computes some rows of an image from {@link PaddedRows}. Made once for the sizes of a convolution and run for each of its
 * batches.
 */
final class Depthwise3x3 implements Depthwise {
    static final int SIDE = 3;

    private static final int TAPS = SIDE * SIDE;

    /** Rows of results of a task; a task copies two rows that its neighbour copies too. */
    private static final int ROWS = 8;

    private final WorkerPool workers;
    private final PaddedRows padded;
    private final int channels;
    private final int sourceSize;
    private final int height;
    private final int width;
    private final int strideH;
    private final int strideW;
    private final int top;
    // Whether sums go through the window from its last pixel to its first, as a gradient's do, which is computed from
    // right to left.
    private final boolean backward;
    private final int tasksOfImage;
    private final ThreadTeam.Task computeRows = this::computeRows;
    private final AddActivation addActivation = new AddActivation();

    // The run that goes on now.
    private float[] source;
    private int sourceAt;
    // For each vector of channels the nine weights of each.
    private float[] packed;
    private float[] start;
    private float[] target;
    private int targetAt;

    private Depthwise3x3(
            WorkerPool workers, Conv2dShape s, int h, int w, int oh, int ow, int top, int left, boolean backward) {
        this.workers = workers;
        this.channels = s.c();
        this.sourceSize = h * w * channels;
        this.height = oh;
        this.width = ow;
        this.strideH = s.p().strideH();
        this.strideW = s.p().strideW();
        this.top = top;
        this.backward = backward;
        this.tasksOfImage = (oh + ROWS - 1) / ROWS;
        this.padded = new PaddedRows(h, w, channels, left, (ow - 1) * strideW + SIDE, backward);
    }

    /** Tells whether a depthwise convolution is one of these. */
    static boolean isFor(Conv2dShape s) {
        Conv2dParameters p = s.p();
        return s.kh() == SIDE
                && s.kw() == SIDE
                && p.dilationH() == 1
                && p.dilationW() == 1
                && p.strideW() <= 2
                && s.c() >= Lanes.L
                && s.ow() >= Depthwise3x3Rows.TOGETHER;
    }

    /** Tells whether the gradient with respect to the images is. */
    static boolean isForBackwardData(Conv2dShape s) {
        return isFor(s) && s.p().strideH() == 1 && s.p().strideW() == 1 && s.w() >= Depthwise3x3Rows.TOGETHER;
    }

    static Depthwise3x3 forward(WorkerPool workers, Conv2dShape s) {
        int top = s.p().padding().top();
        int left = s.p().padding().left();
        return new Depthwise3x3(workers, s, s.h(), s.w(), s.oh(), s.ow(), top, left, false);
    }

    static Depthwise3x3 backwardData(WorkerPool workers, Conv2dShape s) {
        int top = SIDE - 1 - s.p().padding().top();
        int left = SIDE - 1 - s.p().padding().left();
        return new Depthwise3x3(workers, s, s.oh(), s.ow(), s.h(), s.w(), top, left, true);
    }

    @Override
    public void run(Operand from, Operand w, Operand bias, Operand addend, Activation activation, Operand into) {
        source = Floats.of(from);
        sourceAt = Floats.at(from);
        int blocks = Lanes.wholeVectors(channels) / Lanes.L;
        packed = workers.shared().floats(Workspace.Use.WEIGHTS, (long) blocks * TAPS * Lanes.L);
        Depthwise3x3Rows.toBlocks(Floats.of(w), Floats.at(w), TAPS, channels, packed, 0, Lanes.L, TAPS * Lanes.L);
        target = Floats.of(into);
        targetAt = Floats.at(into);
        start = DepthwiseConvolution.start(workers, bias, channels);
        addActivation.start(addend, activation, into);
        workers.run(into.shape().size(0) * tasksOfImage, computeRows);
        source = null;
        packed = null;
        target = null;
        start = null;
        addActivation.end();
    }

    private void computeRows(int task, int worker) {
        int image = task / tasksOfImage;
        int firstRow = task % tasksOfImage * ROWS;
        int lastRow = Math.min(height, firstRow + ROWS);
        int imageAt = sourceAt + image * sourceSize;
        float[] rows = workers.workspace(worker).floats(Workspace.Use.FRAME, padded.size());
        float[] results =
                workers.workspace(worker).floats(Workspace.Use.GRADIENT, (long) width * Lanes.wholeVectors(channels));
        int next = firstRow * strideH - top;
        for (int row = firstRow; row < lastRow; row++) {
            int window = row * strideH - top;
            padded.load(source, imageAt, Math.max(next, window), window + SIDE, rows);
            next = window + SIDE;
            int rowAt = targetAt + (image * height + row) * width * channels;
            if (backward) {
                computeRow(rows, window + 2, window + 1, window, results);
            } else {
                computeRow(rows, window, window + 1, window + 2, results);
            }
            int first = backward ? (width - 1) * Lanes.L : 0;
            int step = backward ? -Lanes.L : Lanes.L;
            Depthwise3x3Rows.fromBlocks(results, first, step, width * Lanes.L, width, channels, target, rowAt);
            addActivation.finish(target, rowAt, width * channels);
        }
    }

    /** Computes a row of results, of which the last group overlaps the one before it where there is no whole number of them. */
    private void computeRow(float[] rows, int first, int second, int third, float[] results) {
        int groups = width / Depthwise3x3Rows.TOGETHER;
        for (int block = 0; block * Lanes.L < channels; block++) {
            int from = block * padded.block();
            int into = block * width * Lanes.L;
            computePixels(rows, first, second, third, from, block, groups, results, into);
            if (width % Depthwise3x3Rows.TOGETHER != 0) {
                int move = (width - Depthwise3x3Rows.TOGETHER) * Lanes.L;
                computePixels(rows, first, second, third, from + move * strideW, block, 1, results, into + move);
            }
        }
    }

    private void computePixels(
            float[] rows,
            int first,
            int second,
            int third,
            int from,
            int block,
            int groups,
            float[] results,
            int into) {
        int c = Math.min(block * Lanes.L, channels - Lanes.L);
        int a = padded.at(first) + from;
        int b = padded.at(second) + from;
        int d = padded.at(third) + from;
        if (strideW == 1) {
            Depthwise3x3Rows.byOne(rows, a, b, d, packed, block * TAPS * Lanes.L, start, c, groups, results, into);
        } else {
            Depthwise3x3Rows.byTwo(rows, a, b, d, packed, block * TAPS * Lanes.L, start, c, groups, results, into);
        }
    }
}
