package org.alborz.cli;

import org.alborz.data.Sample;
import org.alborz.data.SampleMapping;

/**
 * Makes grey images squares of three equal channels, resized by bilinear interpolation as files to predict are.
 *
 * @param size of the squares, not less than the images
 */
record GrayToColor(int height, int width, int size) implements SampleMapping {
    private static final int CHANNELS = 3;

    GrayToColor {
        if (height > size || width > size) {
            throw CommandFailure.usage("--data expects images of at most " + size + " by " + size + " pixels, got "
                    + height + " by " + width);
        }
    }

    @Override
    public void map(Sample from, Sample into) {
        byte[] gray = from.bytes(0);
        byte[] color = into.bytes(0);
        int at = into.at(0);
        for (int y = 0; y < size; y++) {
            double row = place(y, height);
            int top = (int) row;
            int bottom = Math.min(top + 1, height - 1);
            for (int x = 0; x < size; x++) {
                double column = place(x, width);
                int left = (int) column;
                int right = Math.min(left + 1, width - 1);
                double above = mix(gray, from.at(0) + top * width, left, right, column - left);
                double below = mix(gray, from.at(0) + bottom * width, left, right, column - left);
                byte value = (byte) Math.round(above + (row - top) * (below - above));
                for (int c = 0; c < CHANNELS; c++) {
                    color[at++] = value; // [H, W, C]
                }
            }
        }
        into.set(1, from.ints(1)[from.at(1)]);
    }

    /** Returns the place in the source of the centre of a target's pixel. */
    private double place(int target, int source) {
        return Math.max(0, Math.min(source - 1, (target + 0.5) * source / size - 0.5));
    }

    private static double mix(byte[] gray, int row, int left, int right, double share) {
        int a = gray[row + left] & 0xFF;
        int b = gray[row + right] & 0xFF;
        return a + share * (b - a);
    }
}
