package org.alborz.benchmarks;

import java.util.concurrent.TimeUnit;
import org.alborz.backend.BackendOptions;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Square matrix products; n³·2 operations each. */
@State(org.openjdk.jmh.annotations.Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 10, time = 1)
@Fork(value = 2, jvmArgsAppend = ForkOptions.AS_USERS)
public class MatMulBenchmark {
    @Param({"256", "512", "1024", "2048"})
    int n;

    @Param({"1", "0"})
    int threads;

    private Session session;
    private Tensor a;
    private Tensor b;

    @Setup
    public void open() {
        session = Session.open("cpu-vector", BackendOptions.defaults().withThreads(threads), DType.FLOAT32);
        a = session.uniform(new RandomKey(1, 1, 0), Shape.of(n, n));
        b = session.uniform(new RandomKey(1, 2, 0), Shape.of(n, n));
    }

    @Benchmark
    public void multiply() {
        try (Scope scope = session.scope("multiply")) {
            a.matmul(b);
            session.backend().synchronize();
        }
    }

    @TearDown
    public void close() {
        session.close();
    }
}
