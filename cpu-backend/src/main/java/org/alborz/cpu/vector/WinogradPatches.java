package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.WinogradTransform.EDGE;
import static org.alborz.cpu.vector.WinogradTransform.SIDE;

import java.util.Arrays;

/**
 * Reads strips of squares of images, channels last, for the transforms: in place where the rows are inside and the channels fill whole
 * vectors, from a copy with zeros around otherwise.
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
    void input(Workspace workspace, float[] image, int at, int y, int x, int tiles, float[] v, int tile, int plane) {
        int columns = WinogradTransform.columns(tiles);
        if (y >= 0 && y + EDGE <= height && wide == channels) {
            int first = first(x, columns);
            int from = at + (y * width + x) * channels;
            workspace
                    .winograd()
                    .input(
                            image,
                            from,
                            width * channels,
                            channels,
                            first,
                            end(x, columns, first),
                            tiles,
                            wide,
                            v,
                            tile,
                            plane,
                            group);
        } else {
            float[] patch = copy(workspace, image, at, y, x, EDGE, columns);
            workspace.winograd().input(patch, 0, columns * wide, wide, 0, columns, tiles, wide, v, tile, plane, group);
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
    void gradient(Workspace workspace, float[] image, int at, int y, int x, int tiles, float[] z, int tile, int plane) {
        int columns = tiles * SIDE;
        if (y + SIDE <= height && x + columns <= width && wide == channels) {
            int from = at + (y * width + x) * channels;
            workspace.winograd().gradient(image, from, width * channels, channels, tiles, wide, z, tile, plane, group);
        } else {
            float[] patch = copy(workspace, image, at, y, x, SIDE, columns);
            workspace.winograd().gradient(patch, 0, columns * wide, wide, tiles, wide, z, tile, plane, group);
        }
    }

    /** Copies a rectangle row by row, with zeros where it is outside and where channels are filled up. */
    private float[] copy(Workspace workspace, float[] image, int at, int y, int x, int rows, int columns) {
        float[] patch = workspace.floats(Workspace.Use.FRAME, (long) rows * columns * wide);
        int pitch = columns * wide;
        int first = first(x, columns);
        int end = end(x, columns, first);
        for (int i = 0; i < rows; i++) {
            int to = i * pitch;
            if (y + i < 0 || y + i >= height || first == end) {
                Arrays.fill(patch, to, to + pitch, 0);
                continue;
            }
            int from = at + ((y + i) * width + x + first) * channels;
            Arrays.fill(patch, to, to + first * wide, 0);
            Arrays.fill(patch, to + end * wide, to + pitch, 0);
            if (wide == channels) {
                System.arraycopy(image, from, patch, to + first * wide, (end - first) * channels);
            } else {
                copyPixels(image, from, patch, to + first * wide, end - first);
            }
        }
        return patch;
    }

    private void copyPixels(float[] image, int from, float[] patch, int to, int pixels) {
        for (int j = 0; j < pixels; j++) {
            System.arraycopy(image, from + j * channels, patch, to + j * wide, channels);
            Arrays.fill(patch, to + j * wide + channels, to + (j + 1) * wide, 0);
        }
    }
}
