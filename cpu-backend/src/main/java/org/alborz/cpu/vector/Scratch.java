package org.alborz.cpu.vector;

import java.util.Arrays;

/**
 * Memory of one member of the thread team between the stages of a computation. It grows to the largest need and is reused, so a
 * kernel that ran before allocates nothing. Its content is undefined.
 */
final class Scratch {
    /** What a piece is for; pieces with different uses live at the same time. */
    enum Use {
        /** An image in a frame of zeros. */
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
        /** A block of results at the edge. */
        BLOCK,
        /** Results of parts, to be combined. */
        PARTIAL
    }

    private static final float[] EMPTY = {};

    private final float[][] pieces = new float[Use.values().length][];
    private final GatherTile tile = new GatherTile();

    Scratch() {
        Arrays.fill(pieces, EMPTY);
    }

    /** Returns at least {@code length} floats of undefined content. */
    float[] floats(Use use, long length) {
        float[] piece = pieces[use.ordinal()];
        if (piece.length < length) {
            piece = new float[Math.toIntExact(length)];
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

    GatherTile tile() {
        return tile;
    }
}
