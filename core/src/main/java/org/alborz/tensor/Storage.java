package org.alborz.tensor;

import org.alborz.backend.Buffer;
import org.alborz.type.DType;

/**
 * A buffer shared by tensors; it goes back to the backend's pool when the last of them is closed.
 *
 * <p>The session uses it again then, for another buffer of its type. Open tensors never see that, and closed ones ask it only for what
 * stays: session and type. The versions go on, so that none comes twice.
 */
final class Storage {
    private final Session session;
    private final DType dtype;
    private Buffer buffer;
    private int users;
    private int version;
    private long id;

    /** Computes what is not there yet; null where there is a buffer. */
    private Deferred deferred;

    /** The session that the buffer belongs to where this one only reads it; else null. */
    private Session lender;

    /** How many {@link SharedTensors} let other sessions read the buffer; changed by any thread. */
    private volatile int loans;

    Storage(Session session, DType dtype) {
        this.session = session;
        this.dtype = dtype;
    }

    /** Starts again with a buffer of its type and one user. */
    Storage holding(Buffer next) {
        buffer = next;
        id = session.nextMemory();
        users = 1;
        return this;
    }

    /** Starts again without a buffer, which is computed when it is asked for, and with one user. */
    Storage awaiting(Deferred source) {
        holding(null);
        deferred = source;
        return this;
    }

    /** Takes memory for what is computed now. */
    void allocate(long elements) {
        buffer = session.allocate(dtype, elements);
        deferred = null;
    }

    /** Returns what computes the buffer, or null where it is there. */
    Deferred deferred() {
        return deferred;
    }

    /** Returns a storage of another session that reads this one's buffer. */
    Storage readBy(Session reader) {
        Storage storage = new Storage(reader, dtype).holding(buffer());
        storage.lender = session;
        return storage;
    }

    Session session() {
        return session;
    }

    /** Tells whether only this session uses the buffer, so that it may be changed. */
    boolean isOwn() {
        return lender == null && loans == 0;
    }

    /** Tells whether the buffer belongs to another session. */
    boolean isBorrowed() {
        return lender != null;
    }

    synchronized void lend() {
        loans++;
    }

    synchronized void endLoan() {
        loans--;
    }

    DType dtype() {
        return dtype;
    }

    Buffer buffer() {
        if (deferred != null) {
            deferred.compute();
        }
        return buffer;
    }

    /** Counts the changes in place, so that a gradient can tell whether a value it saved is still what it was. */
    int version() {
        return version;
    }

    /** Returns a number that no other memory of the session ever has. */
    long id() {
        return id;
    }

    void changed() {
        version++;
    }

    int users() {
        return users;
    }

    Storage retain() {
        users++;
        return this;
    }

    void release() {
        if (--users == 0) {
            Buffer done = buffer;
            buffer = null;
            if (deferred != null) {
                Deferred unread = deferred;
                deferred = null;
                unread.abandon();
            }
            if (lender != null) {
                return; // it goes back with the lender's own storage
            }
            if (done != null) {
                session.backend().free(done);
            }
            session.recycle(this);
        }
    }
}
