package org.alborz.image;

/** Takes the rows of one image. */
public interface PixelSink {
    /** Takes the image's size in pixels, before its rows. */
    void size(int width, int height);

    /**
     * Takes one row; each comes once, in any order.
     *
     * @param y counted from the top
     * @param rgb red, green and blue of each pixel from 0 to 1, {@code [width, 3]}; reused for the next row
     */
    void row(int y, float[] rgb);
}
