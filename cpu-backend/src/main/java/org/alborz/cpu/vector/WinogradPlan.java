package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.WinogradTransform.PLANES;
import static org.alborz.cpu.vector.WinogradTransform.SIDE;

import org.alborz.type.Conv2dParameters;
import org.alborz.type.Shape;

/**
 * How a convolution of 3×3 with stride 1 is cut into tiles of 4×4 results.
 *
 * <p>The forward pass sums over the input's channels and makes the output's; the gradient with respect to the input is the same
 * with the roles exchanged and the filter turned round.
 *
 * @param sources channels that are summed
 * @param height rows of the source
 * @param width columns of the source
 * @param targets channels of the result
 * @param rows of the result
 * @param columns of the result
 * @param top how far the first tile begins above the source
 * @param left how far it begins on the left of the source
 */
record WinogradPlan(int sources, int height, int width, int targets, int rows, int columns, int top, int left) {
    /** Floats of a task in its two transforms together, so that they stay in the second cache. */
    private static final int CACHED = 1 << 15;

    /** A single image is cut at least so often, where it has as many tiles, so that several threads find work. */
    private static final int FEWEST_TASKS = 8;

    /** With fewer channels than this the transforms cost more than they save. */
    private static final int LEAST_CHANNELS = 8;

    /** The most numbers in a transformed filter, which is four times as large as the filter: 64 MiB. */
    private static final int MOST_WEIGHTS = 1 << 24;

    /** The filter's transform costs as much as this many tiles. */
    private static final int FILTER_TILES = 16;

    static WinogradPlan forward(Conv2dShape s) {
        var p = s.p();
        return new WinogradPlan(
                s.c(),
                s.h(),
                s.w(),
                s.o(),
                s.oh(),
                s.ow(),
                p.padding().top(),
                p.padding().left());
    }

    static WinogradPlan backwardData(Conv2dShape s) {
        var p = s.p();
        return new WinogradPlan(
                s.o(),
                s.oh(),
                s.ow(),
                s.c(),
                s.h(),
                s.w(),
                2 - p.padding().top(),
                2 - p.padding().left());
    }

    /** Tells whether the algorithm fits a convolution at all, and pays. */
    static boolean isFor(Conv2dParameters p, Shape x, Shape weights, Shape y) {
        boolean fits = weights.size(2) == 3
                && weights.size(3) == 3
                && p.strideH() == 1
                && p.strideW() == 1
                && p.dilationH() == 1
                && p.dilationW() == 1
                && p.groups() == 1;
        return fits
                && (long) PLANES * x.size(1) * y.size(1) <= MOST_WEIGHTS
                && Math.min(x.size(1), y.size(1)) >= LEAST_CHANNELS
                && pays(x.size(0), y.size(2), y.size(3));
    }

    /** Compares the multiplications: those of the tiles, and those that the filter's transform stands for. */
    private static boolean pays(int images, int rows, int columns) {
        int tiles = images * Gemm.ceilDiv(rows, SIDE) * Gemm.ceilDiv(columns, SIDE);
        long tiled = (long) PLANES * (Gemm.roundUp(tiles, BlockedProduct.ROWS) + FILTER_TILES);
        return 2 * tiled < 9L * images * rows * columns;
    }

    /** Returns the channels of a transformed source: whole vectors and whole blocks of {@link BlockedProduct#ROWS}. */
    int sourceWidth() {
        return Gemm.roundUp(sources, Math.max(L, BlockedProduct.ROWS));
    }

    /** Returns the channels of a transformed result: whole vectors. */
    int targetWidth() {
        return Lanes.wholeVectors(targets);
    }

    int tilesDown() {
        return Gemm.ceilDiv(rows, SIDE);
    }

    int tilesAcross() {
        return Gemm.ceilDiv(columns, SIDE);
    }

    int tilesInImage() {
        return tilesDown() * tilesAcross();
    }

    /** Returns how many of {@code left} tiles from one on are transformed together: those beside it in its row, up to a strip. */
    int strip(int tile, int left) {
        int inRow = tilesAcross() - tile % tilesAcross();
        return Math.min(Math.min(left, inRow), WinogradTransform.STRIP);
    }

    /** Returns how many of some tiles a task takes: whole {@link BlockedProduct#ROWS}, much the same for all tasks, by sizes alone. */
    int tilesTogether(int tiles) {
        int most = Math.max(BlockedProduct.ROWS, CACHED / (PLANES * (sourceWidth() + targetWidth())));
        int few = Math.min(FEWEST_TASKS, Gemm.ceilDiv(tiles, 2 * BlockedProduct.ROWS));
        int tasks = Math.max(few, Gemm.ceilDiv(tiles, most));
        return Gemm.roundUp(Gemm.ceilDiv(tiles, tasks), BlockedProduct.ROWS);
    }
}
