package org.alborz.explain;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.alborz.image.PngEncoder;
import org.alborz.text.Given;

/**
 * A number for each place of an image: how much a net's answer depends on it.
 *
 * @param values {@code [rows][columns]}
 */
public record HeatMap(float[][] values) {
    private static final int LEVELS = 255;

    public HeatMap {
        Given.value(values, "A heat map", "values");
        if (values.length == 0 || values[0].length == 0) {
            throw new IllegalArgumentException("A heat map expects at least one place, got none");
        }
        for (float[] row : values) {
            if (row.length != values[0].length) {
                throw new IllegalArgumentException("A heat map expects rows of one length, got " + values[0].length
                        + " and " + row.length + " values");
            }
        }
    }

    public int rows() {
        return values.length;
    }

    public int columns() {
        return values[0].length;
    }

    /** Returns the largest value. */
    public float max() {
        float max = Float.NEGATIVE_INFINITY;
        for (float[] row : values) {
            for (float value : row) {
                max = Math.max(max, value);
            }
        }
        return max;
    }

    private float min() {
        float min = Float.POSITIVE_INFINITY;
        for (float[] row : values) {
            for (float value : row) {
                min = Math.min(min, value);
            }
        }
        return min;
    }

    /** Returns the map from 0 to 1; all 0 where every value is the same. */
    public HeatMap normalized() {
        float min = min();
        float span = max() - min;
        float[][] scaled = new float[rows()][columns()];
        for (int i = 0; i < rows() && span > 0; i++) {
            for (int j = 0; j < columns(); j++) {
                scaled[i][j] = (values[i][j] - min) / span;
            }
        }
        return new HeatMap(scaled);
    }

    /** Returns the map in another size, interpolated bilinearly between the middles of places. */
    public HeatMap resized(int rows, int columns) {
        if (rows < 1 || columns < 1) {
            throw new IllegalArgumentException(
                    "resized expects at least one row and column, got " + rows + " and " + columns);
        }
        float[][] resized = new float[rows][columns];
        for (int i = 0; i < rows; i++) {
            double y = place(i, rows, rows());
            int top = (int) y;
            int bottom = Math.min(top + 1, rows() - 1);
            for (int j = 0; j < columns; j++) {
                double x = place(j, columns, columns());
                int left = (int) x;
                int right = Math.min(left + 1, columns() - 1);
                double above = values[top][left] + (x - left) * (values[top][right] - values[top][left]);
                double below = values[bottom][left] + (x - left) * (values[bottom][right] - values[bottom][left]);
                resized[i][j] = (float) (above + (y - top) * (below - above));
            }
        }
        return new HeatMap(resized);
    }

    private static double place(int i, int size, int of) {
        return Math.max(0, Math.min(of - 1, (i + 0.5) * of / size - 0.5));
    }

    /** Writes the map as a PNG file of a pixel a place: from black by red and yellow to white. */
    public void write(Path file) {
        write(file, null);
    }

    /**
     * Writes an image with the map over it, half and half, as a PNG file of the image's size.
     *
     * @param rgb the image, three bytes a pixel, row by row
     */
    public void write(Path file, byte[] rgb, int height, int width) {
        if (Given.value(rgb, "write", "an image").length != 3L * height * width) {
            throw new IllegalArgumentException(
                    "write expects 3 bytes for each of " + height + "×" + width + " pixels, got " + rgb.length);
        }
        resized(height, width).write(file, rgb);
    }

    private void write(Path file, byte[] under) {
        HeatMap map = normalized();
        byte[] pixels = new byte[3 * rows() * columns()];
        for (int p = 0; p < rows() * columns(); p++) {
            float value = map.values[p / columns()][p % columns()];
            for (int c = 0; c < 3; c++) {
                float level = Math.max(0, Math.min(1, 3 * value - c));
                float colour = under == null ? LEVELS * level : 0.5f * (LEVELS * level + (under[3 * p + c] & LEVELS));
                pixels[3 * p + c] = (byte) Math.round(colour);
            }
        }
        try {
            Files.write(Given.value(file, "write", "a file"), PngEncoder.encode(pixels, rows(), columns(), 3));
        } catch (IOException e) {
            throw new UncheckedIOException("The heat map could not be written to " + file, e);
        }
    }
}
