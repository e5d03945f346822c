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

    Storage(Session session, DType dtype) {
        this.session = session;
        this.dtype = dtype;
    }

    /** Starts again with a buffer of its type and one user. */
    Storage holding(Buffer next) {
        buffer = next;
        users = 1;
        return this;
    }

    Session session() {
        return session;
    }

    DType dtype() {
        return dtype;
    }

    Buffer buffer() {
        return buffer;
    }

    /** Counts the changes in place, so that a gradient can tell whether a value it saved is still what it was. */
    int version() {
        return version;
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
            session.backend().free(done);
            session.recycle(this);
        }
    }
}
