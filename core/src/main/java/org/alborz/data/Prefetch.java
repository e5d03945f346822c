package org.alborz.data;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the consumer of an epoch's batches shares with the thread that fills them. The thread refers to this and not to the
 * {@link BatchIterator}, so that an iterator that is dropped can be found by the garbage collector.
 *
 * <p>Invariant, under the lock: {@code released ≤ taken ≤ filled ≤ released + ring.length}, all counted in batches of
 * the whole epoch. The consumer may read batch {@code taken − 1 ≥ released}, the filler may write batch {@code filled <
 * released + ring.length}, so they never meet in one slot.
 */
final class Prefetch implements Runnable {
    /** How long {@link #close} waits for the sample that is just being read. */
    private static final long CLOSE_MILLIS = 2000;

    private static final Logger LOG = LoggerFactory.getLogger(BatchIterator.class);

    private final DataLoader loader;
    private final int epoch;
    private final int first;
    private final int end;
    private final Batch[] ring;
    private final Thread thread;
    private final Object lock = new Object();

    private int filled;
    private int taken;
    private int released;
    private Throwable failure;
    private volatile boolean closed;

    Prefetch(DataLoader loader, int epoch, int first) {
        this.loader = loader;
        this.epoch = epoch;
        this.first = first;
        this.end = loader.batchesPerEpoch();
        this.filled = first;
        this.taken = first;
        this.released = first;
        this.ring = loader.takeRing();
        this.thread = new Thread(this, "alborz-data-loader");
        thread.setDaemon(true);
    }

    /** Starts the thread; where the system has none left, the ring is given back. */
    void start() {
        boolean started = false;
        try {
            loader.start(thread);
            started = true;
        } finally {
            if (!started) {
                closed = true;
                loader.giveBackRing(ring);
            }
        }
    }

    int epoch() {
        return epoch;
    }

    int nextBatch() {
        return taken;
    }

    Batch next() {
        synchronized (lock) {
            if (closed) {
                throw new IllegalStateException("The batches of epoch " + epoch
                        + " were closed; go on with DataLoader.epoch(" + epoch + ", " + taken + ")");
            }
            released = taken;
            lock.notifyAll();
            if (taken == end) {
                return null;
            }
            while (taken == filled && failure == null && !closed) {
                awaitFiller();
            }
            if (closed) {
                throw new IllegalStateException("The batches of epoch " + epoch + " were closed by another thread");
            }
            if (taken == filled && failure instanceof Error error) {
                throw error; // such as too little memory, which is no matter of the data
            }
            if (taken == filled) {
                throw new DataException(
                        "Batch " + taken + " of epoch " + epoch + " could not be prepared from "
                                + loader.dataset().description() + ": " + failure,
                        failure);
            }
            return ring[taken++ % ring.length];
        }
    }

    private void awaitFiller() {
        try {
            lock.wait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DataException("Interrupted while waiting for batch " + taken + " of epoch " + epoch, e);
        }
    }

    /** Tells the thread to end after the sample it is reading, and returns false where it was told before. */
    boolean stop() {
        synchronized (lock) {
            boolean running = !closed;
            closed = true;
            lock.notifyAll();
            return running;
        }
    }

    /** Stops the thread and waits a while for it, to give the ring back. */
    void close() {
        if (!stop()) {
            return;
        }
        try {
            thread.join(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!thread.isAlive()) {
            loader.giveBackRing(ring);
        } else {
            LOG.warn(
                    "The data loader is still reading a sample of {} after close(); it ends when that read returns."
                            + " The next epoch allocates new batch arrays.",
                    loader.dataset().description());
        }
    }

    @Override
    public void run() {
        try {
            BatchFiller filler = new BatchFiller(loader, epoch);
            for (int index = first; index < end && awaitSlot(); index++) {
                if (!filler.fill(ring[index % ring.length], index, this::isClosed)) {
                    return;
                }
                synchronized (lock) {
                    filled = index + 1;
                    lock.notifyAll();
                }
            }
        } catch (Throwable e) {
            // Errors too: the consumer waits for this thread and must learn why it ended.
            synchronized (lock) {
                failure = e;
                lock.notifyAll();
            }
        }
    }

    /** Waits until a slot may be written, and returns false where the iterator was closed. */
    private boolean awaitSlot() throws InterruptedException {
        synchronized (lock) {
            while (filled == released + ring.length && !closed) {
                lock.wait();
            }
            return !closed;
        }
    }

    private boolean isClosed() {
        return closed;
    }
}
