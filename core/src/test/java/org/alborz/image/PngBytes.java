package org.alborz.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Writes PNG files chunk by chunk, also wrong ones. */
final class PngBytes {
    private static final int[][] PASSES = {
        {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}
    };

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    PngBytes() {
        out.writeBytes("\u0089PNG\r\n\u001a\n".getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Writes one whole image of samples {@code [height, width, channels]}, unfiltered. */
    static byte[] image(int width, int height, int colourType, int depth, boolean interlaced, int[] samples) {
        return new PngBytes()
                .header(width, height, depth, colourType, interlaced ? 1 : 0)
                .chunk("IDAT", deflate(scanlines(width, height, depth, interlaced, samples)))
                .chunk("IEND")
                .bytes();
    }

    static byte[] scanlines(int width, int height, int depth, boolean interlaced, int[] samples) {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        int channels = samples.length / width / height;
        for (int[] pass : interlaced ? PASSES : new int[][] {{0, 0, 1, 1}}) {
            for (int y = pass[1]; y < height && pass[0] < width; y += pass[3]) {
                lines.write(0);
                int bits = 0;
                int count = 0;
                for (int x = pass[0]; x < width; x += pass[2]) {
                    for (int c = 0; c < channels; c++) {
                        bits = bits << depth | samples[(y * width + x) * channels + c];
                        for (count += depth; count >= 8; count -= 8) {
                            lines.write(bits >> count - 8);
                        }
                    }
                }
                if (count > 0) {
                    lines.write(bits << 8 - count);
                }
            }
        }
        return lines.toByteArray();
    }

    static byte[] deflate(byte[] bytes) {
        Deflater deflater = new Deflater(9);
        deflater.setInput(bytes);
        deflater.finish();
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        byte[] some = new byte[1 << 16];
        while (!deflater.finished()) {
            compressed.write(some, 0, deflater.deflate(some));
        }
        deflater.end();
        return compressed.toByteArray();
    }

    PngBytes header(int width, int height, int depth, int colourType, int interlace) {
        return chunk(
                "IHDR",
                ByteBuffer.allocate(13)
                        .putInt(width)
                        .putInt(height)
                        .put(new byte[] {(byte) depth, (byte) colourType, 0, 0, (byte) interlace})
                        .array());
    }

    PngBytes chunk(String type, byte... content) {
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(content);
        out.writeBytes(ByteBuffer.allocate(4).putInt(content.length).array());
        out.writeBytes(name);
        out.writeBytes(content);
        out.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
        return this;
    }

    byte[] bytes() {
        return out.toByteArray();
    }
}
