package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;

/**
 * The loops of the gradient of a depthwise convolution with respect to filters of 3×3, for one vector of channels of a row: the nine sums stay
 * in registers.
 */
final class Depthwise3x3Sums {
    private Depthwise3x3Sums() {}

    /**
     * Adds to the sums of a filter's nine weights the products of the slopes of some pixels and what they were computed from, pixel by pixel.
     *
     * @param top where the first row that a slope meets begins in x, middle and bottom where the others do
     * @param channels from a pixel to the next, and from a sum to the next
     */
    static void addByOne(
            float[] x,
            int top,
            int middle,
            int bottom,
            int channels,
            float[] dy,
            int dyAt,
            int pixels,
            float[] sums,
            int sumsAt) {
        FloatVector s00 = FloatVector.fromArray(S, sums, sumsAt);
        FloatVector s01 = FloatVector.fromArray(S, sums, sumsAt + channels);
        FloatVector s02 = FloatVector.fromArray(S, sums, sumsAt + 2 * channels);
        FloatVector s10 = FloatVector.fromArray(S, sums, sumsAt + 3 * channels);
        FloatVector s11 = FloatVector.fromArray(S, sums, sumsAt + 4 * channels);
        FloatVector s12 = FloatVector.fromArray(S, sums, sumsAt + 5 * channels);
        FloatVector s20 = FloatVector.fromArray(S, sums, sumsAt + 6 * channels);
        FloatVector s21 = FloatVector.fromArray(S, sums, sumsAt + 7 * channels);
        FloatVector s22 = FloatVector.fromArray(S, sums, sumsAt + 8 * channels);
        int a = top;
        int b = middle;
        int c = bottom;
        int from = dyAt;
        int pairs = pixels / 2;
        for (int pair = 0; pair < pairs; pair++) {
            FloatVector d0 = FloatVector.fromArray(S, dy, from);
            FloatVector d1 = FloatVector.fromArray(S, dy, from + channels);
            FloatVector x0 = FloatVector.fromArray(S, x, a);
            FloatVector x1 = FloatVector.fromArray(S, x, a + channels);
            FloatVector x2 = FloatVector.fromArray(S, x, a + 2 * channels);
            FloatVector x3 = FloatVector.fromArray(S, x, a + 3 * channels);
            s00 = x0.fma(d0, s00);
            s01 = x1.fma(d0, s01);
            s02 = x2.fma(d0, s02);
            s00 = x1.fma(d1, s00);
            s01 = x2.fma(d1, s01);
            s02 = x3.fma(d1, s02);
            x0 = FloatVector.fromArray(S, x, b);
            x1 = FloatVector.fromArray(S, x, b + channels);
            x2 = FloatVector.fromArray(S, x, b + 2 * channels);
            x3 = FloatVector.fromArray(S, x, b + 3 * channels);
            s10 = x0.fma(d0, s10);
            s11 = x1.fma(d0, s11);
            s12 = x2.fma(d0, s12);
            s10 = x1.fma(d1, s10);
            s11 = x2.fma(d1, s11);
            s12 = x3.fma(d1, s12);
            x0 = FloatVector.fromArray(S, x, c);
            x1 = FloatVector.fromArray(S, x, c + channels);
            x2 = FloatVector.fromArray(S, x, c + 2 * channels);
            x3 = FloatVector.fromArray(S, x, c + 3 * channels);
            s20 = x0.fma(d0, s20);
            s21 = x1.fma(d0, s21);
            s22 = x2.fma(d0, s22);
            s20 = x1.fma(d1, s20);
            s21 = x2.fma(d1, s21);
            s22 = x3.fma(d1, s22);
            a += 2 * channels;
            b += 2 * channels;
            c += 2 * channels;
            from += 2 * channels;
        }
        if (pixels % 2 != 0) {
            FloatVector d = FloatVector.fromArray(S, dy, from);
            s00 = FloatVector.fromArray(S, x, a).fma(d, s00);
            s01 = FloatVector.fromArray(S, x, a + channels).fma(d, s01);
            s02 = FloatVector.fromArray(S, x, a + 2 * channels).fma(d, s02);
            s10 = FloatVector.fromArray(S, x, b).fma(d, s10);
            s11 = FloatVector.fromArray(S, x, b + channels).fma(d, s11);
            s12 = FloatVector.fromArray(S, x, b + 2 * channels).fma(d, s12);
            s20 = FloatVector.fromArray(S, x, c).fma(d, s20);
            s21 = FloatVector.fromArray(S, x, c + channels).fma(d, s21);
            s22 = FloatVector.fromArray(S, x, c + 2 * channels).fma(d, s22);
        }
        s00.intoArray(sums, sumsAt);
        s01.intoArray(sums, sumsAt + channels);
        s02.intoArray(sums, sumsAt + 2 * channels);
        s10.intoArray(sums, sumsAt + 3 * channels);
        s11.intoArray(sums, sumsAt + 4 * channels);
        s12.intoArray(sums, sumsAt + 5 * channels);
        s20.intoArray(sums, sumsAt + 6 * channels);
        s21.intoArray(sums, sumsAt + 7 * channels);
        s22.intoArray(sums, sumsAt + 8 * channels);
    }

    /**
     * Adds the same for a filter that moves by two pixels.
     *
     * @param top where the first row that a slope meets begins in x, middle and bottom where the others do
     * @param channels from a pixel to the next, and from a sum to the next
     */
    static void addByTwo(
            float[] x,
            int top,
            int middle,
            int bottom,
            int channels,
            float[] dy,
            int dyAt,
            int pixels,
            float[] sums,
            int sumsAt) {
        FloatVector s00 = FloatVector.fromArray(S, sums, sumsAt);
        FloatVector s01 = FloatVector.fromArray(S, sums, sumsAt + channels);
        FloatVector s02 = FloatVector.fromArray(S, sums, sumsAt + 2 * channels);
        FloatVector s10 = FloatVector.fromArray(S, sums, sumsAt + 3 * channels);
        FloatVector s11 = FloatVector.fromArray(S, sums, sumsAt + 4 * channels);
        FloatVector s12 = FloatVector.fromArray(S, sums, sumsAt + 5 * channels);
        FloatVector s20 = FloatVector.fromArray(S, sums, sumsAt + 6 * channels);
        FloatVector s21 = FloatVector.fromArray(S, sums, sumsAt + 7 * channels);
        FloatVector s22 = FloatVector.fromArray(S, sums, sumsAt + 8 * channels);
        int a = top;
        int b = middle;
        int c = bottom;
        int from = dyAt;
        int pairs = pixels / 2;
        for (int pair = 0; pair < pairs; pair++) {
            FloatVector d0 = FloatVector.fromArray(S, dy, from);
            FloatVector d1 = FloatVector.fromArray(S, dy, from + channels);
            FloatVector x0 = FloatVector.fromArray(S, x, a);
            FloatVector x1 = FloatVector.fromArray(S, x, a + channels);
            FloatVector x2 = FloatVector.fromArray(S, x, a + 2 * channels);
            FloatVector x3 = FloatVector.fromArray(S, x, a + 3 * channels);
            FloatVector x4 = FloatVector.fromArray(S, x, a + 4 * channels);
            s00 = x0.fma(d0, s00);
            s01 = x1.fma(d0, s01);
            s02 = x2.fma(d0, s02);
            s00 = x2.fma(d1, s00);
            s01 = x3.fma(d1, s01);
            s02 = x4.fma(d1, s02);
            x0 = FloatVector.fromArray(S, x, b);
            x1 = FloatVector.fromArray(S, x, b + channels);
            x2 = FloatVector.fromArray(S, x, b + 2 * channels);
            x3 = FloatVector.fromArray(S, x, b + 3 * channels);
            x4 = FloatVector.fromArray(S, x, b + 4 * channels);
            s10 = x0.fma(d0, s10);
            s11 = x1.fma(d0, s11);
            s12 = x2.fma(d0, s12);
            s10 = x2.fma(d1, s10);
            s11 = x3.fma(d1, s11);
            s12 = x4.fma(d1, s12);
            x0 = FloatVector.fromArray(S, x, c);
            x1 = FloatVector.fromArray(S, x, c + channels);
            x2 = FloatVector.fromArray(S, x, c + 2 * channels);
            x3 = FloatVector.fromArray(S, x, c + 3 * channels);
            x4 = FloatVector.fromArray(S, x, c + 4 * channels);
            s20 = x0.fma(d0, s20);
            s21 = x1.fma(d0, s21);
            s22 = x2.fma(d0, s22);
            s20 = x2.fma(d1, s20);
            s21 = x3.fma(d1, s21);
            s22 = x4.fma(d1, s22);
            a += 4 * channels;
            b += 4 * channels;
            c += 4 * channels;
            from += 2 * channels;
        }
        if (pixels % 2 != 0) {
            FloatVector d = FloatVector.fromArray(S, dy, from);
            s00 = FloatVector.fromArray(S, x, a).fma(d, s00);
            s01 = FloatVector.fromArray(S, x, a + channels).fma(d, s01);
            s02 = FloatVector.fromArray(S, x, a + 2 * channels).fma(d, s02);
            s10 = FloatVector.fromArray(S, x, b).fma(d, s10);
            s11 = FloatVector.fromArray(S, x, b + channels).fma(d, s11);
            s12 = FloatVector.fromArray(S, x, b + 2 * channels).fma(d, s12);
            s20 = FloatVector.fromArray(S, x, c).fma(d, s20);
            s21 = FloatVector.fromArray(S, x, c + channels).fma(d, s21);
            s22 = FloatVector.fromArray(S, x, c + 2 * channels).fma(d, s22);
        }
        s00.intoArray(sums, sumsAt);
        s01.intoArray(sums, sumsAt + channels);
        s02.intoArray(sums, sumsAt + 2 * channels);
        s10.intoArray(sums, sumsAt + 3 * channels);
        s11.intoArray(sums, sumsAt + 4 * channels);
        s12.intoArray(sums, sumsAt + 5 * channels);
        s20.intoArray(sums, sumsAt + 6 * channels);
        s21.intoArray(sums, sumsAt + 7 * channels);
        s22.intoArray(sums, sumsAt + 8 * channels);
    }
}
