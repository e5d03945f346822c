package org.alborz.cuda.nccl;

import org.alborz.cuda.driver.Event;
import org.alborz.cuda.driver.Resources;
import org.alborz.cuda.driver.Stream;

/**
 * A stream beside a backend's. Its work begins when what the backend's stream held before is done; what comes to that one later does not wait for it before it is
 * {@linkplain #join joined}. Where the backend's stream is captured, so is this one.
 */
final class SideStream implements AutoCloseable {
    private final Resources resources = new Resources();
    private final Stream main;
    private final Stream side;
    private final Event begin;
    private final Event end;

    /** Whether there is work that was not joined. */
    private boolean forked;

    SideStream(Stream main) {
        this.main = main;
        try {
            side = resources.add(new Stream(main.context()));
            begin = resources.add(new Event(main.context()));
            end = resources.add(new Event(main.context()));
        } catch (RuntimeException | Error e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    /** Returns the stream as a number, for libraries that are not called through JCuda. */
    long address() {
        return side.address();
    }

    /** Has the work that comes to this stream next wait for what the backend's holds. */
    void fork() {
        begin.record(main);
        side.await(begin);
        forked = true;
    }

    /** Sets a mark behind the work that this stream holds now. */
    void record(Event mark) {
        mark.record(side);
    }

    /** Has the work that comes to the backend's stream later wait for this one's, if there is any. */
    void join() {
        if (forked) {
            forked = false;
            end.record(side);
            main.await(end);
        }
    }

    @Override
    public void close() {
        resources.close();
    }
}
