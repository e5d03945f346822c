package org.alborz.image;

import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;

/**
 * Decodes JPEG by Java's own reader, whatever readers are on the class path besides.
 *
 * <p>It gives the components as they are stored; what it would warn of is an error here.
 */
final class JpegDecoder {
    private JpegDecoder() {}

    static void decode(JpegFile file, PixelSink sink) throws IOException {
        int components = file.frame().length;
        Limits.requireMemory((long) file.width() * file.height() * components + 2L * file.content().length);
        byte[] samples = samples(file);
        if (samples.length != file.width() * file.height() * components) {
            throw new ImageException("it holds more or less image data than its size says, so it is damaged");
        }
        JpegColours colours = JpegColours.of(file);
        sink.size(file.width(), file.height());
        RgbRow row = new RgbRow(file.width());
        for (int y = 0, at = 0; y < file.height(); y++) {
            for (int x = 0; x < file.width(); x++, at += components) {
                colours.convert(samples, at, x, row);
            }
            sink.row(y, row.values());
        }
    }

    /** Returns the components, {@code [height, width, components]}. */
    private static byte[] samples(JpegFile file) throws IOException {
        ImageReader reader = reader();
        String[] warning = new String[1];
        reader.addIIOReadWarningListener((source, text) -> warning[0] = text);
        try (BytesInput in = new BytesInput(file.content())) {
            reader.setInput(in, true, true);
            Raster raster = reader.readRaster(0, null);
            if (warning[0] != null) {
                throw new ImageException("its image data is damaged: " + warning[0]);
            }
            return ((DataBufferByte) raster.getDataBuffer()).getData();
        } catch (ImageException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // Damaged files make the reader throw IllegalArgumentException and the like, too.
            throw new ImageException("its image data is damaged: " + e.getMessage(), e);
        } finally {
            reader.dispose();
        }
    }

    private static ImageReader reader() throws ImageException {
        Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName("jpeg");
        while (readers.hasNext()) {
            ImageReader reader = readers.next();
            if (reader.getClass().getModule() == ImageIO.class.getModule()) {
                return reader;
            }
            reader.dispose();
        }
        throw new ImageException("Java's own JPEG reader was removed from ImageIO's registry; leave it there");
    }
}
