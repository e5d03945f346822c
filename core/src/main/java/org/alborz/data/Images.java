package org.alborz.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import org.alborz.image.ImageDecoder;
import org.alborz.image.ImageException;
import org.alborz.image.PixelSink;
import org.alborz.type.Shape;

/**
 * Reads image files as samples: PNG, JPEG, BMP and the first image of a GIF, of at most 50,000,000 pixels, 65,535 a side
 * and 256 MiB.
 *
 * <p>Samples are taken as they are stored, as Pillow's {@code convert("RGB")} does: grey is three equal samples, and a
 * colour profile, gamma or orientation in the file changes nothing. Two things differ from Pillow: what is transparent
 * becomes white, by its share, and samples of 16 bits keep all of them.
 *
 * <p>A file that is cut off, or damaged where its format or decoder can tell, is refused; what follows the image's end is
 * not looked at.
 */
public final class Images {
    private Images() {}

    /**
     * Reads image files, each resized to one shape (see {@link Resampling}) without regard to its proportions. One file
     * that cannot be read ends the call; to keep what the others give, read them one by one.
     *
     * @param shape {@code [3, H, W]}
     * @param normalization that of the images the model was trained on
     * @return the samples one after another, in the memory order of {@link Dataset#read}
     * @throws DataException when a file is missing, or is not an image that can be read; it names the file
     */
    public static float[] load(List<Path> files, Shape shape, ChannelNormalization normalization) {
        requireShape(files.size(), shape, normalization);
        int elements = (int) shape.elements();
        float[] samples = new float[files.size() * elements];
        for (int i = 0; i < files.size(); i++) {
            float[] pixels = pixels(files.get(i), shape.size(1), shape.size(2));
            for (int j = 0; j < elements; j++) {
                samples[i * elements + j] = normalization.apply(j % 3, pixels[j]);
            }
        }
        return samples;
    }

    /** Reads one image file as {@link #load(List, Shape, ChannelNormalization)} does. */
    public static float[] load(Path file, Shape shape, ChannelNormalization normalization) {
        return load(List.of(file), shape, normalization);
    }

    /** Writes one image file's pixels as bytes, rounded, channels-last and resized to {@code [3, H, W]}. */
    static void read(Path file, Shape shape, byte[] into, int at) {
        float[] pixels = pixels(file, shape.size(1), shape.size(2));
        for (int i = 0; i < pixels.length; i++) {
            into[at + i] = (byte) Math.round(Math.max(0, Math.min(1, pixels[i])) * 255);
        }
    }

    private static void requireShape(int count, Shape shape, ChannelNormalization normalization) {
        if (shape.rank() != 3 || shape.size(0) != 3 || shape.elements() == 0 || normalization.channels() != 3) {
            throw new IllegalArgumentException("Images expects shape [3, H, W] and a normalization of 3 channels, got "
                    + shape + " and " + normalization.channels() + " channels");
        }
        if (shape.elements() > Integer.MAX_VALUE / Math.max(1, count)) {
            throw new IllegalArgumentException("Images expects at most 2^31 - 1 values in one array, got " + count
                    + " images of shape " + shape + "; read fewer at a time");
        }
    }

    /** Returns the file's pixels from 0 to 1, channels-last, resized. */
    private static float[] pixels(Path file, int height, int width) {
        Resizer resizer = new Resizer(height, width);
        try (InputStream in = FileInput.open(file, ImageDecoder.MAX_BYTES)) {
            ImageDecoder.decode(in, resizer);
        } catch (ImageException e) {
            throw new DataException(FileInput.name(file) + " could not be read as an image: " + e.getMessage(), e);
        } catch (IOException e) {
            throw FileInput.unreadable(file, e);
        }
        return resizer.resampling.result();
    }

    /** Resizes what is decoded, row by row. */
    private static final class Resizer implements PixelSink {
        private final int toHeight;
        private final int toWidth;
        private Resampling resampling;

        Resizer(int toHeight, int toWidth) {
            this.toHeight = toHeight;
            this.toWidth = toWidth;
        }

        @Override
        public void size(int width, int height) {
            resampling = new Resampling(height, width, toHeight, toWidth);
        }

        @Override
        public void row(int y, float[] rgb) {
            resampling.addRow(y, rgb);
        }
    }
}
