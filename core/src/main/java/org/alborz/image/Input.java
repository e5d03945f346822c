package org.alborz.image;

import java.io.IOException;
import java.io.InputStream;

/** Reads bytes and numbers; an early end is an {@link ImageException}. */
final class Input {
    private final InputStream in;
    private final byte[] buffer = new byte[1 << 15];
    private int at;
    private int end;
    private long before;

    Input(InputStream in) {
        this.in = in;
    }

    /** Returns how many bytes were taken. */
    long position() {
        return before + at;
    }

    /** Says whether these characters, a byte each, are at the start. */
    boolean startsWith(String bytes) throws IOException {
        if (end == 0) {
            end = in.readNBytes(buffer, 0, buffer.length);
        }
        for (int i = 0; i < bytes.length(); i++) {
            if (i >= end || (buffer[i] & 0xFF) != bytes.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    int u8() throws IOException {
        if (at == end) {
            fill();
        }
        return buffer[at++] & 0xFF;
    }

    int u16() throws IOException {
        return u8() << 8 | u8();
    }

    int i32() throws IOException {
        return u16() << 16 | u16();
    }

    int u16LittleEndian() throws IOException {
        return u8() | u8() << 8;
    }

    int i32LittleEndian() throws IOException {
        return u16LittleEndian() | u16LittleEndian() << 16;
    }

    void readFully(byte[] into, int from, int count) throws IOException {
        for (int done = 0; done < count; ) {
            if (at == end) {
                fill();
            }
            int part = Math.min(count - done, end - at);
            System.arraycopy(buffer, at, into, from + done, part);
            at += part;
            done += part;
        }
    }

    void skip(long count) throws IOException {
        for (long left = count; left > 0; ) {
            if (at == end) {
                fill();
            }
            int part = (int) Math.min(left, end - at);
            at += part;
            left -= part;
        }
    }

    private void fill() throws IOException {
        before += end;
        at = 0;
        end = Math.max(0, in.read(buffer, 0, buffer.length));
        if (end == 0) {
            throw new ImageException("it is cut off after " + before + " bytes, so it is damaged");
        }
        if (before > ImageDecoder.MAX_BYTES) {
            throw new ImageException("it has more than " + ImageDecoder.MAX_BYTES + " bytes");
        }
    }
}
