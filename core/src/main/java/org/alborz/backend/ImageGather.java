package org.alborz.backend;

/** Batches of images that the backend keeps as bytes, in one pass. */
public non-sealed interface ImageGather extends EngineFusion {
    /** How many numbers a move has: the image, how far down and how far to the right of a pixel its value is taken from, and 1 for mirrored columns, else 0. */
    int MOVE = 4;

    /**
     * Computes {@code y[n, c, h, w] = (x[i, c, h + down, w' + right] / 255 − mean[c]) / std[c]} with {@code w' = W − 1 − w} where columns are mirrored and
     * {@code w} elsewhere, each operation rounded to float32 and the last to y's type. Outside of the image it is 0, or where {@code reflects} the value of the image mirrored at its
     * border, whose pixels are not repeated.
     *
     * @param x uint8 {@code [M, C, H, W]}, dense and channels-last
     * @param statistics float32 {@code [2, C]}, row-major: the means of the channels, and the deviations
     * @param moves int32 {@code [N, 4]}, row-major; images from 0 to M − 1, moved by less than their sides
     * @param y floating {@code [N, C, H, W]}, dense and channels-last
     */
    void apply(boolean reflects, Operand x, Operand statistics, Operand moves, Operand y);
}
