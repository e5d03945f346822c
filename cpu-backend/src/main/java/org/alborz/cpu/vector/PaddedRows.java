package org.alborz.cpu.vector;

import java.util.Arrays;

/**
 * Three successive rows of an image, each in a frame of zeros, that slide down the image: every row is copied once, from its first number
 * to its last, which the processor fetches ahead of time, and the loops that read it need no case for the border. Row r is the one with
 * remainder r modulo three.
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

    /**
     * Prepares for images of some size.
     *
     * @param left pixels of zeros before a row's first, negative where some are left out
     * @param framed pixels of a row with its frame
     */
    PaddedRows(int height, int width, int channels, int left, int framed) {
        this.height = height;
        this.width = width;
        this.channels = channels;
        this.framed = framed;
        this.first = Math.max(0, Math.min(framed, left));
        this.source = Math.max(0, -left);
        this.end = Math.max(first, (int) Math.min(framed, (long) left + width));
    }

    /** Returns how many numbers the three rows take. */
    int size() {
        return ROWS * framed * channels;
    }

    /** Returns where a row, also one outside of the image, begins among the three. */
    int at(int row) {
        return Math.floorMod(row, ROWS) * framed * channels;
    }

    /** Copies rows of the image that begins at {@code imageAt}; those outside of it are zeros. */
    void load(float[] images, int imageAt, int fromRow, int toRow, float[] rows) {
        for (int row = fromRow; row < toRow; row++) {
            int at = at(row);
            if (row < 0 || row >= height) {
                Arrays.fill(rows, at, at + framed * channels, 0);
            } else {
                Arrays.fill(rows, at, at + first * channels, 0);
                int from = imageAt + (row * width + source) * channels;
                System.arraycopy(images, from, rows, at + first * channels, (end - first) * channels);
                Arrays.fill(rows, at + end * channels, at + framed * channels, 0);
            }
        }
    }
}
