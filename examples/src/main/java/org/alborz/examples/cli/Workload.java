package org.alborz.examples.cli;

import java.util.List;
import org.alborz.backend.RandomKey;
import org.alborz.data.Batch;
import org.alborz.data.BatchIterator;
import org.alborz.data.DataLoader;
import org.alborz.data.Dataset;
import org.alborz.data.GeneratedImages;
import org.alborz.models.Models;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.train.Trainer;
import org.alborz.type.Shape;

/**
 * Something that is done over and over to see how fast it goes.
 *
 * @param amount of units that one run does
 * @param resources what the run holds
 */
record Workload(String name, String unit, double amount, Session session, Runnable run, AutoCloseable resources)
        implements AutoCloseable {
    static final List<String> NAMES = List.of("gemm-512", "gemm-1024", "train-cifar-cnn", "train-resnet20");

    static Workload named(String name, Session session, int batchSize) {
        return switch (name) {
            case "gemm-512" -> gemm(name, session, 512);
            case "gemm-1024" -> gemm(name, session, 1024);
            default -> training(name, session, name.substring("train-".length()), batchSize);
        };
    }

    /** Multiplies two square matrices of a size: 2n³ operations. */
    private static Workload gemm(String name, Session session, int n) {
        Scope scope = session.freeStandingScope(name);
        Tensor a = scope.adopt(session.uniform(new RandomKey(1, 0, 0), Shape.of(n, n)));
        Tensor b = scope.adopt(session.uniform(new RandomKey(1, 1, 0), Shape.of(n, n)));
        return new Workload(
                name, "GFLOP/s", 2e-9 * n * n * n, session, () -> a.matmul(b).close(), scope);
    }

    /** Does training steps on one batch: forward, gradients, optimizer, metrics. */
    private static Workload training(String name, Session session, String net, int batchSize) {
        Dataset images = GeneratedImages.train(1, batchSize);
        Model model = Model.create(session, Models.byName(net, images.classes().size()), 1);
        Trainer trainer = Trainer.of(model, new Sgd(1e-3, 0.9, 0, false), Loss.crossEntropy())
                .build();
        BatchIterator batches = DataLoader.of(images, batchSize).build().epoch(0);
        Batch batch = batches.next();
        return new Workload(
                name, "images/s", batchSize, session, () -> trainer.step(batch, images.sampleShape()), () -> {
                    batches.close();
                    model.close();
                });
    }

    /** Runs for at least the given time, and once at least; returns units a second. */
    double rate(double seconds) {
        session.backend().synchronize();
        long start = System.nanoTime();
        long runs = 0;
        double elapsed;
        do {
            run.run();
            session.backend().synchronize();
            runs++;
            elapsed = (System.nanoTime() - start) * 1e-9;
        } while (elapsed < seconds);
        return runs * amount / elapsed;
    }

    @Override
    public void close() {
        try {
            resources.close();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(name + " could not be closed", e);
        }
    }
}
