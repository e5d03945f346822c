package org.alborz.data;

import java.util.List;

/**
 * Moves the pixels of an image by an affine map from the result to the source: the pixel at (x, y) becomes what is at
 * {@code (a·x + b·y + c, d·x + e·y + f)}. A pixel is at the whole numbers of its column and row.
 *
 * <p>Images {@code [C, H, W]} of bytes or float32 are interpolated bilinearly; planes {@code [H, W]}, such as masks, and other types take
 * the nearest pixel. The area outside of the image is filled with the mean of a normalised field, as its nearest byte, and with 0 in others.
 *
 * @param box what counts as the source; pixels outside of it are those at its border. Null for the whole image, with an outside
 */
record Warp(double a, double b, double c, double d, double e, double f, Box box) {
    /** A part of an image. */
    record Box(int top, int left, int height, int width) {}

    /** Gives the map for images of a size. */
    interface ForSize {
        Warp of(int height, int width);
    }

    /** Returns the map that rotates by an angle, shears and scales around an image's centre, and then translates, as torchvision's affine. */
    static Warp around(int height, int width, double angle, double shear, double scale, double right, double down) {
        double cos = Math.cos(angle) / scale;
        double sin = Math.sin(angle) / scale;
        double a = cos - sin * Math.tan(shear);
        double b = sin + cos * Math.tan(shear);
        double d = -sin;
        double e = cos;
        double x = (width - 1) / 2.0;
        double y = (height - 1) / 2.0;
        return new Warp(a, b, x - a * (x + right) - b * (y + down), d, e, y - d * (x + right) - e * (y + down), null);
    }

    /** Moves the pixels of each of a transform's fields alike. */
    static void apply(String what, Sample sample, List<String> fields, ForSize map) {
        for (int i = 0; i < Math.max(1, fields.size()); i++) {
            int field = ImageShapes.field(sample, fields, i);
            Field of = sample.fields().get(field);
            int height = ImageShapes.height(what, of);
            map.of(height, of.shape().size(-1)).apply(sample, field, Pixels.isImage(of));
        }
    }

    /** Moves the pixels of one field. */
    void apply(Sample sample, int field, boolean interpolates) {
        Field of = sample.fields().get(field);
        if (interpolates) {
            interpolate(sample, field, of);
        } else {
            sample.settle(field);
            takeNearest(sample, field, of);
        }
    }

    private void interpolate(Sample sample, int field, Field of) {
        float[] from = Pixels.load(sample, field);
        Object into = sample.array(field);
        int to = sample.at(field);
        int channels = of.shape().size(0);
        int height = of.shape().size(1);
        int width = of.shape().size(2);
        for (int h = 0; h < height; h++) {
            for (int w = 0; w < width; w++) {
                double x = x(w, h);
                double y = y(w, h);
                int left = (int) Math.floor(x);
                int top = (int) Math.floor(y);
                float right = (float) (x - left);
                float down = (float) (y - top);
                for (int k = 0; k < channels; k++) {
                    float outside = Pixels.outside(of, k) / 255f;
                    float upper = mix(
                            at(from, top, left, k, height, width, channels, outside),
                            at(from, top, left + 1, k, height, width, channels, outside),
                            right);
                    float lower = mix(
                            at(from, top + 1, left, k, height, width, channels, outside),
                            at(from, top + 1, left + 1, k, height, width, channels, outside),
                            right);
                    Pixels.set(into, to++, mix(upper, lower, down));
                }
            }
        }
    }

    /** Returns exactly the first where the share of the second is 0. */
    private static float mix(float first, float second, float share) {
        return share == 0 ? first : first * (1 - share) + second * share;
    }

    private static float at(float[] from, int h, int w, int k, int height, int width, int channels, float outside) {
        return h < 0 || h >= height || w < 0 || w >= width ? outside : from[(h * width + w) * channels + k];
    }

    @SuppressWarnings("SuspiciousSystemArraycopy") // both are arrays of the field's type
    private void takeNearest(Sample sample, int field, Field of) {
        Object from = sample.copy(field);
        Object into = sample.array(field);
        int channels = ImageShapes.channels(of);
        int height = of.shape().size(-2);
        int width = of.shape().size(-1);
        int to = sample.at(field);
        for (int h = 0; h < height; h++) {
            for (int w = 0; w < width; w++) {
                int column = (int) Math.floor(x(w, h) + 0.5);
                int row = (int) Math.floor(y(w, h) + 0.5);
                if (row >= 0 && row < height && column >= 0 && column < width) {
                    System.arraycopy(from, (row * width + column) * channels, into, to, channels);
                } else {
                    for (int k = 0; k < channels; k++) {
                        HostArrays.fill(into, to + k, to + k + 1, Pixels.outside(of, k));
                    }
                }
                to += channels;
            }
        }
    }

    private double x(int w, int h) {
        double x = a * w + b * h + c;
        return box == null ? x : Math.max(box.left, Math.min(box.left + box.width - 1, x));
    }

    private double y(int w, int h) {
        double y = d * w + e * h + f;
        return box == null ? y : Math.max(box.top, Math.min(box.top + box.height - 1, y));
    }
}
