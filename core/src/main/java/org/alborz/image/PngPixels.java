package org.alborz.image;

import java.io.IOException;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The uncompressed bytes of a PNG file's image: its IDAT chunks, which follow one another.
 *
 * <p>Made when the first was found; {@link #finish} leaves the chunk after the last.
 */
final class PngPixels implements AutoCloseable {
    private final PngChunks chunks;
    private final Inflater inflater = new Inflater();
    private final byte[] compressed = new byte[1 << 14];
    private String type = "IDAT";

    PngPixels(PngChunks chunks) {
        this.chunks = chunks;
    }

    void readFully(byte[] into, int count) throws IOException {
        for (int done = 0; done < count; ) {
            int some = inflate(into, done, count - done);
            if (some == 0) {
                throw new ImageException("its image data ends before its last row, so it is damaged");
            }
            done += some;
        }
    }

    /** Checks that the image ends here, with the right sum, and returns the type of the next chunk. */
    String finish() throws IOException {
        if (inflate(new byte[1], 0, 1) != 0) {
            throw new ImageException("it holds more image data than its size says, so it is damaged");
        }
        if (!inflater.finished()) {
            throw new ImageException("its image data has no end, so it is damaged");
        }
        while (type.equals("IDAT")) {
            chunks.end();
            type = chunks.next();
        }
        return type;
    }

    /** Inflates at least a byte, or returns 0 at the end of the data or of the chunks. */
    private int inflate(byte[] into, int from, int count) throws IOException {
        try {
            while (true) {
                int some = inflater.inflate(into, from, count);
                if (some > 0 || inflater.finished() || !inflater.needsInput() || !feed()) {
                    return some;
                }
            }
        } catch (DataFormatException e) {
            throw new ImageException("its image data cannot be decompressed, so it is damaged", e);
        }
    }

    private boolean feed() throws IOException {
        while (type.equals("IDAT") && chunks.left() == 0) {
            chunks.end();
            type = chunks.next();
        }
        if (!type.equals("IDAT")) {
            return false;
        }
        int count = Math.min(chunks.left(), compressed.length);
        chunks.read(compressed, count);
        inflater.setInput(compressed, 0, count);
        return true;
    }

    @Override
    public void close() {
        inflater.end();
    }
}
