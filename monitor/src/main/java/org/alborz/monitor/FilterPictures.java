package org.alborz.monitor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.alborz.type.Shape;

/** Shows weights as images. */
final class FilterPictures {
    private static final int COLOURS = 3;
    private static final int LARGEST = 1024;

    private FilterPictures() {}

    /**
     * Returns the filters of a convolution of images in colour or grey, one image each, all on one scale on which 0 is in the middle.
     *
     * @param shape {@code [O, 1 or 3, KH, KW]}
     * @param values in that order
     */
    static List<Picture> filters(Shape shape, float[] values) {
        int channels = shape.size(1);
        int area = shape.size(2) * shape.size(3);
        float largest = largest(values);
        List<Picture> pictures = new ArrayList<>();
        for (int filter = 0; filter < shape.size(0); filter++) {
            byte[] pixels = new byte[area * channels];
            for (int c = 0; c < channels; c++) {
                for (int at = 0; at < area; at++) {
                    pixels[at * channels + c] = shade(values[(filter * channels + c) * area + at], largest);
                }
            }
            pictures.add(new Picture(shape.size(2), shape.size(3), channels, pixels));
        }
        return pictures;
    }

    /**
     * Returns a picture of a matrix, or of all filters of a convolution side by side: in colour where there are three channels, and else a
     * row of grey ones for each filter. Empty for other shapes, and for what would be larger than 1,024 pixels.
     */
    static Optional<Picture> overview(Shape shape, float[] values) {
        if (shape.elements() == 0 || shape.rank() != 2 && shape.rank() != 4) {
            return Optional.empty();
        }
        int[] sizes = shape.rank() == 2 ? new int[] {1, 1, shape.size(0), shape.size(1)} : shape.toArray();
        boolean colour = sizes[1] == COLOURS;
        int channels = colour ? COLOURS : 1;
        int tiles = sizes[0] * (colour ? 1 : sizes[1]);
        int columns = colour || sizes[1] == 1 ? (int) Math.ceil(Math.sqrt(tiles)) : sizes[1];
        int rows = (tiles + columns - 1) / columns;
        long height = (long) rows * (sizes[2] + 1) - 1; // with a line between the tiles
        long width = (long) columns * (sizes[3] + 1) - 1;
        if (height > LARGEST || width > LARGEST) {
            return Optional.empty();
        }
        List<Picture> parts = filters(Shape.of(tiles, channels, sizes[2], sizes[3]), values);
        return Optional.of(grid(parts, columns, (int) height, (int) width));
    }

    private static Picture grid(List<Picture> parts, int columns, int height, int width) {
        int channels = parts.get(0).channels();
        byte[] pixels = new byte[height * width * channels];
        Arrays.fill(pixels, (byte) 255);
        for (int i = 0; i < parts.size(); i++) {
            Picture part = parts.get(i);
            int top = i / columns * (part.height() + 1);
            int left = i % columns * (part.width() + 1);
            for (int y = 0; y < part.height(); y++) {
                System.arraycopy(
                        part.pixels(),
                        y * part.width() * channels,
                        pixels,
                        ((top + y) * width + left) * channels,
                        part.width() * channels);
            }
        }
        return new Picture(height, width, channels, pixels);
    }

    private static float largest(float[] values) {
        float largest = 0;
        for (float value : values) {
            largest = Float.isFinite(value) ? Math.max(largest, Math.abs(value)) : largest;
        }
        return largest;
    }

    private static byte shade(float value, float largest) {
        float share = largest == 0 || !Float.isFinite(value) ? 0 : value / largest;
        return (byte) Math.round(127.5f + 127.5f * share);
    }
}
