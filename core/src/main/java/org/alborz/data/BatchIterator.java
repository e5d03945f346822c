package org.alborz.data;

import java.lang.ref.Reference;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.alborz.notice.DropWatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One epoch's batches in order, filled by background threads into a ring of reused arrays.
 *
 * <p>Used by one thread. {@link #close} stops the background threads, also in the middle of an epoch; those of an iterator dropped
 * before the epoch's end are stopped after the next garbage collection, with a warning.
 *
 * <pre>{@code
 * try (BatchIterator batches = loader.epoch(0)) {
 *     for (Batch batch : batches) { … }
 * }
 * }</pre>
 */
public final class BatchIterator implements AutoCloseable, Iterable<Batch> {
    private static final Logger LOG = LoggerFactory.getLogger(BatchIterator.class);

    private final Prefetch prefetch;
    private final DropWatch watch;

    BatchIterator(Prefetch prefetch) {
        this.prefetch = prefetch;
        this.watch = DropWatch.on(this, LOG, "A BatchIterator of epoch " + prefetch.epoch(), prefetch::stop);
    }

    /** Returns the epoch, counted from 0. */
    public int epoch() {
        return prefetch.epoch();
    }

    /** Returns the index of the batch that {@link #next} gives next: with the epoch, the position to resume from. */
    public int nextBatch() {
        return prefetch.nextBatch();
    }

    /**
     * Gives the next batch, or null after the epoch's last, and takes back the one before.
     *
     * @throws DataException when the batch could not be prepared; what went wrong is its cause, but an {@link Error} is
     *     thrown as it is
     */
    public Batch next() {
        try {
            Batch batch = prefetch.next();
            if (batch == null) {
                watch.close(); // the threads have ended by themselves
            }
            return batch;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Returns the batches from {@link #nextBatch} on; looking whether there is another takes back the one before. */
    @Override
    public Iterator<Batch> iterator() {
        return new Iterator<>() {
            private Batch ahead;

            @Override
            public boolean hasNext() {
                if (ahead == null) {
                    ahead = BatchIterator.this.next();
                }
                return ahead != null;
            }

            @Override
            public Batch next() {
                if (!hasNext()) {
                    throw new NoSuchElementException("The epoch has no more batches");
                }
                Batch batch = ahead;
                ahead = null;
                return batch;
            }
        };
    }

    /**
     * Stops the background threads, which end after the samples they are reading; the last batch must not be used after.
     * They are not interrupted, since that would close a dataset's file channel for good.
     */
    @Override
    public void close() {
        watch.close();
        prefetch.close();
    }
}
