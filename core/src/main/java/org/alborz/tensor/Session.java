package org.alborz.tensor;

import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.Consumer;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.Backends;
import org.alborz.backend.Buffer;
import org.alborz.backend.MemoryStatistics;
import org.alborz.backend.MetaBackend;
import org.alborz.events.Events;
import org.alborz.notice.DropWatch;
import org.alborz.ops.Engine;
import org.alborz.ops.Full;
import org.alborz.ops.Observation;
import org.alborz.ops.OperationListener;
import org.alborz.ops.Random;
import org.alborz.random.RandomKey;
import org.alborz.text.Given;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A backend in use: makes tensors and owns their scopes.
 *
 * <p>A session belongs to the thread that opened it, and with it everything made in it: tensors, scopes, tapes, models, trainers.
 * Another thread is refused with an {@link IllegalStateException}; {@link #moveToThisThread} hands all of it over. Only what never
 * changes can be asked from any thread, such as a tensor's shape and type.
 *
 * <p>Closing a session closes every tensor, reports the scopes that were left open, and releases the backend. One that is dropped
 * without {@code close()} is reported, and its backend released after the next garbage collection.
 *
 * <p>The file is long because each Java type has methods of its own to make and to write tensors.
 */
public final class Session extends TensorCreation implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Session.class);

    /** The longest array that HotSpot allocates. */
    static final int LONGEST_ARRAY = Integer.MAX_VALUE - 8;

    /** The backends of sessions that are open. */
    private static final Set<Backend> SERVING =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    /** Arrays and storages beyond these numbers are left to the garbage collector. */
    private static final int MOST_SPARES = 64;

    private static final int LONGEST_SPARE = 4096;
    private static final int MOST_SPARE_STORAGES = 4096;

    private final Backend backend;
    private final DType dtype;
    private final Scope root;
    private final List<Scope> freeStanding = new ArrayList<>();
    private final ArrayDeque<Tensor[]> spares = new ArrayDeque<>();
    private final Map<DType, ArrayDeque<Storage>> spareStorages = new EnumMap<>(DType.class);
    private final Engine engine = new Engine(this);
    private final Events events = Events.find();
    private final KeptConstants constants = new KeptConstants(this);
    private final DropWatch watch;
    private long memories;
    private Scope innermost;
    private volatile Thread owner = Thread.currentThread();
    private volatile boolean closed;

    private Session(Backend backend, DType dtype) {
        this.backend = backend;
        this.dtype = dtype;
        this.root = new Scope(this, "session", null, null);
        this.innermost = root;
        this.watch = DropWatch.on(this, log, "A session on " + backend.name(), backend::close);
    }

    /**
     * Opens a session on a backend of the class path, computing in float32.
     *
     * @param backend a name such as {@code cpu-vector}, or {@code auto} for the most preferred one that can run
     * @throws org.alborz.backend.BackendUnavailableException when it cannot run; never another one instead
     */
    public static Session open(String backend) {
        return open(backend, BackendOptions.defaults(), DType.FLOAT32);
    }

    /**
     * Returns a builder of a session with other settings than {@link #open(String)} has.
     *
     * @param backend as {@link #open(String)} takes it
     */
    public static SessionBuilder builder(String backend) {
        return new SessionBuilder(backend);
    }

    /**
     * Opens a session that computes nothing: operations are checked and give results of the right types and shapes, without memory. For
     * finding out what a net does with inputs of a shape; what is read from its tensors is 0.
     *
     * @param dtype the type of new tensors
     */
    public static Session meta(DType dtype) {
        return of(new MetaBackend(), dtype);
    }

    @Override
    public String toString() {
        return "Session on " + backend.name();
    }

    /** Opens a session with the given options, whose new tensors are of the given type unless said otherwise. */
    public static Session open(String backend, BackendOptions options, DType dtype) {
        Backend opened = Backends.find().open(backend, options);
        try {
            return of(opened, dtype);
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    /**
     * Opens a session on a backend that is open already, and that the session will close.
     *
     * @throws IllegalArgumentException if the type is not a floating one or the backend refuses it, or serves a session already: two could use it at the same time,
     *     and the one closed first would close it for both
     */
    public static Session of(Backend backend, DType dtype) {
        if (!Given.value(dtype, "A session", "a data type").isFloating()) {
            throw new IllegalArgumentException("A session expects a floating data type, got " + dtype
                    + "; tensors of integers can be made in any session");
        }
        backend.refuses(dtype).ifPresent(reason -> {
            throw new IllegalArgumentException(
                    "Data type " + dtype + " cannot be used on " + backend.name() + ": " + reason);
        });
        if (!SERVING.add(backend)) {
            throw new IllegalArgumentException("The backend " + backend.name()
                    + " serves a session already; open a backend for each session, or use the session that there is");
        }
        return new Session(backend, dtype);
    }

    /** Returns the backend, for operations of one's own. */
    public Backend backend() {
        return backend;
    }

    /** Returns what tells the Flight Recorder of what is done here. */
    public Events events() {
        return events;
    }

    /** Returns what applies operations here. */
    public Engine engine() {
        return engine;
    }

    /**
     * Tells a listener of every operation applied here, until what is returned is closed. While nobody listens, this costs nothing.
     *
     * @throws IllegalArgumentException if it is null
     */
    public Observation observe(OperationListener listener) {
        check();
        return engine.observe(Given.value(listener, "observe", "a listener"));
    }

    /** Returns the type of new tensors. */
    public DType dtype() {
        return dtype;
    }

    /** Returns what the backend's memory pool holds. */
    public MemoryStatistics memory() {
        requireOwner();
        return backend.memory();
    }

    /** Opens a scope inside the innermost one. */
    public Scope scope(String name) {
        check();
        innermost = new Scope(this, name, innermost, spares.poll());
        return innermost;
    }

    /** Opens a scope that stands beside the nested ones: it holds what it adopts, until it or the session is closed. */
    public Scope freeStandingScope(String name) {
        check();
        Scope scope = new Scope(this, name, null, null);
        freeStanding.add(scope);
        return scope;
    }

    /** Returns the scope that new tensors belong to. */
    public Scope innermostScope() {
        check();
        return innermost;
    }

    /** Makes the calling thread the owner; the former owner must have stopped using the session, and is refused from now on. */
    public void moveToThisThread() {
        owner = Thread.currentThread();
    }

    /**
     * Returns a tensor with undefined content.
     *
     * @param layout a dense one at offset 0
     */
    public Tensor empty(DType type, Layout layout) {
        check();
        Given.value(type, "A new tensor", "a data type");
        if (!Given.value(layout, "A new tensor", "a layout").isDense() || layout.offset() != 0) {
            throw new IllegalArgumentException("A new tensor expects a dense layout at offset 0, got " + layout
                    + "; Layout.compact() returns one");
        }
        Buffer buffer = allocate(type, layout.shape().elements());
        Tensor tensor = new Tensor(storage(type).holding(buffer), layout);
        innermost.add(tensor);
        return tensor;
    }

    Tensor deferred(DType type, Layout layout, Deferred source) {
        check();
        Tensor tensor = new Tensor(storage(type).awaiting(source), layout);
        innermost.add(tensor);
        return tensor;
    }

    /** Returns a tensor of the session's type filled with one value. */
    public Tensor full(double value, Shape shape) {
        return full(value, shape, dtype);
    }

    /** Returns a tensor filled with one value, converted to the given type as {@link DType} says. */
    public Tensor full(double value, Shape shape, DType type) {
        return engine.create(new Full(type, Layout.rowMajor(shape), value));
    }

    /** Returns a tensor of the session's type filled with 0. */
    public Tensor zeros(Shape shape) {
        return full(0, shape);
    }

    /** Returns a tensor filled with 0. */
    public Tensor zeros(Shape shape, DType type) {
        return full(0, shape, type);
    }

    /** Returns a tensor of the session's type filled with 1. */
    public Tensor ones(Shape shape) {
        return full(1, shape);
    }

    /** Returns a tensor filled with 1. */
    public Tensor ones(Shape shape, DType type) {
        return full(1, shape, type);
    }

    /** Returns a scalar of the session's type. */
    public Tensor scalar(double value) {
        return full(value, Shape.scalar());
    }

    /**
     * Returns a tensor of a floating type that the session keeps: equal values are uploaded once. It must be neither changed nor closed.
     *
     * @param values in row-major order
     */
    public Tensor constant(double[] values, DType type, Shape shape) {
        check();
        requireCount(given("constant", values).length, shape);
        return constants.of(values, type, shape);
    }

    /** Returns a tensor of the session's type holding the values in row-major order. */
    public Tensor tensor(float[] values, Shape shape) {
        requireCount(given("tensor", values).length, shape);
        Tensor tensor = empty(dtype, Layout.rowMajor(shape));
        write(values, tensor);
        return tensor;
    }

    /** Returns a tensor of the session's type holding the values in row-major order. */
    public Tensor tensor(double[] values, Shape shape) {
        requireCount(given("tensor", values).length, shape);
        if (dtype == DType.FLOAT64) {
            Tensor tensor = empty(dtype, Layout.rowMajor(shape));
            upload(DoubleBuffer.wrap(values), tensor, 0);
            return tensor;
        }
        float[] rounded = new float[values.length];
        for (int i = 0; i < rounded.length; i++) {
            rounded[i] = (float) values[i];
        }
        return tensor(rounded, shape);
    }

    /** Returns an int32 tensor, such as labels or indices, holding the values in row-major order. */
    public Tensor tensor(int[] values, Shape shape) {
        requireCount(given("tensor", values).length, shape);
        Tensor tensor = empty(DType.INT32, Layout.rowMajor(shape));
        upload(IntBuffer.wrap(values), tensor, 0);
        return tensor;
    }

    /** Returns an int64 tensor, such as labels or indices, holding the values in row-major order. */
    public Tensor tensor(long[] values, Shape shape) {
        requireCount(given("tensor", values).length, shape);
        Tensor tensor = empty(DType.INT64, Layout.rowMajor(shape));
        upload(LongBuffer.wrap(values), tensor, 0);
        return tensor;
    }

    /** Returns a uint8 tensor, such as the pixels of images, holding the bytes from 0 to 255 in row-major order. */
    public Tensor tensor(byte[] values, Shape shape) {
        requireCount(given("tensor", values).length, shape);
        Tensor tensor = empty(DType.UINT8, Layout.rowMajor(shape));
        upload(ByteBuffer.wrap(values), tensor, 0);
        return tensor;
    }

    /** Returns a bool tensor, such as a mask, holding the values in row-major order. */
    public Tensor tensor(boolean[] values, Shape shape) {
        requireCount(given("tensor", values).length, shape);
        Tensor tensor = empty(DType.BOOL, Layout.rowMajor(shape));
        write(values, tensor);
        return tensor;
    }

    /**
     * Copies the first values of an array into a tensor, in the tensor's order in memory.
     *
     * @param target a dense floating tensor, such as a batch of images stored channels-last
     */
    public void write(float[] values, Tensor target) {
        check();
        int count = countToWrite(given("write", values).length, target);
        if (!target.dtype().isFloating()) {
            throw new IllegalArgumentException("write of floats expects a floating tensor, got " + target.describe()
                    + "; write an array of its type to it");
        }
        target.changedInPlace();
        long offset = target.layout().offset();
        if (target.dtype() == DType.FLOAT64) {
            double[] wide = new double[count];
            for (int i = 0; i < count; i++) {
                wide[i] = values[i];
            }
            upload(DoubleBuffer.wrap(wide), target, offset);
        } else if (target.dtype() != DType.FLOAT32) {
            Tensor wide = empty(DType.FLOAT32, target.layout().compact());
            write(values, wide);
            backend.elementwise().copy(wide, target);
            wide.close();
        } else {
            upload(FloatBuffer.wrap(values, 0, count), target, offset);
        }
    }

    /** Copies the first values of an array into a dense floating tensor, rounded to its type, in the tensor's order in memory. */
    public void write(double[] values, Tensor target) {
        check();
        int count = countToWrite(given("write", values).length, target);
        if (target.dtype() == DType.FLOAT64) {
            upload(DoubleBuffer.wrap(values, 0, count), target);
            return;
        }
        float[] rounded = new float[count];
        for (int i = 0; i < count; i++) {
            rounded[i] = (float) values[i];
        }
        write(rounded, target);
    }

    /**
     * Copies the first {@code count} values of an array into a part of a dense float32 tensor.
     *
     * @param at how many elements of the tensor's memory come before
     */
    public void write(float[] values, int count, Tensor target, long at) {
        check();
        countToWrite(Integer.MAX_VALUE, target);
        given("write", values);
        if (target.dtype() != DType.FLOAT32
                || at < 0
                || count < 0
                || count > values.length
                || at > target.shape().elements() - count) {
            throw new IllegalArgumentException("write of " + count + " of " + values.length
                    + " floats expects a float32 tensor with as many elements from " + at + " on, got "
                    + target.describe());
        }
        target.changedInPlace();
        upload(FloatBuffer.wrap(values, 0, count), target, target.layout().offset() + at);
    }

    /** Copies the first values of an array into a dense int32 tensor, in the tensor's order in memory. */
    public void write(int[] values, Tensor target) {
        int count = countToWrite("ints", given("write", values).length, target, DType.INT32);
        upload(IntBuffer.wrap(values, 0, count), target);
    }

    /** Copies the first values of an array into a dense int64 tensor, in the tensor's order in memory. */
    public void write(long[] values, Tensor target) {
        int count = countToWrite("longs", given("write", values).length, target, DType.INT64);
        upload(LongBuffer.wrap(values, 0, count), target);
    }

    /** Copies the first values of an array, bytes from 0 to 255, into a dense uint8 tensor, in the tensor's order in memory. */
    public void write(byte[] values, Tensor target) {
        int count = countToWrite("bytes", given("write", values).length, target, DType.UINT8);
        upload(ByteBuffer.wrap(values, 0, count), target);
    }

    /** Copies the first values of an array into a dense bool tensor, in the tensor's order in memory. */
    public void write(boolean[] values, Tensor target) {
        int count = countToWrite("booleans", given("write", values).length, target, DType.BOOL);
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) (values[i] ? 1 : 0);
        }
        upload(ByteBuffer.wrap(bytes), target);
    }

    /**
     * Lets something outside of the engine change dense tensors where the backend has them, such as a sum over the ranks of a group.
     *
     * @param change puts work behind what was asked of the backend before
     */
    public void changeInPlace(List<Tensor> targets, Consumer<Backend> change) {
        check();
        Given.value(targets, "changeInPlace", "tensors");
        Given.value(change, "changeInPlace", "a change");
        targets.forEach(target -> countToWrite(Integer.MAX_VALUE, target));
        targets.forEach(Tensor::changedInPlace);
        change.accept(backend);
    }

    /** Copies from the host into the memory of a tensor; the only place that does so. */
    void upload(java.nio.Buffer values, Tensor target, long offset) {
        Object event = events.beginCopy();
        backend.upload(values, target.buffer(), offset);
        if (event != null) {
            events.endCopy(
                    event,
                    true,
                    target.dtype().toString(),
                    (long) values.remaining() * target.dtype().bytes());
        }
    }

    /** Copies from the memory of a tensor to the host; the only place that does so. */
    void download(Tensor source, long offset, java.nio.Buffer values) {
        Object event = events.beginCopy();
        backend.download(source.buffer(), offset, values);
        if (event != null) {
            events.endCopy(
                    event,
                    false,
                    source.dtype().toString(),
                    (long) values.remaining() * source.dtype().bytes());
        }
    }

    /**
     * Returns a uint8 tensor of the first bytes of an array, for operations that follow at once: a GPU copies them while it still does the work before. Its memory is used in
     * turn, so close it when these are asked for, and not while work is captured.
     *
     * @param layout a dense one at offset 0; the bytes are in its order in memory
     */
    public Tensor uploaded(byte[] values, Layout layout) {
        check();
        long count = Given.value(layout, "uploaded", "a layout").shape().elements();
        if (given("uploaded", values).length < count || !layout.isDense() || layout.offset() != 0) {
            throw new IllegalArgumentException("uploaded expects at least " + count
                    + " bytes and a dense layout at offset 0, got " + values.length + " and " + layout);
        }
        Object event = events.beginCopy();
        Buffer buffer = backend.allocate(DType.UINT8, ByteBuffer.wrap(values, 0, (int) count));
        if (event != null) {
            events.endCopy(event, true, DType.UINT8.toString(), count);
        }
        Tensor tensor = new Tensor(storage(DType.UINT8).holding(buffer), layout);
        innermost.add(tensor);
        return tensor;
    }

    /** Takes memory from the pool for a tensor of undefined content; the only place that does so. */
    Buffer allocate(DType type, long elements) {
        Object event = events.beginAllocation();
        Buffer buffer = backend.allocate(type, elements);
        if (event != null) {
            events.endAllocation(
                    event,
                    type.toString(),
                    elements * type.bytes(),
                    backend.memory().used());
        }
        return buffer;
    }

    private void upload(java.nio.Buffer values, Tensor target) {
        target.changedInPlace();
        upload(values, target, target.layout().offset());
    }

    private int countToWrite(String what, int values, Tensor target, DType type) {
        check();
        int count = countToWrite(values, target);
        if (target.dtype() != type) {
            throw new IllegalArgumentException("write of " + what + " expects "
                    + (type == DType.INT32 || type == DType.INT64 ? "an " : "a ") + type + " tensor, got "
                    + target.describe() + "; write an array of its type to it, or convert it");
        }
        return count;
    }

    /** Returns how many values fill a tensor that may be written to; refuses others, and arrays that are too short. */
    private int countToWrite(int values, Tensor target) {
        if (target == null) {
            throw new IllegalArgumentException("write expects a tensor, got null");
        }
        if (target.session() != this) {
            throw new IllegalArgumentException("write expects a tensor of this session on " + backend.name() + ", got "
                    + target.describe() + " of a session on "
                    + target.session().backend().name());
        }
        target.requireWritable("write");
        long count = target.shape().elements();
        if (values < count || !target.layout().isDense()) {
            throw new IllegalArgumentException("write expects at least " + count + " values and a dense tensor, got "
                    + values + " values and " + target.describe());
        }
        return (int) count;
    }

    /** Draws from [0, 1), the same numbers for the same key on every backend. */
    public Tensor uniform(RandomKey key, Shape shape) {
        return engine.create(new Random(
                Random.Distribution.UNIFORM,
                Given.value(key, "uniform", "a random key"),
                dtype,
                Layout.rowMajor(shape)));
    }

    /** Draws from the standard normal distribution. */
    public Tensor normal(RandomKey key, Shape shape) {
        return engine.create(new Random(
                Random.Distribution.NORMAL, Given.value(key, "normal", "a random key"), dtype, Layout.rowMajor(shape)));
    }

    private static <T> T given(String method, T values) {
        return Given.value(values, method, "an array");
    }

    private static void requireCount(int values, Shape shape) {
        if (values != Given.value(shape, "tensor", "a shape").elements()) {
            throw new IllegalArgumentException(
                    "A tensor " + shape + " expects " + shape.elements() + " values, got " + values);
        }
    }

    /**
     * Refuses use after close, and use by another thread than the owner's. For code that keeps something beside tensors in a
     * session; every operation on a tensor checks this itself.
     *
     * @throws IllegalStateException if it is refused
     */
    public void check() {
        requireOwner();
        if (closed) {
            throw new IllegalStateException("The session on " + backend.name() + " was used after it was closed");
        }
    }

    /** Refuses another thread than the owner's; for what may still be called after close. */
    public void requireOwner() {
        Thread current = Thread.currentThread();
        if (current != owner) {
            throw otherThread(current);
        }
    }

    boolean isOwnedByThisThread() {
        return Thread.currentThread() == owner;
    }

    private IllegalStateException otherThread(Thread current) {
        Thread former = owner;
        return new IllegalStateException(
                "A session is used by one thread: the one on " + backend.name()
                        + " belongs to '" + former.getName() + "'" + (former.isAlive() ? "" : ", which has ended,")
                        + " and was used by '" + current.getName()
                        + "'. Call moveToThisThread() when the first thread is done with it, or open a session for each thread.");
    }

    long nextMemory() {
        return ++memories;
    }

    boolean isRoot(Scope scope) {
        return scope == root;
    }

    void leave(Scope scope) {
        if (scope.parent() == null) {
            freeStanding.remove(scope);
            return;
        }
        while (innermost != scope) {
            Scope inner = innermost;
            if (inner.parent() == null) {
                throw new IllegalStateException("Scope '" + scope.name() + "' is not open in this session");
            }
            log.warn(
                    "Scope '{}' closes while scope '{}' inside it is still open; it is closed as well.",
                    scope.name(),
                    inner.name());
            inner.close();
        }
        innermost = scope.parent();
    }

    void recycle(Tensor[] emptied) {
        if (spares.size() < MOST_SPARES && emptied.length <= LONGEST_SPARE) {
            spares.push(emptied);
        }
    }

    /** Returns the numbers that operations are composed with. */
    KeptConstants constants() {
        return constants;
    }

    private Storage storage(DType type) {
        ArrayDeque<Storage> spare = spareStorages.get(type);
        Storage storage = spare == null ? null : spare.poll();
        return storage == null ? new Storage(this, type) : storage;
    }

    void recycle(Storage unused) {
        ArrayDeque<Storage> kept = spareStorages.computeIfAbsent(unused.dtype(), type -> new ArrayDeque<>());
        if (kept.size() < MOST_SPARE_STORAGES) {
            kept.push(unused);
        }
    }

    /**
     * Closes every tensor, reports what was left open, and releases the backend. Closing twice does nothing.
     *
     * @throws IllegalStateException if called by another thread than the owner's, unless that has ended
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        if (!owner.isAlive()) {
            moveToThisThread();
        }
        requireOwner();
        closed = true;
        watch.close();
        try {
            closeScopes();
        } finally {
            SERVING.remove(backend);
            backend.close();
        }
    }

    private void closeScopes() {
        engine.kept().clear();
        constants.clear();
        reportLeaks();
        for (Scope scope : List.copyOf(freeStanding)) {
            scope.close();
        }
        while (innermost != root) {
            innermost.close();
        }
        root.clear();
    }

    private void reportLeaks() {
        for (Scope scope : freeStanding) {
            log.warn("Leak: {} was never closed (its owner, a model or an optimizer, needs close()).", scope);
        }
        for (Scope scope = innermost; scope != root; scope = scope.parent()) {
            log.warn("Leak: {} was never closed; open scopes in try-with-resources statements.", scope);
        }
    }
}
