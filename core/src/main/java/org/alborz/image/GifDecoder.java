package org.alborz.image;

import java.io.IOException;

/**
 * Decodes the first image of a GIF file (GIF89a). It is placed on its screen, which grows where it does not fit; what it
 * does not cover is transparent.
 *
 * <p>Not Java's reader, which takes an image that ends early for whole and leaves out the screen.
 */
final class GifDecoder {
    private static final int SIGNATURE_BYTES = 6;
    private static final int EXTENSION = 0x21;
    private static final int GRAPHIC_CONTROL = 0xF9;
    private static final int IMAGE = 0x2C;

    private final Input in;
    private final PixelSink sink;
    private int transparent = -1;

    GifDecoder(Input in, PixelSink sink) {
        this.in = in;
        this.sink = sink;
    }

    void decode() throws IOException {
        in.skip(SIGNATURE_BYTES);
        int screenWidth = in.u16LittleEndian();
        int screenHeight = in.u16LittleEndian();
        int flags = in.u8();
        in.skip(2); // the background's colour and the pixels' form, which nobody goes by
        int[] palette = palette(flags);
        for (int block = in.u8(); block != IMAGE; block = in.u8()) {
            if (block != EXTENSION) {
                throw new ImageException(
                        "it has no image where one should be, near byte " + in.position() + ", so it is damaged");
            }
            readExtension();
        }
        decodeImage(screenWidth, screenHeight, palette);
    }

    private void decodeImage(int screenWidth, int screenHeight, int[] common) throws IOException {
        int left = in.u16LittleEndian();
        int top = in.u16LittleEndian();
        int width = in.u16LittleEndian();
        int height = in.u16LittleEndian();
        int flags = in.u8();
        int[] own = palette(flags);
        int[] palette = own == null ? common : own;
        if (palette == null) {
            throw new ImageException("it has no palette, so it is damaged");
        }
        Limits.requireSize(width, height);
        int fullWidth = Math.max(screenWidth, left + width);
        int fullHeight = Math.max(screenHeight, top + height);
        Limits.requireSize(fullWidth, fullHeight);
        Limits.requireMemory(2L * width * height);
        byte[] indices = new LzwReader(in).read(width * height);

        sink.size(fullWidth, fullHeight);
        RgbRow row = new RgbRow(fullWidth);
        int[] stored = storedRows(height, (flags & 0x40) != 0);
        for (int y = 0; y < fullHeight; y++) {
            boolean inside = y >= top && y < top + height;
            for (int x = 0; x < fullWidth; x++) {
                if (inside && x >= left && x < left + width) {
                    setPixel(row, x, indices[stored[y - top] * width + x - left] & 0xFF, palette);
                } else {
                    row.clear(x);
                }
            }
            sink.row(y, row.values());
        }
    }

    private void setPixel(RgbRow row, int x, int index, int[] palette) throws ImageException {
        if (index == transparent) {
            row.clear(x);
        } else if (index < palette.length) {
            row.set(x, palette[index]);
        } else {
            throw new ImageException(
                    "a pixel has colour " + index + " of a palette of " + palette.length + ", so it is damaged");
        }
    }

    /** Returns at which place each row is stored: interlaced, every 8th comes first, then those between. */
    private static int[] storedRows(int height, boolean interlaced) {
        int[] rows = new int[height];
        int stored = 0;
        int[][] passes = interlaced ? new int[][] {{0, 8}, {4, 8}, {2, 4}, {1, 2}} : new int[][] {{0, 1}};
        for (int[] pass : passes) {
            for (int y = pass[0]; y < height; y += pass[1]) {
                rows[y] = stored++;
            }
        }
        return rows;
    }

    private int[] palette(int flags) throws IOException {
        if ((flags & 0x80) == 0) {
            return null;
        }
        int[] palette = new int[2 << (flags & 7)];
        for (int i = 0; i < palette.length; i++) {
            palette[i] = in.u8() << 16 | in.u16();
        }
        return palette;
    }

    private void readExtension() throws IOException {
        int label = in.u8();
        int size = in.u8();
        if (label == GRAPHIC_CONTROL && size == 4) {
            int flags = in.u8();
            in.skip(2);
            int index = in.u8();
            transparent = (flags & 1) != 0 ? index : -1;
            size = in.u8();
        }
        for (; size > 0; size = in.u8()) {
            in.skip(size);
        }
    }
}
