package org.alborz.benchmarks;

import java.util.concurrent.TimeUnit;
import org.alborz.backend.AdamStep;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.Backends;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.Buffer;
import org.alborz.backend.Operand;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs Java to put an operation on a CUDA stream. Meant for libraries that do nothing, which {@code src/main/native/instant-cuda}
 * builds; {@code ALBORZ_CUDA_LIBRARIES} names their folder, and {@code -prof gc} tells the garbage. Over a GPU it measures the GPU, once
 * its queue is full.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class LaunchBenchmark {
    private static final int ROWS = 64;
    private static final int COLUMNS = 96;

    private Backend backend;
    private AdamStep adam;
    private Operand a;
    private Operand b;
    private Operand row;
    private Operand square;
    private Operand product;
    private long step;

    private record BufferOperand(Buffer buffer, Layout layout) implements Operand {}

    @Setup
    public void open() {
        backend = Backends.find().open("cuda", BackendOptions.defaults());
        adam = backend.fusion(AdamStep.class).orElseThrow();
        Shape shape = Shape.of(ROWS, COLUMNS);
        a = place(Layout.rowMajor(shape));
        b = place(Layout.rowMajor(shape));
        row = place(Layout.rowMajor(Shape.of(COLUMNS)).expand(shape));
        square = place(Layout.rowMajor(Shape.of(COLUMNS, COLUMNS)));
        product = place(Layout.rowMajor(shape));
    }

    private Operand place(Layout layout) {
        return new BufferOperand(backend.allocate(DType.FLOAT32, (long) COLUMNS * COLUMNS), layout);
    }

    /** An elementwise operation on operands that have the same layout. */
    @Benchmark
    public void dense() {
        backend.elementwise().binary(BinaryOp.ADD, a, b, product);
    }

    /** An elementwise operation with a repeated row. */
    @Benchmark
    public void strided() {
        backend.elementwise().binary(BinaryOp.ADD, a, row, product);
    }

    @Benchmark
    public void matMul() {
        backend.matMul().multiply(a, square, null, Activation.NONE, product);
    }

    @Benchmark
    public void adam() {
        step++;
        adam.step(AdamStep.Parameters.of(1e-3, 0.9, 0.999, 1e-8, 0, false, step), a, b, product, square);
    }

    /** A tensor taken from the pool and given back. */
    @Benchmark
    public void allocate() {
        backend.free(backend.allocate(DType.FLOAT32, COLUMNS));
    }

    @TearDown
    public void close() {
        backend.close();
    }
}
