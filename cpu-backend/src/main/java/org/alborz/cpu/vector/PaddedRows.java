package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;

import java.util.Arrays;

/**
 * Three successive rows of an image, each in a frame of zeros, that slide down the image: every row is read once, from its first number
 * to its last, which the processor fetches ahead of time, and the loops that read the copy need no case for the border. A row is
 * cut into blocks of one vector of channels in which its pixels are adjacent (see {@link Depthwise3x3Rows#toBlocks}), from left to right or, where
 * rows are mirrored, from right to left. Row r is the one with remainder r modulo three.
 *
 * <p>The zeros are multiplied like other pixels, as by the dense convolution ({@link Frame}): where a weight, or in the gradient of the filter a slope of the output, is
 * infinite or NaN, the results at the border are NaN, though a kernel that left the zeros out could have a number there.
 */
final class PaddedRows {
    private static final int ROWS = 3;

    private final int height;
    private final int channels;
    private final int width;
    // The pixels of a framed row, and of them the ones from the image: from first to before end, which are the image's
    // from source on.
    private final int framed;
    private final int first;
    private final int end;
    private final int source;
    private final boolean mirrored;
    private final int blocks;

    /**
     * Prepares for images of some size.
     *
     * @param left pixels of zeros before a row's first, negative where some are left out
     * @param framed pixels of a row with its frame
     * @param mirrored whether pixels are placed from right to left
     */
    PaddedRows(int height, int width, int channels, int left, int framed, boolean mirrored) {
        this.height = height;
        this.width = width;
        this.channels = channels;
        this.framed = framed;
        this.first = Math.max(0, Math.min(framed, left));
        this.source = Math.max(0, -left);
        this.end = Math.max(first, (int) Math.min(framed, (long) left + width));
        this.mirrored = mirrored;
        this.blocks = Lanes.wholeVectors(channels) / L;
    }

    /** Returns how many numbers the three rows take. */
    long size() {
        return (long) ROWS * blocks * block();
    }

    /** Returns where the first block of a row, also one outside of the image, begins among the three. */
    int at(int row) {
        return Math.floorMod(row, ROWS) * blocks * block();
    }

    /** Returns how far a block of a row is from the one before it. */
    int block() {
        return framed * L;
    }

    /** Copies rows of the image that begins at {@code imageAt}; those outside of it are zeros. */
    void load(float[] images, int imageAt, int fromRow, int toRow, float[] rows) {
        for (int row = fromRow; row < toRow; row++) {
            int at = at(row);
            int before = mirrored ? framed - end : first;
            int behind = mirrored ? framed - first : end;
            if (row < 0 || row >= height) {
                Arrays.fill(rows, at, at + blocks * block(), 0);
            } else {
                Depthwise3x3Rows.clear(rows, at, before, blocks, block());
                int from = imageAt + (row * width + source) * channels;
                int into = at + (mirrored ? behind - 1 : before) * L;
                int step = mirrored ? -L : L;
                Depthwise3x3Rows.toBlocks(images, from, end - first, channels, rows, into, step, block());
                Depthwise3x3Rows.clear(rows, at + behind * L, framed - behind, blocks, block());
            }
        }
    }
}
