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
 *
 * <p>The transforms of images are long methods, so that the compiler puts none of them into its caller: it gives up on the vectors of a
 * method that has two or three of them. In their loops, distances are constants wherever they can be, since only then all checks of ranges leave the
 * loops.
 */
final class WinogradTransform {
    /** Results on one side of a tile, numbers on one side of its transform, and numbers in the transform. */
    static final int SIDE = 4;

    static final int EDGE = 6;
    static final int PLANES = EDGE * EDGE;

    /** A line of the first cache, which is left out between planes. */
    private static final int SPACE = 16;

    /** The most tiles side by side that are transformed together. */
    static final int STRIP = 8;

    /** How many channels are transformed together, whole vectors. */
    private static final int BLOCK = 64;

    /** The distance of planes of up to 512 numbers, as a task of 16 to 64 channels has them. */
    private static final int PLANE = 512 + SPACE;

    /** The distance of rows between the two passes: that of the planes of two rows of a transform, so that one index serves both. */
    private static final int ROW = EDGE * PLANE;

    private final float[] between = new float[EDGE * ROW];
    private final float[] zeros = new float[columns(STRIP) * BLOCK];

    /** Returns how many columns of inputs some tiles side by side read; neighbours share two. */
    static int columns(int tiles) {
        return tiles * SIDE + EDGE - SIDE;
    }

    /**
     * Returns how far planes of some numbers are apart: a constant where they fit. Planes never begin a multiple of 2 KiB apart, as 36 of them would
     * share few lines of the first cache.
     */
    static int plane(int numbers) {
        return numbers <= PLANE - SPACE ? PLANE : Gemm.roundUp(numbers, 2 * SPACE) + SPACE;
    }

    /**
     * Computes {@code Bᵀ·d·B} for up to {@link #STRIP} tiles side by side. Of their columns only those from {@code first} to {@code end} are
     * there, and the others are 0. d's rows are {@code pitch} apart, its pixels {@code pixel}. In a {@link #plane} of {@code rows} tiles,
     * {@code group} channels of every tile come before the next ones.
     *
     * @param top whether the first of the six rows is there, which is 0 otherwise
     * @param bottom whether the last row is
     * @param firstTile the place of the first tile in a plane
     */
    void input(
            float[] d,
            int at,
            int pitch,
            int pixel,
            boolean top,
            boolean bottom,
            int first,
            int end,
            int tiles,
            int channels,
            float[] v,
            int firstTile,
            int rows,
            int group) {
        int plane = plane(rows * channels);
        float[] topRow = top ? d : zeros;
        float[] bottomRow = bottom ? d : zeros;
        for (int j = 0; j < channels; j += BLOCK) {
            int block = Math.min(BLOCK, channels - j);
            int row = columns(tiles) * block;
            for (int y = 0; y < EDGE * ROW; y += ROW) {
                clear(y, y + first * block);
                clear(y + end * block, y + row);
            }
            int run = block == pixel ? (end - first) * block : block;
            for (int x = first; x < end; x += run / block) {
                int from = at + x * pixel + j;
                int topAt = top ? from : 0;
                int bottomAt = bottom ? from + (EDGE - 1) * pitch : 0;
                for (int i = 0; i < run; i += L) {
                    int to = x * block + i;
                    sixToSix(topRow, topAt + i, d, from + i, pitch, bottomRow, bottomAt + i, between, to, ROW);
                }
            }
            for (int i = 0; i < block; i += L) {
                int step = tileStep(j + i, channels, group);
                int to = place(j + i, channels, group, firstTile, rows);
                for (int from = i; from < row - 2 * block; from += SIDE * block) {
                    if (plane == PLANE) {
                        for (int y = 0; y < EDGE * ROW; y += ROW) {
                            sixToSix(between, from + y, block, v, to + y, PLANE);
                        }
                    } else {
                        for (int y = 0; y < EDGE; y++) {
                            sixToSix(between, from + y * ROW, block, v, to + y * EDGE * plane, plane);
                        }
                    }
                    to += step;
                }
            }
        }
    }

    private void clear(int from, int end) {
        if (from < end) {
            Arrays.fill(between, from, end, 0);
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
        FloatVector one = FloatVector.broadcast(S, 1);
        for (int tile = 0; tile < tiles; tile++) {
            for (int j = 0; j < channels; j += L) {
                int from = at + tile * channels + j;
                if (plane == PLANE) {
                    for (int x = 0; x < EDGE * PLANE; x += PLANE) {
                        sixToFour(m, from + x, EDGE * PLANE, between, x, L);
                    }
                } else {
                    for (int x = 0; x < EDGE; x++) {
                        sixToFour(m, from + x * plane, EDGE * plane, between, x * PLANE, L);
                    }
                }
                FloatVector start = FloatVector.fromArray(S, bias, biasAt + j);
                int to = yAt + tile * SIDE * pixel + j;
                for (int i = 0; i < SIDE * L; i += L) {
                    FloatVector m0 = FloatVector.fromArray(S, between, i);
                    FloatVector m1 = FloatVector.fromArray(S, between, i + PLANE);
                    FloatVector m2 = FloatVector.fromArray(S, between, i + 2 * PLANE);
                    FloatVector m3 = FloatVector.fromArray(S, between, i + 3 * PLANE);
                    FloatVector m4 = FloatVector.fromArray(S, between, i + 4 * PLANE);
                    FloatVector m5 = FloatVector.fromArray(S, between, i + 5 * PLANE);
                    FloatVector a = one.fma(m1, m2).add(start);
                    FloatVector b = m1.sub(m2).add(start);
                    FloatVector c = m3.add(m4);
                    FloatVector d = m3.sub(m4);
                    m0.add(a).add(c).intoArray(y, to);
                    FloatVector.broadcast(S, 2).fma(d, b).intoArray(y, to + pixel);
                    FloatVector.broadcast(S, 4).fma(c, a).intoArray(y, to + 2 * pixel);
                    FloatVector.broadcast(S, 8).fma(d, b.add(m5)).intoArray(y, to + 3 * pixel);
                    to += pitch;
                }
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
            int rows,
            int group) {
        int plane = plane(rows * channels);
        int columns = tiles * SIDE;
        for (int j = 0; j < channels; j += BLOCK) {
            int block = Math.min(BLOCK, channels - j);
            int run = block == pixel ? columns * block : block;
            for (int x = 0; x < columns; x += run / block) {
                for (int i = 0; i < run; i += L) {
                    fourToSix(dy, at + x * pixel + j + i, pitch, between, x * block + i, ROW);
                }
            }
            for (int i = 0; i < block; i += L) {
                int step = tileStep(j + i, channels, group);
                int to = place(j + i, channels, group, firstTile, rows);
                for (int from = i; from < columns * block; from += SIDE * block) {
                    if (plane == PLANE) {
                        for (int y = 0; y < EDGE * ROW; y += ROW) {
                            fourToSix(between, from + y, block, z, to + y, PLANE);
                        }
                    } else {
                        for (int y = 0; y < EDGE; y++) {
                            fourToSix(between, from + y * ROW, block, z, to + y * EDGE * plane, plane);
                        }
                    }
                    to += step;
                }
            }
        }
    }

    /** Returns how far tiles are apart in the group of channel j; the last group may be smaller. */
    private static int tileStep(int j, int channels, int group) {
        return Math.min(group, channels - j / group * group);
    }

    /** Returns where in a plane channel j of a tile is. */
    private static int place(int j, int channels, int group, int tile, int rows) {
        int first = j / group * group;
        return first * rows + tile * tileStep(j, channels, group) + j - first;
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
        sixToSix(d, at, d, at, step, d, at + 5 * step, t, to, toStep);
    }

    private static void sixToSix(
            float[] first,
            int firstAt,
            float[] d,
            int at,
            int step,
            float[] last,
            int lastAt,
            float[] t,
            int to,
            int toStep) {
        FloatVector d0 = FloatVector.fromArray(S, first, firstAt);
        FloatVector d1 = FloatVector.fromArray(S, d, at + step);
        FloatVector d2 = FloatVector.fromArray(S, d, at + 2 * step);
        FloatVector d3 = FloatVector.fromArray(S, d, at + 3 * step);
        FloatVector d4 = FloatVector.fromArray(S, d, at + 4 * step);
        FloatVector d5 = FloatVector.fromArray(S, last, lastAt);
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
