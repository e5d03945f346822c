package org.alborz.image;

import java.io.IOException;
import java.io.InputStream;

/**
 * Reads images into rows of red, green and blue.
 *
 * <ul>
 *   <li>PNG: every colour type and depth, also interlaced.
 *   <li>JPEG: baseline and progressive, 8 bits; grey, YCbCr, RGB, CMYK and YCCK (taken as inverted, as Adobe and Pillow
 *       do). Its orientation (EXIF) is not applied.
 *   <li>GIF: the first image, on its screen.
 *   <li>BMP: uncompressed, also with bit fields.
 * </ul>
 *
 * <p>A sample of {@code n} bits is divided by {@code 2ⁿ − 1}; grey stands for three equal samples. Pixels are laid over
 * white by their alpha. What follows the end of an image is not read; an image that ends early, or holds more or less
 * than it says, is refused.
 */
public final class ImageDecoder {
    /** The most bytes that are read of an image. */
    public static final long MAX_BYTES = 1L << 28;

    private ImageDecoder() {}

    /**
     * Decodes one image.
     *
     * @param in read in large pieces, and not closed
     * @throws ImageException when it is not an image, is damaged, of a kind that is not read, or too large; the sink may
     *     have got some rows then
     * @throws IOException when reading fails
     */
    public static void decode(InputStream in, PixelSink sink) throws IOException {
        Input input = new Input(in);
        try {
            if (input.startsWith("\u0089PNG\r\n\u001a\n")) {
                new PngDecoder(input, sink).decode();
            } else if (input.startsWith("\u00ff\u00d8\u00ff")) {
                JpegDecoder.decode(JpegFile.read(input), sink);
            } else if (input.startsWith("GIF87a") || input.startsWith("GIF89a")) {
                new GifDecoder(input, sink).decode();
            } else if (input.startsWith("BM")) {
                new BmpDecoder(input, sink).decode();
            } else {
                throw new ImageException(
                        "its first bytes are those of none of the readable formats: png, jpg, gif, bmp");
            }
        } catch (OutOfMemoryError e) {
            // Sizes are limited, so this is one large array that did not fit beside what else the program holds.
            throw new ImageException(
                    "there is too little memory for its pixels; give Java more, or make it smaller", e);
        }
    }
}
