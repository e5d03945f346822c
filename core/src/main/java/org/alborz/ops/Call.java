package org.alborz.ops;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.alborz.backend.Fusion;
import org.alborz.backend.Operand;
import org.alborz.backend.StepNumbers;
import org.alborz.tensor.Deferred;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.tensor.TensorAccess;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * One application of an operation: what {@link Op#infer} asks of the inputs and declares as results, and what {@link Op#compute} then
 * reads and writes.
 *
 * <p>The engine uses a call again for its next operation, so nothing may be kept of it. What is asked is noted, and done only after
 * {@code infer}, which thus works without memory as well.
 *
 * <p>The file is long because it has three sides: what infer reads and asks, what compute reads and writes, and what the engine does.
 */
public final class Call {
    private static final int NONE = -1;

    private final Session session;
    private Op op;
    private Tensor target;
    private boolean declared;
    private int count;
    private int resultCount;
    private int viewed;
    private Scope composing;

    // Of each input, null where it is left out.
    private Tensor[] inputs = new Tensor[5];
    private DType[] dtypes = new DType[5];
    private Shape[] shapes = new Shape[5];
    /** Where compute finds it, after what was asked for so far. */
    private Layout[] layouts = new Layout[5];
    /** The order of a copy of it, or null: this one the gradient may read. */
    private Layout[] orders = new Layout[5];
    /** The type of that copy, or null for its own. */
    private DType[] types = new DType[5];
    /** How that is read, or null. */
    private Layout[] reads = new Layout[5];
    /** The order of a copy of what is read so, or null. */
    private Layout[] spreads = new Layout[5];

    private Tensor[] ordered = new Tensor[5];
    private Tensor[] operands = new Tensor[5];

    // Of each result; the deferred tensor that it is computed into, or null.
    private final Tensor[] awaited = new Tensor[3];
    private Tensor[] results = new Tensor[3];
    private DType[] resultTypes = new DType[3];
    private Layout[] resultLayouts = new Layout[3];
    private int[] overwritten = {NONE, NONE, NONE};

    private final List<Tensor> scratch = new ArrayList<>();

    /** @param session null for a call without memory */
    Call(Session session) {
        this.session = session;
    }

    // ---- what infer reads ----

    /** Returns the operation's name for messages. */
    public String name() {
        return op.name();
    }

    /** Returns the number of inputs, those left out counted in. */
    public int count() {
        return count;
    }

    /** Tells whether an optional input is there. */
    public boolean has(int input) {
        return input < count && dtypes[input] != null;
    }

    /** Returns the shape of an input as it was given. */
    public Shape shape(int input) {
        require(input);
        return shapes[input];
    }

    public DType dtype(int input) {
        require(input);
        return dtypes[input];
    }

    /** Returns the layout in which compute finds an input, after what was asked for so far. */
    public Layout layout(int input) {
        require(input);
        return layouts[input];
    }

    /** Returns name, shape and type of an input for messages. */
    public String describe(int input) {
        return inputs[input] == null ? shape(input) + " " + dtype(input) : inputs[input].describe();
    }

    // ---- what infer asks ----

    private void require(int input) {
        if (!has(input)) {
            throw new IllegalArgumentException(name() + " expects a tensor, got null");
        }
    }

    /** Refuses an input that is not floating. */
    public void floating(int input) {
        if (!dtype(input).isFloating()) {
            throw new IllegalArgumentException(name() + " expects a floating tensor, got " + describe(input));
        }
    }

    /** Refuses an input that is not bool. */
    public void bool(int input) {
        if (dtype(input) != DType.BOOL) {
            throw new IllegalArgumentException(
                    name() + " expects a bool tensor" + (count > 1 ? " as input " + input : "") + ", got "
                            + describe(input) + "; compare it, as ne(0) does");
        }
    }

    /** Refuses an input of a type whose elements have no order that extremes are searched in: it is floating, int32 or int64. */
    public void comparable(int input) {
        DType dtype = dtype(input);
        if (!dtype.isFloating() && dtype != DType.INT32 && dtype != DType.INT64) {
            throw new IllegalArgumentException(name() + " expects a floating, int32 or int64 tensor, got "
                    + describe(input) + "; convert it with to(DType.INT32)");
        }
    }

    /** Refuses two inputs of different types. */
    public void sameType(int a, int b) {
        if (dtype(a) != dtype(b)) {
            throw new IllegalArgumentException(name() + " expects one data type, got " + describe(a) + " and "
                    + describe(b) + "; convert one with to(DType)");
        }
    }

    /** Refuses two inputs that are not floating and of one type. */
    public void alike(int a, int b) {
        sameType(a, b);
        floating(a);
    }

    /** Refuses an input of another number of axes. */
    public void rank(int input, String argument, int rank, String expected) {
        if (shape(input).rank() != rank) {
            throw new IllegalArgumentException(
                    name() + " expects " + argument + " " + expected + ", got " + describe(input));
        }
    }

    /**
     * Refuses an input that is not int32 or int64, or has elements where none is valid, and asks for it as int32, dense and row-major. An
     * int64 beyond int32 becomes the nearest int32, which is outside of every axis as well.
     *
     * @param size of the axis that they are indices along
     */
    public void indices(int input, int size) {
        DType dtype = dtype(input);
        if (dtype != DType.INT32 && dtype != DType.INT64) {
            throw new IllegalArgumentException(name() + " expects indices int32 or int64, got " + describe(input)
                    + "; convert them with to(DType)");
        }
        if (size == 0 && shape(input).elements() > 0) {
            throw new IllegalArgumentException(name() + " expects no indices along an axis of size 0, got "
                    + describe(input) + "; indices must be in [0, size)");
        }
        if (dtype == DType.INT64) {
            types[input] = DType.INT32;
            copy(input, Layout.rowMajor(shape(input)));
        } else {
            rowMajor(input);
        }
    }

    /** Has compute read indices of any number of axes as {@code [K]}. */
    public void flat(int input) {
        Shape shape = shape(input);
        if (shape.rank() != 1) {
            if (shape.elements() > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(
                        name() + " expects at most " + Integer.MAX_VALUE + " indices, got " + describe(input));
            }
            read(input, layout(input).reshape(Shape.of((int) shape.elements())));
        }
    }

    /** Refuses an axis of an input that has no elements, where the operation is not defined. */
    public void elements(int input, int axis) {
        if (shape(input).size(axis) == 0) {
            throw new IllegalArgumentException(name() + " along axis " + axis + " of no elements is not defined; got "
                    + describe(input) + "; leave out empty tensors");
        }
    }

    /** Refuses an input that is not laid out as the floating values that it updates, and of a type. */
    void updates(int values, int input, DType dtype) {
        floating(values);
        boolean fits = dtype(input) == dtype
                && layout(values).isDense()
                && layout(input).isDense()
                && layout(input).sameOrder(layout(values));
        if (!fits) {
            throw new IllegalArgumentException(name() + " expects tensors of one dense layout, values "
                    + describe(values) + " and as input " + input + " " + dtype + ", got " + describe(input));
        }
    }

    /** Refuses an input that does not hold the numbers of an optimizer's step. */
    void stepNumbers(int input) {
        if (dtype(input) != DType.FLOAT64
                || layout(input).shape().elements() != StepNumbers.COUNT
                || !layout(input).isDense()) {
            throw new IllegalArgumentException(name() + " expects its step's numbers as float64 [" + StepNumbers.COUNT
                    + "], dense, got " + describe(input));
        }
    }

    /** Asks for an input dense and row-major. */
    public void rowMajor(int input) {
        if (!layout(input).isRowMajor()) {
            copy(input, Layout.rowMajor(layout(input).shape()));
        }
    }

    /** Asks for an input dense and channels-last. */
    public void channelsLast(int input) {
        if (!layout(input).isChannelsLast()) {
            copy(input, Layout.channelsLast(layout(input).shape()));
        }
    }

    /** Asks for convolution weights dense in the order that the backend takes. */
    public void convolutionWeights(int input) {
        order(input, weightLayout(layout(input).shape()));
    }

    /** Returns the layout of convolution weights that the backend takes and makes. */
    public Layout weightLayout(Shape weights) {
        return session == null ? Layout.filter(weights) : session.backend().weightLayout(weights);
    }

    /** Returns the backend's own version of an operation; none where there is no memory. */
    <F extends Fusion> Optional<F> fusion(Class<F> type) {
        return session == null ? Optional.empty() : session.backend().fusion(type);
    }

    /** Asks for an input whose last two axes are matrices with a unit stride and no overlap. */
    public void matrix(int input) {
        Layout layout = layout(input);
        int rows = layout.shape().size(-2);
        int columns = layout.shape().size(-1);
        boolean byRows = (layout.stride(-1) == 1 || columns == 1) && (layout.stride(-2) >= columns || rows == 1);
        boolean byColumns = (layout.stride(-2) == 1 || rows == 1) && (layout.stride(-1) >= rows || columns == 1);
        if (!byRows && !byColumns) {
            rowMajor(input);
        }
    }

    /** Asks for an input in the order of a dense layout. */
    public void order(int input, Layout order) {
        if (!layout(input).sameOrder(order)) {
            copy(input, order.compact());
        }
    }

    private void copy(int input, Layout dense) {
        if (reads[input] == null) {
            orders[input] = dense;
        } else if (spreads[input] == null) {
            spreads[input] = dense;
        } else {
            throw new IllegalStateException(name() + " asks for a third copy of input " + input);
        }
        layouts[input] = dense;
    }

    /** Has compute read an input through another layout of the same memory. */
    public void read(int input, Layout layout) {
        require(input);
        if (spreads[input] == null) {
            reads[input] = layout;
        }
        layouts[input] = layout;
    }

    /** Has compute read an input as if it were repeated up to a shape. */
    public void broadcast(int input, Shape shape) {
        if (!layout(input).shape().equals(shape)) {
            read(input, layout(input).expand(shape));
        }
    }

    // ---- what infer declares ----

    /** Declares the next result, of the first input's type, row-major. */
    public void result(Shape shape) {
        result(dtype(0), Layout.rowMajor(shape));
    }

    /** Declares the next result, of the first input's type. */
    public void result(Layout layout) {
        result(dtype(0), layout);
    }

    /**
     * Declares the next result.
     *
     * @param layout a dense one at offset 0; only that of a view may be another
     */
    public void result(DType dtype, Layout layout) {
        if (resultCount == results.length) {
            results = Arrays.copyOf(results, 2 * resultCount);
            resultTypes = Arrays.copyOf(resultTypes, 2 * resultCount);
            resultLayouts = Arrays.copyOf(resultLayouts, 2 * resultCount);
            overwritten = Arrays.copyOf(overwritten, 2 * resultCount);
        }
        resultTypes[resultCount] = dtype;
        resultLayouts[resultCount] = layout;
        overwritten[resultCount++] = NONE;
    }

    /** Declares that the next result is an input, overwritten. */
    public void overwrite(int input) {
        result(dtype(input), layout(input));
        overwritten[resultCount - 1] = input;
    }

    /** Declares that the only result is an input read through another layout: nothing is computed. */
    public void view(int input, Layout layout) {
        result(dtype(input), layout);
        viewed = input;
    }

    // ---- what compute reads and writes ----

    /** Returns an input as it was asked for; null where it is left out. */
    public Operand in(int input) {
        return input < count ? operands[input] : null;
    }

    /** Returns an input to read through another layout of the same memory, such as that of a part. */
    public Operand in(int input, Layout layout) {
        return scratch(TensorAccess.view(operands[input], layout));
    }

    /** Returns a result to write. */
    public Operand out(int result) {
        return allocated(result);
    }

    /** Returns a result to write through another layout, such as that of a part. */
    public Operand out(int result, Layout layout) {
        return scratch(TensorAccess.view(allocated(result), layout));
    }

    private Tensor allocated(int result) {
        if (results[result] == null && isAwaited(result)) {
            TensorAccess.allocate(awaited[result]);
            results[result] = awaited[result];
        } else if (results[result] == null) {
            results[result] = allocate(resultTypes[result], resultLayouts[result]);
        }
        return results[result];
    }

    /** Makes all results, with undefined content. */
    void allocateResults() {
        for (int i = 0; i < resultCount; i++) {
            allocated(i);
        }
    }

    private boolean isAwaited(int result) {
        return result < awaited.length && awaited[result] != null;
    }

    private Tensor allocate(DType dtype, Layout layout) {
        if (dtype != session.dtype()) {
            session.backend().refuses(dtype).ifPresent(reason -> {
                throw new IllegalArgumentException(
                        name() + " with a result of " + dtype + " is not possible: " + reason);
            });
        }
        return session.empty(dtype, layout);
    }

    /**
     * Returns an input as a tensor out of sight of tapes, to compose the result of other operations; null where it is left out. What is
     * made of it is closed when the operation ends, unless it is given as a result.
     */
    public Tensor tensor(int input) {
        if (composing == null) {
            composing = session.scope(name());
        }
        return in(input) == null ? null : operands[input].detach();
    }

    /** Returns the numbers of an optimizer's step, which this waits for the device to read. */
    StepNumbers readStepNumbers(int input) {
        return StepNumbers.of(tensor(input).toDoubles());
    }

    /**
     * Hands over a result that was composed of other operations.
     *
     * @throws IllegalArgumentException if it is not of the declared shape and type
     */
    public void give(int result, Tensor composed) {
        DType dtype = resultTypes[result];
        Layout layout = resultLayouts[result];
        if (composed.dtype() != dtype || !composed.shape().equals(layout.shape())) {
            throw new IllegalArgumentException(name() + " declared result " + result + " as " + layout.shape() + " "
                    + dtype + ", and gives " + composed.describe());
        }
        if (results[result] != null) {
            session.backend().elementwise().copy(composed, results[result]);
        } else {
            results[result] = composed.to(layout);
        }
    }

    // ---- the engine's side ----

    Call begin(Op applied) {
        op = applied;
        viewed = NONE;
        return this;
    }

    Call with(Tensor input) {
        add(input == null ? null : input.dtype(), input == null ? null : input.layout());
        inputs[count - 1] = input;
        return this;
    }

    private void add(DType dtype, Layout layout) {
        if (count == inputs.length) {
            inputs = Arrays.copyOf(inputs, 2 * count);
            dtypes = Arrays.copyOf(dtypes, 2 * count);
            shapes = Arrays.copyOf(shapes, 2 * count);
            layouts = Arrays.copyOf(layouts, 2 * count);
            orders = Arrays.copyOf(orders, 2 * count);
            types = Arrays.copyOf(types, 2 * count);
            reads = Arrays.copyOf(reads, 2 * count);
            spreads = Arrays.copyOf(spreads, 2 * count);
            ordered = Arrays.copyOf(ordered, 2 * count);
            operands = Arrays.copyOf(operands, 2 * count);
        }
        dtypes[count] = dtype;
        shapes[count] = layout == null ? null : layout.shape();
        layouts[count++] = layout;
    }

    /** Has the only result overwrite a tensor of its shape and type. */
    Call into(Tensor overwrites) {
        target = overwrites;
        return this;
    }

    /** Has a result, one of the first three, be a deferred tensor unless that is null. */
    Call fulfilling(int result, Tensor deferred) {
        awaited[result] = deferred;
        return this;
    }

    /** Has the operation declare its results, which are computed later; what it asks for is forgotten by {@link #end}. */
    void declare() {
        if (!declared) {
            infer();
        }
        declared = true;
    }

    /** Has inputs computed that are deferred still: a backend must not meet one while it reads its operands. */
    void computeInputs() {
        for (int i = 0; i < count; i++) {
            if (inputs[i] != null && TensorAccess.deferredBy(inputs[i]) != null) {
                inputs[i].buffer();
            }
        }
    }

    /** Returns a deferred tensor for a declared result. */
    Tensor deferred(int result, Deferred source) {
        return TensorAccess.deferred(session, resultTypes[result], resultLayouts[result], source);
    }

    /** Tells whether the first declared result is of a tensor's type and layout. */
    boolean declares(Tensor like) {
        return resultTypes[0] == like.dtype() && resultLayouts[0].equals(like.layout());
    }

    /** Declares the results of an operation on inputs of which only type and layout are known. */
    List<TensorSpec> infer(Op applied, List<TensorSpec> specs) {
        begin(applied);
        for (TensorSpec spec : specs) {
            add(spec == null ? null : spec.dtype(), spec == null ? null : spec.layout());
        }
        applied.infer(this);
        List<TensorSpec> declared = new ArrayList<>();
        for (int i = 0; i < resultCount; i++) {
            declared.add(new TensorSpec(resultTypes[i], resultLayouts[i]));
        }
        return declared;
    }

    /** Has the operation ask and declare, makes the copies and views that it asks for, and makes a view where that is the result. */
    void prepare() {
        if (!declared) {
            infer();
        }
        if (target != null) {
            requireTarget();
        }
        for (int i = 0; i < resultCount; i++) {
            if (overwritten[i] != NONE) {
                results[i] = inputs[overwritten[i]];
                TensorAccess.requireWritable(results[i], name());
            }
        }
        for (int i = 0; i < count; i++) {
            prepare(i);
        }
        if (viewed != NONE) {
            results[0] = TensorAccess.view(ordered[viewed], resultLayouts[0]);
        }
    }

    /** Has a message name the operation where what it asked, such as a shape for an axis, did not know it. */
    private void infer() {
        requireOneSession();
        try {
            op.infer(this);
        } catch (IllegalArgumentException e) {
            if (String.valueOf(e.getMessage()).startsWith(name())) {
                throw e;
            }
            throw new IllegalArgumentException(name() + ": " + e.getMessage(), e);
        }
    }

    private void requireOneSession() {
        for (int i = 0; i < count; i++) {
            if (inputs[i] != null && inputs[i].session() != session) {
                throw mixed(inputs[i]);
            }
        }
    }

    private IllegalArgumentException mixed(Tensor other) {
        return new IllegalArgumentException(name() + " mixes tensors of two sessions, "
                + session.backend().name() + " and " + other.session().backend().name() + "; make both in one session");
    }

    private void requireTarget() {
        if (resultCount != 1
                || viewed != NONE
                || resultTypes[0] != target.dtype()
                || !resultLayouts[0].shape().equals(target.shape())) {
            throw new IllegalArgumentException(name() + " in place expects " + resultLayouts[0].shape() + " "
                    + resultTypes[0] + ", got " + target.describe());
        }
        TensorAccess.requireWritable(target, name());
        results[0] = target;
        resultLayouts[0] = target.layout();
    }

    private void prepare(int i) {
        Tensor operand = inputs[i];
        if (orders[i] != null) {
            operand = copy(operand, types[i] == null ? operand.dtype() : types[i], orders[i]);
        }
        ordered[i] = operand;
        if (reads[i] != null) {
            operand = scratch(TensorAccess.view(operand, reads[i]));
        }
        if (spreads[i] != null) {
            operand = scratch(copy(operand, operand.dtype(), spreads[i]));
            if (layouts[i] != spreads[i]) {
                operand = scratch(TensorAccess.view(operand, layouts[i]));
            }
        }
        for (int k = 0; operand != null && k < resultCount; k++) {
            if (results[k] != null) {
                operand = apart(operand, results[k]);
            }
        }
        operands[i] = operand;
    }

    /**
     * Returns an operand that can be read element by element while a tensor is overwritten: itself, or a copy of it where it shares that
     * one's memory in another order, so that a write would change what is still to be read.
     */
    private Tensor apart(Tensor operand, Tensor written) {
        Layout layout = operand.layout();
        boolean alike = layout.offset() == written.layout().offset() && layout.sameOrder(written.layout());
        if (alike || operand.buffer() != written.buffer() || !layout.overlaps(written.layout())) {
            return operand;
        }
        return scratch(copy(operand, operand.dtype(), Layout.rowMajor(layout.shape())));
    }

    private Tensor copy(Tensor of, DType dtype, Layout layout) {
        Tensor copy = session.empty(dtype, layout);
        session.backend().elementwise().copy(of, copy);
        return copy;
    }

    private Tensor scratch(Tensor made) {
        scratch.add(made);
        return made;
    }

    boolean isView() {
        return viewed != NONE;
    }

    boolean isInPlace() {
        return target != null;
    }

    /** Takes the results out of what is closed at the end, and notes which memory was changed. */
    void finish() {
        for (int i = 0; i < resultCount; i++) {
            if (results[i] == null) {
                throw new IllegalStateException(name() + " did not compute its result " + i);
            }
            if (results[i] == target || overwritten[i] != NONE) {
                TensorAccess.changedInPlace(results[i]);
            } else if (composing != null) {
                composing.keep(results[i]);
            }
        }
    }

    Op op() {
        return op;
    }

    /** Returns an input as it was given, or null where it is left out; for tapes and observers. */
    public Tensor input(int i) {
        return inputs[i];
    }

    /** Returns an input in the order that was asked for; for tapes. */
    public Tensor ordered(int i) {
        return ordered[i];
    }

    /** Returns a result, or null where there are not so many; for tapes and observers. */
    public Tensor result(int i) {
        return i < resultCount ? results[i] : null;
    }

    int resultCount() {
        return resultCount;
    }

    /** Closes copies and views, and the results too where the call failed, and forgets everything. */
    void end(boolean failed) {
        for (int i = scratch.size() - 1; i >= 0; i--) {
            scratch.remove(i).close();
        }
        for (int i = 0; i < count; i++) {
            if (ordered[i] != inputs[i] && ordered[i] != null) {
                ordered[i].close();
            }
            inputs[i] = null;
            dtypes[i] = null;
            shapes[i] = null;
            layouts[i] = null;
            orders[i] = null;
            types[i] = null;
            reads[i] = null;
            spreads[i] = null;
            ordered[i] = null;
            operands[i] = null;
        }
        for (int i = 0; i < resultCount; i++) {
            if (failed && results[i] != null && results[i] != target && !isAwaited(i) && overwritten[i] == NONE) {
                results[i].close();
            }
            results[i] = null;
            resultTypes[i] = null;
            resultLayouts[i] = null;
        }
        Arrays.fill(awaited, null);
        count = 0;
        resultCount = 0;
        target = null;
        declared = false;
        if (composing != null) {
            Scope ended = composing;
            composing = null;
            ended.close();
        }
    }
}
