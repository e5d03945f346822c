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

    /** Rows of results of a task; a task copies two rows that its neighbour copies too. */
    private static final int ROWS = 8;

    /** Numbers that stay in the first cache while other data passes through it: 24 KiB. */
    private static final int CACHED = 6 << 10;

    private final WorkerPool workers;
    private final PaddedRows padded;
    private final int channels;
    private final int sourceSize;
    private final int height;
    private final int width;
    private final int strideH;
    private final int strideW;
    private final int top;
    // Whether sums go through the window from its last pixel to its first, as a gradient's do.
    private final boolean backward;
    private final int tasksOfImage;
    private final int groupsTogether;
    private final ThreadTeam.Task computeRows = this::computeRows;
    private final AddActivation addActivation = new AddActivation();

    // The run that goes on now.
    private float[] source;
    private int sourceAt;
    private float[] weights;
    private int weightAt;
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
        this.groupsTogether = groupsTogether(channels, strideW);
        this.padded = new PaddedRows(h, w, channels, left, (ow - 1) * strideW + SIDE);
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

    /** Returns how many groups of pixels are computed with one vector of channels before the next: what they read fits the first cache. */
    static int groupsTogether(int channels, int strideW) {
        int pixels = CACHED / (SIDE * channels * strideW);
        return Math.max(1, (pixels - 2) / Depthwise3x3Rows.TOGETHER);
    }

    @Override
    public void run(Operand from, Operand w, Operand bias, Operand addend, Activation activation, Operand into) {
        source = Floats.of(from);
        sourceAt = Floats.at(from);
        weights = Floats.of(w);
        weightAt = Floats.at(w);
        target = Floats.of(into);
        targetAt = Floats.at(into);
        start = DepthwiseConvolution.start(workers, bias, channels);
        addActivation.start(addend, activation, into);
        workers.run(into.shape().size(0) * tasksOfImage, computeRows);
        source = null;
        weights = null;
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
        float[] results = workers.workspace(worker).floats(Workspace.Use.GRADIENT, (long) width * channels);
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
            System.arraycopy(results, 0, target, rowAt, width * channels);
            addActivation.finish(target, rowAt, width * channels);
        }
    }

    /** Computes a row of results, of which the last group overlaps the one before it where there is no whole number of them. */
    private void computeRow(float[] rows, int first, int second, int third, float[] results) {
        int groups = width / Depthwise3x3Rows.TOGETHER;
        for (int group = 0; group < groups; group += groupsTogether) {
            int pixel = group * Depthwise3x3Rows.TOGETHER;
            computeGroups(rows, first, second, third, pixel, Math.min(groupsTogether, groups - group), results);
        }
        if (width % Depthwise3x3Rows.TOGETHER != 0) {
            computeGroups(rows, first, second, third, width - Depthwise3x3Rows.TOGETHER, 1, results);
        }
    }

    private void computeGroups(float[] rows, int first, int second, int third, int pixel, int groups, float[] results) {
        int last = channels - Lanes.L;
        // A gradient is computed from right to left.
        int step = backward ? -channels : channels;
        int move = pixel * strideW * channels;
        int into = pixel * channels;
        if (backward) {
            int pixels = groups * Depthwise3x3Rows.TOGETHER;
            move += (pixels + 1) * channels;
            into += (pixels - 1) * channels;
        }
        int a = padded.at(first) + move;
        int b = padded.at(second) + move;
        int d = padded.at(third) + move;
        for (int block = 0; block < channels; block += Lanes.L) {
            int c = Math.min(block, last);
            if (strideW == 1) {
                Depthwise3x3Rows.byOne(
                        rows,
                        a + c,
                        b + c,
                        d + c,
                        step,
                        weights,
                        weightAt + c,
                        channels,
                        start,
                        c,
                        groups,
                        results,
                        into + c);
            } else {
                Depthwise3x3Rows.byTwo(
                        rows,
                        a + c,
                        b + c,
                        d + c,
                        step,
                        weights,
                        weightAt + c,
                        channels,
                        start,
                        c,
                        groups,
                        results,
                        into + c);
            }
        }
    }
}
