package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.MicroKernels.BLOCK_TERMS;
import static org.alborz.cpu.vector.MicroKernels.CHUNK;
import static org.alborz.cpu.vector.MicroKernels.RUN_TERMS;

/**
 * A matrix product of a task, block by block, for Winograd's convolutions, gradients of filters, recurrent weights and attention; whole matrices are
 * multiplied by {@link Gemm}. The right matrix is in panels of two vectors, the last of one where that is enough.
 */
final class BlockedProduct {
    /** Rows of a block that is two vectors wide, and of one that is one vector wide. */
    private static final int WIDE_ROWS = Lanes.REGISTERS == 32 ? 8 : 4;

    private static final int NARROW_ROWS = 8;

    /** The most terms of a product in blocks; with 32 they are no faster. */
    private static final int MOST_IN_BLOCKS = 2 * BLOCK_TERMS;

    /** Any number of rows is filled up to a multiple of this, so that blocks of either kind fit. */
    static final int ROWS = 8;

    private BlockedProduct() {}

    /**
     * Computes {@code c[r][j] = Σᵢ a[r][i] · b[i][j]} for i below k, j below {@code width}.
     *
     * @param rows how many, a multiple of {@link #ROWS}, or of {@link #WIDE_ROWS} where b is two vectors wide
     * @param width one vector or two, also what b's rows are apart
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
            float[] c,
            int cAt,
            int cStep) {
        if (width == L) {
            for (int r = 0; r < rows; r += NARROW_ROWS) {
                narrow(k, a, aAt + r * aStep, aStep, b, bAt, c, cAt + r * cStep, cStep);
            }
        } else if (WIDE_ROWS == 8) {
            for (int r = 0; r < rows; r += WIDE_ROWS) {
                MicroKernels.rows8x2(k, a, aAt + r * aStep, aStep, b, bAt, c, cAt + r * cStep, cStep);
            }
        } else {
            for (int r = 0; r < rows; r += WIDE_ROWS) {
                wide(k, a, aAt + r * aStep, aStep, b, bAt, c, cAt + r * cStep, cStep);
            }
        }
    }

    /**
     * Tells whether {@link #blocks} is to compute products: with 16 registers, of whole blocks, and of few terms, where what stands before a loop over
     * them counts for more than that c is read and written for each block of them.
     */
    static boolean isInBlocks(int k, int columns) {
        return Lanes.REGISTERS == 16 && k % BLOCK_TERMS == 0 && k <= MOST_IN_BLOCKS && columns % (2 * L) == 0;
    }

    /**
     * Computes {@link #product} for two vectors of columns, a and c being in panels: {@link MicroKernels#BLOCK_TERMS} terms of all rows of a
     * before the next ones, and rows of two vectors in c.
     *
     * @param zeros as many as results
     */
    static void blocks(int rows, float[] a, int aAt, int k, float[] b, int bAt, float[] zeros, float[] c, int cAt) {
        MicroKernels.blocks4x2(rows, a, aAt, b, bAt, zeros, 0, c, cAt);
        for (int i = BLOCK_TERMS; i < k; i += BLOCK_TERMS) {
            MicroKernels.blocks4x2(rows, a, aAt + i * rows, b, bAt + i * 2 * L, c, cAt, c, cAt);
        }
    }

    /**
     * Computes {@code c = a·b} of packed rows and columns, or adds the product to c, which has room for whole blocks of {@link GemmKernel}.
     *
     * @param a its terms are those of the sum
     * @param zeros as many as columns of a block
     * @param c contiguous rows
     */
    static void panels(Panels a, Panels b, float[] zeros, boolean adds, Matrix c) {
        int k = Packing.packedTerms(a.terms());
        float[] array = c.array();
        int step = c.rowStride();
        for (int j = 0; j < c.columns(); j += GemmKernel.COLUMNS) {
            int bAt = b.at() + j / GemmKernel.COLUMNS * b.step();
            for (int i = 0; i < c.rows(); i += GemmKernel.ROWS) {
                int aAt = a.at() + i / GemmKernel.ROWS * a.step();
                int at = c.at() + i * step + j;
                GemmKernel.run(
                        k,
                        a.array(),
                        aAt,
                        b.array(),
                        bAt,
                        adds ? array : zeros,
                        adds ? at : 0,
                        adds ? step : 0,
                        array,
                        at,
                        step,
                        Float.NEGATIVE_INFINITY);
            }
        }
    }

    private static void narrow(
            int k, float[] a, int aAt, int aStep, float[] b, int bAt, float[] c, int cAt, int cStep) {
        if (k % RUN_TERMS == 0) {
            MicroKernels.rowsByFour8x1(k, a, aAt, aStep, b, bAt, c, cAt, cStep);
        } else {
            MicroKernels.rows8x1(k, a, aAt, aStep, b, bAt, c, cAt, cStep);
        }
    }

    private static void wide(int k, float[] a, int aAt, int aStep, float[] b, int bAt, float[] c, int cAt, int cStep) {
        if (k % RUN_TERMS == 0) {
            MicroKernels.rowsByFour4x2(k, a, aAt, aStep, b, bAt, c, cAt, cStep);
        } else {
            MicroKernels.rows4x2(k, a, aAt, aStep, b, bAt, c, cAt, cStep);
        }
    }

    /**
     * Adds {@code Σᵢ a[i][r] · b[i][j]} to {@code c[r][j]}; the arguments are those of {@link #product}, but a is in {@link #chunk}s.
     */
    static void addTransposed(
            int rows, int width, float[] a, int aAt, int k, float[] b, int bAt, float[] c, int cAt, int cStep) {
        if (width == L) {
            for (int r = 0; r < rows; r += NARROW_ROWS) {
                addNarrow(k, a, aAt + chunk(r, k), b, bAt, c, cAt + r * cStep, cStep);
            }
        } else if (WIDE_ROWS == 8) {
            for (int r = 0; r < rows; r += WIDE_ROWS) {
                MicroKernels.chunks8x2(k, a, aAt + chunk(r, k), b, bAt, c, cAt + r * cStep, cStep);
            }
        } else {
            for (int r = 0; r < rows; r += WIDE_ROWS) {
                addWide(k, a, aAt + chunk(r, k), b, bAt, c, cAt + r * cStep, cStep);
            }
        }
    }

    private static void addNarrow(int k, float[] a, int aAt, float[] b, int bAt, float[] c, int cAt, int cStep) {
        if (k % RUN_TERMS == 0) {
            MicroKernels.chunksByFour8x1(k, a, aAt, b, bAt, c, cAt, cStep);
        } else {
            MicroKernels.chunks8x1(k, a, aAt, b, bAt, c, cAt, cStep);
        }
    }

    private static void addWide(int k, float[] a, int aAt, float[] b, int bAt, float[] c, int cAt, int cStep) {
        if (k % RUN_TERMS == 0) {
            MicroKernels.chunksByFour4x2(k, a, aAt, b, bAt, c, cAt, cStep);
        } else {
            MicroKernels.chunks4x2(k, a, aAt, b, bAt, c, cAt, cStep);
        }
    }

    /** Returns where row r of the first of k terms is in a matrix of chunks: {@link MicroKernels#CHUNK} rows of every term, and then the next. */
    static int chunk(int r, int k) {
        return r / CHUNK * CHUNK * k + r % CHUNK;
    }
}
