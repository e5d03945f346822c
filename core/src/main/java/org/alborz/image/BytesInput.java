package org.alborz.image;

import javax.imageio.stream.ImageInputStreamImpl;

/** Bytes as the input of a reader, without the copies and temporary files of Java's. */
final class BytesInput extends ImageInputStreamImpl {
    private final byte[] bytes;

    BytesInput(byte[] bytes) {
        this.bytes = bytes;
    }

    @Override
    public int read() {
        bitOffset = 0;
        return streamPos < bytes.length ? bytes[(int) streamPos++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] into, int from, int count) {
        bitOffset = 0;
        if (streamPos >= bytes.length) {
            return -1;
        }
        int part = (int) Math.min(count, bytes.length - streamPos);
        System.arraycopy(bytes, (int) streamPos, into, from, part);
        streamPos += part;
        return part;
    }

    @Override
    public long length() {
        return bytes.length;
    }
}
