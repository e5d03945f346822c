package org.alborz.data;

import java.util.Arrays;

/**
 * Which part of each normalised image of a batch is image: what cropping moved in from outside is 0 after normalisation, which no byte
 * stands for. Rows from {@code top} to {@code bottom} and columns from {@code left} to {@code right}, exclusive.
 */
final class Border {
    private static final int TOP = 0;
    private static final int LEFT = 1;
    private static final int BOTTOM = 2;
    private static final int RIGHT = 3;

    private final Field field;
    private final int height;
    private final int width;
    private final int[] bounds;

    /** What is asked for is made in these, which are null until then. */
    private byte[] rows;

    private byte[] columns;
    private float[] images;

    Border(Field field, int samples) {
        this.field = field;
        this.height = field.shape().size(1);
        this.width = field.shape().size(2);
        this.bounds = new int[4 * samples];
        for (int i = 0; i < samples; i++) {
            reset(i);
        }
    }

    /** Says that all of an image is image. */
    void reset(int sample) {
        bounds[4 * sample + TOP] = 0;
        bounds[4 * sample + LEFT] = 0;
        bounds[4 * sample + BOTTOM] = height;
        bounds[4 * sample + RIGHT] = width;
    }

    /** Says that the pixel at (h, w) became that at (h + down, w + right). */
    void shift(int sample, int down, int right) {
        int at = 4 * sample;
        bounds[at + TOP] = clamp(bounds[at + TOP] - down, height);
        bounds[at + BOTTOM] = clamp(bounds[at + BOTTOM] - down, height);
        bounds[at + LEFT] = clamp(bounds[at + LEFT] - right, width);
        bounds[at + RIGHT] = clamp(bounds[at + RIGHT] - right, width);
    }

    private static int clamp(int place, int most) {
        return Math.max(0, Math.min(most, place));
    }

    /** Says that the image was mirrored left to right. */
    void flip(int sample) {
        int left = bounds[4 * sample + LEFT];
        bounds[4 * sample + LEFT] = width - bounds[4 * sample + RIGHT];
        bounds[4 * sample + RIGHT] = width - left;
    }

    /** Records that the image was mirrored top to bottom. */
    void flipVertically(int sample) {
        int top = bounds[4 * sample + TOP];
        bounds[4 * sample + TOP] = height - bounds[4 * sample + BOTTOM];
        bounds[4 * sample + BOTTOM] = height - top;
    }

    /** Writes the bytes nearest to the mean outside of the image, and makes the whole area part of it. */
    void settle(int sample, byte[] values, int at) {
        int channels = field.shape().size(0);
        int left = bounds[4 * sample + LEFT];
        int right = bounds[4 * sample + RIGHT];
        for (int h = 0; h < height; h++) {
            boolean inside = h >= bounds[4 * sample + TOP] && h < bounds[4 * sample + BOTTOM];
            for (int w = 0; w < width; w++) {
                if (inside && w >= left && w < right) {
                    continue;
                }
                for (int c = 0; c < channels; c++) {
                    values[at + (h * width + w) * channels + c] =
                            field.normalization().meanByte(c);
                }
            }
        }
        reset(sample);
    }

    /** Takes over another batch's. */
    void copy(Border other, int samples) {
        System.arraycopy(other.bounds, 0, bounds, 0, 4 * samples);
    }

    /** Returns 1 for rows that are image: [N, H]. */
    byte[] rows(int samples) {
        rows = rows == null ? new byte[bounds.length / 4 * height] : rows;
        for (int n = 0; n < samples; n++) {
            mark(rows, n * height, height, bounds[4 * n + TOP], bounds[4 * n + BOTTOM]);
        }
        return rows;
    }

    /** Returns 1 for columns that are image, for each channel: [N, W, C]. */
    byte[] columns(int samples) {
        int channels = field.shape().size(0);
        columns = columns == null ? new byte[bounds.length / 4 * width * channels] : columns;
        for (int n = 0; n < samples; n++) {
            int at = n * width * channels;
            mark(columns, at, width * channels, bounds[4 * n + LEFT] * channels, bounds[4 * n + RIGHT] * channels);
        }
        return columns;
    }

    private static void mark(byte[] places, int at, int length, int from, int to) {
        Arrays.fill(places, at, at + length, (byte) 0);
        Arrays.fill(places, at + from, at + Math.max(from, to), (byte) 1);
    }

    /** Returns images as numbers, with 0 outside. */
    float[] normalize(byte[] bytes, int first, int count) {
        int elements = field.elements();
        images = images == null || images.length < count * elements ? new float[count * elements] : images;
        field.normalization().apply(bytes, first * elements, count * elements, images, 0);
        for (int i = 0; i < count; i++) {
            clearOutside(first + i, i * elements);
        }
        return images;
    }

    private void clearOutside(int sample, int at) {
        int row = width * field.shape().size(0);
        int left = bounds[4 * sample + LEFT] * field.shape().size(0);
        int right = Math.max(left, bounds[4 * sample + RIGHT] * field.shape().size(0));
        for (int h = 0; h < height; h++) {
            boolean inside = h >= bounds[4 * sample + TOP] && h < bounds[4 * sample + BOTTOM];
            int start = at + h * row;
            Arrays.fill(images, start, start + (inside ? left : row), 0);
            Arrays.fill(images, start + (inside ? right : row), start + row, 0);
        }
    }

    /** Tells whether any of the first images has a part from outside. */
    boolean isCropped(int samples) {
        for (int at = 0; at < 4 * samples; at += 4) {
            if (bounds[at + TOP] != 0
                    || bounds[at + LEFT] != 0
                    || bounds[at + BOTTOM] != height
                    || bounds[at + RIGHT] != width) {
                return true;
            }
        }
        return false;
    }
}
