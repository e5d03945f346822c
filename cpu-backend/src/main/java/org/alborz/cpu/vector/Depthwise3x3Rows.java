package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;

/**
 * The loops of a depthwise convolution by filters of 3×3, for one vector of channels of a row: the weights stay in registers, and a number
 * that several of the pixels side by side read is loaded once for them.
 */
final class Depthwise3x3Rows {
    /** Pixels that are summed together. */
    static final int TOGETHER = 4;

    private Depthwise3x3Rows() {}

    /**
     * Computes groups of four pixels by a filter that moves by one pixel. A sum begins with {@code start} and takes the weights in their order.
     *
     * @param top where the row of the window's first weights begins in x, middle and bottom where the others do
     * @param step from a pixel to the next, in x and y
     * @param channels from a weight to the next, which are in the order of the rows
     */
    static void byOne(
            float[] x,
            int top,
            int middle,
            int bottom,
            int step,
            float[] w,
            int wAt,
            int channels,
            float[] start,
            int startAt,
            int groups,
            float[] y,
            int yAt) {
        FloatVector begin = FloatVector.fromArray(S, start, startAt);
        FloatVector w00 = FloatVector.fromArray(S, w, wAt);
        FloatVector w01 = FloatVector.fromArray(S, w, wAt + channels);
        FloatVector w02 = FloatVector.fromArray(S, w, wAt + 2 * channels);
        FloatVector w10 = FloatVector.fromArray(S, w, wAt + 3 * channels);
        FloatVector w11 = FloatVector.fromArray(S, w, wAt + 4 * channels);
        FloatVector w12 = FloatVector.fromArray(S, w, wAt + 5 * channels);
        FloatVector w20 = FloatVector.fromArray(S, w, wAt + 6 * channels);
        FloatVector w21 = FloatVector.fromArray(S, w, wAt + 7 * channels);
        FloatVector w22 = FloatVector.fromArray(S, w, wAt + 8 * channels);
        int a = top;
        int b = middle;
        int c = bottom;
        int to = yAt;
        for (int group = 0; group < groups; group++) {
            FloatVector x0 = FloatVector.fromArray(S, x, a);
            FloatVector x1 = FloatVector.fromArray(S, x, a + step);
            FloatVector x2 = FloatVector.fromArray(S, x, a + 2 * step);
            FloatVector y0 = x0.fma(w00, begin);
            y0 = x1.fma(w01, y0);
            y0 = x2.fma(w02, y0);
            FloatVector x3 = FloatVector.fromArray(S, x, a + 3 * step);
            FloatVector y1 = x1.fma(w00, begin);
            y1 = x2.fma(w01, y1);
            y1 = x3.fma(w02, y1);
            FloatVector x4 = FloatVector.fromArray(S, x, a + 4 * step);
            FloatVector y2 = x2.fma(w00, begin);
            y2 = x3.fma(w01, y2);
            y2 = x4.fma(w02, y2);
            FloatVector x5 = FloatVector.fromArray(S, x, a + 5 * step);
            FloatVector y3 = x3.fma(w00, begin);
            y3 = x4.fma(w01, y3);
            y3 = x5.fma(w02, y3);
            x0 = FloatVector.fromArray(S, x, b);
            x1 = FloatVector.fromArray(S, x, b + step);
            x2 = FloatVector.fromArray(S, x, b + 2 * step);
            y0 = x0.fma(w10, y0);
            y0 = x1.fma(w11, y0);
            y0 = x2.fma(w12, y0);
            x3 = FloatVector.fromArray(S, x, b + 3 * step);
            y1 = x1.fma(w10, y1);
            y1 = x2.fma(w11, y1);
            y1 = x3.fma(w12, y1);
            x4 = FloatVector.fromArray(S, x, b + 4 * step);
            y2 = x2.fma(w10, y2);
            y2 = x3.fma(w11, y2);
            y2 = x4.fma(w12, y2);
            x5 = FloatVector.fromArray(S, x, b + 5 * step);
            y3 = x3.fma(w10, y3);
            y3 = x4.fma(w11, y3);
            y3 = x5.fma(w12, y3);
            x0 = FloatVector.fromArray(S, x, c);
            x1 = FloatVector.fromArray(S, x, c + step);
            x2 = FloatVector.fromArray(S, x, c + 2 * step);
            y0 = x0.fma(w20, y0);
            y0 = x1.fma(w21, y0);
            y0 = x2.fma(w22, y0);
            x3 = FloatVector.fromArray(S, x, c + 3 * step);
            y1 = x1.fma(w20, y1);
            y1 = x2.fma(w21, y1);
            y1 = x3.fma(w22, y1);
            x4 = FloatVector.fromArray(S, x, c + 4 * step);
            y2 = x2.fma(w20, y2);
            y2 = x3.fma(w21, y2);
            y2 = x4.fma(w22, y2);
            x5 = FloatVector.fromArray(S, x, c + 5 * step);
            y3 = x3.fma(w20, y3);
            y3 = x4.fma(w21, y3);
            y3 = x5.fma(w22, y3);
            y0.intoArray(y, to);
            y1.intoArray(y, to + step);
            y2.intoArray(y, to + 2 * step);
            y3.intoArray(y, to + 3 * step);
            a += 4 * step;
            b += 4 * step;
            c += 4 * step;
            to += 4 * step;
        }
    }

    /**
     * Computes the same by a filter that moves by two pixels.
     *
     * @param top where the row of the window's first weights begins in x, middle and bottom where the others do
     * @param step from a pixel to the next, in x and y
     * @param channels from a weight to the next, which are in the order of the rows
     */
    static void byTwo(
            float[] x,
            int top,
            int middle,
            int bottom,
            int step,
            float[] w,
            int wAt,
            int channels,
            float[] start,
            int startAt,
            int groups,
            float[] y,
            int yAt) {
        FloatVector begin = FloatVector.fromArray(S, start, startAt);
        FloatVector w00 = FloatVector.fromArray(S, w, wAt);
        FloatVector w01 = FloatVector.fromArray(S, w, wAt + channels);
        FloatVector w02 = FloatVector.fromArray(S, w, wAt + 2 * channels);
        FloatVector w10 = FloatVector.fromArray(S, w, wAt + 3 * channels);
        FloatVector w11 = FloatVector.fromArray(S, w, wAt + 4 * channels);
        FloatVector w12 = FloatVector.fromArray(S, w, wAt + 5 * channels);
        FloatVector w20 = FloatVector.fromArray(S, w, wAt + 6 * channels);
        FloatVector w21 = FloatVector.fromArray(S, w, wAt + 7 * channels);
        FloatVector w22 = FloatVector.fromArray(S, w, wAt + 8 * channels);
        int a = top;
        int b = middle;
        int c = bottom;
        int to = yAt;
        for (int group = 0; group < groups; group++) {
            FloatVector x0 = FloatVector.fromArray(S, x, a);
            FloatVector x1 = FloatVector.fromArray(S, x, a + step);
            FloatVector x2 = FloatVector.fromArray(S, x, a + 2 * step);
            FloatVector y0 = x0.fma(w00, begin);
            y0 = x1.fma(w01, y0);
            y0 = x2.fma(w02, y0);
            FloatVector x3 = FloatVector.fromArray(S, x, a + 3 * step);
            FloatVector x4 = FloatVector.fromArray(S, x, a + 4 * step);
            FloatVector y1 = x2.fma(w00, begin);
            y1 = x3.fma(w01, y1);
            y1 = x4.fma(w02, y1);
            FloatVector x5 = FloatVector.fromArray(S, x, a + 5 * step);
            FloatVector x6 = FloatVector.fromArray(S, x, a + 6 * step);
            FloatVector y2 = x4.fma(w00, begin);
            y2 = x5.fma(w01, y2);
            y2 = x6.fma(w02, y2);
            FloatVector x7 = FloatVector.fromArray(S, x, a + 7 * step);
            FloatVector x8 = FloatVector.fromArray(S, x, a + 8 * step);
            FloatVector y3 = x6.fma(w00, begin);
            y3 = x7.fma(w01, y3);
            y3 = x8.fma(w02, y3);
            x0 = FloatVector.fromArray(S, x, b);
            x1 = FloatVector.fromArray(S, x, b + step);
            x2 = FloatVector.fromArray(S, x, b + 2 * step);
            y0 = x0.fma(w10, y0);
            y0 = x1.fma(w11, y0);
            y0 = x2.fma(w12, y0);
            x3 = FloatVector.fromArray(S, x, b + 3 * step);
            x4 = FloatVector.fromArray(S, x, b + 4 * step);
            y1 = x2.fma(w10, y1);
            y1 = x3.fma(w11, y1);
            y1 = x4.fma(w12, y1);
            x5 = FloatVector.fromArray(S, x, b + 5 * step);
            x6 = FloatVector.fromArray(S, x, b + 6 * step);
            y2 = x4.fma(w10, y2);
            y2 = x5.fma(w11, y2);
            y2 = x6.fma(w12, y2);
            x7 = FloatVector.fromArray(S, x, b + 7 * step);
            x8 = FloatVector.fromArray(S, x, b + 8 * step);
            y3 = x6.fma(w10, y3);
            y3 = x7.fma(w11, y3);
            y3 = x8.fma(w12, y3);
            x0 = FloatVector.fromArray(S, x, c);
            x1 = FloatVector.fromArray(S, x, c + step);
            x2 = FloatVector.fromArray(S, x, c + 2 * step);
            y0 = x0.fma(w20, y0);
            y0 = x1.fma(w21, y0);
            y0 = x2.fma(w22, y0);
            x3 = FloatVector.fromArray(S, x, c + 3 * step);
            x4 = FloatVector.fromArray(S, x, c + 4 * step);
            y1 = x2.fma(w20, y1);
            y1 = x3.fma(w21, y1);
            y1 = x4.fma(w22, y1);
            x5 = FloatVector.fromArray(S, x, c + 5 * step);
            x6 = FloatVector.fromArray(S, x, c + 6 * step);
            y2 = x4.fma(w20, y2);
            y2 = x5.fma(w21, y2);
            y2 = x6.fma(w22, y2);
            x7 = FloatVector.fromArray(S, x, c + 7 * step);
            x8 = FloatVector.fromArray(S, x, c + 8 * step);
            y3 = x6.fma(w20, y3);
            y3 = x7.fma(w21, y3);
            y3 = x8.fma(w22, y3);
            y0.intoArray(y, to);
            y1.intoArray(y, to + step);
            y2.intoArray(y, to + 2 * step);
            y3.intoArray(y, to + 3 * step);
            a += 8 * step;
            b += 8 * step;
            c += 8 * step;
            to += 4 * step;
        }
    }
}
