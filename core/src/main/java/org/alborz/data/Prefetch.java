package org.alborz.data;

import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the consumer of an epoch's batches shares with the workers that fill them. The workers refer to this and not to the
 * {@link BatchIterator}, so that an iterator that is dropped can be found by the garbage collector.
 *
 * <p>Workers claim samples in the epoch's order, so every sample before a claimed one is claimed as well: whichever worker reads a
 * sample, batches are given in order, and of several failures the first in the epoch is reported.
 *
 * <p>Invariant, under the lock: {@code released ≤ taken ≤ released + ring.size()}, counted in the batches that are given: the first, and every
 * so many after it. The consumer may read the one numbered {@code taken − 1 ≥ released}, workers write those below {@code released +
 * ring.size()}, so they never meet in one place of the ring.
 */
final class Prefetch {
    /** How long {@link #close} waits for the samples that are just being read. */
    private static final long CLOSE_MILLIS = 2000;

    /** The most samples that are claimed at once. */
    private static final int MOST_CLAIMED = 32;

    private static final int IDLE = -1;
    private static final Logger LOG = LoggerFactory.getLogger(BatchIterator.class);

    private final DataLoader loader;
    private final int epoch;
    private final int batchSize;
    private final int first;
    private final int every;

    /** How many batches are given. */
    private final int count;

    private final int endBatch;
    private final int endSample;
    private final int[] order;
    private final BatchRing ring;
    private final int chunk;
    private final Thread[] threads;
    private final Object lock = new Object();

    /** Where each worker's claim begins in the epoch, or {@link #IDLE}. */
    private final int[] claims;

    /** How many samples of the batch in each place of the ring are not read yet. */
    private final int[] unread;

    private final boolean[] ready;

    /** The batch that samples are claimed of, and how many of it are. */
    private int claimed;

    private int claimedSamples;
    private int taken;
    private int released;
    private Throwable failure;

    /** Which sample of the epoch failed; the samples after it need not be read. */
    private volatile int failed = Integer.MAX_VALUE;

    private volatile boolean closed;

    Prefetch(DataLoader loader, int epoch, int first, int every) {
        this.loader = loader;
        this.epoch = epoch;
        this.first = first;
        this.every = every;
        this.batchSize = loader.batchSize();
        this.endBatch = loader.batchesPerEpoch();
        this.order = loader.order(epoch);
        this.endSample = (int) Math.min(order.length, (long) endBatch * batchSize);
        this.count = (int) ((endBatch - first + every - 1L) / every);
        this.ring = loader.takeRing();
        this.unread = new int[ring.size()];
        this.ready = new boolean[ring.size()];
        this.threads = new Thread[loader.workers()];
        this.chunk = Math.max(1, Math.min(MOST_CLAIMED, batchSize / (4 * threads.length)));
        this.claims = new int[threads.length];
        Arrays.fill(claims, IDLE);
        for (int i = 0; i < threads.length; i++) {
            threads[i] = new Thread(new Worker(i), "alborz-data-loader-" + i);
            threads[i].setDaemon(true);
        }
    }

    /** Starts the workers; where the system has no more threads, those that were started end and the ring is given back. */
    void start() {
        boolean started = false;
        try {
            for (Thread thread : threads) {
                loader.start(thread);
            }
            started = true;
        } finally {
            if (!started) {
                close();
            }
        }
    }

    int epoch() {
        return epoch;
    }

    int nextBatch() {
        return batch(taken);
    }

    /** Returns which batch of the epoch the one of this number is; the end of the epoch for those after the last. */
    private int batch(int number) {
        return (int) Math.min(endBatch, first + (long) number * every);
    }

    Batch next() {
        synchronized (lock) {
            if (closed) {
                throw new IllegalStateException("The batches of epoch " + epoch
                        + " were closed; continue with DataLoader.epoch(" + epoch + ", " + batch(taken)
                        + (every == 1 ? "" : ", " + every) + ")");
            }
            release();
            if (taken == count) {
                return null;
            }
            int place = taken % ring.size();
            while (!ready[place] && !closed && !isFailureCertain()) {
                await();
            }
            if (closed) {
                throw new IllegalStateException("The batches of epoch " + epoch + " were closed by another thread");
            }
            if (ready[place]) {
                taken++;
                return ring.given(place);
            }
            if (failure instanceof Error error) {
                throw error; // such as too little memory, which is no matter of the data
            }
            throw new DataException(
                    "Batch " + batch(taken) + " of epoch " + epoch + " could not be prepared from "
                            + loader.dataset().description() + ": "
                            + (failure instanceof DataException ? failure.getMessage() : failure),
                    failure);
        }
    }

    /** Takes back the batch that was given last. */
    private void release() {
        if (released < taken) {
            ready[released % ring.size()] = false;
            released++;
            lock.notifyAll();
        }
    }

    /** Tells whether there is a failure and no sample before it is still being read, which could fail as well. */
    private boolean isFailureCertain() {
        for (int claim : claims) {
            if (claim != IDLE && claim <= failed) {
                return false;
            }
        }
        return failure != null;
    }

    private void await() {
        try {
            lock.wait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DataException("Interrupted while waiting for batch " + batch(taken) + " of epoch " + epoch, e);
        }
    }

    /** Tells the workers to end after the samples they are reading, and returns false where they were told before. */
    boolean stop() {
        synchronized (lock) {
            boolean running = !closed;
            closed = true;
            lock.notifyAll();
            return running;
        }
    }

    /** Stops the workers and waits a while for them, to give the ring back. */
    void close() {
        if (!stop()) {
            return;
        }
        if (awaitEnd()) {
            loader.giveBackRing(ring);
        } else {
            LOG.warn(
                    "The data loader is still reading a sample of {} after close(); it ends when that read returns."
                            + " The next epoch allocates new batch arrays.",
                    loader.dataset().description());
        }
    }

    private boolean awaitEnd() {
        long end = System.nanoTime() + CLOSE_MILLIS * 1_000_000;
        boolean ended = true;
        try {
            for (Thread thread : threads) {
                thread.join(Math.max(1, (end - System.nanoTime()) / 1_000_000));
                ended &= !thread.isAlive();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Arrays.stream(threads).noneMatch(Thread::isAlive);
        }
        return ended;
    }

    /** Reads the samples that it claims, as one of several threads. */
    private final class Worker implements Runnable {
        private final int number;
        private final SampleReader reader;
        private final Sample[] samples;
        private int given;
        private int from;
        private int to;

        Worker(int number) {
            this.number = number;
            this.reader = new SampleReader(loader, epoch);
            this.samples = new Sample[ring.size()];
            for (int i = 0; i < samples.length; i++) {
                samples[i] = new Sample(ring.read(i));
            }
        }

        @Override
        public void run() {
            try {
                while (claim()) {
                    readClaimed();
                }
            } catch (Throwable e) {
                // Errors too: the consumer waits for this thread and must learn why it ended.
                fail(e);
            }
        }

        /** Takes the next samples, of one batch; waits for its place, and returns false where nothing is left to read. */
        private boolean claim() {
            synchronized (lock) {
                claims[number] = IDLE;
                lock.notifyAll();
                while (hasMore() && claimed >= released + ring.size()) {
                    awaitPlace();
                }
                if (!hasMore()) {
                    return false;
                }
                int batch = batch(claimed);
                int begin = batch * batchSize;
                int end = (int) Math.min(endSample, (batch + 1L) * batchSize);
                if (claimedSamples == 0) {
                    ring.read(claimed % ring.size()).begin(epoch, batch, end - begin);
                    unread[claimed % ring.size()] = end - begin;
                }
                given = claimed;
                from = begin + claimedSamples;
                to = Math.min(end, from + chunk);
                claims[number] = from;
                claimedSamples = to - begin;
                if (to == end) {
                    claimed++;
                    claimedSamples = 0;
                }
                return true;
            }
        }

        /** Only a dataset's code interrupts this thread, which then waits and ends as if it had not. */
        private void awaitPlace() {
            try {
                lock.wait();
            } catch (InterruptedException e) {
                // What throws this has cleared the mark.
            }
        }

        private boolean hasMore() {
            return !closed && failure == null && claimed < count;
        }

        private void readClaimed() {
            int start = from;
            int begin = batch(given) * batchSize;
            int place = given % ring.size();
            for (; from < to; from++) {
                if (closed || from > failed) {
                    return;
                }
                int inBatch = from - begin;
                int index = order[from];
                ring.read(place).samples()[inBatch] = index;
                samples[place].moveTo(inBatch);
                reader.read(index, from, samples[place]);
            }
            synchronized (lock) {
                unread[place] -= to - start;
                if (unread[place] > 0) {
                    return;
                }
            }
            from = to - 1; // what goes wrong from here on is a matter of the whole batch
            ring.collate(place);
            synchronized (lock) {
                ready[place] = true;
            }
        }

        private void fail(Throwable e) {
            synchronized (lock) {
                if (from < failed) {
                    failed = from;
                    failure = e;
                }
                claims[number] = IDLE;
                lock.notifyAll();
            }
        }
    }
}
