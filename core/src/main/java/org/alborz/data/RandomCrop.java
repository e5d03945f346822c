package org.alborz.data;

import java.util.Arrays;
import org.alborz.random.RandomStream;
import org.alborz.type.Shape;

/**
 * Pads an image on all sides with zeros, which is the mean colour after normalisation, and crops it back to its size at
 * a random place.
 *
 * @param padding how far the image may move in each direction, in pixels; less than its sides
 */
public record RandomCrop(int padding) implements Transform {
    private static final int MAX_PADDING = 1 << 14;

    public RandomCrop {
        if (padding < 0 || padding > MAX_PADDING) {
            throw new IllegalArgumentException(
                    "RandomCrop expects a padding from 0 to " + MAX_PADDING + ", got " + padding);
        }
    }

    @Override
    public void apply(Sample sample, RandomStream random) {
        Shape shape = ImageShapes.require("RandomCrop", sample.fields().get(0));
        if (padding >= shape.size(1) || padding >= shape.size(2)) {
            throw new IllegalArgumentException("RandomCrop expects images larger than its padding of " + padding
                    + ", got samples of shape " + shape + "; some would be nothing but padding");
        }
        int down = random.nextInt(2 * padding + 1) - padding;
        int right = random.nextInt(2 * padding + 1) - padding;
        shift(sample.floats(0), sample.at(0), shape, down, right);
    }

    /** Sets the pixel at (h, w) to that at (h + down, w + right), or zero outside the image. */
    static void shift(float[] values, int at, Shape shape, int down, int right) {
        int height = shape.size(1);
        int rowLength = shape.size(2) * shape.size(0);
        int columns = Math.max(-rowLength, Math.min(rowLength, right * shape.size(0)));
        int kept = rowLength - Math.abs(columns);
        for (int i = 0; i < height; i++) {
            // Rows are written in the order in which none is overwritten before it is read.
            int h = down >= 0 ? i : height - 1 - i;
            int row = at + h * rowLength;
            if (h + down < 0 || h + down >= height) {
                Arrays.fill(values, row, row + rowLength, 0);
                continue;
            }
            int source = row + down * rowLength;
            System.arraycopy(values, source + Math.max(0, columns), values, row + Math.max(0, -columns), kept);
            int gap = columns >= 0 ? row + kept : row;
            Arrays.fill(values, gap, gap + rowLength - kept, 0);
        }
    }
}
