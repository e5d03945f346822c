package org.alborz.cpu.vector;

import java.lang.ref.Reference;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.alborz.notice.DropWatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A fixed set of threads that share the tasks of one job after the other; the calling thread is one of them.
 *
 * <p>Which thread takes which task can differ from run to run, so a result is the same for any number of threads only if each task
 * writes its own part, and the order in which each number is summed does not depend on {@link #size}, on which the cut into tasks may.
 *
 * <p>A team that is dropped without {@link #close} is closed by the garbage collector, with a warning; its threads refer to the
 * {@link WorkerThreads} only.
 */
final class ThreadTeam implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ThreadTeam.class);

    /** One part of a job. */
    @FunctionalInterface
    interface Task {
        /**
         * Does one task.
         *
         * @param task from 0 to the number of tasks, exclusive
         * @param worker who does it, from 0 to {@link ThreadTeam#size}, exclusive; two tasks of one worker never overlap
         */
        void run(int task, int worker);
    }

    private final WorkerThreads workers;
    private final DropWatch watch;

    /** The thread whose job runs now. */
    private final AtomicReference<Thread> runner = new AtomicReference<>();

    /** Starts a team; 0 threads stands for one for each processor. */
    ThreadTeam(int threads) {
        this(threads, Thread::start);
    }

    /**
     * Starts a team. When a thread cannot be started, those before it are ended again.
     *
     * @param starter starts a thread
     */
    ThreadTeam(int threads, Consumer<Thread> starter) {
        int size = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
        workers = WorkerThreads.started(size - 1, starter);
        watch = size > 1 ? DropWatch.on(this, log, "A backend with " + size + " threads", workers::close) : null;
    }

    /** Returns how many threads compute, the calling one included. */
    int size() {
        return workers.size() + 1;
    }

    /** Runs tasks as {@link #run(int, int, Task)} does, all of them divided among the threads. */
    void run(int count, Task job) {
        run(count, 0, job);
    }

    /**
     * Runs all tasks and returns when the last has ended; throws what one of them threw.
     *
     * @param own tasks that are divided among the threads, in order and evenly, so that each has the same ones again in a job with the same number; a thread
     *     that has finished its own takes tasks of others
     * @param shared tasks that come after these, each done by the thread that is free first
     * @throws IllegalStateException when a job runs already, of another thread or the one that a task belongs to: its tasks use memory
     *     of the backend that a second job would overwrite
     */
    void run(int own, int shared, Task job) {
        if (workers.isClosed()) {
            throw new IllegalStateException("The backend is closed and cannot compute any more; open another one.");
        }
        Thread self = Thread.currentThread();
        if (!runner.compareAndSet(null, self)) {
            throw busy(self);
        }
        try {
            if (own + shared <= 1 || workers.size() == 0) {
                for (int task = 0; task < own + shared; task++) {
                    job.run(task, 0);
                }
            } else {
                workers.run(own, shared, job);
            }
        } finally {
            runner.set(null);
            Reference.reachabilityFence(this);
        }
    }

    private IllegalStateException busy(Thread self) {
        Thread other = runner.get();
        return new IllegalStateException(
                other == self || self instanceof WorkerThreads.Worker
                        ? "A task called the backend that computes it; a backend does one computation after the other."
                        : "The backend was used by '" + self.getName() + "' while it computes for "
                                + (other == null ? "another thread" : "'" + other.getName() + "'")
                                + "; a backend is used by one thread at a time. Open a session for each thread.");
    }

    /** Ends the threads. */
    @Override
    public void close() {
        if (watch != null) {
            watch.close();
        }
        workers.close();
    }
}
