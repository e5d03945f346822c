package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The transforms of Winograd's minimal filtering F(4×4, 3×3), after Lavin and Gray 2016 (<a
 * href="https://arxiv.org/abs/1509.09308">Fast Algorithms for Convolutional Neural Networks</a>, section 4.3): the products of 36 numbers give
 * a square of 4×4 results of a filter of 3×3, in place of 144. With their matrices
 *
 * <ul>
 *   <li>results {@code Y = Aᵀ[(G·g·Gᵀ) ⊙ (Bᵀ·d·B)]A} for a square {@code d} of 6×6 inputs,
 *   <li>the filter's gradient {@code dg = Gᵀ[(A·dY·Aᵀ) ⊙ (Bᵀ·d·B)]G}.
 * </ul>
 *
 * <p>Each transform works on whole vectors of channels and in two passes, columns before rows, for up to {@link #STRIP}
 * tiles side by side. Few operations are binary ones (see the package's rules); fma does the others. An instance belongs to one thread.
 */
final class WinogradTransform {
    /** Results on one side of a tile, numbers on one side of its transform, and numbers in the transform. */
    static final int SIDE = 4;

    static final int EDGE = 6;
    static final int PLANES = EDGE * EDGE;

    /** The most tiles side by side that are transformed together. */
    static final int STRIP = 8;

    private final float[] between = new float[EDGE * columns(STRIP) * L];

    /** Returns how many columns of inputs some tiles side by side read; neighbours share two. */
    static int columns(int tiles) {
        return tiles * SIDE + EDGE - SIDE;
    }

    /**
     * Computes {@code Bᵀ·d·B} for up to {@link #STRIP} tiles side by side, of whose columns only those from {@code first} to {@code end}
     * are there, and the others 0. d's rows are {@code pitch} apart, its pixels {@code pixel}; the numbers of a tile's transform are
     * {@code plane} apart. In a plane, {@code group} channels of every tile come before the next ones.
     *
     * @param firstTile the place of the first tile in a plane
     */
    void input(
            float[] d,
            int at,
            int pitch,
            int pixel,
            int first,
            int end,
            int tiles,
            int channels,
            float[] v,
            int firstTile,
            int plane,
            int group) {
        int row = columns(tiles) * L;
        for (int y = 0; y < EDGE; y++) {
            Arrays.fill(between, y * row, y * row + first * L, 0);
            Arrays.fill(between, y * row + end * L, (y + 1) * row, 0);
        }
        for (int j = 0; j < channels; j += L) {
            for (int x = first; x < end; x++) {
                sixToSix(d, at + x * pixel + j, pitch, between, x * L, row);
            }
            int tileStep = tileStep(j, channels, group);
            int at0 = place(j, channels, group, firstTile, plane);
            for (int y = 0; y < EDGE; y++) {
                int to = at0 + y * EDGE * plane;
                for (int tile = 0; tile < tiles; tile++) {
                    sixToSix(between, y * row + tile * SIDE * L, L, v, to + tile * tileStep, plane);
                }
            }
        }
    }

    /**
     * Computes {@code bias + Aᵀ·m·A} for up to {@link #STRIP} tiles side by side. A tile's numbers are {@code plane} apart, those of the next
     * tile {@code channels} on; the results' rows are {@code pitch} apart, pixels {@code pixel}.
     */
    void output(
            float[] m,
            int at,
            int plane,
            int tiles,
            int channels,
            float[] bias,
            int biasAt,
            float[] y,
            int yAt,
            int pitch,
            int pixel) {
        for (int j = 0; j < channels; j += L) {
            for (int x = 0; x < EDGE; x++) {
                int from = at + x * plane + j;
                for (int tile = 0; tile < tiles; tile++) {
                    int to = (tile * SIDE * EDGE + x) * L;
                    sixToFour(m, from + tile * channels, EDGE * plane, between, to, EDGE * L);
                }
            }
            for (int row = 0; row < tiles * SIDE; row++) {
                int to = yAt + row % SIDE * pitch + row / SIDE * SIDE * pixel + j;
                sixToFourBiased(between, row * EDGE * L, bias, biasAt + j, y, to, pixel);
            }
        }
    }

    /** Computes {@code A·dY·Aᵀ} for up to {@link #STRIP} tiles side by side; the arguments are those of {@link #input}. */
    void gradient(
            float[] dy,
            int at,
            int pitch,
            int pixel,
            int tiles,
            int channels,
            float[] z,
            int firstTile,
            int plane,
            int group) {
        int columns = tiles * SIDE;
        for (int j = 0; j < channels; j += L) {
            for (int x = 0; x < columns; x++) {
                fourToSix(dy, at + x * pixel + j, pitch, between, x * L, columns * L);
            }
            int tileStep = tileStep(j, channels, group);
            int at0 = place(j, channels, group, firstTile, plane);
            for (int y = 0; y < EDGE; y++) {
                int to = at0 + y * EDGE * plane;
                for (int tile = 0; tile < tiles; tile++) {
                    fourToSix(between, (y * columns + tile * SIDE) * L, L, z, to + tile * tileStep, plane);
                }
            }
        }
    }

    /** Returns how far tiles are apart in the group of channel j; the last group may be smaller. */
    private static int tileStep(int j, int channels, int group) {
        return Math.min(group, channels - j / group * group);
    }

    /** Returns where in a plane channel j of a tile is. */
    private static int place(int j, int channels, int group, int tile, int plane) {
        int first = j / group * group;
        return first * (plane / channels) + tile * tileStep(j, channels, group) + j - first;
    }

    /** Computes {@code G·g·Gᵀ}; g's numbers are {@code tap} apart, the results {@code plane}. */
    void filter(float[] g, int at, int tap, int channels, float[] u, int uAt, int plane) {
        for (int j = 0; j < channels; j += L) {
            for (int x = 0; x < 3; x++) {
                threeToSix(g, at + x * tap + j, 3 * tap, between, x * L, 3 * L);
            }
            for (int y = 0; y < EDGE; y++) {
                threeToSix(between, y * 3 * L, L, u, uAt + y * EDGE * plane + j, plane);
            }
        }
    }

    /** Computes {@code Gᵀ·m·G}; m's numbers are {@code plane} apart, the results {@code tap}. */
    void filterGradient(float[] m, int at, int plane, int channels, float[] dg, int dgAt, int tap) {
        for (int j = 0; j < channels; j += L) {
            for (int x = 0; x < EDGE; x++) {
                sixToThree(m, at + x * plane + j, EDGE * plane, between, x * L, EDGE * L);
            }
            for (int i = 0; i < 3; i++) {
                sixToThree(between, i * EDGE * L, L, dg, dgAt + 3 * i * tap + j, tap);
            }
        }
    }

    /**
     * Copies adjacent pixels of {@code wide} numbers, whole vectors, to adjacent ones of the first {@code channels} of them. What the last
     * vector of a pixel writes behind it, the next pixel overwrites; the last pixels are copied without.
     */
    static void copyPixels(float[] from, int at, int wide, float[] to, int toAt, int channels, int pixels) {
        int byVectors = wide == channels ? 0 : Math.max(0, pixels - (wide - 1) / channels);
        for (int i = 0; i < byVectors; i++) {
            for (int j = 0; j < wide; j += L) {
                FloatVector.fromArray(S, from, at + i * wide + j).intoArray(to, toAt + i * channels + j);
            }
        }
        if (wide == channels) {
            System.arraycopy(from, at, to, toAt, pixels * channels);
            return;
        }
        for (int i = byVectors; i < pixels; i++) {
            System.arraycopy(from, at + i * wide, to, toAt + i * channels, channels);
        }
    }

    /** Multiplies by Bᵀ. */
    private static void sixToSix(float[] d, int at, int step, float[] t, int to, int toStep) {
        FloatVector d0 = FloatVector.fromArray(S, d, at);
        FloatVector d1 = FloatVector.fromArray(S, d, at + step);
        FloatVector d2 = FloatVector.fromArray(S, d, at + 2 * step);
        FloatVector d3 = FloatVector.fromArray(S, d, at + 3 * step);
        FloatVector d4 = FloatVector.fromArray(S, d, at + 4 * step);
        FloatVector d5 = FloatVector.fromArray(S, d, at + 5 * step);
        FloatVector four = FloatVector.broadcast(S, 4);
        FloatVector minusFour = FloatVector.broadcast(S, -4);
        FloatVector minusFive = FloatVector.broadcast(S, -5);
        FloatVector two = FloatVector.broadcast(S, 2);
        FloatVector minusTwo = FloatVector.broadcast(S, -2);
        FloatVector even = minusFour.fma(d2, d4);
        FloatVector odd = minusFour.fma(d1, d3);
        FloatVector half = d4.sub(d2);
        FloatVector rest = d3.sub(d1);
        four.fma(d0, minusFive.fma(d2, d4)).intoArray(t, to);
        even.add(odd).intoArray(t, to + toStep);
        even.sub(odd).intoArray(t, to + 2 * toStep);
        two.fma(rest, half).intoArray(t, to + 3 * toStep);
        minusTwo.fma(rest, half).intoArray(t, to + 4 * toStep);
        four.fma(d1, minusFive.fma(d3, d5)).intoArray(t, to + 5 * toStep);
    }

    /** Multiplies by Aᵀ. */
    private static void sixToFour(float[] m, int at, int step, float[] t, int to, int toStep) {
        FloatVector m1 = FloatVector.fromArray(S, m, at + step);
        FloatVector m2 = FloatVector.fromArray(S, m, at + 2 * step);
        FloatVector m3 = FloatVector.fromArray(S, m, at + 3 * step);
        FloatVector m4 = FloatVector.fromArray(S, m, at + 4 * step);
        FloatVector a = m1.add(m2);
        FloatVector b = m1.sub(m2);
        FloatVector c = m3.add(m4);
        FloatVector d = m3.sub(m4);
        FloatVector.fromArray(S, m, at).add(a).add(c).intoArray(t, to);
        FloatVector.broadcast(S, 2).fma(d, b).intoArray(t, to + toStep);
        FloatVector.broadcast(S, 4).fma(c, a).intoArray(t, to + 2 * toStep);
        FloatVector.broadcast(S, 8)
                .fma(d, b.add(FloatVector.fromArray(S, m, at + 5 * step)))
                .intoArray(t, to + 3 * toStep);
    }

    /** Multiplies six vectors that are adjacent by Aᵀ and adds the bias. */
    private static void sixToFourBiased(float[] m, int at, float[] bias, int biasAt, float[] t, int to, int toStep) {
        FloatVector one = FloatVector.broadcast(S, 1);
        FloatVector start = FloatVector.fromArray(S, bias, biasAt);
        FloatVector m1 = FloatVector.fromArray(S, m, at + L);
        FloatVector m2 = FloatVector.fromArray(S, m, at + 2 * L);
        FloatVector m3 = FloatVector.fromArray(S, m, at + 3 * L);
        FloatVector m4 = FloatVector.fromArray(S, m, at + 4 * L);
        FloatVector a = one.fma(m1, m2).add(start);
        FloatVector b = m1.sub(m2).add(start);
        FloatVector c = m3.add(m4);
        FloatVector d = m3.sub(m4);
        FloatVector.fromArray(S, m, at).add(a).add(c).intoArray(t, to);
        FloatVector.broadcast(S, 2).fma(d, b).intoArray(t, to + toStep);
        FloatVector.broadcast(S, 4).fma(c, a).intoArray(t, to + 2 * toStep);
        FloatVector.broadcast(S, 8)
                .fma(d, b.add(FloatVector.fromArray(S, m, at + 5 * L)))
                .intoArray(t, to + 3 * toStep);
    }

    /** Multiplies by A. */
    private static void fourToSix(float[] y, int at, int step, float[] t, int to, int toStep) {
        FloatVector y0 = FloatVector.fromArray(S, y, at);
        FloatVector y1 = FloatVector.fromArray(S, y, at + step);
        FloatVector y2 = FloatVector.fromArray(S, y, at + 2 * step);
        FloatVector y3 = FloatVector.fromArray(S, y, at + 3 * step);
        FloatVector four = FloatVector.broadcast(S, 4);
        FloatVector even = y0.add(y2);
        FloatVector odd = y1.add(y3);
        FloatVector wide = four.fma(y2, y0);
        FloatVector rest = four.fma(y3, y1);
        y0.intoArray(t, to);
        even.add(odd).intoArray(t, to + toStep);
        even.sub(odd).intoArray(t, to + 2 * toStep);
        FloatVector.broadcast(S, 2).fma(rest, wide).intoArray(t, to + 3 * toStep);
        FloatVector.broadcast(S, -2).fma(rest, wide).intoArray(t, to + 4 * toStep);
        y3.intoArray(t, to + 5 * toStep);
    }

    /** Multiplies by G. */
    private static void threeToSix(float[] g, int at, int step, float[] t, int to, int toStep) {
        FloatVector g0 = FloatVector.fromArray(S, g, at);
        FloatVector g1 = FloatVector.fromArray(S, g, at + step);
        FloatVector g2 = FloatVector.fromArray(S, g, at + 2 * step);
        FloatVector sum = g0.add(g2).mul(-1f / 6);
        FloatVector wide = FloatVector.broadcast(S, 1f / 6).fma(g2, g0.mul(1f / 24));
        g0.mul(0.25f).intoArray(t, to);
        FloatVector.broadcast(S, -1f / 6).fma(g1, sum).intoArray(t, to + toStep);
        FloatVector.broadcast(S, 1f / 6).fma(g1, sum).intoArray(t, to + 2 * toStep);
        FloatVector.broadcast(S, 1f / 12).fma(g1, wide).intoArray(t, to + 3 * toStep);
        FloatVector.broadcast(S, -1f / 12).fma(g1, wide).intoArray(t, to + 4 * toStep);
        g2.intoArray(t, to + 5 * toStep);
    }

    /** Multiplies by Gᵀ. */
    private static void sixToThree(float[] m, int at, int step, float[] t, int to, int toStep) {
        FloatVector m1 = FloatVector.fromArray(S, m, at + step);
        FloatVector m2 = FloatVector.fromArray(S, m, at + 2 * step);
        FloatVector m3 = FloatVector.fromArray(S, m, at + 3 * step);
        FloatVector m4 = FloatVector.fromArray(S, m, at + 4 * step);
        FloatVector sixth = FloatVector.broadcast(S, 1f / 6);
        FloatVector a = m1.add(m2);
        FloatVector b = m2.sub(m1);
        FloatVector c = m3.add(m4);
        FloatVector d = m3.sub(m4);
        FloatVector minusA = FloatVector.broadcast(S, -1f / 6).fma(a, FloatVector.zero(S));
        FloatVector.broadcast(S, 1f / 24)
                .fma(c, FloatVector.broadcast(S, 0.25f).fma(FloatVector.fromArray(S, m, at), minusA))
                .intoArray(t, to);
        sixth.fma(b, d.mul(1f / 12)).intoArray(t, to + toStep);
        sixth.fma(c, minusA.add(FloatVector.fromArray(S, m, at + 5 * step))).intoArray(t, to + 2 * toStep);
    }
}
