package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;

/**
 * The loops of a depthwise convolution, for all channels of a pixel: L at a time. Where they are no multiple of L, the last vector
 * overlaps the one before it; fewer than L are done one by one.
 */
final class DepthwiseRows {
    /** Pixels that are summed together, so that a weight is loaded once for them. */
    static final int TOGETHER = 4;

    private DepthwiseRows() {}

    /**
     * Computes {@code y[yAt + c] = start[c] + Σ x[at + moves[k] + c] · w[wAt + weights[k] + c]} for each channel c.
     *
     * @param moves for each tap how far its source is
     * @param weights for each tap how far its weight is
     */
    static void one(
            float[] x,
            int at,
            int[] moves,
            float[] w,
            int wAt,
            int[] weights,
            float[] start,
            float[] y,
            int yAt,
            int channels) {
        if (channels < L) {
            few(x, at, moves, w, wAt, weights, start, y, yAt, channels);
            return;
        }
        int last = channels - L;
        for (int block = 0; block < channels; block += L) {
            int c = Math.min(block, last);
            FloatVector sum = FloatVector.fromArray(S, start, c);
            for (int k = 0; k < moves.length; k++) {
                FloatVector weight = FloatVector.fromArray(S, w, wAt + weights[k] + c);
                sum = FloatVector.fromArray(S, x, at + moves[k] + c).fma(weight, sum);
            }
            sum.intoArray(y, yAt + c);
        }
    }

    /** Computes four pixels as {@link #one} does; {@code step} leads from one's sources to the next's, {@code yStep} to its results. */
    static void four(
            float[] x,
            int at,
            int step,
            int[] moves,
            float[] w,
            int wAt,
            int[] weights,
            float[] start,
            float[] y,
            int yAt,
            int yStep,
            int channels) {
        if (channels < L) {
            for (int pixel = 0; pixel < TOGETHER; pixel++) {
                few(x, at + pixel * step, moves, w, wAt, weights, start, y, yAt + pixel * yStep, channels);
            }
            return;
        }
        int last = channels - L;
        for (int block = 0; block < channels; block += L) {
            int c = Math.min(block, last);
            FloatVector first = FloatVector.fromArray(S, start, c);
            FloatVector second = first;
            FloatVector third = first;
            FloatVector fourth = first;
            for (int k = 0; k < moves.length; k++) {
                int from = at + moves[k] + c;
                FloatVector weight = FloatVector.fromArray(S, w, wAt + weights[k] + c);
                first = FloatVector.fromArray(S, x, from).fma(weight, first);
                second = FloatVector.fromArray(S, x, from + step).fma(weight, second);
                third = FloatVector.fromArray(S, x, from + 2 * step).fma(weight, third);
                fourth = FloatVector.fromArray(S, x, from + 3 * step).fma(weight, fourth);
            }
            first.intoArray(y, yAt + c);
            second.intoArray(y, yAt + yStep + c);
            third.intoArray(y, yAt + 2 * yStep + c);
            fourth.intoArray(y, yAt + 3 * yStep + c);
        }
    }

    private static void few(
            float[] x,
            int at,
            int[] moves,
            float[] w,
            int wAt,
            int[] weights,
            float[] start,
            float[] y,
            int yAt,
            int channels) {
        for (int c = 0; c < channels; c++) {
            float sum = start[c];
            for (int k = 0; k < moves.length; k++) {
                sum = Math.fma(x[at + moves[k] + c], w[wAt + weights[k] + c], sum);
            }
            y[yAt + c] = sum;
        }
    }

    /**
     * Adds to {@code sums[sumsAt + c]} the products of {@code count} pixels, {@code x[at + k·step + c] · dy[dyAt + k·channels + c]}.
     */
    static void addProducts(
            float[] x, int at, int step, float[] dy, int dyAt, int count, float[] sums, int sumsAt, int channels) {
        int whole = channels - channels % L;
        for (int c = 0; c < whole; c += L) {
            FloatVector sum = FloatVector.fromArray(S, sums, sumsAt + c);
            for (int k = 0; k < count; k++) {
                FloatVector slope = FloatVector.fromArray(S, dy, dyAt + k * channels + c);
                sum = FloatVector.fromArray(S, x, at + k * step + c).fma(slope, sum);
            }
            sum.intoArray(sums, sumsAt + c);
        }
        for (int c = whole; c < channels; c++) {
            for (int k = 0; k < count; k++) {
                sums[sumsAt + c] = Math.fma(x[at + k * step + c], dy[dyAt + k * channels + c], sums[sumsAt + c]);
            }
        }
    }

    /**
     * Does the same for three taps side by side, so that a slope is loaded once for them.
     *
     * @param tapStep how far the sources of a tap are from those of the one before it; its sums are {@code channels} further
     */
    static void addThreeProducts(
            float[] x,
            int at,
            int step,
            int tapStep,
            float[] dy,
            int dyAt,
            int count,
            float[] sums,
            int sumsAt,
            int channels) {
        int whole = channels - channels % L;
        for (int c = 0; c < whole; c += L) {
            int to = sumsAt + c;
            FloatVector first = FloatVector.fromArray(S, sums, to);
            FloatVector second = FloatVector.fromArray(S, sums, to + channels);
            FloatVector third = FloatVector.fromArray(S, sums, to + 2 * channels);
            for (int k = 0; k < count; k++) {
                int from = at + k * step + c;
                FloatVector slope = FloatVector.fromArray(S, dy, dyAt + k * channels + c);
                first = FloatVector.fromArray(S, x, from).fma(slope, first);
                second = FloatVector.fromArray(S, x, from + tapStep).fma(slope, second);
                third = FloatVector.fromArray(S, x, from + 2 * tapStep).fma(slope, third);
            }
            first.intoArray(sums, to);
            second.intoArray(sums, to + channels);
            third.intoArray(sums, to + 2 * channels);
        }
        for (int c = whole; c < channels; c++) {
            for (int k = 0; k < count; k++) {
                float slope = dy[dyAt + k * channels + c];
                for (int tap = 0; tap < 3; tap++) {
                    int to = sumsAt + tap * channels + c;
                    sums[to] = Math.fma(x[at + k * step + tap * tapStep + c], slope, sums[to]);
                }
            }
        }
    }
}
