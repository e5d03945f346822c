package org.alborz.backend;

import java.util.Optional;
import java.util.OptionalLong;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * Memory and operations on one device.
 *
 * <p>Work may be queued: results are there for {@link #download}, which waits, and after {@link #synchronize}.
 */
public interface Backend extends AutoCloseable {
    /** Returns the name it is chosen by, such as {@code cpu-vector}. */
    String name();

    /** Returns what it runs on in a person's words, such as {@code 2 threads, 16 float lanes}. */
    String device();

    /** Returns how products are rounded where an option decides it, such as {@code tf32}; {@code full} where none does. */
    default String precision() {
        return "full";
    }

    /** Returns why a data type cannot be used here, or nothing where it can. */
    Optional<String> refuses(DType dtype);

    /** Tells whether its memory is the host's, so that bytes are not sent over a bus to it. */
    default boolean isHostMemory() {
        return false;
    }

    /**
     * Returns the dense layout in which its convolutions take weights, so that models store them so: {@link Layout#filter} unless the
     * backend has another.
     *
     * @param weights {@code [O, C/groups, KH, KW]}
     */
    default Layout weightLayout(Shape weights) {
        return Layout.filter(weights);
    }

    /** Takes memory from the pool; its content is undefined. */
    Buffer allocate(DType dtype, long elements);

    /**
     * Takes memory and copies a source into it, as {@link #allocate(DType, long)} and {@link #upload} do, for values that a few operations read before {@link #free}: a
     * backend may copy them while work that was asked for before is still done, into memory that is used in turn.
     */
    default Buffer allocate(DType dtype, java.nio.Buffer source) {
        Buffer buffer = allocate(dtype, source.remaining());
        try {
            upload(source, buffer, 0);
            return buffer;
        } catch (RuntimeException | Error e) {
            free(buffer);
            throw e;
        }
    }

    /** Returns memory to the pool; the buffer must not be used after. */
    void free(Buffer buffer);

    /** Returns what the pool holds. */
    MemoryStatistics memory();

    /** Returns how many bytes can still be taken from the device, or nothing where that is not known. */
    default OptionalLong freeMemory() {
        return OptionalLong.empty();
    }

    /** Tells whether a failure of one of its calls says that its memory is used up, so that the call may succeed once some is freed. */
    default boolean isOutOfMemory(Throwable failure) {
        return failure instanceof OutOfMemoryError;
    }

    /**
     * Copies from the host into a buffer of the matching type, from the source's position to its limit. The source may be reused
     * when the call returns; its position is left as it was.
     *
     * @param source a {@code FloatBuffer}, {@code DoubleBuffer}, {@code IntBuffer} or {@code LongBuffer}; for 16-bit types a
     *     {@code ShortBuffer} of their bits; for uint8, and for bool, which is 1 or 0, a {@code ByteBuffer}
     * @param offset the first element to write
     */
    void upload(java.nio.Buffer source, Buffer destination, long offset);

    /**
     * Copies to the host, filling the target from its position to its limit; waits for queued work. The position is left as it was.
     */
    void download(Buffer source, long offset, java.nio.Buffer target);

    /** Waits for queued work, and throws what went wrong in it. */
    void synchronize();

    Elementwise elementwise();

    Reductions reductions();

    MatMul matMul();

    Convolution convolution();

    Pooling pooling();

    Normalization normalization();

    RowNormalization rowNormalization();

    Softmax softmax();

    Indexing indexing();

    RandomFill randomFill();

    /**
     * Returns this backend's own version of an operation that the engine can also compose from the others, such as
     * {@link AdamStep}; empty where it has none.
     */
    default <F extends Fusion> Optional<F> fusion(Class<F> type) {
        return Optional.empty();
    }

    /** Returns what captures work to be replayed, or nothing where the backend cannot. */
    default Optional<GraphCapture> graphCapture() {
        return Optional.empty();
    }

    /**
     * Opens another backend on the same device, with memory, threads and work queue of its own, whose operations read this one's
     * buffers as well: for sessions of several threads that share a model's weights. Nothing where the backend cannot. Can be called
     * from any thread.
     *
     * <p>The caller sees to the rest: what is read was computed before ({@link #synchronize}), is neither written nor freed meanwhile,
     * and the sibling is closed before this backend.
     *
     * @param threads how many threads it computes with, as in {@link BackendOptions}; results do not depend on it
     */
    default Optional<Backend> sibling(int threads) {
        return Optional.empty();
    }

    /** Releases all memory and threads. */
    @Override
    void close();
}
