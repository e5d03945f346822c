package org.alborz.backend;

/** Bytes of images to numbers in one pass. */
public non-sealed interface PixelNormalization extends EngineFusion {
    /**
     * Computes {@code y = (x / 255 − mean) / std}, each operation rounded to float32 and the last to y's type; 0 where a row or a column is
     * not the image's own.
     *
     * @param x uint8 {@code [N, C, H, W]}, dense and channels-last, as is y, which is floating
     * @param statistics float32 {@code [2, C]}, row-major: the means of the channels, and the deviations
     * @param rows uint8 {@code [N, H]}, row-major, 1 for a row of the image's own and 0 for one of its padding, or null where there is none
     * @param columns uint8 {@code [N, W, C]}, row-major, likewise, each column repeated for the channels; null with rows
     */
    void apply(Operand x, Operand statistics, Operand rows, Operand columns, Operand y);
}
