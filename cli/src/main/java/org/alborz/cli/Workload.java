package org.alborz.cli;

import java.util.List;
import org.alborz.backend.CapturedGraph;
import org.alborz.backend.GraphCapture;
import org.alborz.data.Batch;
import org.alborz.data.BatchIterator;
import org.alborz.data.DataLoader;
import org.alborz.data.Dataset;
import org.alborz.data.GeneratedImages;
import org.alborz.models.Models;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.nn.Precision;
import org.alborz.optim.Optimizer;
import org.alborz.optim.Sgd;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.train.Batches;
import org.alborz.train.Trainer;
import org.alborz.type.Shape;

/**
 * Something that is done over and over to see how fast it goes.
 *
 * @param amount of units that one run does
 * @param resources what the run holds
 */
public record Workload(String name, String unit, double amount, Session session, Runnable run, AutoCloseable resources)
        implements AutoCloseable {
    static final List<String> NAMES = List.of("gemm-512", "gemm-1024", "train-cifar-cnn", "train-resnet20");

    static Workload named(String name, Session session, int batchSize) {
        return switch (name) {
            case "gemm-512" -> product(session, 512);
            case "gemm-1024" -> product(session, 1024);
            default ->
                training(session, name.substring("train-".length()), batchSize, new Sgd(1e-3).momentum(0.9), false);
        };
    }

    /** Multiplies two square matrices of a size: 2n³ operations. */
    public static Workload product(Session session, int n) {
        String name = "gemm-" + n;
        Scope scope = session.freeStandingScope(name);
        Tensor a = scope.adopt(session.uniform(new RandomKey(1, 0, 0), Shape.of(n, n)));
        Tensor b = scope.adopt(session.uniform(new RandomKey(1, 1, 0), Shape.of(n, n)));
        return new Workload(
                name, "GFLOP/s", 2e-9 * n * n * n, session, () -> a.matmul(b).close(), scope);
    }

    /**
     * Does training steps on one batch: upload, forward, gradients, optimizer, metrics.
     *
     * @param graphCapture whether steps are captured once and replayed, where the backend can
     */
    public static Workload training(
            Session session, String net, int batchSize, Optimizer optimizer, boolean graphCapture) {
        return training(session, net, Precision.full(), batchSize, optimizer, graphCapture);
    }

    /** Does the same in another precision. */
    static Workload training(
            Session session,
            String net,
            Precision precision,
            int batchSize,
            Optimizer optimizer,
            boolean graphCapture) {
        Dataset images = GeneratedImages.train(1, batchSize);
        Model model = Model.create(session, Models.byName(net, images.classes().size()), precision, 1);
        Trainer trainer = Trainer.classifier(model, optimizer, Loss.crossEntropy())
                .graphCapture(graphCapture)
                .build();
        BatchIterator batches = DataLoader.of(images, batchSize).build().epoch(0);
        Batch batch = batches.next();
        return new Workload("train-" + net, "images/s", batchSize, session, () -> trainer.step(batch), () -> {
            batches.close();
            model.close();
        });
    }

    /**
     * Does forward passes in evaluation mode over one batch that is on the device.
     *
     * @param capture captures the pass as a graph, which is replayed; null runs its operations each time
     */
    public static Workload inference(Session session, String net, int batchSize, GraphCapture capture) {
        Dataset images = GeneratedImages.train(1, batchSize);
        Model model = Model.create(session, Models.byName(net, images.classes().size()), 1);
        Tensor inputs;
        try (BatchIterator batches = DataLoader.of(images, batchSize).build().epoch(0)) {
            Batch batch = batches.next();
            inputs = model.own(session.empty(session.dtype(), batch.layout(0)));
            Batches.write(session, batch, 0, inputs);
        }
        Runnable pass = () -> {
            try (Scope scope = session.scope("pass")) {
                model.forward(inputs, Pass.evaluation());
            }
        };
        if (capture == null) {
            return new Workload("infer-" + net, "images/s", batchSize, session, pass, model);
        }
        pass.run(); // what is captured must have run before
        CapturedGraph graph = capture.capture(pass);
        return new Workload("infer-" + net, "images/s", batchSize, session, () -> graph.replay(0), () -> {
            graph.close();
            model.close();
        });
    }

    /**
     * Runs for at least the given time, and once at least; returns units a second. It waits for the device seldom, so that work is
     * queued as in a real training.
     */
    public double rate(double seconds) {
        session.backend().synchronize();
        long start = System.nanoTime();
        long runs = 0;
        double elapsed;
        long more = 1;
        do {
            for (long i = 0; i < more; i++) {
                run.run();
            }
            session.backend().synchronize();
            runs += more;
            elapsed = (System.nanoTime() - start) * 1e-9;
            more = Math.max(1, (long) Math.min(2.0 * runs, (seconds - elapsed) * runs / elapsed));
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
