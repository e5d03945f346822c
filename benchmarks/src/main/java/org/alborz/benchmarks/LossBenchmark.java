package org.alborz.benchmarks;

import java.util.concurrent.TimeUnit;
import org.alborz.backend.SoftmaxCrossEntropy;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
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

/** Softmax, and the fused softmax cross-entropy with its gradient, over the rows of a matrix. */
@State(org.openjdk.jmh.annotations.Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = ForkOptions.AS_USERS)
public class LossBenchmark {
    @Param({"1", "32", "128"})
    int batchSize;

    @Param({"10", "1000"})
    int classes;

    private Session session;
    private SoftmaxCrossEntropy loss;
    private Tensor logits;
    private Tensor labels;
    private Tensor losses;
    private Tensor dlosses;
    private Tensor dlogits;

    @Setup
    public void open() {
        session = Session.open("cpu-vector");
        loss = session.backend()
                .fusion(SoftmaxCrossEntropy.class)
                .orElseThrow(() -> new IllegalStateException(
                        session.backend().name() + " has no fused softmax cross-entropy to measure"));
        logits = session.normal(new RandomKey(1, 1, 0), Shape.of(batchSize, classes));
        int[] chosen = new int[batchSize];
        for (int i = 0; i < batchSize; i++) {
            chosen[i] = i % classes;
        }
        labels = session.tensor(chosen, Shape.of(batchSize));
        losses = session.zeros(Shape.of(batchSize));
        dlosses = session.full(1.0 / batchSize, Shape.of(batchSize));
        dlogits = session.zeros(Shape.of(batchSize, classes));
    }

    @Benchmark
    public void softmax() {
        logits.softmax().close();
        session.backend().synchronize();
    }

    @Benchmark
    public void crossEntropy() {
        loss.forward(0, logits, labels, losses);
        session.backend().synchronize();
    }

    @Benchmark
    public void crossEntropyBackward() {
        loss.backward(0, logits, labels, dlosses, dlogits);
        session.backend().synchronize();
    }

    @TearDown
    public void close() {
        session.close();
    }
}
