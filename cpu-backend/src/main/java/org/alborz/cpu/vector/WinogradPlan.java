package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.WinogradTransform.PLANES;
import static org.alborz.cpu.vector.WinogradTransform.SIDE;

/**
 * How a convolution of 3×3 with stride 1 is cut into tiles of 4×4 results.
 *
 * <p>The forward pass sums over the input's channels and makes the output's; the gradient with respect to the input is the same
 * with the roles exchanged and the filter turned round.
 *
 * @param images how many
 * @param sources channels that are summed
 * @param height rows of the source
 * @param width columns of the source
 * @param targets channels of the result
 * @param rows of the result
 * @param columns of the result
 * @param top how far the first tile begins above the source
 * @param left how far it begins on the left of the source
 */
record WinogradPlan(
        int images, int sources, int height, int width, int targets, int rows, int columns, int top, int left) {
    /** Floats of a task in its two transforms together, so that they stay in the second cache. */
    private static final int CACHED = 1 << 17;

    /** A single image is cut at least so often, where it has as many tiles, so that several threads find work. */
    private static final int FEWEST_TASKS = 8;

    /** Fewer channels than this are transformed in vain. */
    private static final int LEAST_CHANNELS = 8;

    /** The filter's transform costs as much as this many tiles. */
    private static final int FILTER_TILES = 16;

    static WinogradPlan forward(Conv2dShape s) {
        var p = s.p();
        return new WinogradPlan(s.n(), s.c(), s.h(), s.w(), s.o(), s.oh(), s.ow(), p.paddingH(), p.paddingW());
    }

    static WinogradPlan backwardData(Conv2dShape s) {
        var p = s.p();
        return new WinogradPlan(s.n(), s.o(), s.oh(), s.ow(), s.c(), s.h(), s.w(), 2 - p.paddingH(), 2 - p.paddingW());
    }

    /** Tells whether the algorithm fits a convolution at all, and pays. */
    static boolean isFor(Conv2dShape s) {
        var p = s.p();
        boolean fits = s.kh() == 3
                && s.kw() == 3
                && p.strideH() == 1
                && p.strideW() == 1
                && p.dilationH() == 1
                && p.dilationW() == 1
                && p.groups() == 1;
        return fits && Math.min(s.c(), s.o()) >= LEAST_CHANNELS && forward(s).pays();
    }

    /** Compares the multiplications: those of the tiles, and those that the filter's transform stands for. */
    private boolean pays() {
        long direct = 9L * images * rows * columns;
        long tiled = (long) PLANES * (Gemm.roundUp(tiles(), WinogradTile.ROWS) + FILTER_TILES);
        return 2 * tiled < direct;
    }

    /** Returns the channels of a transformed source: whole vectors and whole blocks of {@link WinogradTile#ROWS}. */
    int sourceWidth() {
        return Gemm.roundUp(sources, Math.max(L, WinogradTile.ROWS));
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

    int tiles() {
        return images * tilesDown() * tilesAcross();
    }

    /** Returns how many tiles a task takes: a multiple of {@link WinogradTile#ROWS}, much the same for all tasks, by sizes alone. */
    int tilesTogether() {
        int most = Math.max(WinogradTile.ROWS, CACHED / (PLANES * (sourceWidth() + targetWidth())));
        int few = Math.min(FEWEST_TASKS, Gemm.ceilDiv(tiles(), 2 * WinogradTile.ROWS));
        int tasks = Math.max(few, Gemm.ceilDiv(tiles(), most));
        return Gemm.roundUp(Gemm.ceilDiv(tiles(), tasks), WinogradTile.ROWS);
    }
}
