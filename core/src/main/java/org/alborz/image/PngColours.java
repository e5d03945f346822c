package org.alborz.image;

import java.nio.ByteBuffer;

/** Turns the samples of a PNG file into colours. */
final class PngColours {
    private final PngHeader header;
    private byte[] palette;
    private byte[] paletteAlpha = new byte[0];

    /** The samples of the transparent colour, or null. */
    private int[] transparent;

    PngColours(PngHeader header) {
        this.header = header;
    }

    /** Takes the chunk PLTE; without use unless pixels are indices. */
    void palette(byte[] content) throws ImageException {
        if (palette != null || content.length == 0 || content.length % 3 != 0) {
            throw new ImageException(
                    "its palette has " + content.length + " bytes, or is not the only one, so it is" + " damaged");
        }
        palette = content;
    }

    /** Takes the chunk tRNS; without use where pixels have an alpha of their own. */
    void transparency(byte[] content) throws ImageException {
        int type = header.colourType();
        if (type == PngHeader.PALETTE) {
            paletteAlpha = content;
        } else if (type == PngHeader.GREY || type == PngHeader.RGB) {
            int channels = header.channels();
            if (content.length != 2 * channels) {
                throw new ImageException("its transparent colour has " + content.length + " bytes, not " + 2 * channels
                        + ", so it is damaged");
            }
            transparent = new int[channels];
            for (int c = 0; c < channels; c++) {
                transparent[c] = ByteBuffer.wrap(content).getShort(2 * c) & 0xFFFF;
            }
        }
    }

    /** Checks that the image data may come now. */
    void requirePalette() throws ImageException {
        if (header.colourType() == PngHeader.PALETTE && palette == null) {
            throw new ImageException("it has no palette, so it is damaged");
        }
    }

    /** Sets a row's pixels from its samples, {@code [width, channels]}. */
    void convert(int[] samples, RgbRow row) throws ImageException {
        float max = header.max();
        int channels = header.channels();
        for (int x = 0, i = 0; x < header.width(); x++, i += channels) {
            float first = samples[i] / max;
            switch (header.colourType()) {
                case PngHeader.PALETTE -> fromPalette(x, samples[i], row);
                case PngHeader.GREY -> row.set(x, first, first, first, opacity(samples, i));
                case PngHeader.GREY_ALPHA -> row.set(x, first, first, first, samples[i + 1] / max);
                case PngHeader.RGB ->
                    row.set(x, first, samples[i + 1] / max, samples[i + 2] / max, opacity(samples, i));
                default -> row.set(x, first, samples[i + 1] / max, samples[i + 2] / max, samples[i + 3] / max);
            }
        }
    }

    private void fromPalette(int x, int index, RgbRow row) throws ImageException {
        if (index * 3 >= palette.length) {
            throw new ImageException(
                    "a pixel has colour " + index + " of a palette of " + palette.length / 3 + ", so it is damaged");
        }
        float alpha = index < paletteAlpha.length ? (paletteAlpha[index] & 0xFF) / 255f : 1;
        int at = index * 3;
        row.set(
                x,
                (palette[at] & 0xFF) / 255f,
                (palette[at + 1] & 0xFF) / 255f,
                (palette[at + 2] & 0xFF) / 255f,
                alpha);
    }

    private float opacity(int[] samples, int at) {
        if (transparent == null) {
            return 1;
        }
        for (int c = 0; c < transparent.length; c++) {
            if (samples[at + c] != transparent[c]) {
                return 1;
            }
        }
        return 0;
    }
}
