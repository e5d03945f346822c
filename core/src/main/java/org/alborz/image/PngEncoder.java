package org.alborz.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Writes PNG files of 8 bits a channel without alpha (ISO/IEC 15948), for pictures that a program draws. */
public final class PngEncoder {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    private static final int HEADER = 13;
    private static final byte GREY = 0;
    private static final byte TRUE_COLOUR = 2;

    private PngEncoder() {}

    /**
     * Returns a file.
     *
     * @param pixels a byte for each channel of each pixel, {@code [height, width, channels]}
     * @param channels 1 for grey, or 3 for red, green and blue
     */
    public static byte[] encode(byte[] pixels, int height, int width, int channels) {
        if (height < 1 || width < 1 || channels != 1 && channels != 3) {
            throw new IllegalArgumentException("A PNG expects at least 1 pixel and 1 or 3 channels, got " + height + "×"
                    + width + " pixels and " + channels + " channels");
        }
        if (pixels.length != (long) channels * height * width) {
            throw new IllegalArgumentException("A PNG expects " + channels + " bytes for each of " + height + "×"
                    + width + " pixels, got " + pixels.length + " bytes");
        }
        byte[] header = ByteBuffer.allocate(HEADER)
                .putInt(width)
                .putInt(height)
                .put((byte) 8)
                .put(channels == 1 ? GREY : TRUE_COLOUR) // then methods 0 and no interlace
                .array();
        int row = channels * width;
        byte[] filtered = new byte[height * (row + 1)]; // each row after the number of its filter, 0: none
        for (int y = 0; y < height; y++) {
            System.arraycopy(pixels, y * row, filtered, y * (row + 1) + 1, row);
        }
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(SIGNATURE);
        chunk(file, "IHDR", header);
        chunk(file, "IDAT", deflated(filtered));
        chunk(file, "IEND", new byte[0]);
        return file.toByteArray();
    }

    private static byte[] deflated(byte[] data) {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
        try {
            deflater.setInput(data);
            deflater.finish();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] part = new byte[1 << 13];
            while (!deflater.finished()) {
                out.write(part, 0, deflater.deflate(part));
            }
            return out.toByteArray();
        } finally {
            deflater.end();
        }
    }

    private static void chunk(ByteArrayOutputStream file, String type, byte[] data) {
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 sum = new CRC32();
        sum.update(name);
        sum.update(data);
        file.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(data.length).array());
        file.writeBytes(name);
        file.writeBytes(data);
        file.writeBytes(
                ByteBuffer.allocate(Integer.BYTES).putInt((int) sum.getValue()).array());
    }
}
