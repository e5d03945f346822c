package org.alborz.monitor;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
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
    private static final int GREY = 0;
    private static final int COLOUR = 2;

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
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        png.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
        ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(height);
        header.put((byte) 8).put((byte) (channels == 1 ? GREY : COLOUR)); // then methods 0 and no interlace
        chunk(png, "IHDR", header.array());
        chunk(png, "IDAT", compressed());
        chunk(png, "IEND", new byte[0]);
        return png.toByteArray();
    }

    /** Returns the PNG as a URI that holds its data, for a web page that loads nothing. */
    public String toDataUri() {
        return "data:image/png;base64," + Base64.getEncoder().encodeToString(toPng());
    }

    /** Returns the rows, each after the number of its filter, 0 for none. */
    private byte[] compressed() {
        int row = width * channels;
        byte[] rows = new byte[height * (row + 1)];
        for (int y = 0; y < height; y++) {
            System.arraycopy(pixels, y * row, rows, y * (row + 1) + 1, row);
        }
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
        try {
            deflater.setInput(rows);
            deflater.finish();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] block = new byte[1 << 13];
            while (!deflater.finished()) {
                out.write(block, 0, deflater.deflate(block));
            }
            return out.toByteArray();
        } finally {
            deflater.end();
        }
    }

    private static void chunk(ByteArrayOutputStream png, String type, byte[] data) {
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(data);
        png.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
        png.writeBytes(name);
        png.writeBytes(data);
        png.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
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
