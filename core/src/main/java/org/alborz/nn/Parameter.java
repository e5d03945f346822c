package org.alborz.nn;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** A tensor that a module keeps: learned, or state such as a running mean. A {@link Model} gives it memory and a name. */
public final class Parameter {
    private final Shape shape;

    /** Whether it is convolution weights, which are stored as the backend takes them; all else is row-major. */
    private final boolean filter;

    /** The type of a state of whole numbers or truth values; null where the session decides it. */
    private final DType dtype;

    private final Initializer initializer;
    private final boolean trainable;
    private final boolean fullPrecision;
    private List<String> names = List.of();
    private Tensor value;
    private boolean frozen;

    /** What {@link #computed} is a part of, and that part; null where layers compute with the value itself. */
    private ComputedValues computedValues;

    private Tensor computed;

    private Parameter(
            Shape shape,
            boolean filter,
            DType dtype,
            Initializer initializer,
            boolean trainable,
            boolean fullPrecision) {
        this.shape = Given.value(shape, "A parameter", "a shape");
        this.filter = filter;
        this.dtype = dtype;
        this.initializer = Given.value(initializer, "A parameter", "an initializer");
        this.trainable = trainable;
        this.fullPrecision = fullPrecision;
    }

    /** Returns a learned parameter stored row-major. */
    public static Parameter of(Shape shape, Initializer initializer) {
        return new Parameter(shape, false, null, initializer, true, false);
    }

    /** Returns learned convolution weights {@code [O, C/groups, KH, KW]}, stored in the order that the backend's kernels read. */
    public static Parameter filter(Shape shape, Initializer initializer) {
        return new Parameter(shape, true, null, initializer, true, false);
    }

    /**
     * Returns a state that the module updates itself and that has no gradient. Where the model computes in 16 bits it is float32, so that
     * a running average does not stall.
     */
    public static Parameter state(Shape shape, double initial) {
        return state(shape, (of, values, random) -> Arrays.fill(values, initial));
    }

    /** Returns such a state with other first values. */
    static Parameter state(Shape shape, Initializer initializer) {
        return new Parameter(shape, false, null, initializer, false, true);
    }

    /** Returns a floating state that is computed once, such as a table of positions, and is saved with the model. */
    static Parameter table(Shape shape, Initializer initializer) {
        return new Parameter(shape, false, null, initializer, false, true);
    }

    /**
     * Returns a state of whole numbers or truth values, such as a counter, a table of indices or a mask. It is saved and loaded with the
     * model, and has no gradient and no moving average.
     *
     * @param dtype int32, int64, uint8 or bool; {@link #state(Shape, double)} makes a floating one
     * @param initializer gives the first values: whole numbers of the type, and 0 or 1 for bool
     */
    public static Parameter state(Shape shape, DType dtype, Initializer initializer) {
        if (Given.value(dtype, "A state", "a type").isFloating()) {
            throw new IllegalArgumentException("A state expects int32, int64, uint8 or bool, got " + dtype
                    + "; the type of a floating state is the session's, so make it with state(shape, initial)");
        }
        return new Parameter(shape, false, dtype, initializer, false, true);
    }

    /** Returns this parameter as one that layers use in float32 also where a model has mixed precision, such as a normalisation's. */
    public Parameter inFullPrecision() {
        return new Parameter(shape, filter, dtype, initializer, trainable, true);
    }

    public Shape shape() {
        return shape;
    }

    /** Tells whether this is convolution weights, which models store in the order that the backend's kernels read. */
    public boolean isFilter() {
        return filter;
    }

    /** Returns how a session's models store it: row-major, or convolution weights as its backend takes them. */
    Layout layout(Session session) {
        return filter ? session.backend().weightLayout(shape) : Layout.rowMajor(shape);
    }

    public Initializer initializer() {
        return initializer;
    }

    /** Returns int32, int64, uint8 or bool for a state of that type; empty for all else, whose floating type the session decides. */
    public Optional<DType> dtype() {
        return Optional.ofNullable(dtype);
    }

    /** Tells whether this is learned, as opposed to a state. */
    public boolean isTrainable() {
        return trainable;
    }

    /** Returns the path from the model, such as {@code features.0.weight}, the first of several; null before a model took it. */
    public String name() {
        return names.isEmpty() ? null : names.get(0);
    }

    /** Returns every path from the model: more than one where parts of it share this parameter; none before a model took it. */
    public List<String> names() {
        return names;
    }

    /** Tells whether {@link Model#freeze} holds it as it is. */
    public boolean isFrozen() {
        return frozen;
    }

    void frozen(boolean held) {
        frozen = held;
    }

    /** Returns the values; changed in place by optimizers, by {@link Tensor#assign} and by loading. */
    public Tensor value() {
        if (value == null) {
            throw new IllegalStateException("A parameter " + shape() + " has no values: no model was made with it."
                    + " Either Model.create was not called for the module it is in, or a module did not name it, or the part it is"
                    + " in, in describe(structure)");
        }
        return value;
    }

    /** Returns the values that layers compute with: in 16 bits where the model has mixed precision, else {@link #value}. */
    public Tensor computed() {
        if (computed == null) {
            return value();
        }
        computedValues.update();
        return computed;
    }

    /** Returns a tensor without memory of the type that layers compute with, to compute shapes with before there are values as well. */
    Tensor onMeta(Session session) {
        DType state = trainable ? session.dtype() : session.dtype().accumulator();
        DType type = value == null
                ? Objects.requireNonNullElse(dtype, state)
                : computed().dtype();
        return session.empty(type, layout(session));
    }

    /** Tells whether layers compute with values of another type than the parameter's own. */
    boolean isConverted() {
        return computed != null;
    }

    boolean isFullPrecision() {
        return fullPrecision;
    }

    /** Makes layers compute with a part of a copy of the model's values. */
    void compute(ComputedValues copy, Tensor part) {
        computedValues = copy;
        computed = part.named(name());
    }

    void bind(List<String> paths, Tensor tensor) {
        if (value != null && !value.isClosed()) {
            throw new IllegalStateException("Parameter '" + paths.get(0) + "' already belongs to a model as '" + name()
                    + "'; build a module of its own for each model");
        }
        names = paths;
        value = tensor.named(paths.get(0));
        frozen = false;
        computed = null;
        computedValues = null;
    }

    @Override
    public String toString() {
        return (name() == null ? "parameter" : name()) + " " + shape();
    }
}
