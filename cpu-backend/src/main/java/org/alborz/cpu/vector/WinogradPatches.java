package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.WinogradTransform.EDGE;
import static org.alborz.cpu.vector.WinogradTransform.SIDE;

import java.util.Arrays;

/**
 * Reads squares of images, channels last, for the transforms: in place where the square lies inside and the channels fill whole
 * vectors, from a copy with zeros around otherwise.
 */
final class WinogradPatches {
    private final int height;
    private final int width;
    private final int channels;
    private final int wide;

    WinogradPatches(int height, int width, int channels, int wide) {
        this.height = height;
        this.width = width;
        this.channels = channels;
        this.wide = wide;
    }

    /** Transforms the square of 6×6 pixels whose first is (y, x), either of which may lie outside. */
    void input(Scratch scratch, float[] image, int at, int y, int x, float[] v, int vAt, int plane) {
        if (isInside(y, x, EDGE)) {
            int from = at + (y * width + x) * channels;
            scratch.winograd().input(image, from, width * channels, channels, wide, v, vAt, plane);
        } else {
            float[] patch = copy(scratch, image, at, y, x, EDGE);
            scratch.winograd().input(patch, 0, EDGE * wide, wide, wide, v, vAt, plane);
        }
    }

    /** Transforms the square of 4×4 pixels of a gradient. */
    void gradient(Scratch scratch, float[] image, int at, int y, int x, float[] z, int zAt, int plane) {
        if (isInside(y, x, SIDE)) {
            int from = at + (y * width + x) * channels;
            scratch.winograd().gradient(image, from, width * channels, channels, wide, z, zAt, plane);
        } else {
            float[] patch = copy(scratch, image, at, y, x, SIDE);
            scratch.winograd().gradient(patch, 0, SIDE * wide, wide, wide, z, zAt, plane);
        }
    }

    private boolean isInside(int y, int x, int side) {
        return y >= 0 && x >= 0 && y + side <= height && x + side <= width && wide == channels;
    }

    /** Copies a square row by row, with zeros where it lies outside and where channels are filled up. */
    private float[] copy(Scratch scratch, float[] image, int at, int y, int x, int side) {
        float[] patch = scratch.floats(Scratch.Use.FRAME, (long) EDGE * EDGE * wide);
        int pitch = side * wide;
        int first = Math.max(0, -x);
        int end = Math.max(first, Math.min(side, width - x));
        for (int i = 0; i < side; i++) {
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
