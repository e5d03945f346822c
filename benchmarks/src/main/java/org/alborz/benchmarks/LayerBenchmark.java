package org.alborz.benchmarks;

import java.util.concurrent.TimeUnit;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.Normalization;
import org.alborz.backend.Pooling;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Pool2dParameters;
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

/** Pooling of 2×2 windows and batch normalisation on the activations of {@code cifar-cnn} and {@code resnet20}. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = ForkOptions.AS_USERS)
public class LayerBenchmark {
    private static final double EPSILON = 1e-5;
    private static final Pool2dParameters WINDOWS = new Pool2dParameters(2, 2, 2, 2, 0, 0);

    /** Channels and size of the image; the first two are {@code cifar-cnn}'s. */
    @Param({"32-32", "64-16", "16-32", "32-16", "64-8"})
    String activation;

    @Param({"1", "32", "128"})
    int batchSize;

    @Param({"1", "0"})
    int threads;

    private Session session;
    private Pooling pooling;
    private Normalization normalization;
    private Tensor x;
    private Tensor y;
    private Tensor dx;
    private Tensor pooled;
    private Tensor dpooled;
    private Tensor gamma;
    private Tensor mean;
    private Tensor variance;
    private Tensor dgamma;
    private Tensor dbeta;
    private Tensor beta;

    @Setup
    public void open() {
        int dash = activation.indexOf('-');
        int channels = Integer.parseInt(activation.substring(0, dash));
        int image = Integer.parseInt(activation.substring(dash + 1));
        session = Session.open("cpu-vector", BackendOptions.defaults().withThreads(threads), DType.FLOAT32);
        pooling = session.backend().pooling();
        normalization = session.backend().normalization();
        Layout whole = Layout.channelsLast(Shape.of(batchSize, channels, image, image));
        Layout half = Layout.channelsLast(Shape.of(batchSize, channels, image / 2, image / 2));
        x = uniform(1, whole);
        y = uniform(2, whole);
        dx = session.empty(DType.FLOAT32, whole);
        pooled = session.empty(DType.FLOAT32, half);
        dpooled = uniform(3, half);
        gamma = session.ones(Shape.of(channels));
        mean = session.zeros(Shape.of(channels));
        variance = session.ones(Shape.of(channels));
        beta = session.zeros(Shape.of(channels));
        dgamma = session.zeros(Shape.of(channels));
        dbeta = session.zeros(Shape.of(channels));
        pooling.max(WINDOWS, x, pooled);
    }

    private Tensor uniform(int stream, Layout layout) {
        return session.uniform(new RandomKey(1, stream, 0), layout.shape()).to(layout);
    }

    @Benchmark
    public void maxPool() {
        pooling.max(WINDOWS, x, pooled);
        session.backend().synchronize();
    }

    @Benchmark
    public void maxPoolBackward() {
        pooling.maxBackward(WINDOWS, x, pooled, dpooled, dx);
        session.backend().synchronize();
    }

    @Benchmark
    public void averagePool() {
        pooling.average(WINDOWS, x, pooled);
        session.backend().synchronize();
    }

    @Benchmark
    public void averagePoolBackward() {
        pooling.averageBackward(WINDOWS, dpooled, dx);
        session.backend().synchronize();
    }

    @Benchmark
    public void batchNorm() {
        normalization.batchNorm(EPSILON, x, gamma, beta, null, Activation.NONE, y, mean, variance);
        session.backend().synchronize();
    }

    @Benchmark
    public void batchNormBackward() {
        normalization.batchNormBackward(
                EPSILON, x, gamma, mean, variance, Activation.NONE, null, y, dx, dgamma, dbeta, null);
        session.backend().synchronize();
    }

    @TearDown
    public void close() {
        session.close();
    }
}
