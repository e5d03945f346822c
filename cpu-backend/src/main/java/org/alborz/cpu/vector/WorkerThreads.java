package org.alborz.cpu.vector;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The threads of a {@link ThreadTeam}, and the job they work on; for one calling thread at a time.
 *
 * <p>Each thread has tasks of its own, which follow each other, and takes others' when it has done them. So jobs with the same number of tasks, such as operations on
 * tensors of one shape, have the same parts of memory computed by the same thread, whose caches hold them, unless one is late. Where the processors share
 * no cache, as those of a virtual machine sometimes do not, each line that the other one wrote last has to be fetched from it, which takes longer than many
 * an operation.
 */
final class WorkerThreads implements AutoCloseable {
    /** How often an idle thread looks for work before it sleeps: some 50 microseconds, longer than most gaps between jobs. */
    private static final int SPINS = 2_000;

    /** Longs from one thread's tasks to those of the next: two lines of the cache. */
    private static final int APART = 16;

    private final Worker[] workers;

    /**
     * The tasks of each thread that nobody has taken yet, and behind them those of all threads: the first in the upper half, the end in the lower. The calling
     * thread is the first.
     */
    private final AtomicLongArray untaken;

    /** Counts jobs. A job's fields are written before this rises, and read after it has risen or after a task is taken. */
    private final AtomicInteger job = new AtomicInteger();

    private final AtomicInteger unfinished = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final AtomicBoolean callerSleeps = new AtomicBoolean();
    private ThreadTeam.Task work;
    private Thread caller;
    private volatile boolean closed;

    private WorkerThreads(int size) {
        untaken = new AtomicLongArray((size + 3) * APART);
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
    void run(int own, int shared, ThreadTeam.Task task) {
        work = task;
        caller = Thread.currentThread();
        unfinished.set(own + shared);
        int parts = Math.min(own, workers.length + 1);
        for (int i = 0; i < parts; i++) {
            offer(i, (long) own * i / parts, (long) own * (i + 1) / parts);
        }
        offer(workers.length + 1, own, own + shared);
        job.incrementAndGet();
        wake(Math.min(own + shared - 1, workers.length));
        try {
            takeTasks(0);
        } finally {
            awaitOthers();
            work = null;
            caller = null;
        }
        Throwable thrown = failure.getAndSet(null);
        if (thrown != null) {
            WorkerThreads.<RuntimeException>rethrow(thrown);
        }
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void rethrow(Throwable thrown) throws T {
        throw (T) thrown;
    }

    private void offer(int worker, long first, long end) {
        untaken.set(place(worker), first << Integer.SIZE | end);
    }

    private static int place(int worker) {
        return (worker + 1) * APART;
    }

    private void wake(int count) {
        for (int i = 0; i < count; i++) {
            if (workers[i].sleeps.get()) {
                LockSupport.unpark(workers[i]);
            }
        }
    }

    /** Does a worker's own tasks, then those that others have left, and then those of all. */
    private void takeTasks(int worker) {
        int threads = workers.length + 1;
        int done = 0;
        try {
            for (int i = 0; i <= threads; i++) {
                int place = place(i == threads ? threads : (worker + i) % threads);
                for (int task = take(place); task >= 0; task = take(place)) {
                    done++;
                    try {
                        work.run(task, worker);
                    } catch (Throwable e) {
                        failure.compareAndSet(null, e);
                    }
                }
            }
        } finally {
            if (done > 0) {
                finish(done);
            }
        }
    }

    /** Returns the first task of a thread's that nobody has taken, which is the caller's now, or −1. */
    private int take(int place) {
        while (true) {
            long left = untaken.get(place);
            int first = (int) (left >>> Integer.SIZE);
            if (first >= (int) left) {
                return -1;
            }
            if (untaken.compareAndSet(place, left, left + (1L << Integer.SIZE))) {
                return first;
            }
        }
    }

    private void finish(int done) {
        Thread waiting = caller;
        if (unfinished.addAndGet(-done) == 0 && callerSleeps.get()) {
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
        int seen = 0;
        while (!closed) {
            for (int i = 0; i < SPINS && job.get() == seen; i++) {
                Thread.onSpinWait();
            }
            worker.sleeps.set(true);
            while (job.get() == seen && !closed) {
                LockSupport.park(this);
                Thread.interrupted(); // with the mark left on, park would return at once
            }
            worker.sleeps.set(false);
            seen = job.get(); // before the tasks are looked at, so that none of a later job are missed
            takeTasks(worker.index);
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
