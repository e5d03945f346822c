package org.alborz.distributed;

import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.alborz.text.Given;

/**
 * A collective some of whose calls run on a thread of its own while the caller computes, as {@code async_op=True} does in PyTorch.
 *
 * <p>Calls run one after another in the order in which they are given: those that are {@linkplain #beginAllReduce begun} on the communication thread, and
 * every other call in the caller's thread after all of them. So ranks that give the same calls in the same order make them in that order, whichever
 * thread runs them. Like other collectives it is used by one thread at a time, but for {@link #abort}.
 */
public final class AsyncCollective implements Collective {
    /** The communication thread ends after so long without a call, and is started again by the next. */
    private static final long IDLE_SECONDS = 10;

    private final Collective group;
    private final ThreadPoolExecutor executor;
    private volatile Thread thread;

    /** Calls that were begun and are not done. */
    private int pending;

    /** Whether the caller was interrupted while it waits. */
    private boolean interrupted;

    private Throwable failure;
    private long busyNanos;
    private long waitedNanos;

    /** Makes one that runs the calls of another, which nobody else uses meanwhile. */
    public AsyncCollective(Collective group) {
        this.group = Given.value(group, "AsyncCollective", "a collective");
        executor = new ThreadPoolExecutor(
                1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), this::communicationThread);
        executor.allowCoreThreadTimeOut(true);
    }

    private Thread communicationThread(Runnable work) {
        Thread made = new Thread(work, "alborz-collective-rank-" + group.rank());
        made.setDaemon(true);
        thread = made;
        return made;
    }

    /**
     * Starts an {@link #allReduce(Reduction, float[], int, int)} and returns at once. The values belong to it until {@link #await} returns.
     *
     * @throws CollectiveException when a call that was begun before has failed
     */
    public void beginAllReduce(Reduction reduction, float[] values, int from, int to) {
        Given.value(reduction, "allReduce", "a reduction");
        Ranges.require(values, from, to);
        begin(() -> group.allReduce(reduction, values, from, to));
    }

    /** Starts an {@link #allReduce(Reduction, double[], int, int)}, likewise. */
    public void beginAllReduce(Reduction reduction, double[] values, int from, int to) {
        Given.value(reduction, "allReduce", "a reduction");
        Ranges.require(values, from, to);
        begin(() -> group.allReduce(reduction, values, from, to));
    }

    private synchronized void begin(Runnable call) {
        requireNoFailure();
        executor.execute(() -> run(call));
        pending++;
    }

    private void run(Runnable call) {
        Throwable thrown = null;
        long start = System.nanoTime();
        try {
            if (mayRun()) {
                call.run();
            }
        } catch (RuntimeException | Error e) {
            thrown = e;
            if (!(e instanceof CollectiveException)) {
                group.abort(e.toString()); // else the other ranks would wait for this one
            }
        } finally {
            end(System.nanoTime() - start, thrown);
        }
    }

    private synchronized void end(long nanos, Throwable thrown) {
        busyNanos += nanos;
        failure = failure == null ? thrown : failure;
        pending--;
        notifyAll();
    }

    private synchronized boolean mayRun() {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return failure == null;
    }

    private void requireNoFailure() {
        if (failure != null) {
            throw new CollectiveException(failure.getMessage(), failure);
        }
    }

    /**
     * Returns when all calls that were begun are done. An interrupt of the caller is passed on to the call that runs, and set again afterwards.
     *
     * @throws CollectiveException when one has failed; those after it were not made
     */
    public synchronized void await() {
        long start = System.nanoTime();
        while (pending > 0) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
                thread.interrupt();
            }
        }
        waitedNanos += System.nanoTime() - start;
        if (interrupted) {
            interrupted = false;
            Thread.currentThread().interrupt();
        }
        requireNoFailure();
    }

    /** Returns how long calls that were begun have run so far, in seconds; time in which they wait for slower ranks included. */
    public synchronized double busySeconds() {
        return busyNanos * 1e-9;
    }

    /** Returns how long the caller has waited so far for calls that were begun, in seconds. */
    public synchronized double waitedSeconds() {
        return waitedNanos * 1e-9;
    }

    @Override
    public int rank() {
        return group.rank();
    }

    @Override
    public int size() {
        return group.size();
    }

    @Override
    public void allReduce(Reduction reduction, float[] values, int from, int to) {
        await();
        group.allReduce(reduction, values, from, to);
    }

    @Override
    public void allReduce(Reduction reduction, double[] values, int from, int to) {
        await();
        group.allReduce(reduction, values, from, to);
    }

    @Override
    public void broadcast(float[] values, int from, int to, int root) {
        await();
        group.broadcast(values, from, to, root);
    }

    @Override
    public List<byte[]> allGather(byte[] own) {
        await();
        return group.allGather(own);
    }

    /** Ends the group at once, also a call that was begun. */
    @Override
    public void abort(String reason) {
        group.abort(reason);
    }

    /** Leaves the group; where a call runs, it ends the group, which ends the call. */
    @Override
    public void close() {
        executor.shutdown();
        if (isPending()) {
            group.abort("it was closed while a call ran");
        }
        group.close();
    }

    private synchronized boolean isPending() {
        return pending > 0;
    }
}
