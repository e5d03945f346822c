package org.alborz.monitor;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * A message of Protocol Buffers in the making, field after field: as much of the format as TensorBoard's files need. Fields are written by
 * number, also where they hold the type's default.
 *
 * <p>Source: "Encoding", Protocol Buffers documentation.
 */
final class ProtoMessage {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH = 2;
    private static final int FIXED32 = 5;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** Adds an integer, a truth value as 0 or 1, or an enum's number. */
    ProtoMessage integer(int field, long value) {
        key(field, VARINT);
        varint(value);
        return this;
    }

    ProtoMessage float32(int field, float value) {
        key(field, FIXED32);
        fixed(Float.floatToIntBits(value), Float.BYTES);
        return this;
    }

    ProtoMessage float64(int field, double value) {
        key(field, FIXED64);
        fixed(Double.doubleToLongBits(value), Double.BYTES);
        return this;
    }

    /** Adds a repeated field of numbers in one piece. */
    ProtoMessage packed(int field, double[] values) {
        key(field, LENGTH);
        varint((long) values.length * Double.BYTES);
        for (double value : values) {
            fixed(Double.doubleToLongBits(value), Double.BYTES);
        }
        return this;
    }

    ProtoMessage text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    ProtoMessage message(int field, ProtoMessage value) {
        return bytes(field, value.toBytes());
    }

    ProtoMessage bytes(int field, byte[] value) {
        key(field, LENGTH);
        varint(value.length);
        bytes.writeBytes(value);
        return this;
    }

    byte[] toBytes() {
        return bytes.toByteArray();
    }

    private void key(int field, int wireType) {
        varint((long) field << 3 | wireType);
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        bytes.write((int) rest);
    }

    private void fixed(long value, int count) {
        for (int i = 0; i < count; i++) {
            bytes.write((int) (value >>> 8 * i));
        }
    }
}
