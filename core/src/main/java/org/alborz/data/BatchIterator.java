package org.alborz.data;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One epoch's batches in order, filled by a background thread into a ring of reused arrays.
 *
 * <p>Used by one thread. {@link #close} stops the background thread, also in the middle of an epoch.
 *
 * <p>Invariant, under the lock: {@code released ≤ taken ≤ filled ≤ released + ring.length}, all counted in batches of
 * the whole epoch. The consumer may read batch {@code taken − 1 ≥ released}, the filler may write batch {@code filled <
 * released + ring.length}, so they never meet in one slot.
 */
public final class BatchIterator implements AutoCloseable {
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

    BatchIterator(DataLoader loader, int epoch, int first) {
        this.loader = loader;
        this.epoch = epoch;
        this.first = first;
        this.end = loader.batchesPerEpoch();
        this.filled = first;
        this.taken = first;
        this.released = first;
        this.ring = loader.takeRing();
        this.thread = new Thread(this::fillAll, "alborz-data-loader");
        thread.setDaemon(true);
        thread.start();
    }

    /** Returns the epoch, counted from 0. */
    public int epoch() {
        return epoch;
    }

    /** Returns the index of the batch that {@link #next} gives next: with the epoch, the position to resume from. */
    public int nextBatch() {
        return taken;
    }

    /**
     * Gives the next batch, or null after the epoch's last, and takes back the one before.
     *
     * @throws DataException when the batch could not be prepared; what went wrong is its cause, but an {@link Error} is
     *     thrown as it is
     */
    public Batch next() {
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
            while (taken == filled && failure == null) {
                awaitFiller();
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

    /**
     * Stops the background thread, which ends after the sample it is reading; the last batch must not be used after.
     * The thread is not interrupted, since that would close a dataset's file channel for good.
     */
    @Override
    public void close() {
        synchronized (lock) {
            if (closed) {
                return;
            }
            closed = true;
            lock.notifyAll();
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

    private void fillAll() {
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
