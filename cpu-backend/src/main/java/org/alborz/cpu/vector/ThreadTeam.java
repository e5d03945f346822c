package org.alborz.cpu.vector;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed set of threads that share the tasks of one job after the other; the calling thread is one of them.
 *
 * <p>Which thread takes which task is a matter of chance, so a result is the same for any number of threads only if each task
 * writes its own part and the cut into tasks does not depend on {@link #size}.
 */
final class ThreadTeam implements AutoCloseable {
    /** How often an idle thread looks for work before it sleeps: some 50 microseconds, longer than most gaps between jobs. */
    private static final int SPINS = 2_000;

    /** One part of a job. */
    @FunctionalInterface
    interface Body {
        /**
         * Does one task.
         *
         * @param task from 0 to the number of tasks, exclusive
         * @param member who does it, from 0 to {@link ThreadTeam#size}, exclusive; two tasks of one member never overlap
         */
        void run(int task, int member);
    }

    private final Worker[] workers;

    /** Tasks nobody has taken yet. The job's fields are written before it rises from 0, and read after a task is taken. */
    private final AtomicInteger untaken = new AtomicInteger();

    private final AtomicInteger unfinished = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final AtomicBoolean callerSleeps = new AtomicBoolean();
    private Body body;
    private int tasks;
    private Thread caller;
    private volatile boolean closed;

    /** Starts a team; 0 threads stands for one for each processor. */
    ThreadTeam(int threads) {
        int size = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
        workers = new Worker[size - 1];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker(i + 1);
            workers[i].start();
        }
    }

    /** Returns how many threads compute, the calling one included. */
    int size() {
        return workers.length + 1;
    }

    /** Runs all tasks and returns when the last has ended; throws what one of them threw. Not to be called from a task. */
    void run(int count, Body job) {
        if (closed) {
            throw new IllegalStateException("The backend is closed and cannot compute any more; open another one.");
        }
        if (count <= 1 || workers.length == 0) {
            for (int task = 0; task < count; task++) {
                job.run(task, 0);
            }
            return;
        }
        body = job;
        tasks = count;
        caller = Thread.currentThread();
        unfinished.set(count);
        untaken.set(count);
        wake(Math.min(count - 1, workers.length));
        takeTasks(0);
        awaitOthers();
        body = null;
        Throwable thrown = failure.getAndSet(null);
        if (thrown != null) {
            ThreadTeam.<RuntimeException>rethrow(thrown);
        }
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void rethrow(Throwable thrown) throws T {
        throw (T) thrown;
    }

    private void wake(int count) {
        for (int i = 0; i < count; i++) {
            if (workers[i].sleeps.get()) {
                LockSupport.unpark(workers[i]);
            }
        }
    }

    private void takeTasks(int member) {
        int left;
        while ((left = untaken.get()) > 0) {
            if (untaken.compareAndSet(left, left - 1)) {
                try {
                    body.run(tasks - left, member);
                } catch (Throwable e) {
                    failure.compareAndSet(null, e);
                } finally {
                    finishTask();
                }
            }
        }
    }

    private void finishTask() {
        Thread waiting = caller;
        if (unfinished.decrementAndGet() == 0 && callerSleeps.get()) {
            LockSupport.unpark(waiting);
        }
    }

    private void awaitOthers() {
        for (int i = 0; i < SPINS; i++) {
            if (unfinished.get() == 0) {
                return;
            }
            Thread.onSpinWait();
        }
        callerSleeps.set(true);
        while (unfinished.get() != 0) {
            LockSupport.park(this);
        }
        callerSleeps.set(false);
    }

    /** Ends the threads. */
    @Override
    public void close() {
        closed = true;
        for (Worker worker : workers) {
            LockSupport.unpark(worker);
        }
    }

    private final class Worker extends Thread {
        private final int member;
        private final AtomicBoolean sleeps = new AtomicBoolean();

        Worker(int member) {
            super("alborz-cpu-" + member);
            this.member = member;
            setDaemon(true);
        }

        @Override
        public void run() {
            while (!closed) {
                takeTasks(member);
                for (int i = 0; i < SPINS && untaken.get() == 0; i++) {
                    Thread.onSpinWait();
                }
                sleeps.set(true);
                while (untaken.get() == 0 && !closed) {
                    LockSupport.park(ThreadTeam.this);
                }
                sleeps.set(false);
            }
        }
    }
}
