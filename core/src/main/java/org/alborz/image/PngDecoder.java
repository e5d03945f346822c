package org.alborz.image;

import java.io.IOException;

/**
 * Decodes PNG (ISO/IEC 15948).
 *
 * <p>Not Java's reader, which passes over checksums, takes grey samples for linear light, and unpacks text.
 */
final class PngDecoder {
    /** Where Adam7's seven passes start and how far their pixels are apart: x, y, x step, y step. */
    private static final int[][] PASSES = {
        {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}
    };

    private final PngChunks chunks;
    private final PixelSink sink;
    private final PngHeader header;
    private final PngColours colours;
    private final int[] samples;
    private final RgbRow row;

    PngDecoder(Input in, PixelSink sink) throws IOException {
        this.chunks = new PngChunks(in);
        this.sink = sink;
        if (!chunks.next().equals("IHDR")) {
            throw new ImageException("it does not start with a header, so it is damaged");
        }
        this.header = PngHeader.of(chunks.content(PngHeader.BYTES));
        this.colours = new PngColours(header);
        this.samples = new int[header.width() * header.channels()];
        this.row = new RgbRow(header.width());
    }

    void decode() throws IOException {
        sink.size(header.width(), header.height());
        boolean pixels = false;
        String type = chunks.next();
        while (!type.equals("IEND")) {
            if (type.equals("IDAT") && !pixels) {
                pixels = true;
                colours.requirePalette();
                try (PngPixels data = new PngPixels(chunks)) {
                    readPixels(data);
                    type = data.finish();
                }
                continue;
            }
            readChunk(type, pixels);
            type = chunks.next();
        }
        chunks.end();
        if (!pixels) {
            throw new ImageException("it has no image data, so it is damaged");
        }
    }

    private void readChunk(String type, boolean afterPixels) throws IOException {
        switch (type) {
            case "PLTE" -> {
                requireBefore(type, afterPixels);
                colours.palette(chunks.content(3 * 256));
            }
            case "tRNS" -> {
                requireBefore(type, afterPixels);
                colours.transparency(chunks.content(256));
            }
            default -> {
                // A name in capitals says that the image cannot be shown without the chunk.
                if (Character.isUpperCase(type.charAt(0))) {
                    throw new ImageException("it has a chunk " + type + ", which is not read or is out of place");
                }
                chunks.end();
            }
        }
    }

    private static void requireBefore(String type, boolean afterPixels) throws ImageException {
        if (afterPixels) {
            throw new ImageException("its chunk " + type + " follows the image data, so it is damaged");
        }
    }

    private void readPixels(PngPixels data) throws IOException {
        if (header.interlaced()) {
            readInterlaced(data);
            return;
        }
        Scanlines lines = new Scanlines(data, header.width());
        for (int y = 0; y < header.height(); y++) {
            lines.next();
            for (int i = 0; i < samples.length; i++) {
                samples[i] = lines.sample(i);
            }
            colours.convert(samples, row);
            sink.row(y, row.values());
        }
    }

    /** Reads the passes into one array, since a row is complete only after the last. */
    private void readInterlaced(PngPixels data) throws IOException {
        int bytes = header.depth() > 8 ? 2 : 1;
        Limits.requireMemory((long) samples.length * header.height() * bytes);
        byte[][] canvas = new byte[header.height()][];
        int channels = header.channels();
        for (int[] pass : PASSES) {
            int width = (header.width() - pass[0] + pass[2] - 1) / pass[2];
            if (width == 0) {
                continue;
            }
            Scanlines lines = new Scanlines(data, width);
            for (int y = pass[1]; y < header.height(); y += pass[3]) {
                lines.next();
                if (canvas[y] == null) {
                    // Not before there is data for it, which a small file lacks.
                    canvas[y] = new byte[samples.length * bytes];
                }
                for (int i = 0; i < width * channels; i++) {
                    int to = ((pass[0] + i / channels * pass[2]) * channels + i % channels) * bytes;
                    int sample = lines.sample(i);
                    canvas[y][to] = (byte) (sample >> 8 * (bytes - 1));
                    canvas[y][to + bytes - 1] = (byte) sample;
                }
            }
        }
        for (int y = 0; y < header.height(); y++) {
            for (int i = 0; i < samples.length; i++) {
                int low = canvas[y][i * bytes + bytes - 1] & 0xFF;
                samples[i] = bytes == 1 ? low : (canvas[y][i * 2] & 0xFF) << 8 | low;
            }
            colours.convert(samples, row);
            sink.row(y, row.values());
        }
    }

    /** Rows of one pass, each stored as differences to its neighbours (PNG specification, section 9). */
    private final class Scanlines {
        private final PngPixels data;
        private final int bytes;

        /** The distance in bytes to the same sample of the pixel to the left. */
        private final int step = Math.max(1, header.channels() * header.depth() / 8);

        /** A zero for each sample left of the first, then the row. */
        private byte[] line;

        private byte[] above;
        private final byte[] stored;

        Scanlines(PngPixels data, int width) {
            this.data = data;
            this.bytes = header.rowBytes(width);
            this.line = new byte[step + bytes];
            this.above = new byte[step + bytes];
            this.stored = new byte[1 + bytes];
        }

        void next() throws IOException {
            byte[] swap = above;
            above = line;
            line = swap;
            data.readFully(stored, 1 + bytes);
            System.arraycopy(stored, 1, line, step, bytes);
            switch (stored[0]) {
                case 0 -> {}
                case 1 -> {
                    for (int i = step; i < line.length; i++) {
                        line[i] += line[i - step];
                    }
                }
                case 2 -> {
                    for (int i = step; i < line.length; i++) {
                        line[i] += above[i];
                    }
                }
                case 3 -> {
                    for (int i = step; i < line.length; i++) {
                        line[i] += (byte) ((line[i - step] & 0xFF) + (above[i] & 0xFF) >> 1);
                    }
                }
                case 4 -> {
                    for (int i = step; i < line.length; i++) {
                        line[i] += paeth(line[i - step], above[i], above[i - step]);
                    }
                }
                default -> throw new ImageException("a row has filter " + stored[0] + ", so it is damaged");
            }
        }

        /** Returns the neighbour that is nearest to left + up - corner. */
        private byte paeth(byte leftByte, byte upByte, byte cornerByte) {
            int left = leftByte & 0xFF;
            int up = upByte & 0xFF;
            int corner = cornerByte & 0xFF;
            int byLeft = Math.abs(up - corner);
            int byUp = Math.abs(left - corner);
            int byCorner = Math.abs(left + up - 2 * corner);
            if (byLeft <= byUp && byLeft <= byCorner) {
                return leftByte;
            }
            return byUp <= byCorner ? upByte : cornerByte;
        }

        /** Returns the row's {@code i}-th sample. */
        int sample(int i) {
            int depth = header.depth();
            if (depth == 8) {
                return line[step + i] & 0xFF;
            }
            if (depth == 16) {
                return (line[step + 2 * i] & 0xFF) << 8 | line[step + 2 * i + 1] & 0xFF;
            }
            int bit = i * depth;
            return line[step + bit / 8] >> 8 - depth - bit % 8 & (1 << depth) - 1;
        }
    }
}
