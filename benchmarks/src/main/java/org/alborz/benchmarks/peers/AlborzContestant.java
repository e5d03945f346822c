package org.alborz.benchmarks.peers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.alborz.backend.BackendOptions;
import org.alborz.data.Batch;
import org.alborz.data.BatchIterator;
import org.alborz.data.DataLoader;
import org.alborz.models.Models;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.optim.Adam;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.train.Trainer;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/** Alborz on {@code cpu-vector}, used as anyone uses it: the trainer's steps, the model's forward pass. */
public final class AlborzContestant implements Contestant {
    private static final int SEED = 1;

    private Work work;
    private Runnable run;
    private Session session;

    /** Serves until standard input ends. */
    public static void main(String[] arguments) throws IOException {
        Worker.serve(new AlborzContestant());
    }

    @Override
    public String prepare(Work chosen, Path exchange, double seconds) {
        work = chosen;
        if (session != null) {
            session.close();
        }
        session = open(chosen);
        switch (chosen.kind()) {
            case GEMM -> run = product(session, chosen.size());
            case TRAIN -> {
                writeExchange(session, exchange);
                run = steps(session, chosen, BATCHES);
            }
            case ROWS -> run = rows(session, chosen, exchange);
            case INFER -> {
                writeExchange(session, exchange);
                run = passes(session, chosen);
            }
        }
        rate(seconds);
        return session.backend().name() + " on " + session.backend().device();
    }

    @Override
    public double rate(double seconds) {
        return Rate.of(run, work.amount(), seconds);
    }

    @Override
    public void train(Work chosen, int count) {
        Runnable step = steps(open(chosen), chosen, 1);
        for (int i = 0; i < count; i++) {
            step.run();
        }
    }

    private static Session open(Work work) {
        return Session.open("cpu-vector", BackendOptions.defaults().withThreads(work.threads()), DType.FLOAT32);
    }

    private static Model model(Session session, String name) {
        return Model.create(session, Models.byName(name, 10), SEED);
    }

    private static Trainer trainer(Model model) {
        return Trainer.classifier(model, new Adam(LEARNING_RATE), Loss.crossEntropy())
                .build();
    }

    private static Runnable product(Session session, int n) {
        Scope scope = session.freeStandingScope("gemm");
        Tensor a = scope.adopt(session.uniform(new RandomKey(SEED, 0, 0), Shape.of(n, n)));
        Tensor b = scope.adopt(session.uniform(new RandomKey(SEED, 1, 0), Shape.of(n, n)));
        return () -> {
            a.matmul(b).close();
            session.backend().synchronize();
        };
    }

    private static Runnable rows(Session session, Work work, Path exchange) {
        RowFunction function = work.function();
        RowInputs inputs = RowInputs.of(session, session.freeStandingScope("inputs"), work.numbers());
        try (Tensor result = function.apply(inputs);
                Tensor numbers = result.to(DType.FLOAT32)) {
            float[] sample = RowNumbers.sample(numbers.toFloats());
            Exchange.write(
                    exchange,
                    work.name(),
                    List.of(new Exchange.Item(Exchange.RESULT, Shape.of(sample.length), sample)));
        }
        return () -> function.apply(inputs).close();
    }

    private static Batch batch(NoiseImages images) {
        // Left open: closing would give the arrays back.
        BatchIterator batches = DataLoader.of(images, images.size()).build().epoch(0);
        return batches.next();
    }

    private static Runnable steps(Session session, Work work, int distinct) {
        Trainer trainer = trainer(model(session, work.model()));
        List<Batch> batches = new ArrayList<>();
        for (int i = 0; i < distinct; i++) {
            batches.add(batch(new NoiseImages(i, work.size())));
        }
        return () -> {
            trainer.step(batches.get((int) (trainer.step() % distinct)));
            session.backend().synchronize();
        };
    }

    private Runnable passes(Session session, Work chosen) {
        Model model = model(session, chosen.model());
        Scope scope = session.freeStandingScope("inputs");
        List<Tensor> inputs = new ArrayList<>();
        for (int i = 0; i < BATCHES; i++) {
            inputs.add(scope.adopt(input(session, new NoiseImages(i, chosen.size()))));
        }
        int[] next = {0};
        return () -> {
            try (Scope pass = session.scope("pass")) {
                model.forward(inputs.get(next[0]++ % BATCHES), Pass.evaluation());
                session.backend().synchronize();
            }
        };
    }

    private static Tensor input(Session session, NoiseImages images) {
        Batch batch = batch(images);
        Tensor tensor = session.empty(DType.FLOAT32, batch.layout(0));
        session.write(batch.floats(0), tensor);
        return tensor;
    }

    private void writeExchange(Session session, Path folder) {
        try (Model model = model(session, work.model())) {
            moveStates(session, model);
            List<Exchange.Item> items = new ArrayList<>(Exchange.weights(model));
            items.add(logits(session, model, "logits"));
            if (work.model().equals("resnet20")) { // has no dropout
                trainer(model).step(batch(Exchange.images()));
                items.add(logits(session, model, "stepped"));
            }
            Exchange.write(folder, work.model(), items);
        }
    }

    /** Gives running means and variances other values than 0 and 1, so that they matter. */
    private static void moveStates(Session session, Model model) {
        int number = 0;
        for (Parameter p : model.parameters().values()) {
            if (!p.isTrainable()) {
                double scale = number++ % 2 == 0 ? 0.1 : 0.5;
                try (Tensor noise = session.uniform(new RandomKey(SEED, 7, number), p.shape());
                        Tensor shift = noise.mul(scale);
                        Tensor moved = p.value().add(shift)) {
                    p.value().assign(moved);
                }
            }
        }
    }

    private static Exchange.Item logits(Session session, Model model, String name) {
        try (Scope scope = session.scope("logits")) {
            Tensor y = model.forward(input(session, Exchange.images()), Pass.evaluation());
            return new Exchange.Item(name, y.shape(), y.toFloats());
        }
    }
}
