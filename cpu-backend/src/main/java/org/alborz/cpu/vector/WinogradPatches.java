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

    private float[] copy(Scratch scratch, float[] image, int at, int y, int x, int side) {
        float[] patch = scratch.floats(Scratch.Use.FRAME, (long) EDGE * EDGE * wide);
        for (int i = 0; i < side; i++) {
            for (int j = 0; j < side; j++) {
                int to = (i * side + j) * wide;
                int row = y + i;
                int column = x + j;
                if (row < 0 || row >= height || column < 0 || column >= width) {
                    Arrays.fill(patch, to, to + wide, 0);
                } else {
                    System.arraycopy(image, at + (row * width + column) * channels, patch, to, channels);
                    Arrays.fill(patch, to + channels, to + wide, 0);
                }
            }
        }
        return patch;
    }
}
