package org.alborz.tensor;

import org.alborz.backend.Backend;
import org.alborz.backend.Buffer;

/** A buffer shared by tensors; it goes back to the backend's pool when the last of them is closed. */
final class Storage {
    private final Backend backend;
    private final Buffer buffer;
    private int users = 1;
    private int version;

    Storage(Backend backend, Buffer buffer) {
        this.backend = backend;
        this.buffer = buffer;
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
            backend.free(buffer);
        }
    }
}
