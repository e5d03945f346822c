package org.alborz.distributed;

/**
 * What passes a connection at once.
 *
 * @param kind what it is
 * @param call number of the call that it belongs to, counted from 1
 * @param signature of the call, equal in all ranks that make the same
 * @param bytes its content
 */
record Frame(Kind kind, long call, int signature, byte[] bytes) {
    /** Bytes of a frame's header: kind, call, signature and length. */
    static final int HEADER = 1 + 8 + 4 + 4;

    /** More than any frame has; larger lengths are garbage. */
    static final int MOST_BYTES = 64 << 20;

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
}
