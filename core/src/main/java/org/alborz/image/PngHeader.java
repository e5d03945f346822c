package org.alborz.image;

import java.nio.ByteBuffer;

/** What a PNG file's first chunk says (PNG specification, section 11.2.2), checked. */
record PngHeader(int width, int height, int depth, int colourType, boolean interlaced) {
    static final int GREY = 0;
    static final int RGB = 2;
    static final int PALETTE = 3;
    static final int GREY_ALPHA = 4;
    static final int RGB_ALPHA = 6;
    static final int BYTES = 13;

    static PngHeader of(byte[] content) throws ImageException {
        ByteBuffer bytes = ByteBuffer.wrap(content);
        if (content.length != BYTES) {
            throw new ImageException("its header has " + content.length + " bytes, not 13, so it is damaged");
        }
        int width = bytes.getInt();
        int height = bytes.getInt();
        int depth = bytes.get();
        int colourType = bytes.get();
        int compression = bytes.get();
        int filter = bytes.get();
        int interlace = bytes.get();
        if (!isAllowed(colourType, depth) || compression != 0 || filter != 0 || interlace < 0 || interlace > 1) {
            throw new ImageException("its header names a kind of pixels that PNG does not have (colour type "
                    + colourType + ", " + depth + " bits, compression " + compression + ", filter " + filter
                    + ", interlace " + interlace + "), so it is damaged");
        }
        Limits.requireSize(width, height);
        return new PngHeader(width, height, depth, colourType, interlace == 1);
    }

    private static boolean isAllowed(int colourType, int depth) {
        return switch (colourType) {
            case GREY -> depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
            case PALETTE -> depth == 1 || depth == 2 || depth == 4 || depth == 8;
            case RGB, GREY_ALPHA, RGB_ALPHA -> depth == 8 || depth == 16;
            default -> false;
        };
    }

    int channels() {
        return switch (colourType) {
            case RGB -> 3;
            case GREY_ALPHA -> 2;
            case RGB_ALPHA -> 4;
            default -> 1;
        };
    }

    /** Returns the largest value of a sample. */
    int max() {
        return (1 << depth) - 1;
    }

    /** Returns how many bytes a row of {@code pixels} has. */
    int rowBytes(int pixels) {
        return (pixels * channels() * depth + 7) / 8;
    }
}
