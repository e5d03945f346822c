package org.alborz.cuda.driver;

import java.util.ArrayDeque;
import java.util.Deque;

/** Things that are closed together, the last opened first, every one of them also when others fail. */
public final class Resources implements AutoCloseable {
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    /** Adds a thing, and returns it. */
    public <T extends AutoCloseable> T add(T resource) {
        open.push(resource);
        return resource;
    }

    /** Closes all after a failure, such as in a constructor; what fails on the way is noted with it. */
    public void closeAfter(Throwable failure) {
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Throwable e) {
                note(failure, e);
            }
        }
    }

    /** Closes all, and then throws the first failure, with the others noted. */
    @Override
    public void close() {
        Throwable failure = null;
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Throwable e) {
                if (failure == null) {
                    failure = e;
                } else {
                    note(failure, e);
                }
            }
        }
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure != null) {
            throw failure instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(failure);
        }
    }

    private static void note(Throwable failure, Throwable another) {
        if (another != failure) {
            failure.addSuppressed(another);
        }
    }
}
