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
    private static final byte TRUE_COLOUR = 2;
    private static final int PIXEL = 3;

    private PngEncoder() {}

    /**
     * Returns a file.
     *
     * @param rgb three bytes a pixel, row by row
     */
    public static byte[] rgb(byte[] rgb, int height, int width) {
        if (height < 1 || width < 1 || rgb.length != (long) PIXEL * height * width) {
            throw new IllegalArgumentException("A PNG expects 3 bytes for each of " + height + "×" + width
                    + " pixels, got " + rgb.length + " bytes");
        }
        byte[] header = ByteBuffer.allocate(HEADER)
                .putInt(width)
                .putInt(height)
                .put((byte) 8)
                .put(TRUE_COLOUR)
                .array();
        int row = PIXEL * width;
        byte[] filtered = new byte[height * (row + 1)]; // each row after the number of its filter, 0: none
        for (int y = 0; y < height; y++) {
            System.arraycopy(rgb, y * row, filtered, y * (row + 1) + 1, row);
        }
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(SIGNATURE);
        chunk(file, "IHDR", header);
        chunk(file, "IDAT", deflated(filtered));
        chunk(file, "IEND", new byte[0]);
        return file.toByteArray();
    }

    private static byte[] deflated(byte[] data) {
        Deflater deflater = new Deflater();
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
