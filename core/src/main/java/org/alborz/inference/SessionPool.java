package org.alborz.inference;

import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.tensor.Session;
import org.alborz.tensor.SharedTensors;
import org.alborz.tensor.Tensor;

/**
 * The sessions of a predictor, handed out in the order of arrival.
 *
 * <p>A permit stands for a session that is free. Closing takes all permits: by then every running request has ended. Each request looks
 * once more whether the pool is closed when it has its permit, so none starts afterwards.
 */
final class SessionPool implements AutoCloseable {
    private final int size;
    private final Duration timeout;
    private final AutoCloseable owned;
    private AutoCloseable watch = () -> {};
    private final Semaphore permits;
    private final List<Worker> workers = new ArrayList<>();
    private final ConcurrentLinkedDeque<Worker> free = new ConcurrentLinkedDeque<>();
    private final SharedTensors shared;
    private volatile boolean closing;
    private volatile Thread closer;
    private boolean closed;

    /**
     * Opens the sessions, in the thread of the model's.
     *
     * @param timeout how long a request waits for a session, or null for as long as it takes
     * @param owned closed at the end
     */
    SessionPool(Model model, int size, int threads, Duration timeout, AutoCloseable owned) {
        this.size = size;
        this.timeout = timeout;
        this.owned = owned;
        this.permits = new Semaphore(size, true);
        List<Parameter> parameters = List.copyOf(model.parameters().values());
        List<Tensor> values = parameters.stream().map(Parameter::computed).toList();
        List<Tensor> all = new ArrayList<>(values);
        all.add(model.values()); // there may be no parameters
        shared = new SharedTensors(model.session(), all, this);
        try {
            for (int i = 0; i < size; i++) {
                workers.add(worker(threads, parameters, values));
            }
        } catch (RuntimeException | Error e) {
            workers.forEach(Worker::close);
            shared.close();
            throw e;
        }
        free.addAll(workers);
    }

    private Worker worker(int threads, List<Parameter> parameters, List<Tensor> values) {
        Session session = shared.openReader(threads);
        List<Tensor> borrowed = shared.in(session, values);
        Map<Parameter, Tensor> byParameter = new IdentityHashMap<>();
        IntStream.range(0, parameters.size()).forEach(i -> byParameter.put(parameters.get(i), borrowed.get(i)));
        return new Worker(session, Pass.evaluation(byParameter));
    }

    int size() {
        return size;
    }

    /** Takes what watches that the predictor is closed; it ends with this. */
    void watchedBy(AutoCloseable dropWatch) {
        watch = dropWatch;
    }

    <R> R run(Request<R> request) {
        requireNotInside("A request");
        requireOpen();
        take();
        try {
            requireOpen();
            Worker worker = free.pop();
            try {
                return worker.serve(request);
            } finally {
                free.push(worker);
            }
        } finally {
            permits.release();
        }
    }

    private void take() {
        try {
            if (timeout == null) {
                permits.acquire();
            } else if (!permits.tryAcquire(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS)) {
                throw new RejectedExecutionException(
                        "No session became free within " + timeout.toMillis() + " ms: all "
                                + size + " are busy, and about " + permits.getQueueLength()
                                + " other requests wait. Give the predictor more sessions or a longer timeout, or send fewer requests.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            CancellationException cancelled =
                    new CancellationException("The thread was interrupted while its request waited for a session.");
            cancelled.initCause(e);
            throw cancelled;
        }
    }

    private void requireOpen() {
        if (closing) {
            throw new IllegalStateException("The predictor is closed; build another one.");
        }
    }

    private void requireNotInside(String what) {
        for (Worker worker : workers) {
            if (worker.servesThisThread()) {
                throw new IllegalStateException(what + " within a request of the same predictor would wait for itself;"
                        + " use the session that the request was given.");
            }
        }
    }

    /** Refuses new and waiting requests, waits for the running ones, and closes the sessions. Closing twice does nothing. */
    @Override
    public void close() {
        if (closer == Thread.currentThread()) {
            return; // the model that closes with this closes this
        }
        requireNotInside("Closing");
        closing = true;
        permits.acquireUninterruptibly(size);
        try {
            if (!closed) {
                closed = true;
                closer = Thread.currentThread();
                closeAll();
            }
        } finally {
            closer = null;
            permits.release(size);
        }
    }

    private void closeAll() {
        List<AutoCloseable> all = new ArrayList<>();
        workers.forEach(worker -> all.add(worker::close));
        all.add(shared);
        all.add(owned);
        all.add(watch);
        RuntimeException failure = null;
        for (AutoCloseable each : all) {
            try {
                each.close();
            } catch (Exception e) {
                if (failure == null) {
                    failure = e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
