package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;

/**
 * The micro-kernels of {@link WinogradConvolution} and {@link WinogradFilterGradient}: a small block of a matrix product, both
 * matrices read in place. They are long for the same reason as those of {@link IndirectConvolutionTile}.
 */
final class WinogradTile {
    /** Rows of a block that is two vectors wide, and of one that is one vector wide. */
    static final int WIDE_ROWS = L >= 16 ? 8 : 4;

    static final int NARROW_ROWS = 8;

    /** Any number of rows is filled up to a multiple of this, so that blocks of either kind fit. */
    static final int ROWS = 8;

    private WinogradTile() {}

    /**
     * Computes {@code c[r][j] = Σᵢ a[r][i] · b[i][j]} for i below k, j below {@code width}.
     *
     * @param rows how many, a multiple of {@link #ROWS}
     * @param width one vector or two
     */
    static void product(
            int rows,
            int width,
            float[] a,
            int aAt,
            int aStep,
            int k,
            float[] b,
            int bAt,
            int bStep,
            float[] c,
            int cAt,
            int cStep) {
        if (width == L) {
            for (int r = 0; r < rows; r += NARROW_ROWS) {
                rows8x1(a, aAt + r * aStep, aStep, k, b, bAt, bStep, c, cAt + r * cStep, cStep);
            }
        } else if (WIDE_ROWS == 8) {
            for (int r = 0; r < rows; r += WIDE_ROWS) {
                rows8x2(a, aAt + r * aStep, aStep, k, b, bAt, bStep, c, cAt + r * cStep, cStep);
            }
        } else {
            for (int r = 0; r < rows; r += WIDE_ROWS) {
                rows4x2(a, aAt + r * aStep, aStep, k, b, bAt, bStep, c, cAt + r * cStep, cStep);
            }
        }
    }

    /** Adds {@code Σᵢ a[i][r] · b[i][j]} to {@code c[r][j]}; the arguments are those of {@link #product}. */
    static void addTransposed(
            int rows,
            int width,
            float[] a,
            int aAt,
            int aStep,
            int k,
            float[] b,
            int bAt,
            int bStep,
            float[] c,
            int cAt,
            int cStep) {
        if (width == L) {
            for (int r = 0; r < rows; r += NARROW_ROWS) {
                addTransposed8x1(a, aAt + r, aStep, k, b, bAt, bStep, c, cAt + r * cStep, cStep);
            }
        } else {
            for (int r = 0; r < rows; r += WIDE_ROWS) {
                if (WIDE_ROWS == 8) {
                    rows8(k, a, aAt + r, aStep, b, bAt, bStep, c, cAt + r * cStep, cStep);
                } else {
                    rows4(k, a, aAt + r, aStep, b, bAt, bStep, c, cAt + r * cStep, cStep);
                }
            }
        }
    }

    /** Computes 8 rows of 2 vectors. */
    private static void rows8x2(
            float[] a, int aAt, int aStep, int k, float[] b, int bAt, int bStep, float[] c, int cAt, int cStep) {
        int r0 = aAt;
        int r1 = aAt + 1 * aStep;
        int r2 = aAt + 2 * aStep;
        int r3 = aAt + 3 * aStep;
        int r4 = aAt + 4 * aStep;
        int r5 = aAt + 5 * aStep;
        int r6 = aAt + 6 * aStep;
        int r7 = aAt + 7 * aStep;
        FloatVector c0a = FloatVector.zero(S);
        FloatVector c0b = FloatVector.zero(S);
        FloatVector c1a = FloatVector.zero(S);
        FloatVector c1b = FloatVector.zero(S);
        FloatVector c2a = FloatVector.zero(S);
        FloatVector c2b = FloatVector.zero(S);
        FloatVector c3a = FloatVector.zero(S);
        FloatVector c3b = FloatVector.zero(S);
        FloatVector c4a = FloatVector.zero(S);
        FloatVector c4b = FloatVector.zero(S);
        FloatVector c5a = FloatVector.zero(S);
        FloatVector c5b = FloatVector.zero(S);
        FloatVector c6a = FloatVector.zero(S);
        FloatVector c6b = FloatVector.zero(S);
        FloatVector c7a = FloatVector.zero(S);
        FloatVector c7b = FloatVector.zero(S);
        int bi = bAt;
        for (int i = 0; i < k; i++) {
            FloatVector b0 = FloatVector.fromArray(S, b, bi);
            FloatVector b1 = FloatVector.fromArray(S, b, bi + L);
            FloatVector a0 = FloatVector.broadcast(S, a[r0 + i]);
            c0a = a0.fma(b0, c0a);
            c0b = a0.fma(b1, c0b);
            FloatVector a1 = FloatVector.broadcast(S, a[r1 + i]);
            c1a = a1.fma(b0, c1a);
            c1b = a1.fma(b1, c1b);
            FloatVector a2 = FloatVector.broadcast(S, a[r2 + i]);
            c2a = a2.fma(b0, c2a);
            c2b = a2.fma(b1, c2b);
            FloatVector a3 = FloatVector.broadcast(S, a[r3 + i]);
            c3a = a3.fma(b0, c3a);
            c3b = a3.fma(b1, c3b);
            FloatVector a4 = FloatVector.broadcast(S, a[r4 + i]);
            c4a = a4.fma(b0, c4a);
            c4b = a4.fma(b1, c4b);
            FloatVector a5 = FloatVector.broadcast(S, a[r5 + i]);
            c5a = a5.fma(b0, c5a);
            c5b = a5.fma(b1, c5b);
            FloatVector a6 = FloatVector.broadcast(S, a[r6 + i]);
            c6a = a6.fma(b0, c6a);
            c6b = a6.fma(b1, c6b);
            FloatVector a7 = FloatVector.broadcast(S, a[r7 + i]);
            c7a = a7.fma(b0, c7a);
            c7b = a7.fma(b1, c7b);
            bi += bStep;
        }
        c0a.intoArray(c, cAt);
        c0b.intoArray(c, cAt + L);
        c1a.intoArray(c, cAt + 1 * cStep);
        c1b.intoArray(c, cAt + 1 * cStep + L);
        c2a.intoArray(c, cAt + 2 * cStep);
        c2b.intoArray(c, cAt + 2 * cStep + L);
        c3a.intoArray(c, cAt + 3 * cStep);
        c3b.intoArray(c, cAt + 3 * cStep + L);
        c4a.intoArray(c, cAt + 4 * cStep);
        c4b.intoArray(c, cAt + 4 * cStep + L);
        c5a.intoArray(c, cAt + 5 * cStep);
        c5b.intoArray(c, cAt + 5 * cStep + L);
        c6a.intoArray(c, cAt + 6 * cStep);
        c6b.intoArray(c, cAt + 6 * cStep + L);
        c7a.intoArray(c, cAt + 7 * cStep);
        c7b.intoArray(c, cAt + 7 * cStep + L);
    }

    /** Computes 4 rows of 2 vectors. */
    private static void rows4x2(
            float[] a, int aAt, int aStep, int k, float[] b, int bAt, int bStep, float[] c, int cAt, int cStep) {
        int r0 = aAt;
        int r1 = aAt + 1 * aStep;
        int r2 = aAt + 2 * aStep;
        int r3 = aAt + 3 * aStep;
        FloatVector c0a = FloatVector.zero(S);
        FloatVector c0b = FloatVector.zero(S);
        FloatVector c1a = FloatVector.zero(S);
        FloatVector c1b = FloatVector.zero(S);
        FloatVector c2a = FloatVector.zero(S);
        FloatVector c2b = FloatVector.zero(S);
        FloatVector c3a = FloatVector.zero(S);
        FloatVector c3b = FloatVector.zero(S);
        int bi = bAt;
        for (int i = 0; i < k; i++) {
            FloatVector b0 = FloatVector.fromArray(S, b, bi);
            FloatVector b1 = FloatVector.fromArray(S, b, bi + L);
            FloatVector a0 = FloatVector.broadcast(S, a[r0 + i]);
            c0a = a0.fma(b0, c0a);
            c0b = a0.fma(b1, c0b);
            FloatVector a1 = FloatVector.broadcast(S, a[r1 + i]);
            c1a = a1.fma(b0, c1a);
            c1b = a1.fma(b1, c1b);
            FloatVector a2 = FloatVector.broadcast(S, a[r2 + i]);
            c2a = a2.fma(b0, c2a);
            c2b = a2.fma(b1, c2b);
            FloatVector a3 = FloatVector.broadcast(S, a[r3 + i]);
            c3a = a3.fma(b0, c3a);
            c3b = a3.fma(b1, c3b);
            bi += bStep;
        }
        c0a.intoArray(c, cAt);
        c0b.intoArray(c, cAt + L);
        c1a.intoArray(c, cAt + 1 * cStep);
        c1b.intoArray(c, cAt + 1 * cStep + L);
        c2a.intoArray(c, cAt + 2 * cStep);
        c2b.intoArray(c, cAt + 2 * cStep + L);
        c3a.intoArray(c, cAt + 3 * cStep);
        c3b.intoArray(c, cAt + 3 * cStep + L);
    }

    /** Computes 8 rows of 1 vector. */
    private static void rows8x1(
            float[] a, int aAt, int aStep, int k, float[] b, int bAt, int bStep, float[] c, int cAt, int cStep) {
        int r0 = aAt;
        int r1 = aAt + 1 * aStep;
        int r2 = aAt + 2 * aStep;
        int r3 = aAt + 3 * aStep;
        int r4 = aAt + 4 * aStep;
        int r5 = aAt + 5 * aStep;
        int r6 = aAt + 6 * aStep;
        int r7 = aAt + 7 * aStep;
        FloatVector c0 = FloatVector.zero(S);
        FloatVector c1 = FloatVector.zero(S);
        FloatVector c2 = FloatVector.zero(S);
        FloatVector c3 = FloatVector.zero(S);
        FloatVector c4 = FloatVector.zero(S);
        FloatVector c5 = FloatVector.zero(S);
        FloatVector c6 = FloatVector.zero(S);
        FloatVector c7 = FloatVector.zero(S);
        int bi = bAt;
        for (int i = 0; i < k; i++) {
            FloatVector b0 = FloatVector.fromArray(S, b, bi);
            FloatVector a0 = FloatVector.broadcast(S, a[r0 + i]);
            c0 = a0.fma(b0, c0);
            FloatVector a1 = FloatVector.broadcast(S, a[r1 + i]);
            c1 = a1.fma(b0, c1);
            FloatVector a2 = FloatVector.broadcast(S, a[r2 + i]);
            c2 = a2.fma(b0, c2);
            FloatVector a3 = FloatVector.broadcast(S, a[r3 + i]);
            c3 = a3.fma(b0, c3);
            FloatVector a4 = FloatVector.broadcast(S, a[r4 + i]);
            c4 = a4.fma(b0, c4);
            FloatVector a5 = FloatVector.broadcast(S, a[r5 + i]);
            c5 = a5.fma(b0, c5);
            FloatVector a6 = FloatVector.broadcast(S, a[r6 + i]);
            c6 = a6.fma(b0, c6);
            FloatVector a7 = FloatVector.broadcast(S, a[r7 + i]);
            c7 = a7.fma(b0, c7);
            bi += bStep;
        }
        c0.intoArray(c, cAt);
        c1.intoArray(c, cAt + 1 * cStep);
        c2.intoArray(c, cAt + 2 * cStep);
        c3.intoArray(c, cAt + 3 * cStep);
        c4.intoArray(c, cAt + 4 * cStep);
        c5.intoArray(c, cAt + 5 * cStep);
        c6.intoArray(c, cAt + 6 * cStep);
        c7.intoArray(c, cAt + 7 * cStep);
    }

    /** Computes 8 rows of 1 vector. */
    private static void addTransposed8x1(
            float[] a, int aAt, int aStep, int k, float[] b, int bAt, int bStep, float[] c, int cAt, int cStep) {
        int y0 = cAt;
        int y1 = cAt + 1 * cStep;
        int y2 = cAt + 2 * cStep;
        int y3 = cAt + 3 * cStep;
        int y4 = cAt + 4 * cStep;
        int y5 = cAt + 5 * cStep;
        int y6 = cAt + 6 * cStep;
        int y7 = cAt + 7 * cStep;
        FloatVector c0 = FloatVector.fromArray(S, c, y0);
        FloatVector c1 = FloatVector.fromArray(S, c, y1);
        FloatVector c2 = FloatVector.fromArray(S, c, y2);
        FloatVector c3 = FloatVector.fromArray(S, c, y3);
        FloatVector c4 = FloatVector.fromArray(S, c, y4);
        FloatVector c5 = FloatVector.fromArray(S, c, y5);
        FloatVector c6 = FloatVector.fromArray(S, c, y6);
        FloatVector c7 = FloatVector.fromArray(S, c, y7);
        int ai = aAt;
        int bi = bAt;
        for (int i = 0; i < k; i++) {
            FloatVector b0 = FloatVector.fromArray(S, b, bi);
            FloatVector a0 = FloatVector.broadcast(S, a[ai]);
            c0 = a0.fma(b0, c0);
            FloatVector a1 = FloatVector.broadcast(S, a[ai + 1]);
            c1 = a1.fma(b0, c1);
            FloatVector a2 = FloatVector.broadcast(S, a[ai + 2]);
            c2 = a2.fma(b0, c2);
            FloatVector a3 = FloatVector.broadcast(S, a[ai + 3]);
            c3 = a3.fma(b0, c3);
            FloatVector a4 = FloatVector.broadcast(S, a[ai + 4]);
            c4 = a4.fma(b0, c4);
            FloatVector a5 = FloatVector.broadcast(S, a[ai + 5]);
            c5 = a5.fma(b0, c5);
            FloatVector a6 = FloatVector.broadcast(S, a[ai + 6]);
            c6 = a6.fma(b0, c6);
            FloatVector a7 = FloatVector.broadcast(S, a[ai + 7]);
            c7 = a7.fma(b0, c7);
            ai += aStep;
            bi += bStep;
        }
        c0.intoArray(c, y0);
        c1.intoArray(c, y1);
        c2.intoArray(c, y2);
        c3.intoArray(c, y3);
        c4.intoArray(c, y4);
        c5.intoArray(c, y5);
        c6.intoArray(c, y6);
        c7.intoArray(c, y7);
    }

    /** Adds to 8 rows of 2 vectors. */
    private static void rows8(
            int k, float[] a, int aAt, int aStep, float[] b, int bAt, int bStep, float[] c, int cAt, int cStep) {
        FloatVector c0a = FloatVector.fromArray(S, c, cAt);
        FloatVector c0b = FloatVector.fromArray(S, c, cAt + L);
        FloatVector c1a = FloatVector.fromArray(S, c, cAt + cStep);
        FloatVector c1b = FloatVector.fromArray(S, c, cAt + cStep + L);
        FloatVector c2a = FloatVector.fromArray(S, c, cAt + 2 * cStep);
        FloatVector c2b = FloatVector.fromArray(S, c, cAt + 2 * cStep + L);
        FloatVector c3a = FloatVector.fromArray(S, c, cAt + 3 * cStep);
        FloatVector c3b = FloatVector.fromArray(S, c, cAt + 3 * cStep + L);
        FloatVector c4a = FloatVector.fromArray(S, c, cAt + 4 * cStep);
        FloatVector c4b = FloatVector.fromArray(S, c, cAt + 4 * cStep + L);
        FloatVector c5a = FloatVector.fromArray(S, c, cAt + 5 * cStep);
        FloatVector c5b = FloatVector.fromArray(S, c, cAt + 5 * cStep + L);
        FloatVector c6a = FloatVector.fromArray(S, c, cAt + 6 * cStep);
        FloatVector c6b = FloatVector.fromArray(S, c, cAt + 6 * cStep + L);
        FloatVector c7a = FloatVector.fromArray(S, c, cAt + 7 * cStep);
        FloatVector c7b = FloatVector.fromArray(S, c, cAt + 7 * cStep + L);
        int ai = aAt;
        int bi = bAt;
        for (int i = 0; i < k; i++) {
            FloatVector b0 = FloatVector.fromArray(S, b, bi);
            FloatVector b1 = FloatVector.fromArray(S, b, bi + L);
            FloatVector a0 = FloatVector.broadcast(S, a[ai]);
            c0a = a0.fma(b0, c0a);
            c0b = a0.fma(b1, c0b);
            FloatVector a1 = FloatVector.broadcast(S, a[ai + 1]);
            c1a = a1.fma(b0, c1a);
            c1b = a1.fma(b1, c1b);
            FloatVector a2 = FloatVector.broadcast(S, a[ai + 2]);
            c2a = a2.fma(b0, c2a);
            c2b = a2.fma(b1, c2b);
            FloatVector a3 = FloatVector.broadcast(S, a[ai + 3]);
            c3a = a3.fma(b0, c3a);
            c3b = a3.fma(b1, c3b);
            FloatVector a4 = FloatVector.broadcast(S, a[ai + 4]);
            c4a = a4.fma(b0, c4a);
            c4b = a4.fma(b1, c4b);
            FloatVector a5 = FloatVector.broadcast(S, a[ai + 5]);
            c5a = a5.fma(b0, c5a);
            c5b = a5.fma(b1, c5b);
            FloatVector a6 = FloatVector.broadcast(S, a[ai + 6]);
            c6a = a6.fma(b0, c6a);
            c6b = a6.fma(b1, c6b);
            FloatVector a7 = FloatVector.broadcast(S, a[ai + 7]);
            c7a = a7.fma(b0, c7a);
            c7b = a7.fma(b1, c7b);
            ai += aStep;
            bi += bStep;
        }
        c0a.intoArray(c, cAt);
        c0b.intoArray(c, cAt + L);
        c1a.intoArray(c, cAt + cStep);
        c1b.intoArray(c, cAt + cStep + L);
        c2a.intoArray(c, cAt + 2 * cStep);
        c2b.intoArray(c, cAt + 2 * cStep + L);
        c3a.intoArray(c, cAt + 3 * cStep);
        c3b.intoArray(c, cAt + 3 * cStep + L);
        c4a.intoArray(c, cAt + 4 * cStep);
        c4b.intoArray(c, cAt + 4 * cStep + L);
        c5a.intoArray(c, cAt + 5 * cStep);
        c5b.intoArray(c, cAt + 5 * cStep + L);
        c6a.intoArray(c, cAt + 6 * cStep);
        c6b.intoArray(c, cAt + 6 * cStep + L);
        c7a.intoArray(c, cAt + 7 * cStep);
        c7b.intoArray(c, cAt + 7 * cStep + L);
    }

    /** Adds to 4 rows of 2 vectors. */
    private static void rows4(
            int k, float[] a, int aAt, int aStep, float[] b, int bAt, int bStep, float[] c, int cAt, int cStep) {
        FloatVector c0a = FloatVector.fromArray(S, c, cAt);
        FloatVector c0b = FloatVector.fromArray(S, c, cAt + L);
        FloatVector c1a = FloatVector.fromArray(S, c, cAt + cStep);
        FloatVector c1b = FloatVector.fromArray(S, c, cAt + cStep + L);
        FloatVector c2a = FloatVector.fromArray(S, c, cAt + 2 * cStep);
        FloatVector c2b = FloatVector.fromArray(S, c, cAt + 2 * cStep + L);
        FloatVector c3a = FloatVector.fromArray(S, c, cAt + 3 * cStep);
        FloatVector c3b = FloatVector.fromArray(S, c, cAt + 3 * cStep + L);
        int ai = aAt;
        int bi = bAt;
        for (int i = 0; i < k; i++) {
            FloatVector b0 = FloatVector.fromArray(S, b, bi);
            FloatVector b1 = FloatVector.fromArray(S, b, bi + L);
            FloatVector a0 = FloatVector.broadcast(S, a[ai]);
            c0a = a0.fma(b0, c0a);
            c0b = a0.fma(b1, c0b);
            FloatVector a1 = FloatVector.broadcast(S, a[ai + 1]);
            c1a = a1.fma(b0, c1a);
            c1b = a1.fma(b1, c1b);
            FloatVector a2 = FloatVector.broadcast(S, a[ai + 2]);
            c2a = a2.fma(b0, c2a);
            c2b = a2.fma(b1, c2b);
            FloatVector a3 = FloatVector.broadcast(S, a[ai + 3]);
            c3a = a3.fma(b0, c3a);
            c3b = a3.fma(b1, c3b);
            ai += aStep;
            bi += bStep;
        }
        c0a.intoArray(c, cAt);
        c0b.intoArray(c, cAt + L);
        c1a.intoArray(c, cAt + cStep);
        c1b.intoArray(c, cAt + cStep + L);
        c2a.intoArray(c, cAt + 2 * cStep);
        c2b.intoArray(c, cAt + 2 * cStep + L);
        c3a.intoArray(c, cAt + 3 * cStep);
        c3b.intoArray(c, cAt + 3 * cStep + L);
    }
}
