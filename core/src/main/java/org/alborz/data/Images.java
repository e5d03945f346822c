package org.alborz.data;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.alborz.type.Shape;

/** Reads image files as samples. */
public final class Images {
    /** The most pixels that are decoded; a small file can claim far more than fits into memory. */
    private static final long MAX_PIXELS = 100_000_000;

    private Images() {}

    /**
     * Reads image files, each resized to one shape (see {@link Resampling}) without regard to its proportions; what is
     * transparent becomes white.
     *
     * @param shape {@code [3, H, W]}
     * @param normalization that of the images the model was trained on
     * @return the samples one after another, in the memory order of {@link Dataset#read}
     * @throws DataException when a file is missing, or is not an image that can be read
     */
    public static float[] load(List<Path> files, Shape shape, ChannelNormalization normalization) {
        if (shape.rank() != 3 || shape.size(0) != 3 || shape.elements() == 0 || normalization.channels() != 3) {
            throw new IllegalArgumentException("Images expects shape [3, H, W] and a normalization of 3 channels, got "
                    + shape + " and " + normalization.channels() + " channels");
        }
        int height = shape.size(1);
        int width = shape.size(2);
        int elements = Math.toIntExact(shape.elements());
        float[] samples = new float[Math.multiplyExact(files.size(), elements)];
        for (int i = 0; i < files.size(); i++) {
            float[] pixels = pixels(files.get(i), height, width);
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

    /** Returns the file's pixels from 0 to 1, channels-last, resized. */
    private static float[] pixels(Path file, int height, int width) {
        BufferedImage image = decode(file);
        int[] row = new int[image.getWidth()];
        Resampling resampling = new Resampling(image.getHeight(), image.getWidth(), height, width);
        float[] source = new float[image.getWidth() * 3];
        for (int y = 0; y < image.getHeight(); y++) {
            image.getRGB(0, y, row.length, 1, row, 0, row.length);
            for (int x = 0; x < row.length; x++) {
                float alpha = (row[x] >>> 24) / 255f;
                for (int c = 0; c < 3; c++) {
                    float colour = (row[x] >>> 16 - 8 * c & 0xFF) / 255f;
                    source[x * 3 + c] = 1 + alpha * (colour - 1);
                }
            }
            resampling.addRow(y, source);
        }
        return resampling.result();
    }

    private static BufferedImage decode(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new DataException("There is no image file " + file.toAbsolutePath() + "; check the path");
        }
        try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
            Iterator<ImageReader> readers = in == null ? null : ImageIO.getImageReaders(in);
            if (readers == null || !readers.hasNext()) {
                throw new DataException(file + " is not an image that can be read; " + formats());
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in, true, true);
                checkSize(file, reader.getWidth(0), reader.getHeight(0));
                return reader.read(0);
            } finally {
                reader.dispose();
            }
        } catch (DataException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // Damaged files make the readers throw IllegalArgumentException and the like, too.
            throw new DataException(
                    file + " could not be read as an image (" + e + "); it may be damaged, or use a variant that"
                            + " Java does not read, such as CMYK JPEG: save it again as PNG. " + formats(),
                    e);
        }
    }

    private static void checkSize(Path file, int width, int height) {
        if ((long) width * height > MAX_PIXELS) {
            throw new DataException(String.format(
                    Locale.ROOT,
                    "%s has %,d x %,d pixels; at most %,d are read. Make it smaller first.",
                    file,
                    width,
                    height,
                    MAX_PIXELS));
        }
    }

    private static String formats() {
        TreeSet<String> names = new TreeSet<>();
        Arrays.stream(ImageIO.getReaderFileSuffixes())
                .filter(suffix -> !suffix.isEmpty())
                .forEach(suffix -> names.add(suffix.toLowerCase(Locale.ROOT)));
        return "readable formats: " + String.join(", ", names);
    }
}
