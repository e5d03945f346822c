package org.alborz.distributed;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;

/** What passes a connection at once. A {@link Link} uses those of a piece's size again, so that a sum allocates nothing. */
final class Frame {
    /** Bytes of a frame's header: kind, call, signature and length. */
    static final int HEADER = 1 + 8 + 4 + 4;

    /** Bytes of a piece of a sum. */
    static final int PIECE = 1 << 18;

    /** More than any frame has; larger lengths are garbage. */
    static final int MOST_BYTES = 64 << 20;

    private static final Kind[] KINDS = Kind.values();

    private final byte[] bytes;
    private final FloatBuffer floats;
    private final DoubleBuffer doubles;
    private Kind kind;
    private long call;
    private int signature;
    private int length;

    /** What a frame is. */
    enum Kind {
        /** A sum of the ranks up to the sender. */
        PARTIAL,
        /** What all ranks get. */
        RESULT,
        /** What one rank gave. */
        GIVEN,
        /** Why the group ends. */
        ABORT,
        /** The sender has left the group. */
        LEAVE
    }

    /** Makes a frame of some memory, whose numbers are stored with the lowest byte first. */
    Frame(byte[] bytes) {
        this.bytes = bytes;
        this.length = bytes.length;
        ByteBuffer view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        floats = view.asFloatBuffer();
        doubles = view.asDoubleBuffer();
    }

    /**
     * Says what it is.
     *
     * @param ofCall number of the call that it belongs to, counted from 1
     * @param ofSignature of the call, equal in all ranks that make the same
     * @param count bytes of its content
     * @return this frame
     */
    Frame set(Kind is, long ofCall, int ofSignature, int count) {
        kind = is;
        call = ofCall;
        signature = ofSignature;
        length = count;
        return this;
    }

    /** Reads a header. Returns null where it is none. */
    static Kind kindOf(ByteBuffer header) {
        int number = header.get(0);
        return number >= 0 && number < KINDS.length ? KINDS[number] : null;
    }

    /** Writes the header. */
    void writeHeader(ByteBuffer header) {
        header.put(0, (byte) kind.ordinal())
                .putLong(1, call)
                .putInt(9, signature)
                .putInt(13, length);
    }

    Kind kind() {
        return kind;
    }

    long call() {
        return call;
    }

    int signature() {
        return signature;
    }

    int length() {
        return length;
    }

    byte[] bytes() {
        return bytes;
    }

    void put(float[] values, int from, int count) {
        floats.clear();
        floats.put(values, from, count);
    }

    void get(float[] values, int to, int count) {
        floats.clear();
        floats.get(values, to, count);
    }

    void put(double[] values, int from, int count) {
        doubles.clear();
        doubles.put(values, from, count);
    }

    void get(double[] values, int to, int count) {
        doubles.clear();
        doubles.get(values, to, count);
    }
}
