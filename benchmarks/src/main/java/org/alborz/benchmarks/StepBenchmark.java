package org.alborz.benchmarks;

import java.util.concurrent.TimeUnit;
import org.alborz.data.Batch;
import org.alborz.data.BatchIterator;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.models.Models;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.optim.Adam;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.train.Batches;
import org.alborz.train.Trainer;
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

/** Whole steps on one batch: training is forward, gradients and Adam; inference is forward in evaluation mode. */
@State(org.openjdk.jmh.annotations.Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 10, time = 2)
@Fork(value = 2, jvmArgsAppend = ForkOptions.AS_USERS)
public class StepBenchmark {
    @Param({"cifar-cnn", "resnet20"})
    String model;

    @Param({"1", "32", "128"})
    int batchSize;

    private Session session;
    private Trainer trainer;
    private DataLoader loader;
    private BatchIterator batches;
    private Batch batch;
    private Tensor images;

    @Setup
    public void open() {
        session = Session.open("cpu-vector");
        trainer = Trainer.classifier(
                        Model.create(session, Models.byName(model, 10), 1), new Adam(1e-3), Loss.crossEntropy())
                .build();
        loader = DataLoader.of(GeneratedImages.train(1, batchSize), batchSize).build();
        batches = loader.epoch(0);
        batch = batches.next();
        images = session.empty(session.dtype(), batch.layout(0));
        Batches.write(session, batch, 0, images);
    }

    @Benchmark
    public void train() {
        trainer.step(batch);
        session.backend().synchronize();
    }

    @Benchmark
    public void infer() {
        try (Scope scope = session.scope("infer")) {
            trainer.model().forward(images, Pass.evaluation());
            session.backend().synchronize();
        }
    }

    @TearDown
    public void close() {
        batches.close();
        trainer.model().close();
        session.close();
    }
}
