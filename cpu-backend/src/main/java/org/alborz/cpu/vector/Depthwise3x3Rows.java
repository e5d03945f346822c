package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;

/**
 * The loops of a depthwise convolution by filters of 3×3, for one vector of channels of a row: a number that several of the pixels side by side
 * read is loaded once for them. The pixels of these channels are adjacent in a block of their own, so that the indices of a round are apart by
 * constants and their range checks leave the loop.
 */
final class Depthwise3x3Rows {
    /** Pixels that are summed together. */
    static final int TOGETHER = 4;

    private Depthwise3x3Rows() {}

    /**
     * Computes groups of four pixels by a filter that moves by one pixel. A sum begins with {@code start} and takes the weights in their order.
     *
     * @param top where the row of the window's first weights begins in x, middle and bottom where the others do
     * @param w for each block of channels the nine weights of each, in the order of the rows
     */
    static void byOne(
            float[] x,
            int top,
            int middle,
            int bottom,
            float[] w,
            int wAt,
            float[] start,
            int startAt,
            int groups,
            float[] y,
            int yAt) {
        FloatVector begin = FloatVector.fromArray(S, start, startAt);
        int n = groups * TOGETHER * L;
        for (int i = 0; i < n; i += TOGETHER * L) {
            FloatVector w0 = FloatVector.fromArray(S, w, wAt);
            FloatVector w1 = FloatVector.fromArray(S, w, wAt + L);
            FloatVector w2 = FloatVector.fromArray(S, w, wAt + 2 * L);
            FloatVector x0 = FloatVector.fromArray(S, x, top + i);
            FloatVector x1 = FloatVector.fromArray(S, x, top + i + L);
            FloatVector x2 = FloatVector.fromArray(S, x, top + i + 2 * L);
            FloatVector y0 = x0.fma(w0, begin);
            y0 = x1.fma(w1, y0);
            y0 = x2.fma(w2, y0);
            FloatVector x3 = FloatVector.fromArray(S, x, top + i + 3 * L);
            FloatVector y1 = x1.fma(w0, begin);
            y1 = x2.fma(w1, y1);
            y1 = x3.fma(w2, y1);
            FloatVector x4 = FloatVector.fromArray(S, x, top + i + 4 * L);
            FloatVector y2 = x2.fma(w0, begin);
            y2 = x3.fma(w1, y2);
            y2 = x4.fma(w2, y2);
            FloatVector x5 = FloatVector.fromArray(S, x, top + i + 5 * L);
            FloatVector y3 = x3.fma(w0, begin);
            y3 = x4.fma(w1, y3);
            y3 = x5.fma(w2, y3);
            Lanes.keepOrder();
            w0 = FloatVector.fromArray(S, w, wAt + 3 * L);
            w1 = FloatVector.fromArray(S, w, wAt + 4 * L);
            w2 = FloatVector.fromArray(S, w, wAt + 5 * L);
            x0 = FloatVector.fromArray(S, x, middle + i);
            x1 = FloatVector.fromArray(S, x, middle + i + L);
            x2 = FloatVector.fromArray(S, x, middle + i + 2 * L);
            y0 = x0.fma(w0, y0);
            y0 = x1.fma(w1, y0);
            y0 = x2.fma(w2, y0);
            x3 = FloatVector.fromArray(S, x, middle + i + 3 * L);
            y1 = x1.fma(w0, y1);
            y1 = x2.fma(w1, y1);
            y1 = x3.fma(w2, y1);
            x4 = FloatVector.fromArray(S, x, middle + i + 4 * L);
            y2 = x2.fma(w0, y2);
            y2 = x3.fma(w1, y2);
            y2 = x4.fma(w2, y2);
            x5 = FloatVector.fromArray(S, x, middle + i + 5 * L);
            y3 = x3.fma(w0, y3);
            y3 = x4.fma(w1, y3);
            y3 = x5.fma(w2, y3);
            Lanes.keepOrder();
            w0 = FloatVector.fromArray(S, w, wAt + 6 * L);
            w1 = FloatVector.fromArray(S, w, wAt + 7 * L);
            w2 = FloatVector.fromArray(S, w, wAt + 8 * L);
            x0 = FloatVector.fromArray(S, x, bottom + i);
            x1 = FloatVector.fromArray(S, x, bottom + i + L);
            x2 = FloatVector.fromArray(S, x, bottom + i + 2 * L);
            y0 = x0.fma(w0, y0);
            y0 = x1.fma(w1, y0);
            y0 = x2.fma(w2, y0);
            x3 = FloatVector.fromArray(S, x, bottom + i + 3 * L);
            y1 = x1.fma(w0, y1);
            y1 = x2.fma(w1, y1);
            y1 = x3.fma(w2, y1);
            x4 = FloatVector.fromArray(S, x, bottom + i + 4 * L);
            y2 = x2.fma(w0, y2);
            y2 = x3.fma(w1, y2);
            y2 = x4.fma(w2, y2);
            x5 = FloatVector.fromArray(S, x, bottom + i + 5 * L);
            y3 = x3.fma(w0, y3);
            y3 = x4.fma(w1, y3);
            y3 = x5.fma(w2, y3);
            Lanes.keepOrder();
            y0.intoArray(y, yAt + i);
            y1.intoArray(y, yAt + i + L);
            y2.intoArray(y, yAt + i + 2 * L);
            y3.intoArray(y, yAt + i + 3 * L);
        }
    }

    /**
     * Computes the same by a filter that moves by two pixels.
     *
     * @param top where the row of the window's first weights begins in x, middle and bottom where the others do
     * @param w for each block of channels the nine weights of each, in the order of the rows
     */
    static void byTwo(
            float[] x,
            int top,
            int middle,
            int bottom,
            float[] w,
            int wAt,
            float[] start,
            int startAt,
            int groups,
            float[] y,
            int yAt) {
        FloatVector begin = FloatVector.fromArray(S, start, startAt);
        int n = groups * TOGETHER * L;
        for (int i = 0; i < n; i += TOGETHER * L) {
            FloatVector w0 = FloatVector.fromArray(S, w, wAt);
            FloatVector w1 = FloatVector.fromArray(S, w, wAt + L);
            FloatVector w2 = FloatVector.fromArray(S, w, wAt + 2 * L);
            FloatVector x0 = FloatVector.fromArray(S, x, top + 2 * i);
            FloatVector x1 = FloatVector.fromArray(S, x, top + 2 * i + L);
            FloatVector x2 = FloatVector.fromArray(S, x, top + 2 * i + 2 * L);
            FloatVector y0 = x0.fma(w0, begin);
            y0 = x1.fma(w1, y0);
            y0 = x2.fma(w2, y0);
            FloatVector x3 = FloatVector.fromArray(S, x, top + 2 * i + 3 * L);
            FloatVector x4 = FloatVector.fromArray(S, x, top + 2 * i + 4 * L);
            FloatVector y1 = x2.fma(w0, begin);
            y1 = x3.fma(w1, y1);
            y1 = x4.fma(w2, y1);
            FloatVector x5 = FloatVector.fromArray(S, x, top + 2 * i + 5 * L);
            FloatVector x6 = FloatVector.fromArray(S, x, top + 2 * i + 6 * L);
            FloatVector y2 = x4.fma(w0, begin);
            y2 = x5.fma(w1, y2);
            y2 = x6.fma(w2, y2);
            FloatVector x7 = FloatVector.fromArray(S, x, top + 2 * i + 7 * L);
            FloatVector x8 = FloatVector.fromArray(S, x, top + 2 * i + 8 * L);
            FloatVector y3 = x6.fma(w0, begin);
            y3 = x7.fma(w1, y3);
            y3 = x8.fma(w2, y3);
            Lanes.keepOrder();
            w0 = FloatVector.fromArray(S, w, wAt + 3 * L);
            w1 = FloatVector.fromArray(S, w, wAt + 4 * L);
            w2 = FloatVector.fromArray(S, w, wAt + 5 * L);
            x0 = FloatVector.fromArray(S, x, middle + 2 * i);
            x1 = FloatVector.fromArray(S, x, middle + 2 * i + L);
            x2 = FloatVector.fromArray(S, x, middle + 2 * i + 2 * L);
            y0 = x0.fma(w0, y0);
            y0 = x1.fma(w1, y0);
            y0 = x2.fma(w2, y0);
            x3 = FloatVector.fromArray(S, x, middle + 2 * i + 3 * L);
            x4 = FloatVector.fromArray(S, x, middle + 2 * i + 4 * L);
            y1 = x2.fma(w0, y1);
            y1 = x3.fma(w1, y1);
            y1 = x4.fma(w2, y1);
            x5 = FloatVector.fromArray(S, x, middle + 2 * i + 5 * L);
            x6 = FloatVector.fromArray(S, x, middle + 2 * i + 6 * L);
            y2 = x4.fma(w0, y2);
            y2 = x5.fma(w1, y2);
            y2 = x6.fma(w2, y2);
            x7 = FloatVector.fromArray(S, x, middle + 2 * i + 7 * L);
            x8 = FloatVector.fromArray(S, x, middle + 2 * i + 8 * L);
            y3 = x6.fma(w0, y3);
            y3 = x7.fma(w1, y3);
            y3 = x8.fma(w2, y3);
            Lanes.keepOrder();
            w0 = FloatVector.fromArray(S, w, wAt + 6 * L);
            w1 = FloatVector.fromArray(S, w, wAt + 7 * L);
            w2 = FloatVector.fromArray(S, w, wAt + 8 * L);
            x0 = FloatVector.fromArray(S, x, bottom + 2 * i);
            x1 = FloatVector.fromArray(S, x, bottom + 2 * i + L);
            x2 = FloatVector.fromArray(S, x, bottom + 2 * i + 2 * L);
            y0 = x0.fma(w0, y0);
            y0 = x1.fma(w1, y0);
            y0 = x2.fma(w2, y0);
            x3 = FloatVector.fromArray(S, x, bottom + 2 * i + 3 * L);
            x4 = FloatVector.fromArray(S, x, bottom + 2 * i + 4 * L);
            y1 = x2.fma(w0, y1);
            y1 = x3.fma(w1, y1);
            y1 = x4.fma(w2, y1);
            x5 = FloatVector.fromArray(S, x, bottom + 2 * i + 5 * L);
            x6 = FloatVector.fromArray(S, x, bottom + 2 * i + 6 * L);
            y2 = x4.fma(w0, y2);
            y2 = x5.fma(w1, y2);
            y2 = x6.fma(w2, y2);
            x7 = FloatVector.fromArray(S, x, bottom + 2 * i + 7 * L);
            x8 = FloatVector.fromArray(S, x, bottom + 2 * i + 8 * L);
            y3 = x6.fma(w0, y3);
            y3 = x7.fma(w1, y3);
            y3 = x8.fma(w2, y3);
            Lanes.keepOrder();
            y0.intoArray(y, yAt + i);
            y1.intoArray(y, yAt + i + L);
            y2.intoArray(y, yAt + i + 2 * L);
            y3.intoArray(y, yAt + i + 3 * L);
        }
    }

    /**
     * Copies pixels whose channels are adjacent into blocks of one vector of channels, of which the last overlaps the one before it where the
     * channels fill no whole number of vectors.
     *
     * @param step from a pixel to the next in a block, L or −L
     * @param block from a block to the next
     */
    static void toBlocks(
            float[] from, int at, int pixels, int channels, float[] blocks, int blocksAt, int step, int block) {
        int last = channels - L;
        for (int pixel = 0; pixel < pixels; pixel++) {
            int source = at + pixel * channels;
            int target = blocksAt + pixel * step;
            for (int c = 0; c < last; c += L) {
                FloatVector.fromArray(S, from, source + c).intoArray(blocks, target);
                target += block;
            }
            FloatVector.fromArray(S, from, source + last).intoArray(blocks, target);
        }
    }

    /** Copies pixels back from blocks; see {@link #toBlocks}. */
    static void fromBlocks(
            float[] blocks, int blocksAt, int step, int block, int pixels, int channels, float[] to, int at) {
        int last = channels - L;
        for (int pixel = 0; pixel < pixels; pixel++) {
            int source = blocksAt + pixel * step;
            int target = at + pixel * channels;
            for (int c = 0; c < last; c += L) {
                FloatVector.fromArray(S, blocks, source).intoArray(to, target + c);
                source += block;
            }
            FloatVector.fromArray(S, blocks, source).intoArray(to, target + last);
        }
    }

    /** Sets pixels of all blocks to 0. */
    static void clear(float[] blocks, int at, int pixels, int count, int block) {
        for (int pixel = 0; pixel < pixels; pixel++) {
            int target = at + pixel * L;
            for (int i = 0; i < count; i++) {
                FloatVector.zero(S).intoArray(blocks, target);
                target += block;
            }
        }
    }
}
