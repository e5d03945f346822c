package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
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
     * @param channels from a sum to the next; pixels are L apart
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
        int n = pixels / 2 * 2 * L;
        for (int i = 0; i < n; i += 2 * L) {
            FloatVector d0 = FloatVector.fromArray(S, dy, dyAt + i);
            FloatVector d1 = FloatVector.fromArray(S, dy, dyAt + i + L);
            FloatVector x0 = FloatVector.fromArray(S, x, top + i);
            FloatVector x1 = FloatVector.fromArray(S, x, top + i + L);
            FloatVector x2 = FloatVector.fromArray(S, x, top + i + 2 * L);
            FloatVector x3 = FloatVector.fromArray(S, x, top + i + 3 * L);
            s00 = x0.fma(d0, s00);
            s01 = x1.fma(d0, s01);
            s02 = x2.fma(d0, s02);
            s00 = x1.fma(d1, s00);
            s01 = x2.fma(d1, s01);
            s02 = x3.fma(d1, s02);
            Lanes.keepOrder();
            x0 = FloatVector.fromArray(S, x, middle + i);
            x1 = FloatVector.fromArray(S, x, middle + i + L);
            x2 = FloatVector.fromArray(S, x, middle + i + 2 * L);
            x3 = FloatVector.fromArray(S, x, middle + i + 3 * L);
            s10 = x0.fma(d0, s10);
            s11 = x1.fma(d0, s11);
            s12 = x2.fma(d0, s12);
            s10 = x1.fma(d1, s10);
            s11 = x2.fma(d1, s11);
            s12 = x3.fma(d1, s12);
            Lanes.keepOrder();
            x0 = FloatVector.fromArray(S, x, bottom + i);
            x1 = FloatVector.fromArray(S, x, bottom + i + L);
            x2 = FloatVector.fromArray(S, x, bottom + i + 2 * L);
            x3 = FloatVector.fromArray(S, x, bottom + i + 3 * L);
            s20 = x0.fma(d0, s20);
            s21 = x1.fma(d0, s21);
            s22 = x2.fma(d0, s22);
            s20 = x1.fma(d1, s20);
            s21 = x2.fma(d1, s21);
            s22 = x3.fma(d1, s22);
            Lanes.keepOrder();
        }
        if (pixels % 2 != 0) {
            FloatVector d = FloatVector.fromArray(S, dy, dyAt + n);
            s00 = FloatVector.fromArray(S, x, top + n).fma(d, s00);
            s01 = FloatVector.fromArray(S, x, top + n + L).fma(d, s01);
            s02 = FloatVector.fromArray(S, x, top + n + 2 * L).fma(d, s02);
            s10 = FloatVector.fromArray(S, x, middle + n).fma(d, s10);
            s11 = FloatVector.fromArray(S, x, middle + n + L).fma(d, s11);
            s12 = FloatVector.fromArray(S, x, middle + n + 2 * L).fma(d, s12);
            s20 = FloatVector.fromArray(S, x, bottom + n).fma(d, s20);
            s21 = FloatVector.fromArray(S, x, bottom + n + L).fma(d, s21);
            s22 = FloatVector.fromArray(S, x, bottom + n + 2 * L).fma(d, s22);
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
     * @param channels from a sum to the next; pixels are L apart
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
        int n = pixels / 2 * 2 * L;
        for (int i = 0; i < n; i += 2 * L) {
            FloatVector d0 = FloatVector.fromArray(S, dy, dyAt + i);
            FloatVector d1 = FloatVector.fromArray(S, dy, dyAt + i + L);
            FloatVector x0 = FloatVector.fromArray(S, x, top + 2 * i);
            FloatVector x1 = FloatVector.fromArray(S, x, top + 2 * i + L);
            FloatVector x2 = FloatVector.fromArray(S, x, top + 2 * i + 2 * L);
            FloatVector x3 = FloatVector.fromArray(S, x, top + 2 * i + 3 * L);
            FloatVector x4 = FloatVector.fromArray(S, x, top + 2 * i + 4 * L);
            s00 = x0.fma(d0, s00);
            s01 = x1.fma(d0, s01);
            s02 = x2.fma(d0, s02);
            s00 = x2.fma(d1, s00);
            s01 = x3.fma(d1, s01);
            s02 = x4.fma(d1, s02);
            Lanes.keepOrder();
            x0 = FloatVector.fromArray(S, x, middle + 2 * i);
            x1 = FloatVector.fromArray(S, x, middle + 2 * i + L);
            x2 = FloatVector.fromArray(S, x, middle + 2 * i + 2 * L);
            x3 = FloatVector.fromArray(S, x, middle + 2 * i + 3 * L);
            x4 = FloatVector.fromArray(S, x, middle + 2 * i + 4 * L);
            s10 = x0.fma(d0, s10);
            s11 = x1.fma(d0, s11);
            s12 = x2.fma(d0, s12);
            s10 = x2.fma(d1, s10);
            s11 = x3.fma(d1, s11);
            s12 = x4.fma(d1, s12);
            Lanes.keepOrder();
            x0 = FloatVector.fromArray(S, x, bottom + 2 * i);
            x1 = FloatVector.fromArray(S, x, bottom + 2 * i + L);
            x2 = FloatVector.fromArray(S, x, bottom + 2 * i + 2 * L);
            x3 = FloatVector.fromArray(S, x, bottom + 2 * i + 3 * L);
            x4 = FloatVector.fromArray(S, x, bottom + 2 * i + 4 * L);
            s20 = x0.fma(d0, s20);
            s21 = x1.fma(d0, s21);
            s22 = x2.fma(d0, s22);
            s20 = x2.fma(d1, s20);
            s21 = x3.fma(d1, s21);
            s22 = x4.fma(d1, s22);
            Lanes.keepOrder();
        }
        if (pixels % 2 != 0) {
            FloatVector d = FloatVector.fromArray(S, dy, dyAt + n);
            s00 = FloatVector.fromArray(S, x, top + 2 * n).fma(d, s00);
            s01 = FloatVector.fromArray(S, x, top + 2 * n + L).fma(d, s01);
            s02 = FloatVector.fromArray(S, x, top + 2 * n + 2 * L).fma(d, s02);
            s10 = FloatVector.fromArray(S, x, middle + 2 * n).fma(d, s10);
            s11 = FloatVector.fromArray(S, x, middle + 2 * n + L).fma(d, s11);
            s12 = FloatVector.fromArray(S, x, middle + 2 * n + 2 * L).fma(d, s12);
            s20 = FloatVector.fromArray(S, x, bottom + 2 * n).fma(d, s20);
            s21 = FloatVector.fromArray(S, x, bottom + 2 * n + L).fma(d, s21);
            s22 = FloatVector.fromArray(S, x, bottom + 2 * n + 2 * L).fma(d, s22);
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
