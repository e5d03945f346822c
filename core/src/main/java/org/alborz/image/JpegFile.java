package org.alborz.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;

/**
 * A JPEG file's header and what decoding its samples needs: its tables, frame and scans (ITU-T T.81, annex B).
 *
 * <p>Everything else is left out, so that profiles, thumbnails and comments change no sample and take no memory.
 *
 * @param frame the components' identifiers
 * @param adobeTransform what Adobe's segment says of the colours, or -1 without one
 * @param jfif whether there is a JFIF segment, whose colours are YCbCr
 * @param content the file without what is not needed
 */
record JpegFile(int width, int height, int[] frame, int adobeTransform, boolean jfif, byte[] content) {
    /** The most scans; ten are usual, and a small file can ask for thousands. */
    private static final int MAX_SCANS = 200;

    /** The most pixels of all scans together: each scan may walk over the whole image. */
    private static final long MAX_SCANNED = 1_500_000_000;

    static JpegFile read(Input in) throws IOException {
        return new Parser(in).read();
    }

    private static final class Parser {
        private static final int START = 0xD8;
        private static final int END = 0xD9;
        private static final int SCAN = 0xDA;
        private static final int ADOBE = 0xEE;
        private static final int JFIF = 0xE0;

        private final Input in;
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
        private int width;
        private int height;
        private int[] frame;
        private int adobeTransform = -1;
        private boolean jfif;
        private int scans;
        private long scannedBytes;

        Parser(Input in) {
            this.in = in;
        }

        JpegFile read() throws IOException {
            in.skip(2);
            keepMarker(START);
            for (int marker = nextMarker(); marker != END; ) {
                marker = readSegment(marker);
            }
            keepMarker(END);
            if (frame == null || scans == 0) {
                throw new ImageException("it has no image data, so it is damaged");
            }
            // A block of 8 x 8 samples takes a bit at least, and there are more than a quarter as many as of pixels in
            // any sampling;
            // so memory stays in proportion to the file.
            if (scannedBytes * 8 * 4 < (width + 7L) / 8 * ((height + 7) / 8)) {
                throw new ImageException("its image data ends before its last row, so it is damaged");
            }
            return new JpegFile(width, height, frame, adobeTransform, jfif, kept.toByteArray());
        }

        /** Reads a segment, and a scan's data, and returns the marker that follows. */
        private int readSegment(int marker) throws IOException {
            switch (marker) {
                case 0xC0, 0xC1, 0xC2 -> readFrame(marker, segment(marker));
                case 0xC4, 0xDB, 0xDD -> keep(marker, segment(marker)); // Huffman and quantisation tables, restarts
                case SCAN -> {
                    countScan();
                    keep(marker, segment(marker));
                    return keepScan();
                }
                case ADOBE -> readAdobe(segment(marker));
                case JFIF -> {
                    byte[] content = segment(marker);
                    jfif |= startsWith(content, "JFIF\0");
                }
                case 0xC3, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xCB, 0xCC, 0xCD, 0xCE, 0xCF, 0xDC, 0xDE, 0xDF ->
                    throw new ImageException("it is lossless, hierarchical or arithmetic-coded JPEG (marker "
                            + Integer.toHexString(marker) + "), which is not read; save it again as PNG");
                default -> {
                    if (marker < 0xE0 || marker == 0xFF) {
                        throw new ImageException(
                                "it has the unknown marker " + Integer.toHexString(marker) + ", so it is damaged");
                    }
                    in.skip(length(marker));
                }
            }
            return nextMarker();
        }

        private void readFrame(int marker, byte[] content) throws ImageException {
            if (frame != null || content.length < 6 || content.length != 6 + 3 * content[5]) {
                throw new ImageException(
                        "its frame header is of the wrong length or not the only one, so it is damaged");
            }
            height = u16(content, 1);
            width = u16(content, 3);
            Limits.requireSize(width, height);
            int components = content[5];
            if (content[0] != 8 || components != 1 && components != 3 && components != 4) {
                throw new ImageException("it is a JPEG of " + content[0] + " bits and " + components
                        + " components, which is not read; save it again as PNG");
            }
            frame = new int[components];
            for (int i = 0; i < components; i++) {
                frame[i] = content[6 + 3 * i] & 0xFF;
            }
            keep(marker, content);
        }

        private void readAdobe(byte[] content) {
            if (content.length >= 12 && startsWith(content, "Adobe")) {
                adobeTransform = content[11] & 0xFF;
            }
        }

        private void countScan() throws ImageException {
            scans++;
            if (frame == null) {
                throw new ImageException("its image data comes before its frame header, so it is damaged");
            }
            if (scans > MAX_SCANS || (long) scans * width * height > MAX_SCANNED) {
                throw new ImageException("it is stored in more than " + (scans - 1)
                        + " scans, which takes too long to decode; save it again");
            }
        }

        /** Keeps a scan's data up to the marker that ends it. */
        private int keepScan() throws IOException {
            while (true) {
                int value = in.u8();
                scannedBytes++;
                if (value != 0xFF) {
                    kept.write(value);
                    continue;
                }
                int marker = in.u8();
                while (marker == 0xFF) {
                    marker = in.u8();
                }
                // A zero means that 0xFF is data; eight markers are places to restart at.
                if (marker != 0 && (marker < 0xD0 || marker > 0xD7)) {
                    return marker;
                }
                keepMarker(marker);
            }
        }

        private int nextMarker() throws IOException {
            if (in.u8() != 0xFF) {
                throw new ImageException(
                        "there is no marker where one should be, near byte " + in.position() + ", so it is damaged");
            }
            int marker = in.u8();
            while (marker == 0xFF) {
                marker = in.u8();
            }
            return marker;
        }

        private int length(int marker) throws IOException {
            int length = in.u16() - 2;
            if (length < 0) {
                throw new ImageException(
                        "its segment " + Integer.toHexString(marker) + " has no length, so it is" + " damaged");
            }
            return length;
        }

        private byte[] segment(int marker) throws IOException {
            byte[] content = new byte[length(marker)];
            in.readFully(content, 0, content.length);
            return content;
        }

        private void keep(int marker, byte[] content) {
            keepMarker(marker);
            kept.write(content.length + 2 >> 8);
            kept.write(content.length + 2);
            kept.write(content, 0, content.length);
        }

        private void keepMarker(int marker) {
            kept.write(0xFF);
            kept.write(marker);
        }

        private static int u16(byte[] bytes, int at) {
            return (bytes[at] & 0xFF) << 8 | bytes[at + 1] & 0xFF;
        }

        private static boolean startsWith(byte[] bytes, String text) {
            for (int i = 0; i < text.length(); i++) {
                if (i >= bytes.length || bytes[i] != text.charAt(i)) {
                    return false;
                }
            }
            return true;
        }
    }
}
