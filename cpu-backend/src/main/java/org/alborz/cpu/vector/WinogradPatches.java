package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.WinogradTransform.EDGE;
import static org.alborz.cpu.vector.WinogradTransform.SIDE;

import java.util.Arrays;

/**
 * Reads strips of squares of images, channels last, for the transforms: in place where the rows but for the first and the last are inside, from a
 * copy with zeros around otherwise. The last vector of a pixel whose channels do not fill whole ones reads channels of the next pixel too; the transforms
 * have them behind the pixel's own, where no product reads them or all that is computed of them is left out.
 */
final class WinogradPatches {
    private final int height;
    private final int width;
    private final int channels;
    private final int wide;
    private final int group;

    /**
     * Prepares for images of a size.
     *
     * @param wide channels of a transform
     * @param group of how many channels the transforms of all tiles are together
     */
    WinogradPatches(int height, int width, int channels, int wide, int group) {
        this.height = height;
        this.width = width;
        this.channels = channels;
        this.wide = wide;
        this.group = group;
    }

    /**
     * Transforms up to {@link WinogradTransform#STRIP} squares of 6×6 pixels, each 4 to the right of the one before; the first one's first
     * is (y, x), which may be outside.
     */
    void input(Workspace workspace, float[] image, int at, int y, int x, int tiles, float[] v, int tile, int rows) {
        WinogradTransform transform = workspace.winograd();
        int columns = WinogradTransform.columns(tiles);
        int first = first(x, columns);
        int end = end(x, columns, first);
        int from = at + (y * width + x) * channels;
        int pitch = width * channels;
        boolean top = y >= 0;
        boolean bottom = y + EDGE <= height;
        int lastRow = bottom ? EDGE - 1 : EDGE - 2;
        boolean most = y >= -1 && y + EDGE <= height + 1;
        if (most && lastRow * pitch + (end - 1) * channels <= image.length - wide - from) {
            transform.input(image, from, pitch, channels, top, bottom, first, end, tiles, wide, v, tile, rows, group);
        } else {
            float[] patch = copy(workspace, image, at, y, x, EDGE, columns);
            pitch = columns * channels;
            transform.input(patch, 0, pitch, channels, true, true, 0, columns, tiles, wide, v, tile, rows, group);
        }
    }

    /** Returns the first of some columns from x on that is in the image. */
    private static int first(int x, int columns) {
        return Math.min(columns, Math.max(0, -x));
    }

    /** Returns the end of those that do. */
    private int end(int x, int columns, int first) {
        return Math.max(first, Math.min(columns, width - x));
    }

    /** Transforms as many squares of 4×4 pixels of a gradient, side by side; the first one's first is (y, x). */
    void gradient(Workspace workspace, float[] image, int at, int y, int x, int tiles, float[] z, int tile, int rows) {
        WinogradTransform transform = workspace.winograd();
        int columns = tiles * SIDE;
        int from = at + (y * width + x) * channels;
        int pitch = width * channels;
        boolean inside = y + SIDE <= height && x + columns <= width;
        if (inside && (SIDE - 1) * pitch + (columns - 1) * channels <= image.length - wide - from) {
            transform.gradient(image, from, pitch, channels, tiles, wide, z, tile, rows, group);
        } else {
            float[] patch = copy(workspace, image, at, y, x, SIDE, columns);
            transform.gradient(patch, 0, columns * channels, channels, tiles, wide, z, tile, rows, group);
        }
    }

    /** Copies a rectangle row by row, with zeros where it is outside, and room for what the last pixel's vectors read behind it. */
    private float[] copy(Workspace workspace, float[] image, int at, int y, int x, int rows, int columns) {
        int pitch = columns * channels;
        float[] patch = workspace.floats(Workspace.Use.FRAME, (long) rows * pitch + wide - channels);
        int first = first(x, columns);
        int end = end(x, columns, first);
        for (int i = 0; i < rows; i++) {
            int to = i * pitch;
            if (y + i < 0 || y + i >= height || first == end) {
                Arrays.fill(patch, to, to + pitch, 0);
                continue;
            }
            int from = at + ((y + i) * width + x + first) * channels;
            Arrays.fill(patch, to, to + first * channels, 0);
            System.arraycopy(image, from, patch, to + first * channels, (end - first) * channels);
            Arrays.fill(patch, to + end * channels, to + pitch, 0);
        }
        return patch;
    }
}
