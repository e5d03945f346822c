package org.alborz.backend;

import java.lang.reflect.Proxy;
import java.util.Optional;
import org.alborz.type.DType;

/**
 * A backend without memory that computes nothing: the engine only checks its operations and works out the types and layouts of their
 * results. For finding out what a net does with inputs of a shape, as PyTorch's device {@code meta} is.
 *
 * <p>What is read from it is 0. It counts the bytes that results would take.
 */
public final class MetaBackend implements Backend {
    private final Elementwise nothing = (Elementwise) Proxy.newProxyInstance(
            Elementwise.class.getClassLoader(), new Class<?>[] {Elementwise.class}, (proxy, method, arguments) -> null);

    private long used;
    private long peak;
    private long buffers;

    private record Unallocated(DType dtype, long elements) implements Buffer {
        long bytes() {
            return elements * dtype.bytes();
        }
    }

    @Override
    public String name() {
        return "meta";
    }

    @Override
    public String device() {
        return "types and shapes only";
    }

    @Override
    public Optional<String> refuses(DType dtype) {
        return Optional.empty();
    }

    @Override
    public Buffer allocate(DType dtype, long elements) {
        Unallocated buffer = new Unallocated(dtype, elements);
        used += buffer.bytes();
        peak = Math.max(peak, used);
        buffers++;
        return buffer;
    }

    @Override
    public void free(Buffer buffer) {
        used -= ((Unallocated) buffer).bytes();
        buffers--;
    }

    @Override
    public MemoryStatistics memory() {
        return new MemoryStatistics(used, 0, peak, buffers);
    }

    @Override
    public void upload(java.nio.Buffer source, Buffer destination, long offset) {
        // There is no memory to write to.
    }

    @Override
    public void download(Buffer source, long offset, java.nio.Buffer target) {
        // The target keeps what it has: new arrays are 0.
    }

    @Override
    public void synchronize() {
        // Nothing is queued.
    }

    /** Returns what does nothing: inputs are copied into the order that an operation asks for outside of operations. */
    @Override
    public Elementwise elementwise() {
        return nothing;
    }

    @Override
    public Reductions reductions() {
        throw computesNothing();
    }

    @Override
    public MatMul matMul() {
        throw computesNothing();
    }

    @Override
    public Convolution convolution() {
        throw computesNothing();
    }

    @Override
    public Pooling pooling() {
        throw computesNothing();
    }

    @Override
    public Normalization normalization() {
        throw computesNothing();
    }

    @Override
    public RowNormalization rowNormalization() {
        throw computesNothing();
    }

    @Override
    public Softmax softmax() {
        throw computesNothing();
    }

    @Override
    public Indexing indexing() {
        throw computesNothing();
    }

    @Override
    public RandomFill randomFill() {
        throw computesNothing();
    }

    private static UnsupportedOperationException computesNothing() {
        return new UnsupportedOperationException(
                "The backend 'meta' computes nothing; apply operations by the methods of tensors, which ask it for types and shapes only");
    }

    @Override
    public void close() {
        // There is nothing to release.
    }
}
