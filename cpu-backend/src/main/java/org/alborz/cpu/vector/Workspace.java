package org.alborz.cpu.vector;

import java.util.Arrays;
import org.alborz.cpu.memory.StridedAxes;

/**
 * Memory of one worker of the thread team between the stages of a computation. It grows to the largest need and is reused, so a
 * kernel that ran before allocates nothing. Its content is undefined.
 */
final class Workspace {
    /** What a piece is for; pieces with different uses live at the same time. */
    enum Use {
        /** An image, or a part of one, in a frame of zeros. */
        FRAME,
        /** A gradient whose channels fill whole vectors. */
        GRADIENT,
        /** The left and the right matrix, packed. */
        LEFT,
        RIGHT,
        /** Convolution weights, packed. */
        WEIGHTS,
        /** Bias that fills whole vectors. */
        START,
        /** A block of results at the edge; random words. */
        BLOCK,
        /** Results of parts, to be combined. */
        PARTIAL,
        /** Weights of attention after dropout. */
        DROPPED
    }

    /** Floats in a {@link #block}, behind which is room for a vector. */
    static final int SPAN = 1024;

    /** How many blocks there are, one for each operand of an elementwise function. */
    static final int BLOCKS = 4;

    /**
     * Numbers of 32 bits behind what a worker writes again and again, such as the place of each row: two lines of the cache. Each write takes a line from
     * the worker that used it last, some 100 ns, and small arrays of two workers may be neighbours in memory.
     */
    static final int APART = 32;

    private static final float[] EMPTY = {};
    private static final double[] NO_DOUBLES = {};

    private final float[][] pieces = new float[Use.values().length][];
    private final IndirectConvolutionTile tile = new IndirectConvolutionTile();
    private final WinogradTransform winograd = new WinogradTransform();
    private final PhiloxWords philox = new PhiloxWords();
    private final float[][] blocks = new float[BLOCKS][SPAN + Lanes.L];
    private final float[][] spans = new float[BLOCKS + APART][];
    private final int[] places = new int[BLOCKS + APART];
    private final int[] at = new int[StridedAxes.MOST_OPERANDS + APART];
    private double[] doubles = NO_DOUBLES;

    Workspace() {
        Arrays.fill(pieces, EMPTY);
    }

    /** Returns at least {@code length} floats of undefined content. */
    float[] floats(Use use, long length) {
        float[] piece = pieces[use.ordinal()];
        if (piece.length < length) {
            piece = new float[length(length)];
            pieces[use.ordinal()] = piece;
        }
        return piece;
    }

    /** Returns at least {@code length} floats, the first {@code length} of them 0. */
    float[] zeros(Use use, long length) {
        float[] piece = floats(use, length);
        Arrays.fill(piece, 0, (int) length, 0);
        return piece;
    }

    /** Returns one of four short blocks. */
    float[] block(int i) {
        return blocks[i];
    }

    /** Returns one of the four blocks with room for at least {@code length} floats. */
    float[] block(int i, int length) {
        if (blocks[i].length < length) {
            blocks[i] = new float[length];
        }
        return blocks[i];
    }

    /** Returns room for four arrays, and for a place in each. */
    float[][] spans() {
        return spans;
    }

    int[] places() {
        return places;
    }

    /** Returns room for a place in each operand of a {@link ParallelStridedIterator}. */
    int[] at() {
        return at;
    }

    /**
     * Sets one of {@link #spans}, unless it is that array already: storing a reference also marks its part of the heap for the collector, and the marks
     * of 32 KiB, so those of several workers, are in one line of the cache.
     */
    void span(int i, float[] array) {
        if (spans[i] != array) {
            spans[i] = array;
        }
    }

    /** Returns at least {@code length} doubles of undefined content. */
    double[] doubles(long length) {
        if (doubles.length < length) {
            doubles = new double[length(length)];
        }
        return doubles;
    }

    IndirectConvolutionTile tile() {
        return tile;
    }

    PhiloxWords philox() {
        return philox;
    }

    WinogradTransform winograd() {
        return winograd;
    }

    private static int length(long numbers) {
        if (numbers > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("An operation on cpu-vector needs scratch memory for " + numbers
                    + " numbers, more than an array holds; use a smaller batch, smaller layers or shorter sequences");
        }
        return (int) numbers;
    }
}
