package org.alborz.benchmarks;

import java.util.concurrent.TimeUnit;
import org.alborz.inference.Predictor;
import org.alborz.models.Models;
import org.alborz.nn.Model;
import org.alborz.random.RandomStream;
import org.alborz.tensor.Session;
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
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** Requests of one image each from eight client threads, all clients together: with one session, and with as many as named. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Threads(8)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 10, time = 2)
@Fork(value = 2, jvmArgsAppend = ForkOptions.AS_USERS)
public class PredictorBenchmark {
    private static final Shape IMAGE = Shape.of(1, 3, 32, 32);

    @Param({"cifar-cnn", "resnet20"})
    String model;

    @Param({"1", "2", "4"})
    int sessions;

    private final float[] image = new float[(int) IMAGE.elements()];
    private Session session;
    private Predictor predictor;

    @Setup
    public void open() {
        new RandomStream(1, 0).fillNormal(image);
        session = Session.open("cpu-vector");
        predictor = Predictor.of(Model.create(session, Models.byName(model, 10), 1))
                .sessions(sessions)
                .build();
    }

    @Benchmark
    public float[][] request() {
        return predictor.predict(image, IMAGE);
    }

    @TearDown
    public void close() {
        session.moveToThisThread();
        session.close();
    }
}
