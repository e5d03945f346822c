package org.alborz.cuda.nccl;

import java.time.Duration;
import java.util.Locale;
import org.alborz.cuda.driver.Event;
import org.alborz.cuda.driver.Stream;
import org.alborz.distributed.Collective;
import org.alborz.distributed.CollectiveException;

/**
 * Watches the exchanges of a communicator by a thread of its own, and ends the group where NCCL reports a failure, or one takes longer than
 * the time-out: the device would wait for a lost rank endlessly, and with it the host.
 */
public final class Watchdog implements AutoCloseable {
    private static final long POLL_MILLIS = 50;

    private final Collective control;
    private final Communicator communicator;
    private final Stream stream;
    private final Event mark;
    private final long timeoutNanos;
    private final Thread thread;

    /** The last exchange that was begun, in words; null where it is known to have ended. */
    private String pending;

    /** Whether the backend's stream waits for it, and so does the host. */
    private boolean joined;

    private long since;
    private CollectiveException end;
    private boolean closed;

    /**
     * Starts to watch.
     *
     * @param control the group that the other ranks are told by
     * @param timeout how long an exchange may take
     */
    public Watchdog(Collective control, Communicator communicator, Stream stream, Duration timeout) {
        this.control = control;
        this.communicator = communicator;
        this.stream = stream;
        this.mark = new Event(stream.context());
        this.timeoutNanos = timeout.toNanos();
        thread = new Thread(this::watch, "alborz-nccl-watchdog");
        thread.setDaemon(true);
        thread.start();
    }

    private void watch() {
        try {
            while (!isClosed()) {
                Thread.sleep(Math.max(1, Math.min(POLL_MILLIS, timeoutNanos / 4_000_000)));
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        } catch (RuntimeException | Error e) {
            end("the watchdog failed: " + e, e);
        }
    }

    private synchronized boolean isClosed() {
        return closed || end != null;
    }

    private void look() {
        String failure = communicator.failure();
        if (failure != null) {
            end("NCCL reports: " + failure, null);
        } else if (isLate()) {
            end(
                    String.format(
                            Locale.ROOT,
                            "it has waited %.1f s on the device for all ranks in %s; a rank is stopped, much slower, or"
                                    + " cannot be reached",
                            timeoutNanos / 1e9,
                            pending),
                    null);
        }
    }

    /** Looks at the mark under the lock, since {@link #close} gives it back. */
    private synchronized boolean isLate() {
        return !closed && pending != null && System.nanoTime() - since > timeoutNanos && !mark.isReached();
    }

    /** Says that an exchange was begun beside the stream, which does not wait for it yet. */
    public synchronized void begun(String what) {
        communicator.record(mark);
        watch(what);
    }

    /** Says that the stream waits for the exchanges that were begun. */
    public synchronized void expect(String what) {
        mark.record(stream);
        joined = true;
        watch(what);
    }

    private void watch(String what) {
        pending = what;
        since = System.nanoTime();
    }

    private synchronized boolean isJoined() {
        return joined;
    }

    /**
     * Waits until the exchanges have ended that the stream waits for.
     *
     * @throws CollectiveException where the group has ended
     */
    public void await() {
        if (isJoined()) {
            mark.await();
            synchronized (this) {
                joined = false;
                pending = null;
            }
        }
        requireOpen();
    }

    /** Waits until the exchanges have ended, or the group has. */
    public void awaitUnlessEnded() {
        synchronized (this) {
            if (closed || end != null) {
                return;
            }
        }
        try {
            await();
        } catch (CollectiveException e) {
            // The group has ended meanwhile, by the time-out at the latest, and close() says so to nobody who is not
            // told already.
        }
    }

    /** Throws what the group has ended by. */
    public synchronized void requireOpen() {
        if (end != null) {
            throw new CollectiveException(end.getMessage(), end);
        }
    }

    /** Ends the group for all ranks, once: first this rank's exchanges, so that nothing waits for them. */
    public void end(String reason, Throwable cause) {
        synchronized (this) {
            if (end != null || closed) {
                return;
            }
            end = new CollectiveException("Rank " + control.rank() + " has ended the group: " + reason, cause);
        }
        communicator.abort();
        control.abort(reason);
    }

    /** Ends all at once, from any thread, where nobody closed it. */
    public void drop() {
        synchronized (this) {
            closed = true;
        }
        thread.interrupt();
        communicator.abort();
    }

    /**
     * Ends the thread, and the communicator, when the exchanges have ended: all ranks have agreed on each, and one that aborted now would end those
     * that are still at it. Where the group has ended, it waits for nothing. Graphs that hold exchanges are closed before.
     */
    @Override
    public void close() {
        boolean orderly;
        awaitUnlessEnded();
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            orderly = end == null;
        }
        thread.interrupt();
        try {
            if (!orderly) {
                communicator.abort();
            }
            communicator.close();
        } finally {
            mark.close();
        }
    }
}
