package org.alborz.tensor;

import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.alborz.autograd.Node;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.Buffer;
import org.alborz.backend.Comparison;
import org.alborz.backend.UnaryOp;
import org.alborz.ops.Amax;
import org.alborz.ops.Amin;
import org.alborz.ops.ArgMax;
import org.alborz.ops.ArgMin;
import org.alborz.ops.Assign;
import org.alborz.ops.Binary;
import org.alborz.ops.Compare;
import org.alborz.ops.Concat;
import org.alborz.ops.Convert;
import org.alborz.ops.Engine;
import org.alborz.ops.Expand;
import org.alborz.ops.Full;
import org.alborz.ops.Gather;
import org.alborz.ops.IntTuple;
import org.alborz.ops.Logic;
import org.alborz.ops.MatMulOp;
import org.alborz.ops.MeanOp;
import org.alborz.ops.Narrow;
import org.alborz.ops.Permute;
import org.alborz.ops.Quantify;
import org.alborz.ops.Reshape;
import org.alborz.ops.SoftmaxOp;
import org.alborz.ops.Sum;
import org.alborz.ops.Unary;
import org.alborz.ops.Where;
import org.alborz.text.Given;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * An array of numbers on a backend.
 *
 * <p>A tensor is a handle: views and aliases share memory, which is returned when the last handle is closed, at the latest with
 * the scope that owns it. Operations return new tensors in the session's innermost scope; those on a tensor that a
 * {@link org.alborz.autograd.Tape} watches are recorded there.
 *
 * <p>The file is long because it is a façade: nearly every method is one call of an operation in {@link org.alborz.ops}.
 */
public final class Tensor extends TensorFunctions implements AutoCloseable {
    /** The slot of a closed tensor. */
    private static final int CLOSED = -1;

    private final Storage storage;
    private final Layout layout;
    private final int version;
    private String name;

    /** The scope it belongs to or, once it is closed, the one that it belonged to; null for a handle that none owns. */
    private Scope owner;

    /** Its place in the scope, or {@link #CLOSED}. */
    private int slot;

    private Node node;

    Tensor(Storage storage, Layout layout) {
        this.storage = storage;
        this.layout = layout;
        this.version = storage.version();
    }

    public Session session() {
        return storage.session();
    }

    /** Returns the memory, and refuses a closed tensor and another thread than the session's. */
    @Override
    public Buffer buffer() {
        requireOpen();
        return storage.buffer();
    }

    @Override
    public Layout layout() {
        return layout;
    }

    @Override
    public DType dtype() {
        return storage.dtype();
    }

    /** Returns what messages call this tensor, or null. */
    public String name() {
        return name;
    }

    /** Gives this tensor a name for messages. */
    public Tensor named(String newName) {
        session().requireOwner();
        name = newName;
        return this;
    }

    /** Tells whether a tape watches this tensor or recorded how it was computed, so that there are gradients for it. */
    public boolean isRecorded() {
        return node() != null;
    }

    /** Returns where a tape recorded this tensor, or null where none watches it. */
    Node node() {
        if (!isClosed() && storage.deferred() != null) {
            storage.buffer(); // it is recorded when it is computed
        }
        return node;
    }

    // ---- handles ----

    /**
     * Returns a tensor of another layout over the same memory, in the innermost scope; it is not recorded.
     *
     * @throws IllegalArgumentException when the layout reaches beyond the memory
     */
    Tensor view(Layout other) {
        session().check();
        long elements = buffer().elements();
        if (other.end() > elements) {
            throw new IllegalArgumentException(
                    "A view of " + describe() + " expects a layout inside its " + elements + " elements, got " + other);
        }
        return owned(alias(other));
    }

    /** Returns the same values out of sight of any tape. */
    public Tensor detach() {
        session().check();
        return owned(alias(layout));
    }

    private Tensor owned(Tensor handle) {
        session().innermostScope().add(handle);
        return handle;
    }

    /** Returns another handle that no scope owns; whoever asked for it closes it. */
    Tensor retained(Node recordedAt) {
        requireOpen();
        Tensor handle = alias(layout);
        handle.node = recordedAt;
        return handle;
    }

    /**
     * Takes this handle out of the scope that owns it; whoever asked for that closes it.
     *
     * @throws IllegalStateException if no scope owns it, as when it was given away before
     */
    Tensor unowned() {
        requireOpen();
        if (owner == null) {
            throw new IllegalStateException("Tensor " + describe()
                    + " was given away before, or does not belong to the one who gives it; expected a tensor that the operation made "
                    + "for this. Remedy: add it to the gradient instead of giving it.");
        }
        owner.remove(this);
        return this;
    }

    /** Returns another handle that no scope owns. */
    Tensor alias(Layout other) {
        requireOpen();
        Tensor alias = new Tensor(storage.retain(), other);
        alias.name = name;
        return alias;
    }

    /** Says that a tape recorded this tensor as the result of a node. */
    Tensor recordedAt(Node at) {
        requireOpen();
        node = Objects.requireNonNull(at, "at");
        return this;
    }

    /** Tells whether no other handle shares this tensor's memory, so that it may be overwritten. */
    boolean isExclusive() {
        requireOpen();
        return storage.users() == 1 && storage.isOwn();
    }

    /**
     * Announces that the content is about to be changed in place, so that gradients which saved it can refuse it.
     *
     * @throws IllegalStateException when other sessions read it, as those of a predictor do
     */
    void changedInPlace() {
        requireOpen();
        requireOwn("A change in place");
        storage.changed();
    }

    private void requireOwn(String method) {
        if (!storage.isOwn()) {
            throw new IllegalStateException(method + " cannot write to " + describe()
                    + (storage.isBorrowed()
                            ? ", which this session reads and another owns; compute a new tensor instead"
                            : " while a predictor reads it; close the predictor first, or train another model"));
        }
    }

    /** Returns a number that names this tensor's memory: its views have the same, and no other memory of the session ever has it. */
    public long memoryId() {
        requireOpen();
        return storage.id();
    }

    /** Returns a number that grows with each change in place of this tensor's memory. */
    public int version() {
        requireOpen();
        session().engine().lookahead().settleTraining();
        return storage.version();
    }

    /** Tells whether the content was changed in place since this handle was made. */
    boolean isStale() {
        requireOpen();
        return version != storage.version();
    }

    public boolean isClosed() {
        return slot == CLOSED;
    }

    /** Returns this handle's share of the memory; closing twice does nothing. */
    @Override
    public void close() {
        if (isClosed()) {
            return;
        }
        session().requireOwner();
        Scope last = owner;
        if (last != null) {
            last.remove(this);
        }
        ownedBy(last, CLOSED);
        node = null;
        storage.release();
    }

    Storage storage() {
        return storage;
    }

    Scope owner() {
        return owner;
    }

    int slot() {
        return slot;
    }

    void ownedBy(Scope scope, int at) {
        owner = scope;
        slot = at;
    }

    void requireOpen() {
        session().requireOwner();
        if (isClosed()) {
            throw new IllegalStateException("Tensor " + describe() + " was used after it was closed"
                    + (owner == null ? "" : " with or in scope '" + owner.name() + "'")
                    + ". Use it before, or keep it with Scope.keep(tensor) or Scope.adopt(tensor).");
        }
    }

    /** Returns name, shape and type for messages. */
    public String describe() {
        return (name == null ? "" : "'" + name + "' ") + shape() + " " + dtype();
    }

    /**
     * Returns name, shape, type and values, and waits for these.
     *
     * <p>Of more than 1000 elements only the first and last three along each axis are written, and read; numbers have four digits after
     * the point at most. Never fails: of a closed tensor, or in another thread than the session's, there are no values. Messages and logs
     * use {@link #describe}.
     */
    @Override
    public String toString() {
        return TensorText.of(this);
    }

    // ---- values on the host ----

    /** Returns the value of a tensor with one element; waits for it. */
    public double item() {
        requireOpen();
        if (shape().elements() != 1) {
            throw new IllegalStateException("item expects one element, got " + describe());
        }
        return toDoubles()[0];
    }

    /** Returns the values in row-major order as doubles, true as 1; waits for them. */
    public double[] toDoubles() {
        requireOpen();
        double[] values = new double[arrayLength("toDoubles")];
        switch (dtype()) {
            case FLOAT64 -> read(DoubleBuffer.wrap(values));
            case FLOAT32, FLOAT16, BFLOAT16 -> {
                float[] narrow = toFloats();
                Arrays.setAll(values, i -> narrow[i]);
            }
            case INT32, INT64, UINT8, BOOL -> {
                long[] whole = toLongs();
                Arrays.setAll(values, i -> whole[i]);
            }
        }
        return values;
    }

    /** Returns the values in row-major order as floats, each rounded once, true as 1; waits for them. */
    public float[] toFloats() {
        session().requireOwner();
        session().engine().lookahead().settleTraining();
        buffer();
        float[] values = new float[arrayLength("toFloats")];
        switch (dtype()) {
            case FLOAT32 -> read(FloatBuffer.wrap(values));
            case FLOAT16, BFLOAT16 -> {
                Tensor wide = session().empty(DType.FLOAT32, Layout.rowMajor(shape()));
                session().backend().elementwise().copy(this, wide);
                wide.read(FloatBuffer.wrap(values));
                wide.close();
            }
            case FLOAT64 -> {
                double[] wide = toDoubles();
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) wide[i];
                }
            }
            case INT32, INT64, UINT8, BOOL -> {
                long[] whole = toLongs();
                for (int i = 0; i < values.length; i++) {
                    values[i] = whole[i];
                }
            }
        }
        return values;
    }

    /**
     * Returns the values as floats, one array for each position along the first axis, such as a sample's output; waits for them. A
     * tensor of more than two axes gives arrays in row-major order.
     */
    public float[][] toRows() {
        requireOpen();
        if (shape().rank() == 0) {
            throw new IllegalStateException(
                    "toRows expects at least one axis, got " + describe() + "; item() reads a scalar");
        }
        int rows = shape().size(0);
        float[] values = toFloats();
        float[][] result = new float[rows][];
        int length = rows == 0 ? 0 : values.length / rows;
        for (int i = 0; i < rows; i++) {
            result[i] = Arrays.copyOfRange(values, i * length, (i + 1) * length);
        }
        return result;
    }

    /** Returns the values of an int32, uint8 or bool tensor in row-major order, true as 1; waits for them. */
    public int[] toInts() {
        requireOpen();
        int[] values = new int[arrayLength("toInts")];
        if (dtype() == DType.INT32) {
            read(IntBuffer.wrap(values));
        } else if (dtype() == DType.INT64) {
            throw new IllegalStateException("toInts expects int32, uint8 or bool, got " + describe()
                    + "; use toLongs, or convert it with to(DType.INT32)");
        } else {
            byte[] bytes = bytes("toInts expects int32, uint8 or bool");
            Arrays.setAll(values, i -> bytes[i] & 0xFF);
        }
        return values;
    }

    /** Returns the values of an integer or bool tensor in row-major order, true as 1; waits for them. */
    public long[] toLongs() {
        requireOpen();
        long[] values = new long[arrayLength("toLongs")];
        if (dtype() == DType.INT64) {
            read(LongBuffer.wrap(values));
        } else if (dtype() == DType.INT32) {
            int[] whole = toInts();
            Arrays.setAll(values, i -> whole[i]);
        } else {
            byte[] bytes = bytes("toLongs expects int64, int32, uint8 or bool");
            Arrays.setAll(values, i -> bytes[i] & 0xFF);
        }
        return values;
    }

    /** Returns the values of a uint8 tensor in row-major order, each as a byte's eight bits; waits for them. */
    public byte[] toBytes() {
        requireOpen();
        if (dtype() != DType.UINT8) {
            throw new IllegalStateException("toBytes expects uint8, got " + describe() + "; convert it with to(DType)");
        }
        return bytes("toBytes expects uint8");
    }

    /** Returns the values of a bool tensor in row-major order; waits for them. */
    public boolean[] toBooleans() {
        requireOpen();
        if (dtype() != DType.BOOL) {
            throw new IllegalStateException(
                    "toBooleans expects bool, got " + describe() + "; compare it, or convert it with to(DType.BOOL)");
        }
        byte[] bytes = bytes("toBooleans expects bool");
        boolean[] values = new boolean[bytes.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = bytes[i] != 0;
        }
        return values;
    }

    /** Returns the values of a type of one byte, and refuses others. */
    private byte[] bytes(String expectation) {
        if (dtype() != DType.UINT8 && dtype() != DType.BOOL) {
            throw new IllegalStateException(
                    expectation + ", got " + describe() + "; use toDoubles, or convert it with to(DType)");
        }
        byte[] values = new byte[arrayLength("bytes")];
        read(ByteBuffer.wrap(values));
        return values;
    }

    /**
     * Returns the values as a Java array of as many axes: {@code float[][] rows = x.toArray(float[][].class)}; waits for them.
     *
     * @param type an array type of float, double, int, long or boolean; values are converted as by {@link #toFloats} and the others
     * @throws IllegalStateException if it has another number of axes than this tensor, or the values are not of its element type
     */
    public <T> T toArray(Class<T> type) {
        requireOpen();
        Class<?> element = Given.value(type, "toArray", "an array type");
        int rank = 0;
        while (element.isArray()) {
            element = element.getComponentType();
            rank++;
        }
        if (rank != shape().rank() || rank == 0) {
            throw new IllegalStateException("toArray expects an array type of as many axes as the tensor has, got "
                    + type.getSimpleName() + " for " + describe());
        }
        Object flat;
        if (element == float.class) {
            flat = toFloats();
        } else if (element == double.class) {
            flat = toDoubles();
        } else if (element == int.class) {
            flat = toInts();
        } else if (element == long.class) {
            flat = toLongs();
        } else if (element == boolean.class) {
            flat = toBooleans();
        } else {
            throw new IllegalStateException(
                    "toArray expects arrays of float, double, int, long or boolean, got " + type.getSimpleName());
        }
        return type.cast(NestedArray.nest(flat, shape()));
    }

    /** Returns the number of elements, and refuses more than an array holds. */
    private int arrayLength(String method) {
        long elements = shape().elements();
        if (elements > Session.LONGEST_ARRAY) {
            throw new IllegalStateException(method + " expects at most " + Session.LONGEST_ARRAY
                    + " elements, which is what an array holds, got " + describe() + " with " + elements
                    + "; read it in parts, with narrow(axis, start, length)");
        }
        return (int) elements;
    }

    /**
     * Fills the target from its position to its limit with the values in row-major order, without a copy where they are in this order.
     *
     * @param target a {@code FloatBuffer} for float32, {@code DoubleBuffer} for float64, a {@code ShortBuffer} for the bits of 16-bit
     *     types, {@code IntBuffer} for int32, {@code LongBuffer} for int64, and a {@code ByteBuffer} for uint8 and for bool, a byte of 1
     *     or 0 each; with room for at most the tensor's elements
     * @throws IllegalArgumentException when it is of another type, read-only or longer
     */
    public void read(java.nio.Buffer target) {
        session().requireOwner();
        session().engine().lookahead().settleTraining();
        buffer();
        HostBuffers.requireTarget("read", this, target);
        if (target.remaining() > shape().elements()) {
            throw new IllegalArgumentException("read expects a buffer for at most the " + shape().elements()
                    + " elements of " + describe() + ", got one for " + target.remaining());
        }
        if (layout.isRowMajor()) {
            session().download(this, layout.offset(), target);
            return;
        }
        Tensor ordered = session().empty(dtype(), Layout.rowMajor(shape()));
        session().backend().elementwise().copy(this, ordered);
        session().download(ordered, 0, target);
        ordered.close();
    }

    // ---- in place, not recorded ----

    /**
     * Overwrites this tensor with another's values, converting layout and type. The source may share this one's memory, such as a
     * transpose of it: its values count as they were before.
     */
    public Tensor assign(Tensor source) {
        requireWritable("assign");
        requireSameSession("assign", source);
        Engine.apply(Assign.INSTANCE, this, source);
        return this;
    }

    /**
     * Overwrites this tensor with values in row-major order, from the buffer's position to its limit.
     *
     * @param values of the class that {@link #read} takes for this tensor's type
     */
    public Tensor assignRowMajor(java.nio.Buffer values) {
        requireWritable("assignRowMajor");
        HostBuffers.requireSource("assignRowMajor", this, values);
        if (values.remaining() != shape().elements()) {
            throw new IllegalArgumentException(
                    "assignRowMajor expects " + shape().elements() + " values, got " + values.remaining());
        }
        HostBuffers.requireValid("assignRowMajor", this, values);
        Tensor ordered = session().empty(dtype(), Layout.rowMajor(shape()));
        session().upload(values, ordered, 0);
        assign(ordered);
        ordered.close();
        return this;
    }

    /** Overwrites this tensor with a function of itself. */
    public Tensor update(UnaryOp op, double p) {
        return update("update", op, p);
    }

    Tensor update(String method, UnaryOp op, double p) {
        requireWritable(method);
        requireFloating(method);
        Engine.into(this, Unary.of(op, p), this);
        return this;
    }

    /**
     * Overwrites this tensor with a function of itself and another of its shape and type. The other may share this one's memory, such
     * as a transpose of it: its values count as they were before.
     */
    public Tensor update(BinaryOp op, Tensor other) {
        return update("update", op, other);
    }

    Tensor update(String method, BinaryOp op, Tensor other) {
        requireWritable(method);
        requireFloating(method);
        requireSameSession(method, other);
        if (!other.shape().equals(shape()) || other.dtype() != dtype()) {
            throw new IllegalArgumentException(
                    method + " expects " + shape() + " " + dtype() + ", got " + other.describe());
        }
        Engine.into(this, Binary.of(op), this, other);
        return this;
    }

    /** Overwrites every element with one value. */
    public Tensor fill(double value) {
        requireWritable("fill");
        Engine.into(this, new Full(dtype(), layout, value));
        return this;
    }

    /** Refuses what a tape recorded, and views that repeat elements. */
    void requireWritable(String method) {
        requireOpen();
        session().engine().lookahead().settle();
        requireOwn(method);
        if (node != null && node.isRecording()) {
            throw new IllegalStateException(
                    method + " would change " + describe() + " behind the back of the tape that recorded it;"
                            + " compute a new tensor instead, or detach() this one first");
        }
        for (int i = 0; i < shape().rank(); i++) {
            if (layout.stride(i) == 0 && shape().size(i) > 1 && shape().elements() > 0) {
                throw new IllegalStateException(method + " cannot write to " + describe()
                        + ", an expanded view whose elements share memory; write to the tensor it was expanded from");
            }
        }
    }

    private void requireFloating(String method) {
        if (!dtype().isFloating()) {
            throw new IllegalStateException(method + " computes with floating tensors, got " + describe()
                    + "; convert it with to(DType), or use assign or fill");
        }
    }

    private void requireSameSession(String method, Tensor other) {
        if (other == null) {
            throw new IllegalArgumentException(method + " of " + describe() + " expects a tensor, got null");
        }
        if (other.session() != session()) {
            throw new IllegalArgumentException(method + " mixes tensors of two sessions: " + describe() + " on "
                    + session().backend().name() + " and " + other.describe() + " on "
                    + other.session().backend().name() + "; make both in one session");
        }
    }

    // ---- element by element ----

    /** Applies a function that takes no parameter. */
    public Tensor apply(UnaryOp op) {
        return Engine.apply(Unary.of(op, 0), this);
    }

    /** Applies a function with its parameter p. */
    public Tensor apply(UnaryOp op, double p) {
        return Engine.apply(Unary.of(op, p), this);
    }

    /** Applies a function of two numbers, broadcasting both tensors. */
    public Tensor apply(BinaryOp op, Tensor other) {
        return Engine.apply(Binary.of(op), this, other);
    }

    /** Returns the sums of each pair. Both broadcast. */
    public Tensor add(Tensor other) {
        return apply(BinaryOp.ADD, other);
    }

    /** Returns the sums with a number. */
    public Tensor add(double value) {
        return dtype().isFloating() ? apply(UnaryOp.ADD, value) : add(number("add", value));
    }

    /** Returns the differences of each pair. Both broadcast. */
    public Tensor sub(Tensor other) {
        return apply(BinaryOp.SUBTRACT, other);
    }

    /** Returns the products of each pair. Both broadcast. */
    public Tensor mul(Tensor other) {
        return apply(BinaryOp.MULTIPLY, other);
    }

    /** Returns the products with a number. */
    public Tensor mul(double value) {
        return dtype().isFloating() ? apply(UnaryOp.MULTIPLY, value) : mul(number("mul", value));
    }

    /** Returns the quotients of each pair. Both broadcast. */
    public Tensor div(Tensor other) {
        return apply(BinaryOp.DIVIDE, other);
    }

    /** Returns the numbers with the other sign. */
    public Tensor neg() {
        return dtype().isFloating() ? apply(UnaryOp.NEGATE) : number("neg", 0).sub(this);
    }

    /** Returns the squares. */
    public Tensor square() {
        return apply(UnaryOp.SQUARE);
    }

    /** Returns the square roots; NaN of negative numbers. */
    public Tensor sqrt() {
        return apply(UnaryOp.SQRT);
    }

    /** Returns e to the power of each element. */
    public Tensor exp() {
        return apply(UnaryOp.EXP);
    }

    /** Returns the natural logarithms; −∞ of 0 and NaN of negative numbers. */
    public Tensor log() {
        return apply(UnaryOp.LOG);
    }

    /** Returns each element to the power of a number. */
    public Tensor pow(double exponent) {
        return apply(UnaryOp.POWER, exponent);
    }

    /** Returns the larger of each element and 0. */
    public Tensor relu() {
        return apply(UnaryOp.RELU);
    }

    /** Returns a number as a tensor of this one's type, which broadcasts; refuses one that an integer type does not have. */
    Tensor number(String method, double value) {
        requireOpen();
        double most = Math.scalb(1.0, dtype().bytes() * Byte.SIZE - 1);
        boolean fits = switch (dtype()) {
            case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 -> true;
            case INT32, INT64 -> Math.rint(value) == value && value >= -most && value < most;
            case UINT8 -> Math.rint(value) == value && value >= 0 && value <= 255;
            case BOOL -> false;
        };
        if (!fits) {
            throw new IllegalArgumentException(method + " of " + describe()
                    + (dtype() == DType.BOOL
                            ? " does not take numbers; use and, or, xor and not, or convert it with to(DType)"
                            : " expects a number of its type, got " + value + "; convert it with to(DType)"));
        }
        return Full.like(this, value);
    }

    // ---- comparisons and truth values ----
    // With NaN only "not equal" is true. Both tensors broadcast; a number counts as this tensor's type has it.

    /** Compares with another tensor of this one's type, which may be any; the result is bool. */
    public Tensor apply(Comparison op, Tensor other) {
        return Engine.apply(Compare.of(op), this, other);
    }

    /** Compares with a number. */
    public Tensor apply(Comparison op, double value) {
        return Engine.apply(Compare.of(op), this, number(Compare.of(op).name(), value));
    }

    /** Tells where this is equal to another tensor. */
    public Tensor eq(Tensor other) {
        return apply(Comparison.EQUAL, other);
    }

    /** Tells which elements equal a number. */
    public Tensor eq(double value) {
        return apply(Comparison.EQUAL, value);
    }

    /** Tells where this is not equal to another tensor, so where one is NaN. */
    public Tensor ne(Tensor other) {
        return apply(Comparison.NOT_EQUAL, other);
    }

    /** Tells which elements differ from a number; NaN does. */
    public Tensor ne(double value) {
        return apply(Comparison.NOT_EQUAL, value);
    }

    /** Tells where this is less than another tensor. */
    public Tensor lt(Tensor other) {
        return apply(Comparison.LESS, other);
    }

    /** Tells which elements are less than a number. */
    public Tensor lt(double value) {
        return apply(Comparison.LESS, value);
    }

    /** Tells where this is less than or equal to another tensor. */
    public Tensor le(Tensor other) {
        return apply(Comparison.LESS_EQUAL, other);
    }

    /** Tells which elements are at most a number. */
    public Tensor le(double value) {
        return apply(Comparison.LESS_EQUAL, value);
    }

    /** Tells where this is greater than another tensor. */
    public Tensor gt(Tensor other) {
        return apply(Comparison.GREATER, other);
    }

    /** Tells which elements are greater than a number. */
    public Tensor gt(double value) {
        return apply(Comparison.GREATER, value);
    }

    /** Tells where this is greater than or equal to another tensor. */
    public Tensor ge(Tensor other) {
        return apply(Comparison.GREATER_EQUAL, other);
    }

    /** Tells which elements are at least a number. */
    public Tensor ge(double value) {
        return apply(Comparison.GREATER_EQUAL, value);
    }

    /** Tells where this is NaN; integers and truth values never are. */
    public Tensor isNaN() {
        return ne(this);
    }

    /** Tells where a floating tensor is infinite. */
    public Tensor isInfinite() {
        return apply(UnaryOp.ABS).eq(Double.POSITIVE_INFINITY);
    }

    /** Tells where a floating tensor is neither infinite nor NaN. */
    public Tensor isFinite() {
        return apply(UnaryOp.ABS).lt(Double.POSITIVE_INFINITY);
    }

    /** Tells where two bool tensors are both true. */
    public Tensor and(Tensor other) {
        return Engine.apply(new Logic(Logic.Connective.AND), this, other);
    }

    /** Tells where at least one of two bool tensors is true. */
    public Tensor or(Tensor other) {
        return Engine.apply(new Logic(Logic.Connective.OR), this, other);
    }

    /** Tells where exactly one of two bool tensors is true. */
    public Tensor xor(Tensor other) {
        return Engine.apply(new Logic(Logic.Connective.XOR), this, other);
    }

    /** Tells where a bool tensor is false. */
    public Tensor not() {
        requireOpen();
        return xor(Full.like(this, 1));
    }

    /** Tells as a scalar whether any element of a bool tensor is true; of none, false. */
    public Tensor any() {
        return any(false, allAxes());
    }

    /** Tells whether any element of a bool tensor is true along the given axes, which stay with size 1 if {@code keepDims}. */
    public Tensor any(boolean keepDims, int... axes) {
        return Engine.apply(new Quantify(Quantify.Quantifier.ANY, keepDims, IntTuple.of(axes)), this);
    }

    /** Tells as a scalar whether all elements of a bool tensor are true; of none, true. */
    public Tensor all() {
        return all(false, allAxes());
    }

    /** Tells whether all elements of a bool tensor are true along the given axes, which stay with size 1 if {@code keepDims}. */
    public Tensor all(boolean keepDims, int... axes) {
        return Engine.apply(new Quantify(Quantify.Quantifier.ALL, keepDims, IntTuple.of(axes)), this);
    }

    /**
     * Returns {@code a} where a bool tensor is true and {@code b} elsewhere; what is not chosen has no part in the result nor in the
     * gradient, even where it is infinite or NaN. All three broadcast.
     *
     * @param a of any type
     * @param b of the type of {@code a}
     */
    public static Tensor where(Tensor condition, Tensor a, Tensor b) {
        return Where.apply(condition, a, b);
    }

    /** Returns this tensor with a value where a bool tensor, which broadcasts with it, is true. */
    public Tensor maskedFill(Tensor mask, double value) {
        return Where.apply(mask, dtype() == DType.BOOL ? Full.like(this, value) : number("maskedFill", value), this);
    }

    // ---- products and reductions ----
    // Axes are named each once, in any order; a negative one counts from the end.

    /** Multiplies the matrices in the last two axes; a batch in front of them broadcasts. */
    public Tensor matmul(Tensor other) {
        return Engine.apply(MatMulOp.INSTANCE, this, other);
    }

    // Sums of integers and of truth values, which count as 1 and 0, are int64.

    /** Returns the sum of all elements as a scalar; 0 of none. */
    public Tensor sum() {
        return sum(false, allAxes());
    }

    /** Returns the sums along the given axes, which stay with size 1 if {@code keepDims}; along none, a copy. */
    public Tensor sum(boolean keepDims, int... axes) {
        return Engine.apply(new Sum(keepDims, IntTuple.of(axes)), this);
    }

    /** Returns the mean of all elements as a scalar; NaN of none. */
    public Tensor mean() {
        return mean(false, allAxes());
    }

    /** Returns the means along the given axes, which stay with size 1 if {@code keepDims}; along none, a copy. */
    public Tensor mean(boolean keepDims, int... axes) {
        return Engine.apply(new MeanOp(keepDims, IntTuple.of(axes)), this);
    }

    /** Returns the largest elements along the given axes, none of which may be empty; along none, a copy. */
    public Tensor max(boolean keepDims, int... axes) {
        return Engine.apply(new Amax(keepDims, IntTuple.of(axes)), this);
    }

    /** Returns the smallest elements along the given axes, none of which may be empty; along none, a copy. */
    public Tensor min(boolean keepDims, int... axes) {
        return Engine.apply(new Amin(keepDims, IntTuple.of(axes)), this);
    }

    /**
     * Returns the index of the largest element along an axis, as int32, without that axis: the first of equal ones, and the first NaN
     * where there is one.
     */
    public Tensor argMax(int axis) {
        return Engine.apply(new ArgMax(axis), this);
    }

    /** Returns the index of the smallest element along an axis, as {@link #argMax}. */
    public Tensor argMin(int axis) {
        return Engine.apply(new ArgMin(axis), this);
    }

    /** Returns the softmax over the last axis. */
    public Tensor softmax() {
        return Engine.apply(new SoftmaxOp(false), this);
    }

    /** Returns the logarithm of the softmax over the last axis. */
    public Tensor logSoftmax() {
        return Engine.apply(new SoftmaxOp(true), this);
    }

    /**
     * Returns the slices at the given indices along an axis, whose place the axes of the indices take: a table {@code [V, D]} and indices
     * {@code [N, T]} along axis 0 give {@code [N, T, D]}.
     *
     * @param indices int32 or int64 of any number of axes
     */
    public Tensor gather(int axis, Tensor indices) {
        return Engine.apply(new Gather(axis), this, indices);
    }

    // ---- shape ----

    /**
     * Joins tensors side by side along an axis.
     *
     * @param parts at least one; they agree in every other axis
     */
    public static Tensor concat(int axis, Tensor... parts) {
        if (Given.value(parts, "concat", "tensors").length == 0) {
            throw new IllegalArgumentException("concat expects at least one tensor, got none");
        }
        int[] lengths = new int[parts.length];
        for (int i = 0; i < parts.length; i++) {
            lengths[i] = Given.value(parts[i], "concat", "tensors").sizeAlong("concat", axis);
        }
        return Engine.apply(new Concat(axis, IntTuple.of(lengths)), parts);
    }

    /** Returns the elements, read in row-major order, in another shape; one size may be -1. A view where memory allows. */
    public Tensor reshape(int... sizes) {
        return reshape(Reshape.shape(shape(), sizes));
    }

    /** Returns the elements in another shape. */
    public Tensor reshape(Shape shape) {
        return Engine.apply(new Reshape(Given.value(shape, "reshape", "a shape")), this);
    }

    /** Returns a view whose axis {@code i} is this tensor's axis {@code axes[i]}. */
    public Tensor permute(int... axes) {
        return Engine.apply(new Permute(IntTuple.of(axes)), this);
    }

    /** Returns a view with two axes exchanged. */
    public Tensor transpose(int a, int b) {
        int[] axes = allAxes();
        int first = axis("transpose", a);
        int second = axis("transpose", b);
        axes[first] = second;
        axes[second] = first;
        return permute(axes);
    }

    /** Returns a view that repeats axes of size 1, and adds axes in front, up to the given shape. */
    public Tensor expand(Shape to) {
        return Engine.apply(new Expand(Given.value(to, "expand", "a shape")), this);
    }

    /** Returns a view of {@code length} elements along an axis, from {@code start}. */
    public Tensor narrow(int axis, int start, int length) {
        return Engine.apply(new Narrow(axis, start, length, 1), this);
    }

    /** Returns this tensor, or a copy where its layout is another, dense in the order of {@code order}. */
    public Tensor to(Layout order) {
        requireOpen();
        if (!Given.value(order, "to(layout)", "a layout").shape().equals(shape())) {
            throw new IllegalArgumentException("to(layout) expects a layout of shape " + shape() + ", got " + order);
        }
        return layout.sameOrder(order) ? this : Engine.apply(new Convert(dtype(), order), this);
    }

    /** Returns this tensor, or a copy where its type is another. */
    public Tensor to(DType type) {
        requireOpen();
        return dtype() == type
                ? this
                : Engine.apply(new Convert(Given.value(type, "to(type)", "a data type"), layout), this);
    }

    int[] allAxes() {
        int[] axes = new int[shape().rank()];
        Arrays.setAll(axes, i -> i);
        return axes;
    }
}
