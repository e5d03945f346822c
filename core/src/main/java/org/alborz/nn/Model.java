package org.alborz.nn;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.alborz.notice.CallSite;
import org.alborz.notice.Warnings;
import org.alborz.ops.LayerPaths;
import org.alborz.ops.Lookahead;
import org.alborz.random.RandomStream;
import org.alborz.random.Streams;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.tensor.TensorAccess;
import org.alborz.text.Described;
import org.alborz.text.Given;
import org.alborz.text.Quoted;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A module with memory: owns its parameters, which are consecutive in a single flat tensor, and so do their gradients.
 *
 * <p>One optimizer call then updates all of them, and a data-parallel run would exchange one buffer.
 *
 * <p>The file is long because a model also predicts, freezes parameters and begins training steps, each with checks of its own.
 */
public final class Model implements AutoCloseable {
    /** Parameters start at multiples of this many elements, so that vector loads and GPU transactions are aligned. */
    private static final int ALIGNMENT = 32;

    /** What the longest Java array holds: first values are drawn on the host. */
    private static final int MOST_ELEMENTS = Integer.MAX_VALUE - 8;

    private static final Logger log = LoggerFactory.getLogger(Model.class);

    /** So many open trainers of one model look like a leak. */
    private static final int MANY_RESOURCES = 8;

    private final Session session;
    private final Module module;
    private final Scope scope;
    private final Map<String, Parameter> parameters;
    private final List<Parameter> trainable;
    private final List<AutoCloseable> resources = new ArrayList<>();
    private final Tensor values;
    private final Tensor gradients;
    private final Precision precision;
    private final ComputedValues computed;
    private final LossScaler lossScaler;
    private final List<Tensor> gradientViews = new ArrayList<>();

    /** What the backward walk of a step is asked for, kept from step to step. */
    final List<Tensor> watched = new ArrayList<>();

    final List<Tensor> places = new ArrayList<>();

    /** The models of a step of this one. */
    private final List<Model> alone = List.of(this);

    /** The paths of the modules, made when a listener of operations asks for one. */
    private PartNames parts;

    private final LayerPaths.Names names = part -> parts().of(part);

    private long freezes;

    private Model(Session session, Module module, Map<String, Parameter> paths, Precision precision, Scope scope) {
        this.session = session;
        this.module = module;
        this.parameters = unique(paths);
        this.scope = scope;
        this.trainable =
                parameters.values().stream().filter(Parameter::isTrainable).toList();
        Shape flat = Shape.of(flatSize(parameters));
        this.values = scope.hold(session.zeros(flat)).named("parameters");
        this.gradients = scope.hold(session.zeros(flat)).named("gradients");
        this.precision = precision;
        this.computed = precision.isMixed() ? new ComputedValues(scope, values, precision.computed()) : null;
        this.lossScaler = precision.scalesLoss() ? new LossScaler(scope, gradients) : null;
        bind(paths);
        session.engine().layers().add(names);
    }

    private PartNames parts() {
        if (parts == null) {
            parts = new PartNames(module);
        }
        return parts;
    }

    /**
     * Gives a module memory and first values.
     *
     * @param seed decides the first values, alike on every backend
     */
    public static Model create(Session session, Module module, long seed) {
        return create(session, module, Precision.full(), seed);
    }

    /**
     * Gives a module memory and first values, and decides the types it computes in.
     *
     * @param precision {@link Precision#full} or {@link Precision#mixed}, which expects a session of float32
     * @param seed decides the first values, alike on every backend and with every precision
     */
    public static Model create(Session session, Module module, Precision precision, long seed) {
        Given.value(session, "A model", "a session");
        requirePossible(session, Given.value(precision, "A model", "a precision"));
        Map<String, Parameter> paths = namesOf(module);
        Scope scope = session.freeStandingScope("model");
        boolean complete = false;
        try {
            Model model = new Model(session, module, paths, precision, scope);
            model.initialize(seed);
            complete = true;
            return model;
        } finally {
            if (!complete) {
                scope.close(); // the parameters that were bound already are free again
            }
        }
    }

    private static void requirePossible(Session session, Precision precision) {
        if (!precision.isMixed()) {
            return;
        }
        if (session.dtype() != DType.FLOAT32) {
            throw new IllegalArgumentException("A model of precision " + precision
                    + " keeps its values in float32 and expects a session of that type, got one of " + session.dtype()
                    + "; open it with DType.FLOAT32");
        }
        session.backend().refuses(precision.computed()).ifPresent(reason -> {
            throw new IllegalArgumentException("Precision " + precision + " cannot be used on "
                    + session.backend().name() + ": " + reason);
        });
    }

    /** Returns the size of the flat tensor of the learned parameters, and refuses what one tensor cannot hold. */
    private static int flatSize(Map<String, Parameter> parameters) {
        long elements = 0;
        for (Map.Entry<String, Parameter> entry : parameters.entrySet()) {
            Parameter parameter = entry.getValue();
            long own = parameter.shape().elements();
            if (own > MOST_ELEMENTS || parameter.isTrainable() && elements + aligned(own) > MOST_ELEMENTS) {
                throw new IllegalArgumentException("A model expects at most " + MOST_ELEMENTS
                        + " parameters in all, got '" + entry.getKey() + "' " + parameter.shape() + " with " + own
                        + " after " + elements + " others; use smaller layers");
            }
            elements += parameter.isTrainable() ? aligned(own) : 0;
        }
        return (int) elements;
    }

    private static long aligned(long elements) {
        return (elements + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** Returns each parameter once, by the first of its paths. */
    private static Map<String, Parameter> unique(Map<String, Parameter> paths) {
        Map<Parameter, String> first = new IdentityHashMap<>();
        Map<String, Parameter> unique = new LinkedHashMap<>();
        paths.forEach((path, parameter) -> {
            if (first.putIfAbsent(parameter, path) == null) {
                unique.put(path, parameter);
            }
        });
        return unique;
    }

    /**
     * Returns what a module describes, by its path, without giving it memory. A parameter that parts share is there under each path.
     *
     * @throws IllegalArgumentException when two parameters have one name
     */
    public static Map<String, Parameter> namesOf(Module module) {
        Map<String, Parameter> named = new LinkedHashMap<>();
        collect(Given.value(module, "A model", "a module"), "", named);
        return named;
    }

    private static void collect(Module module, String prefix, Map<String, Parameter> into) {
        module.describe(new Structure() {
            @Override
            public void parameter(String name, Parameter parameter) {
                Given.value(parameter, "The parameter '" + prefix + name + "' of a module", "a parameter");
                if (into.putIfAbsent(prefix + name, parameter) != null) {
                    throw new IllegalArgumentException(
                            "Two parameters are named '" + prefix + name + "'; name the parts apart");
                }
            }

            @Override
            public void module(String name, Module part) {
                Given.value(part, "The part '" + prefix + name + "' of a module", "a module");
                collect(part, prefix + name + ".", into);
            }
        });
    }

    private void bind(Map<String, Parameter> paths) {
        Map<Parameter, List<String>> namesOf = new IdentityHashMap<>();
        paths.forEach((path, parameter) ->
                namesOf.computeIfAbsent(parameter, shared -> new ArrayList<>()).add(path));
        long offset = 0;
        for (Parameter parameter : parameters.values()) {
            List<String> names = List.copyOf(namesOf.get(parameter));
            if (parameter.isTrainable()) {
                parameter.bind(names, scope.hold(part(values, offset, parameter)));
                if (computed != null && !parameter.isFullPrecision()) {
                    parameter.compute(computed, scope.hold(part(computed.flat(), offset, parameter)));
                }
                gradientViews.add(scope.hold(part(gradients, offset, parameter)));
                offset += aligned(parameter.shape().elements());
            } else {
                parameter.bind(
                        names,
                        scope.hold(session.empty(
                                parameter.dtype().orElse(session.dtype().accumulator()), parameter.layout(session))));
            }
        }
    }

    /** Returns the view of a flat tensor that begins at an offset and has a parameter's layout. */
    private Tensor part(Tensor flat, long offset, Parameter parameter) {
        return TensorAccess.view(
                flat, parameter.layout(session).shift(flat.layout().offset() + offset));
    }

    private void initialize(long seed) {
        int index = 0;
        for (Parameter parameter : parameters.values()) {
            double[] first = new double[(int) parameter.shape().elements()];
            parameter
                    .initializer()
                    .fill(parameter.shape(), first, new RandomStream(seed, Streams.WEIGHTS.stream(index++)));
            if (parameter.dtype().isPresent()) {
                WholeNumbers.write(first, parameter);
                continue;
            }
            try (Tensor ordered = session.tensor(first, parameter.shape())) {
                parameter.value().assign(ordered);
            }
        }
    }

    public Session session() {
        return session;
    }

    /** Returns the types that it keeps its values in and computes in. */
    public Precision precision() {
        return precision;
    }

    /** Returns what scales the loss, or null where nothing does: only models of {@code Precision.mixed(FLOAT16)} need it. */
    public LossScaler lossScaler() {
        return lossScaler;
    }

    /**
     * Makes the copy that layers compute with again, if there is one and the values have changed. Passes do it by themselves; for what
     * runs without one, such as a captured step.
     */
    public void updateComputed() {
        session.check();
        if (computed != null) {
            computed.update();
        }
    }

    /**
     * Makes the copy that layers compute with again, if there is one, whether or not the values have changed; only for a captured step, behind what changes
     * them. Call {@link #updateComputed} before the capture and before each repetition, and {@link #noteComputed} after a repetition.
     */
    public void copyComputed() {
        session.check();
        if (computed != null) {
            computed.copy();
        }
    }

    /** Says that the copy that layers compute with, if there is one, is that of the values as they are now: a captured step was repeated. */
    public void noteComputed() {
        session.check();
        if (computed != null) {
            computed.noteCopied();
        }
    }

    public Module module() {
        return module;
    }

    /**
     * Computes the output of a {@link Layer}.
     *
     * @throws IllegalStateException when the model was made of another module, which has forward methods of its own
     */
    public Tensor forward(Tensor x, Pass pass) {
        Tensor y = forwardComputed(x, pass);
        return precision.isMixed() && y.dtype().isFloating() ? y.to(session.dtype()) : y;
    }

    /**
     * Computes the same and leaves it in the type that the last layer computes in, 16 bits with mixed precision: for what takes that, such as {@link
     * CrossEntropyLoss}.
     *
     * @throws IllegalStateException as {@link #forward} does
     */
    public Tensor forwardComputed(Tensor x, Pass pass) {
        session.check();
        Given.value(x, "A model", "an input");
        Given.value(pass, "A model", "a pass");
        Tensor y = forward(layer("forward"), x, pass);
        Results.of(y, module);
        return y;
    }

    private Layer layer(String method) {
        if (!(module instanceof Layer layer)) {
            throw new IllegalStateException(
                    "model." + method + " expects a model of a Layer, which maps one tensor to one, got one of "
                            + Described.className(module)
                            + ". Call the forward method of that object itself, such as net.forward(a, b, pass), or let its class implement Layer");
        }
        return layer;
    }

    private static Tensor forward(Layer layer, Tensor x, Pass pass) {
        try (Lookahead.Window window = x.session().engine().lookahead().open(pass.isTraining())) {
            return pass.run(layer, x);
        }
    }

    /**
     * Begins a training step: a recorded pass in training mode, whose gradients an optimizer then uses.
     *
     * @param seed of the run, which dropout draws from
     * @param number of the step, from 1, so that each draws other numbers
     */
    public TrainingStep step(long seed, long number) {
        return new TrainingStep(alone, seed, number);
    }

    /** Adds to lists which tensors of a pass have gradients of this model and where these go; those of unused parameters become 0. */
    void gatherGradients(Pass pass, boolean adding, List<Tensor> tensors, List<Tensor> into) {
        for (int i = 0; i < trainable.size(); i++) {
            if (trainable.get(i).isFrozen()) {
                continue; // its gradient is 0 already, though the pass may have used it before it was frozen
            }
            Tensor used = pass.used(trainable.get(i));
            if (used != null) {
                tensors.add(used);
                into.add(gradientViews.get(i));
            } else if (!adding) {
                gradientViews.get(i).fill(0);
            }
        }
    }

    /**
     * Computes the output for a batch in evaluation: dropout does nothing, nothing is recorded, and only the result is left, in the
     * caller's scope.
     *
     * @param x {@code [N, ...]}
     */
    public Tensor predict(Tensor x) {
        session.check();
        Given.value(x, "A model", "an input");
        try (Scope scope = session.scope("predict")) {
            return scope.keep(forward(x.detach(), Pass.evaluation()));
        }
    }

    /**
     * Computes the output for one sample of F values.
     *
     * @return the sample's output in row-major order
     */
    public float[] predict(float[] sample) {
        return predict(new float[][] {Given.value(sample, "A model", "a sample")})[0];
    }

    /**
     * Computes the outputs for N samples of F values, {@code [N, F]}.
     *
     * @return for each sample its output in row-major order
     */
    public float[][] predict(float[][] samples) {
        Given.value(samples, "A model", "samples");
        try (Scope scope = session.scope("predict")) {
            return forward(session.tensor(samples), Pass.evaluation()).toRows();
        }
    }

    /**
     * Computes the outputs for a batch of any shape, such as images {@code [N, C, H, W]}.
     *
     * @param samples the values in row-major order
     * @param shape with the number of samples in front
     * @return for each sample its output in row-major order
     */
    public float[][] predict(float[] samples, Shape shape) {
        Given.value(samples, "A model", "samples");
        try (Scope scope = session.scope("predict")) {
            return forward(session.tensor(samples, shape), Pass.evaluation()).toRows();
        }
    }

    /** Computes the outputs for a batch of whole numbers, such as tokens {@code [N, T]}, as {@link #predict(float[], Shape)} does. */
    public float[][] predict(int[] samples, Shape shape) {
        Given.value(samples, "A model", "samples");
        try (Scope scope = session.scope("predict")) {
            return forward(session.tensor(samples, shape), Pass.evaluation()).toRows();
        }
    }

    /**
     * Holds parameters and states as they are: training computes no gradient of them, no optimizer changes them, and a batch norm whose
     * parameters or statistics they are uses its running statistics in training too. Frozen is also what a resumed run has frozen.
     *
     * @param names of {@link #parameters}, such as {@code name -> name.startsWith("features.")}; of a shared parameter one name is enough
     * @throws IllegalArgumentException when there is none of such a name
     */
    public void freeze(Predicate<String> names) {
        freeze("freeze", names, true);
    }

    /** Lets parameters learn, and statistics move, that {@link #freeze} holds. An optimizer's state goes on from where it was. */
    public void unfreeze(Predicate<String> names) {
        freeze("unfreeze", names, false);
    }

    private void freeze(String method, Predicate<String> names, boolean held) {
        session.check();
        Given.value(names, method, "a predicate on names");
        boolean found = false;
        for (Parameter parameter : parameters.values()) {
            if (parameter.names().stream().anyMatch(names)) {
                found = true;
                parameter.frozen(held);
            }
        }
        if (!found) {
            throw new IllegalArgumentException(method
                    + " expects a predicate that holds for a parameter's name, got none of " + parameters.keySet());
        }
        freezes++;
        for (int i = 0; i < trainable.size(); i++) {
            if (trainable.get(i).isFrozen()) {
                gradientViews.get(i).fill(0);
            }
        }
    }

    /** Tells whether the parameter or state of a name is frozen. */
    public boolean isFrozen(String name) {
        return parameter(name).isFrozen();
    }

    /**
     * Returns the parameter or state of a name, any of those that it has.
     *
     * @throws IllegalArgumentException when there is none
     */
    public Parameter parameter(String name) {
        for (Parameter parameter : parameters.values()) {
            if (parameter.names().contains(name)) {
                return parameter;
            }
        }
        throw new IllegalArgumentException("The model has no parameter '" + name + "'; it has " + parameters.keySet());
    }

    /** Returns how often {@link #freeze} and {@link #unfreeze} changed what learns; for what was derived from that. */
    public long freezes() {
        return freezes;
    }

    /** Returns every parameter and state once, by its first path, in the order of description. */
    public Map<String, Parameter> parameters() {
        return Collections.unmodifiableMap(parameters);
    }

    /** Returns the learned parameters, each once; frozen ones are among them. */
    public List<Parameter> trainable() {
        return trainable;
    }

    /** Returns how many numbers are learned. */
    public long parameterCount() {
        return trainable.stream().mapToLong(p -> p.shape().elements()).sum();
    }

    /** Returns the modules to print, a line each, and how many parameters they have; {@link #summary} lists those. */
    @Override
    public String toString() {
        return Architecture.tree(module) + "\n" + Summary.count(this);
    }

    /** Returns a table of the parameters and states to print: names, shapes, sizes, and which are frozen. */
    public String summary() {
        return Summary.of(this);
    }

    /**
     * Returns what each layer makes of inputs of a shape, and what that costs: output shapes, parameters, memory of activations and
     * multiply-adds. Nothing is computed for it.
     *
     * @param input of floating numbers, with the batch in front, such as {@code [1, 3, 32, 32]}
     * @throws IllegalArgumentException if the net does not take it
     */
    public ModelSummary summary(Shape input) {
        return summary(input, session.dtype());
    }

    /**
     * Returns what each layer makes of inputs of a shape and a type, such as int32 for tokens.
     *
     * @throws IllegalStateException when the module is no {@link Layer}; {@link ModelSummary#of(Module, DType, ModelSummary.Work)} takes any
     */
    public ModelSummary summary(Shape input, DType type) {
        session.check();
        Given.value(input, "A summary", "the shape of the inputs");
        Given.value(type, "A summary", "the type of the inputs");
        return ModelSummary.of(
                module, session.dtype(), (meta, pass) -> pass.run(layer("summary"), meta.zeros(input, type)));
    }

    /**
     * Returns a module of the net by its path, such as {@code 3.body.0}; empty for the net itself.
     *
     * @throws IllegalArgumentException when there is none
     */
    public Module part(String path) {
        Module part = parts().modules().get(Given.value(path, "A model", "the path of a layer"));
        if (part == null) {
            throw new IllegalArgumentException("The model has no layer '" + path + "'; it has "
                    + Quoted.list(List.copyOf(parts().modules().keySet())));
        }
        return part;
    }

    /**
     * Computes what a layer makes of a batch in evaluation, such as the features before the last layer; only that is left, in the caller's
     * scope.
     *
     * @param layer its path, such as {@code 3.body.0}
     * @param x {@code [N, ...]}
     * @throws IllegalArgumentException when there is none
     * @throws IllegalStateException when the net does not compute it by {@link Pass#run}
     */
    public Tensor features(String layer, Tensor x) {
        session.check();
        Given.value(x, "A model", "an input");
        Module part = part(layer);
        try (Scope scope = session.scope("features")) {
            Tensor[] found = new Tensor[1];
            Pass pass = Pass.evaluation().hook(part, y -> {
                found[0] = scope.adopt(y.detach());
                return y;
            });
            forward(x.detach(), pass);
            if (found[0] == null) {
                throw notRun(layer);
            }
            return scope.keep(found[0]);
        }
    }

    /** Returns what is thrown where the result of a layer was asked for that the net does not show. */
    public static IllegalStateException notRun(String layer) {
        return new IllegalStateException(
                "The net did not compute the layer '" + layer
                        + "' by pass.run(part, x), so its result is not known; let the module that it is part of do so, or name that module");
    }

    /** Returns all learned values as one tensor, with up to 31 zeros between parameters. */
    public Tensor values() {
        return values;
    }

    /** Returns all gradients as one tensor, laid out as {@link #values}. */
    public Tensor gradients() {
        return gradients;
    }

    /** Returns the gradients of the learned parameters, views of {@link #gradients} in the order of {@link #trainable}. */
    public List<Tensor> gradientViews() {
        return gradientViews;
    }

    /** Tells whether every learned value is a finite number. Waits for the device. */
    public boolean isFinite() {
        // 0 · x is 0 for every finite x and NaN for the others.
        try (Scope check = session.scope("finite")) {
            return values.mul(0).sum().item() == 0;
        }
    }

    /** Takes over a tensor, such as an optimizer's state, that is to live as long as the model. */
    public Tensor own(Tensor tensor) {
        return scope.adopt(tensor);
    }

    /** Takes over what else is to be closed with the model, such as the record of a training step. */
    public void closeWithModel(AutoCloseable resource) {
        session.check();
        resources.add(resource);
        if (resources.size() == MANY_RESOURCES) {
            Warnings.warn(
                    log,
                    "A model has " + MANY_RESOURCES
                            + " trainers that are open, each with the memory of its optimizer; the latest was"
                            + " made at " + CallSite.current()
                            + ". Close a trainer when the next one takes its place.");
        }
    }

    /** Says that what was to be closed with the model is closed already. */
    public void closed(AutoCloseable resource) {
        session.requireOwner();
        resources.remove(resource);
    }

    /** Returns the part of a flat tensor, laid out as {@link #values}, that belongs to a learned parameter. */
    public Tensor part(Tensor flat, Parameter parameter) {
        session.check();
        if (!flat.shape().equals(values.shape())) {
            throw new IllegalArgumentException(
                    "part expects a tensor laid out as the values " + values.shape() + ", got " + flat.describe());
        }
        if (parameters.get(parameter.name()) != parameter || !parameter.isTrainable()) {
            throw new IllegalArgumentException("part expects a learned parameter of this model, got " + parameter);
        }
        return part(flat, parameter.value().layout().offset(), parameter);
    }

    /** Releases the parameters and gradients. */
    @Override
    public void close() {
        session.requireOwner();
        session.engine().lookahead().settle();
        try {
            closeResources();
        } finally {
            session.engine().kept().clear();
            session.engine().layers().remove(names);
            scope.close();
        }
    }

    /** Closes the latest first, and the others though one fails. */
    private void closeResources() {
        if (!resources.isEmpty()) {
            try {
                close(resources.remove(resources.size() - 1));
            } finally {
                closeResources();
            }
        }
    }

    private static void close(AutoCloseable resource) {
        try {
            resource.close();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("What was to be closed with the model could not be: " + resource, e);
        }
    }
}
