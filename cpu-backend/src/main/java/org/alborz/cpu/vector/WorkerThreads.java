package org.alborz.cpu.vector;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** The threads of a {@link ThreadTeam}, and the job they work on; for one calling thread at a time. */
final class WorkerThreads implements AutoCloseable {
    /** How often an idle thread looks for work before it sleeps: some 50 microseconds, longer than most gaps between jobs. */
    private static final int SPINS = 2_000;

    private final Worker[] workers;

    /** Tasks nobody has taken yet. The job's fields are written before it rises from 0, and read after a task is taken. */
    private final AtomicInteger untaken = new AtomicInteger();

    private final AtomicInteger unfinished = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final AtomicBoolean callerSleeps = new AtomicBoolean();
    private ThreadTeam.Task work;
    private int tasks;
    private Thread caller;
    private volatile boolean closed;

    private WorkerThreads(int size) {
        workers = new Worker[size];
        for (int i = 0; i < size; i++) {
            workers[i] = new Worker(this, i + 1);
        }
    }

    /** Starts the given number of threads; when one cannot be started, those before it are ended again. */
    static WorkerThreads started(int size, Consumer<Thread> starter) {
        WorkerThreads threads = new WorkerThreads(size);
        boolean complete = false;
        try {
            for (Worker worker : threads.workers) {
                starter.accept(worker);
            }
            complete = true;
            return threads;
        } finally {
            if (!complete) {
                threads.close();
            }
        }
    }

    int size() {
        return workers.length;
    }

    boolean isClosed() {
        return closed;
    }

    /** Runs all tasks, with the calling thread as worker 0, and returns when the last has ended; throws what one of them threw. */
    void run(int count, ThreadTeam.Task job) {
        work = job;
        tasks = count;
        caller = Thread.currentThread();
        unfinished.set(count);
        untaken.set(count);
        wake(Math.min(count - 1, workers.length));
        takeTasks(0);
        awaitOthers();
        work = null;
        caller = null;
        Throwable thrown = failure.getAndSet(null);
        if (thrown != null) {
            WorkerThreads.<RuntimeException>rethrow(thrown);
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

    private void takeTasks(int worker) {
        int left;
        while ((left = untaken.get()) > 0) {
            if (untaken.compareAndSet(left, left - 1)) {
                try {
                    work.run(tasks - left, worker);
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

    private void work(Worker worker) {
        while (!closed) {
            takeTasks(worker.index);
            for (int i = 0; i < SPINS && untaken.get() == 0; i++) {
                Thread.onSpinWait();
            }
            worker.sleeps.set(true);
            while (untaken.get() == 0 && !closed) {
                LockSupport.park(this);
                Thread.interrupted(); // with the mark left on, park would return at once
            }
            worker.sleeps.set(false);
        }
    }

    /** Ends the threads, each after the task it is doing. */
    @Override
    public void close() {
        closed = true;
        for (Worker worker : workers) {
            LockSupport.unpark(worker);
        }
    }

    static final class Worker extends Thread {
        private final WorkerThreads threads;
        private final int index;
        private final AtomicBoolean sleeps = new AtomicBoolean();

        Worker(WorkerThreads threads, int index) {
            super("alborz-cpu-" + index);
            this.threads = threads;
            this.index = index;
            setDaemon(true);
        }

        @Override
        public void run() {
            threads.work(this);
        }
    }
}
