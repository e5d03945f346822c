package org.alborz.image;

import java.io.IOException;

/** Decodes uncompressed BMP files, from OS/2's header to version 5 of Windows'. */
final class BmpDecoder {
    private static final int CORE_HEADER = 12;
    private static final int INFO_HEADER = 40;
    private static final int UNCOMPRESSED = 0;
    private static final int BIT_FIELDS = 3;
    private static final int ALPHA_BIT_FIELDS = 6;

    private final Input in;
    private final PixelSink sink;
    private int width;
    private int height;
    private boolean fromTop;
    private int depth;

    /** Which bits of a pixel of 16 or 32 are red, green, blue and alpha. */
    private int[] masks;

    private int[] palette;

    BmpDecoder(Input in, PixelSink sink) {
        this.in = in;
        this.sink = sink;
    }

    void decode() throws IOException {
        in.skip(10);
        long pixels = in.i32LittleEndian() & 0xFFFFFFFFL;
        readHeader();
        if (in.position() > pixels) {
            throw new ImageException("its pixels should start inside its header, so it is damaged");
        }
        in.skip(pixels - in.position());
        sink.size(width, height);
        RgbRow row = new RgbRow(width);
        byte[] stored = new byte[(width * depth + 31) / 32 * 4];
        for (int i = 0; i < height; i++) {
            in.readFully(stored, 0, stored.length);
            convert(stored, row);
            sink.row(fromTop ? i : height - 1 - i, row.values());
        }
    }

    private void readHeader() throws IOException {
        long start = in.position();
        long size = in.i32LittleEndian() & 0xFFFFFFFFL;
        if (size != CORE_HEADER && (size < INFO_HEADER || size > 256)) {
            throw new ImageException(
                    "its header has " + size + " bytes, which no version of BMP has, so it is damaged");
        }
        boolean core = size == CORE_HEADER;
        long storedWidth = core ? in.u16LittleEndian() : in.i32LittleEndian();
        long storedHeight = core ? in.u16LittleEndian() : in.i32LittleEndian();
        fromTop = storedHeight < 0;
        Limits.requireSize(storedWidth, Math.abs(storedHeight));
        width = (int) storedWidth;
        height = (int) Math.abs(storedHeight);
        in.skip(2);
        depth = in.u16LittleEndian();
        int compression = UNCOMPRESSED;
        int colours = 0;
        if (!core) {
            compression = in.i32LittleEndian();
            in.skip(12);
            colours = in.i32LittleEndian();
            in.skip(4);
        }
        requireKind(compression);
        boolean fields = compression != UNCOMPRESSED;
        int fieldCount = size >= 56 || compression == ALPHA_BIT_FIELDS ? 4 : 3;
        if (fields) {
            readMasks(fieldCount);
        } else if (depth > 8) {
            masks = depth == 16 ? new int[] {0x7C00, 0x3E0, 0x1F, 0} : new int[] {0xFF0000, 0xFF00, 0xFF, 0};
        }
        in.skip(Math.max(0, start + size - in.position()));
        if (depth <= 8) {
            readPalette(colours, core ? 3 : 4);
        }
    }

    private void requireKind(int compression) throws ImageException {
        boolean known = switch (compression) {
            case UNCOMPRESSED ->
                depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16 || depth == 24 || depth == 32;
            case BIT_FIELDS, ALPHA_BIT_FIELDS -> depth == 16 || depth == 32;
            default -> false;
        };
        if (!known) {
            throw new ImageException("it is a BMP of a kind that is not read (compression " + compression + ", " + depth
                    + " bits); save it again as PNG");
        }
    }

    private void readMasks(int count) throws IOException {
        masks = new int[4];
        int seen = 0;
        for (int i = 0; i < count; i++) {
            masks[i] = in.i32LittleEndian();
            long run = masks[i] == 0 ? 0 : (masks[i] & 0xFFFFFFFFL) >> Integer.numberOfTrailingZeros(masks[i]);
            if ((run & run + 1) != 0 || (seen & masks[i]) != 0 || run == 0 && i < 3) {
                throw new ImageException("its bit fields overlap, are empty or have gaps, so it is damaged");
            }
            seen |= masks[i];
        }
    }

    private void readPalette(int colours, int bytes) throws IOException {
        int most = 1 << depth;
        if (colours < 0 || colours > most) {
            throw new ImageException(
                    "its palette has " + colours + " colours, more than " + most + ", so it is damaged");
        }
        palette = new int[colours == 0 ? most : colours];
        for (int i = 0; i < palette.length; i++) {
            palette[i] = in.u8() | in.u8() << 8 | in.u8() << 16;
            in.skip(bytes - 3);
        }
    }

    private void convert(byte[] stored, RgbRow row) throws ImageException {
        for (int x = 0; x < width; x++) {
            if (depth <= 8) {
                int bit = x * depth;
                int index = stored[bit / 8] >> 8 - depth - bit % 8 & (1 << depth) - 1;
                if (index >= palette.length) {
                    throw new ImageException("a pixel has colour " + index + " of a palette of " + palette.length
                            + ", so it is damaged");
                }
                row.set(x, palette[index]);
            } else {
                convertFields(stored, x, row);
            }
        }
    }

    private void convertFields(byte[] stored, int x, RgbRow row) {
        int pixel = 0;
        for (int i = depth / 8 - 1; i >= 0; i--) {
            pixel = pixel << 8 | stored[x * (depth / 8) + i] & 0xFF;
        }
        float alpha = masks[3] == 0 ? 1 : field(pixel, masks[3]);
        row.set(x, field(pixel, masks[0]), field(pixel, masks[1]), field(pixel, masks[2]), alpha);
    }

    private static float field(int pixel, int mask) {
        int shift = Integer.numberOfTrailingZeros(mask);
        return (float) ((pixel & mask & 0xFFFFFFFFL) >>> shift) / ((mask & 0xFFFFFFFFL) >>> shift);
    }
}
