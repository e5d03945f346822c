package org.alborz.inference;

import java.lang.ref.Reference;
import java.nio.file.Path;
import java.time.Duration;
import org.alborz.checkpoint.Weights;
import org.alborz.nn.Layer;
import org.alborz.nn.Model;
import org.alborz.nn.Module;
import org.alborz.nn.Pass;
import org.alborz.notice.DropWatch;
import org.alborz.tensor.Session;
import org.alborz.tensor.SessionBuilder;
import org.alborz.tensor.Tensor;
import org.alborz.text.Described;
import org.alborz.text.Given;
import org.alborz.type.Shape;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model that serves requests of any number of threads, as in a server.
 *
 * <p>It has a fixed number of sessions, each with scratch memory and (on a GPU) a stream of its own, that read one copy of the weights.
 * A request runs in the thread that asks, in the session that becomes free first; waiting requests are served in the order of arrival. A
 * request that fails leaves nothing behind for others. Results are those of {@link Model#predict}, bit for bit.
 *
 * <p>While a predictor is open, the weights of its model are read-only: what would change them, such as a training step or loading,
 * throws an {@link IllegalStateException}. Layers are used by several threads at a time, so a layer of one's own keeps nothing in fields
 * between calls, and reads its parameters and states by {@link Pass#use}.
 *
 * <p>{@link #close} can be called from any thread. It refuses new and waiting requests, waits for those that run, and closes the
 * sessions. Closing the model or its session closes the predictor first.
 */
public final class Predictor implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Predictor.class);

    private final Module module;
    private final SessionPool pool;

    private Predictor(Module module, SessionPool pool) {
        this.module = module;
        this.pool = pool;
        pool.watchedBy(DropWatch.on(this, log, "A predictor with " + pool.size() + " sessions", pool::close));
    }

    /** Returns a builder of a predictor that shares a model's weights; built in the thread of the model's session. */
    public static Builder of(Model model) {
        Given.value(model, "A predictor", "a model");
        return new Builder(model.module(), model, null);
    }

    /**
     * Returns a builder of a predictor that has a model of its own.
     *
     * @param weights a checkpoint, or a safetensors file of another program, as {@link Weights#load} takes it
     */
    public static Builder of(Module module, Path weights) {
        Given.value(module, "A predictor", "a module");
        return new Builder(module, null, Given.value(weights, "A predictor", "a file of weights"));
    }

    /** Returns how many sessions there are. */
    public int sessions() {
        return pool.size();
    }

    /**
     * Computes the output for one sample of F values.
     *
     * @return the sample's output in row-major order
     * @throws java.util.concurrent.RejectedExecutionException when no session became free within the timeout
     * @throws java.util.concurrent.CancellationException when the thread is interrupted while it waits; it stays interrupted
     * @throws IllegalStateException when the predictor is closed
     */
    public float[] predict(float[] sample) {
        return predict(new float[][] {Given.value(sample, "A predictor", "a sample")})[0];
    }

    /**
     * Computes the outputs for N samples of F values; throws as {@link #predict(float[])} does.
     *
     * @return for each sample its output in row-major order
     */
    public float[][] predict(float[][] samples) {
        Given.value(samples, "A predictor", "samples");
        return call((session, pass) -> forward(session.tensor(samples), pass).toRows());
    }

    /**
     * Computes the outputs for a batch of any shape, such as images {@code [N, C, H, W]}; throws as {@link #predict(float[])} does.
     *
     * @param samples the values in row-major order
     * @param shape with the number of samples in front
     * @return for each sample its output in row-major order
     */
    public float[][] predict(float[] samples, Shape shape) {
        Given.value(samples, "A predictor", "samples");
        return call(
                (session, pass) -> forward(session.tensor(samples, shape), pass).toRows());
    }

    /** Computes the outputs for a batch of whole numbers, such as tokens {@code [N, T]}, as {@link #predict(float[], Shape)} does. */
    public float[][] predict(int[] samples, Shape shape) {
        Given.value(samples, "A predictor", "samples");
        return call(
                (session, pass) -> forward(session.tensor(samples, shape), pass).toRows());
    }

    /**
     * Runs a computation of one's own, such as one with several inputs or that takes the best classes on the device; throws as
     * {@link #predict(float[])} does, and what the request throws.
     */
    public <R> R call(Request<R> request) {
        Given.value(request, "A predictor", "a request");
        try {
            return pool.run(request);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private Tensor forward(Tensor x, Pass pass) {
        if (!(module instanceof Layer layer)) {
            throw new IllegalStateException("predict expects a module that implements Layer, got "
                    + Described.className(module) + "; call its forward method by call((session, pass) -> ...)");
        }
        return Given.value(layer.forward(x, pass), "A predictor", "an output of " + Described.className(module));
    }

    /** Refuses new and waiting requests, waits for those that run, and closes the sessions. Closing twice does nothing. */
    @Override
    public void close() {
        pool.close();
    }

    @Override
    public String toString() {
        return "Predictor of " + Described.className(module) + " with " + sessions() + " sessions";
    }

    /** Settings of a predictor. */
    public static final class Builder {
        private static final int MOST_SESSIONS = 4096;

        private final Module module;
        private final Model model;
        private final Path weights;
        private int sessions = Runtime.getRuntime().availableProcessors();
        private int threads = 1;
        private Duration timeout;
        private SessionBuilder session = Session.builder("auto");

        private Builder(Module module, Model model, Path weights) {
            this.module = module;
            this.model = model;
            this.weights = weights;
        }

        /** Sets how many requests can run at a time; one for each processor by default. On a GPU, two to four keep it busy. */
        public Builder sessions(int count) {
            if (count < 1 || count > MOST_SESSIONS) {
                throw new IllegalArgumentException(
                        "A predictor expects 1 to " + MOST_SESSIONS + " sessions, got " + count);
            }
            sessions = count;
            return this;
        }

        /**
         * Sets how many threads a CPU backend computes one request with, 0 for one for each processor; 1 by default, which serves the most
         * requests a second.
         */
        public Builder threads(int count) {
            if (count < 0) {
                throw new IllegalArgumentException("A predictor expects at least 0 threads, got " + count);
            }
            threads = count;
            return this;
        }

        /** Sets how long a request waits for a session; without limit by default. */
        public Builder timeout(Duration limit) {
            if (Given.value(limit, "A predictor", "a timeout").isNegative() || limit.isZero()) {
                throw new IllegalArgumentException("A predictor expects a timeout above 0, got " + limit);
            }
            timeout = limit;
            return this;
        }

        /**
         * Sets the session that keeps the weights of a predictor with a model of its own, and so the backend of all; that of {@code
         * Session.builder("auto")} unless set.
         */
        public Builder session(SessionBuilder settings) {
            if (model != null) {
                throw new IllegalArgumentException("A predictor of a model computes on the model's backend, "
                        + model.session().backend().name()
                        + ", and takes no session; give it a module and a file of weights");
            }
            session = Given.value(settings, "A predictor", "a session's settings");
            return this;
        }

        /**
         * Opens the sessions.
         *
         * @throws IllegalStateException when the model's backend cannot share its memory between sessions, or the model belongs to
         *     another thread
         */
        public Predictor build() {
            if (model != null) {
                model.session().check();
                return new Predictor(module, new SessionPool(model, sessions, threads, timeout, () -> {}));
            }
            Session keeper = session.open();
            try {
                Model loaded = Weights.load(weights, keeper, module);
                return new Predictor(module, new SessionPool(loaded, sessions, threads, timeout, () -> {
                    keeper.moveToThisThread();
                    keeper.close();
                }));
            } catch (RuntimeException | Error e) {
                keeper.close();
                throw e;
            }
        }
    }
}
