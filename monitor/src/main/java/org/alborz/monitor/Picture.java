package org.alborz.monitor;

import java.util.Arrays;
import java.util.Base64;
import org.alborz.image.PngEncoder;
import org.alborz.text.Given;

/**
 * An image to show, of grey or colour.
 *
 * @param height in pixels, at least 1
 * @param width in pixels, at least 1
 * @param channels 1 for grey, or 3 for red, green and blue
 * @param pixels a byte for each channel of each pixel, {@code [height, width, channels]}
 */
public record Picture(int height, int width, int channels, byte[] pixels) {
    /**
     * Checks the sizes.
     *
     * @throws IllegalArgumentException when they do not fit each other
     */
    public Picture {
        Given.value(pixels, "Picture", "pixels");
        if (height < 1 || width < 1 || channels != 1 && channels != 3) {
            throw new IllegalArgumentException("Picture expects at least 1 pixel and 1 or 3 channels, got height "
                    + height + ", width " + width + " and " + channels + " channels");
        }
        if (pixels.length != (long) height * width * channels) {
            throw new IllegalArgumentException("Picture expects " + (long) height * width * channels + " bytes for "
                    + height + " x " + width + " pixels of " + channels + " channels, got " + pixels.length);
        }
    }

    /**
     * Returns numbers as an image: the smallest black, the largest white. What is not finite is black.
     *
     * @param values {@code [height, width, channels]}
     */
    public static Picture scaled(int height, int width, int channels, float[] values) {
        float min = Float.POSITIVE_INFINITY;
        float max = Float.NEGATIVE_INFINITY;
        for (float value : values) {
            if (Float.isFinite(value)) {
                min = Math.min(min, value);
                max = Math.max(max, value);
            }
        }
        byte[] pixels = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            float share = max > min && Float.isFinite(values[i]) ? (values[i] - min) / (max - min) : 0;
            pixels[i] = (byte) Math.round(255 * share);
        }
        return new Picture(height, width, channels, pixels);
    }

    /** Returns the image as a PNG file (W3C recommendation, third edition): 8 bits a channel. */
    public byte[] toPng() {
        return PngEncoder.encode(pixels, height, width, channels);
    }

    /** Returns the PNG as a URI that holds its data, for a web page that loads nothing. */
    public String toDataUri() {
        return "data:image/png;base64," + Base64.getEncoder().encodeToString(toPng());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Picture that
                && height == that.height
                && width == that.width
                && channels == that.channels
                && Arrays.equals(pixels, that.pixels);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(pixels);
    }

    @Override
    public String toString() {
        return "picture " + height + " x " + width + " x " + channels;
    }
}
