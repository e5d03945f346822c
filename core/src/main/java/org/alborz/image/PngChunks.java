package org.alborz.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * The chunks of a PNG file one after another, checked against their sums (PNG specification, section 5).
 *
 * <p>Chunks that are not needed are passed over unseen; among them are the compressed ones, which can grow a thousandfold.
 */
final class PngChunks {
    private static final int SIGNATURE_BYTES = 8;

    private final Input in;
    private final CRC32 crc = new CRC32();
    private final byte[] scratch = new byte[1 << 12];
    private String type = "";
    private int left;

    PngChunks(Input in) throws IOException {
        this.in = in;
        in.skip(SIGNATURE_BYTES);
    }

    /** Goes to the next chunk and returns its type. */
    String next() throws IOException {
        left = in.i32();
        byte[] name = new byte[4];
        in.readFully(name, 0, 4);
        crc.reset();
        crc.update(name);
        type = new String(name, StandardCharsets.US_ASCII);
        if (left < 0 || !type.chars().allMatch(c -> c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z')) {
            throw new ImageException(
                    "there is no chunk where one should be, near byte " + in.position() + ", so it is damaged");
        }
        return type;
    }

    /** Returns how many bytes of the chunk are left. */
    int left() {
        return left;
    }

    /** Reads some bytes of the chunk; the caller knows that as many are left. */
    void read(byte[] into, int count) throws IOException {
        in.readFully(into, 0, count);
        crc.update(into, 0, count);
        left -= count;
    }

    /** Returns the chunk's content and ends it. */
    byte[] content(int most) throws IOException {
        if (left > most) {
            throw new ImageException(
                    "its chunk " + type + " has " + left + " bytes, more than " + most + ", so it is damaged");
        }
        byte[] content = new byte[left];
        read(content, left);
        end();
        return content;
    }

    /** Passes over what is left of the chunk and checks its sum. */
    void end() throws IOException {
        while (left > 0) {
            read(scratch, Math.min(left, scratch.length));
        }
        if (in.i32() != (int) crc.getValue()) {
            throw new ImageException("the checksum of its chunk " + type + " is wrong, so it is damaged");
        }
    }
}
