package org.alborz.benchmarks.peers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alborz.backend.BackendOptions;
import org.alborz.cpu.vector.VectorBackend;
import org.alborz.data.Batch;
import org.alborz.data.BatchIterator;
import org.alborz.data.DataLoader;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.train.Trainer;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/** Alborz on {@code cpu-vector}, used as anyone uses it: the trainer's steps, the model's forward pass. */
public final class AlborzContestant implements Contestant {
    private static final String BACKEND = "cpu-vector";
    private static final int SEED = 1;

    /** Closes what the work holds; a source of batches among it would give their arrays back. */
    private final List<Runnable> closings = new ArrayList<>();

    private Work work;
    private Runnable run;

    /** Serves until standard input ends. */
    public static void main(String[] arguments) throws IOException {
        Worker.serve(new AlborzContestant());
    }

    @Override
    public String prepare(Work chosen, Path exchange, double seconds) {
        work = chosen;
        closings.forEach(Runnable::run);
        closings.clear();
        Session session = open(chosen.threads());
        switch (chosen.kind()) {
            case GEMM -> run = product(session, chosen, exchange);
            case TRAIN -> {
                writeNet(session, chosen.net(), exchange);
                run = steps(session, chosen, BATCHES);
            }
            case ROWS -> run = rows(session, chosen, exchange);
            case INFER -> {
                writeNet(session, chosen.net(), exchange);
                run = passes(session, chosen);
            }
        }
        closings.add(session::close); // after what is of it
        rate(seconds);
        return session.backend().name() + " on " + session.backend().device();
    }

    @Override
    public Map<String, String> about() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("backend", BACKEND);
        facts.put("lanes", Integer.toString(VectorBackend.lanes()));
        facts.put("registers", Integer.toString(VectorBackend.registers()));
        return facts;
    }

    @Override
    public double rate(double seconds) {
        return Rate.of(run, work.amount(), seconds);
    }

    @Override
    public void train(Work chosen, int count) {
        Runnable step = steps(open(chosen.threads()), chosen, 1);
        for (int i = 0; i < count; i++) {
            step.run();
        }
    }

    private static Session open(int threads) {
        return Session.open(BACKEND, BackendOptions.defaults().withThreads(threads), DType.FLOAT32);
    }

    private Scope held(Session session, String name) {
        Scope scope = session.freeStandingScope(name);
        closings.add(scope::close);
        return scope;
    }

    private Model held(Model model) {
        closings.add(model::close);
        return model;
    }

    private static Model model(Session session, Net net) {
        return Model.create(session, net.layers(), SEED);
    }

    private Runnable product(Session session, Work work, Path exchange) {
        Scope scope = held(session, "gemm");
        Shape shape = Shape.of(work.size(), work.size());
        Tensor left = scope.adopt(session.tensor(work.numbers().matrix(0), shape));
        Tensor right = scope.adopt(session.tensor(work.numbers().matrix(1), shape));
        Tensor a = work.transposesLeft() ? scope.adopt(left.mT()) : left;
        Tensor b = work.transposesRight() ? scope.adopt(right.mT()) : right;
        try (Tensor result = a.matmul(b)) {
            writeResult(exchange, work, result);
        }
        return () -> {
            a.matmul(b).close();
            session.backend().synchronize();
        };
    }

    private static void writeResult(Path exchange, Work work, Tensor result) {
        float[] sample = RowNumbers.sample(result.toFloats());
        Exchange.write(
                exchange, work.name(), List.of(new Exchange.Item(Exchange.RESULT, Shape.of(sample.length), sample)));
    }

    private Runnable rows(Session session, Work work, Path exchange) {
        RowFunction function = work.function();
        RowInputs inputs = RowInputs.of(session, held(session, "inputs"), work.numbers());
        try (Tensor result = function.apply(inputs);
                Tensor numbers = result.to(DType.FLOAT32)) {
            writeResult(exchange, work, numbers);
        }
        return () -> function.apply(inputs).close();
    }

    private Batch batch(Noise noise) {
        BatchIterator batches = DataLoader.of(noise, noise.size()).build().epoch(0);
        closings.add(batches::close);
        return batches.next();
    }

    private Runnable steps(Session session, Work work, int distinct) {
        Net net = work.net();
        Trainer trainer = net.trainer(held(model(session, net)));
        List<Batch> batches = new ArrayList<>();
        for (int i = 0; i < distinct; i++) {
            batches.add(batch(new Noise(net, i, work.size())));
        }
        return () -> {
            trainer.step(batches.get((int) (trainer.step() % distinct)));
            session.backend().synchronize();
        };
    }

    private Runnable passes(Session session, Work work) {
        Net net = work.net();
        Model model = held(model(session, net));
        Scope scope = held(session, "inputs");
        List<Tensor> inputs = new ArrayList<>();
        for (int i = 0; i < BATCHES; i++) {
            inputs.add(scope.adopt(input(session, new Noise(net, i, work.size()))));
        }
        int[] next = {0};
        return () -> {
            try (Scope pass = session.scope("pass")) {
                model.forward(inputs.get(next[0]++ % BATCHES), Pass.evaluation());
                session.backend().synchronize();
            }
        };
    }

    private Tensor input(Session session, Noise noise) {
        Batch batch = batch(noise);
        Tensor tensor = session.empty(DType.FLOAT32, batch.layout(0));
        session.write(batch.floats(0), tensor);
        return tensor;
    }

    private void writeNet(Session session, Net net, Path folder) {
        try (Model model = model(session, net)) {
            moveStates(session, model);
            List<Exchange.Item> items = new ArrayList<>(Exchange.weights(model));
            items.add(output(session, model, net, Exchange.OUTPUT));
            if (net.trainsAlike()) {
                net.trainer(model).step(batch(net.compared()));
                items.add(output(session, model, net, Exchange.STEPPED));
            }
            Exchange.write(folder, net.word(), items);
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

    private Exchange.Item output(Session session, Model model, Net net, String name) {
        try (Scope scope = session.scope("output")) {
            Tensor y = model.forward(input(session, net.compared()), Pass.evaluation());
            return new Exchange.Item(name, y.shape(), y.toFloats());
        }
    }
}
