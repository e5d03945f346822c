package org.alborz.nn;

import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.alborz.autograd.Tape;
import org.alborz.ops.Engine;
import org.alborz.random.RandomKey;
import org.alborz.random.Streams;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;

/**
 * One run of a module: what it is for, where it is recorded, and which random numbers it draws.
 *
 * <p>The numbers are a function of the seed, the step and the order of the draws, so that a resumed run draws the same.
 */
public final class Pass {
    private static final int BLOCKS_PER_STEP_BITS = 32;

    private final boolean training;
    private Tape tape;
    private final long seed;
    private final long step;
    private final Map<Parameter, Tensor> watched;
    /** Tensors that are used in place of the parameters' own values; null where there are none. */
    private Map<Parameter, Tensor> values;

    private long draws;

    /** What is done with the results of modules; null where nothing is. */
    private Map<Module, UnaryOperator<Tensor>> hooks;

    /** Null where batch norm normalises by the statistics of this process's own batch. */
    private SyncBatchNorm sync;

    private Pass(boolean training, Tape tape, long seed, long step) {
        this(training, tape, seed, step, null);
    }

    private Pass(boolean training, Tape tape, long seed, long step, Map<Parameter, Tensor> values) {
        this.values = values;
        this.training = training;
        this.tape = tape;
        this.seed = seed;
        this.step = step;
        this.watched = tape == null ? null : new IdentityHashMap<>();
    }

    /** Returns a pass in which dropout does nothing, batch norm uses its running statistics, and nothing is recorded. */
    public static Pass evaluation() {
        return new Pass(false, null, 0, 0);
    }

    /**
     * Returns an evaluation pass that computes with other tensors in place of the parameters' own values, such as those of another
     * session.
     *
     * @param values by parameter; one that is not among them is used with its own value
     */
    public static Pass evaluation(Map<Parameter, Tensor> values) {
        return new Pass(false, null, 0, 0, new IdentityHashMap<>(values));
    }

    /** Returns an evaluation pass that is recorded, for gradients with respect to inputs. */
    public static Pass evaluation(Tape tape) {
        return new Pass(false, tape, 0, 0);
    }

    /**
     * Returns a recorded pass in training mode.
     *
     * @param seed of the run
     * @param step the number of the training step, so that each draws other numbers
     */
    public static Pass training(Tape tape, long seed, long step) {
        return new Pass(true, tape, seed, step);
    }

    /** Goes on being recorded on another tape; the random numbers go on as well. */
    void recordOn(Tape next) {
        tape = next;
        watched.clear();
    }

    /** Tells whether this is a training pass. */
    public boolean isTraining() {
        return training;
    }

    /**
     * Makes batch norm normalise by the statistics of the batches of all ranks of a group.
     *
     * @return this pass
     * @throws IllegalStateException when this is no training pass
     */
    public Pass syncBatchNorm(SyncBatchNorm value) {
        if (tape != null) {
            tape.requireOwner();
        }
        if (!training) {
            throw new IllegalStateException("syncBatchNorm expects a training pass, got one of evaluation,"
                    + " in which batch norm uses its running statistics");
        }
        sync = Given.value(value, "syncBatchNorm", "a SyncBatchNorm");
        return this;
    }

    /** Returns what batch norm exchanges its statistics by, or null. */
    SyncBatchNorm syncBatchNorm() {
        return sync;
    }

    /** Tells whether a tape records this pass; if not, a value may be closed as soon as it was used. */
    public boolean isRecorded() {
        return tape != null;
    }

    /** Returns the values of a parameter or state, watched by the tape if there is one and they learn. */
    public Tensor use(Parameter parameter) {
        Tensor tensor = tensor(parameter);
        Engine engine = tensor.session().engine();
        if (engine.tracksLayers()) {
            engine.layers().read(parameter, tensor);
        }
        return tensor;
    }

    private Tensor tensor(Parameter parameter) {
        Tensor other = values == null ? null : values.get(parameter);
        if (other != null) {
            return other;
        }
        if (tape == null || !parameter.isTrainable() || parameter.isFrozen()) {
            return parameter.computed();
        }
        Tensor tensor = watched.get(parameter);
        if (tensor == null) {
            tensor = tape.watch(parameter.computed());
            watched.put(parameter, tensor);
        }
        return tensor;
    }

    /**
     * Computes a part of a module as {@code part.forward(x, pass)} does, and lets summaries, profiles and traces know that its operations
     * are that part's.
     *
     * <p>For modules that compute parts of their own: what they compute by {@code forward} directly is theirs to those, but for operations
     * that read a part's parameters. Only the results of parts that are run so can be asked for by {@link #hook}.
     */
    public Tensor run(Layer part, Tensor x) {
        if (hooks == null && !x.session().engine().tracksLayers()) {
            return part.forward(x, this);
        }
        String outer = enter(part, x);
        Tensor y;
        try {
            y = part.forward(x, this);
        } finally {
            leave(x, outer);
        }
        return hooked(part, y);
    }

    /** Returns the result of a part that was not computed by {@link #run}, or what a function that looks at it puts in its place. */
    Tensor hooked(Module part, Tensor y) {
        UnaryOperator<Tensor> hook = hooks == null ? null : hooks.get(part);
        return hook == null || y == null ? y : Given.value(hook.apply(y), "A hook's function", "a result");
    }

    /** Says that the next operations in an input's session are those of a part; returns what to {@link #leave} with. */
    String enter(Module part, Tensor x) {
        Engine engine = x.session().engine();
        return engine.tracksLayers()
                ? engine.layers().enter(part)
                : engine.layers().current();
    }

    void leave(Tensor x, String outer) {
        x.session().engine().layers().at(outer);
    }

    /**
     * Has a function look at the results of a part of the net whenever this pass {@linkplain #run runs} it, and replace them by what it
     * returns, as PyTorch's forward hooks do. Containers may close the result after the next layer; a function that keeps it takes another
     * handle, such as by {@link Tensor#detach}, in a scope of its own.
     *
     * @param function returns the tensor itself, or another one to continue with
     * @return this pass
     */
    public Pass hook(Module part, UnaryOperator<Tensor> function) {
        if (hooks == null) {
            hooks = new IdentityHashMap<>();
        }
        hooks.put(Given.value(part, "hook", "a module"), Given.value(function, "hook", "a function"));
        return this;
    }

    /** Computes a layer that uses another tensor, of its values' shape and type, in place of a parameter. */
    Tensor with(Parameter parameter, Tensor value, Layer layer, Tensor x) {
        if (values == null) {
            values = new IdentityHashMap<>();
        }
        Tensor before = values.put(parameter, value);
        try {
            return layer.forward(x, this);
        } finally {
            if (before == null) {
                values.remove(parameter);
            } else {
                values.put(parameter, before);
            }
        }
    }

    /**
     * Returns a layer's input in the type that a parameter is used in: in 16 bits where the model has mixed precision, else as it is. What
     * is not of a floating type stays as it is.
     */
    public Tensor input(Tensor x, Parameter parameter) {
        return parameter.isConverted() && x.dtype().isFloating()
                ? x.to(parameter.computed().dtype())
                : x;
    }

    /** Returns a parameter's values as this pass used them, or null where it did not. */
    public Tensor used(Parameter parameter) {
        return watched == null ? null : watched.get(parameter);
    }

    /** Returns how far the counters of a step's random numbers are ahead of those of another step. */
    public static long advance(long fromStep, long toStep) {
        return (toStep - fromStep) << BLOCKS_PER_STEP_BITS;
    }

    /** Returns a key to random numbers that no other draw of this run uses. */
    public RandomKey nextRandom() {
        if (tape != null) {
            tape.requireOwner();
        }
        return new RandomKey(seed, Streams.DROPOUT.stream(draws++), step << BLOCKS_PER_STEP_BITS);
    }
}
