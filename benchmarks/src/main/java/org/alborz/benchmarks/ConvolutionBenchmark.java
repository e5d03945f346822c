package org.alborz.benchmarks;

import java.util.concurrent.TimeUnit;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.Convolution;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.DType;
import org.alborz.type.Layout;
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

/** The convolutions of {@code cifar-cnn} and {@code resnet20} and their two gradients; 2·N·O·H·W·C·K² operations each. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = ForkOptions.AS_USERS)
public class ConvolutionBenchmark {
    /** Channels in, channels out, kernel, stride and size of the input image; the first four are {@code cifar-cnn}'s. */
    @Param({
        "3-32-k3-s1-32",
        "32-32-k3-s1-32",
        "32-64-k3-s1-16",
        "64-64-k3-s1-16",
        "3-16-k3-s1-32",
        "16-16-k3-s1-32",
        "16-32-k3-s2-32",
        "16-32-k1-s2-32",
        "32-32-k3-s1-16",
        "32-64-k3-s2-16",
        "32-64-k1-s2-16",
        "64-64-k3-s1-8"
    })
    String layer;

    @Param({"1", "32", "128"})
    int batchSize;

    @Param({"1", "0"})
    int threads;

    private Session session;
    private Convolution convolution;
    private Conv2dParameters parameters;
    private Tensor x;
    private Tensor w;
    private Tensor y;
    private Tensor dx;
    private Tensor dw;

    @Setup
    public void open() {
        String[] sizes = layer.replaceAll("[ks]", "").split("-");
        int in = Integer.parseInt(sizes[0]);
        int out = Integer.parseInt(sizes[1]);
        int kernel = Integer.parseInt(sizes[2]);
        int stride = Integer.parseInt(sizes[3]);
        int image = Integer.parseInt(sizes[4]);
        session = Session.open("cpu-vector", BackendOptions.defaults().withThreads(threads), DType.FLOAT32);
        convolution = session.backend().convolution();
        parameters = new Conv2dParameters(stride, stride, kernel / 2, kernel / 2, 1, 1, 1);
        Layout images = Layout.channelsLast(Shape.of(batchSize, in, image, image));
        Layout filters = Layout.filter(Shape.of(out, in, kernel, kernel));
        int outputSize = parameters.outputH(image, kernel);
        x = uniform(1, images);
        w = uniform(2, filters);
        y = uniform(3, Layout.channelsLast(Shape.of(batchSize, out, outputSize, outputSize)));
        dx = session.empty(DType.FLOAT32, images);
        dw = session.empty(DType.FLOAT32, filters);
    }

    private Tensor uniform(int stream, Layout layout) {
        return session.uniform(new RandomKey(1, stream, 0), layout.shape()).to(layout);
    }

    @Benchmark
    public void forward() {
        convolution.forward(parameters, x, w, null, null, Activation.NONE, y);
        session.backend().synchronize();
    }

    @Benchmark
    public void backwardData() {
        convolution.backwardData(parameters, y, w, dx);
        session.backend().synchronize();
    }

    @Benchmark
    public void backwardFilter() {
        convolution.backwardFilter(parameters, x, y, dw);
        session.backend().synchronize();
    }

    @TearDown
    public void close() {
        session.close();
    }
}
