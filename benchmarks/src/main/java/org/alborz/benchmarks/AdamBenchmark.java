package org.alborz.benchmarks;

import java.util.concurrent.TimeUnit;
import org.alborz.backend.AdamStep;
import org.alborz.backend.BackendOptions;
import org.alborz.random.RandomKey;
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
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The fused step of Adam; 28 bytes go through memory for each parameter. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = ForkOptions.AS_USERS)
public class AdamBenchmark {
    /** As many as {@code resnet20} and {@code cifar-cnn} have, about. */
    @Param({"272474", "2168362"})
    int parameters;

    @Param({"1", "0"})
    int threads;

    private Session session;
    private AdamStep adam;
    private Tensor value;
    private Tensor gradient;
    private Tensor firstMoment;
    private Tensor secondMoment;
    private long step;

    @Setup
    public void open() {
        session = Session.open("cpu-vector", BackendOptions.defaults().withThreads(threads), DType.FLOAT32);
        adam = session.backend()
                .fusion(AdamStep.class)
                .orElseThrow(
                        () -> new IllegalStateException(session.backend().name() + " has no fused Adam to measure"));
        Shape flat = Shape.of(parameters);
        value = session.normal(new RandomKey(1, 1, 0), flat);
        gradient = session.normal(new RandomKey(1, 2, 0), flat);
        firstMoment = session.zeros(flat);
        secondMoment = session.zeros(flat);
    }

    @Benchmark
    public void step() {
        step++;
        adam.step(
                AdamStep.Parameters.of(1e-3, 0.9, 0.999, 1e-8, 0, false, step),
                value,
                gradient,
                firstMoment,
                secondMoment);
        session.backend().synchronize();
    }

    @TearDown
    public void close() {
        session.close();
    }
}
