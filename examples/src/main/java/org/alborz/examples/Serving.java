package org.alborz.examples;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.alborz.inference.Predictor;
import org.alborz.nn.Activations;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.tensor.Session;

/**
 * Answers the requests of eight threads by one model, as a server does: sessions that share one copy of the weights.
 *
 * <p>Prints {@code 1000 answers, all as computed by one thread}.
 */
public final class Serving {
    private Serving() {}

    /** Serves a thousand requests; takes a backend's name, and {@code auto} without. */
    public static void main(String[] args) throws Exception {
        int right = serve(args.length == 0 ? "auto" : args[0], 1_000);
        System.out.printf("%d answers, all as computed by one thread%n", right);
    }

    static int serve(String backend, int requests) throws Exception {
        Sequential net = new Sequential(new Linear(4, 32), Activations.relu(), new Linear(32, 3));
        ExecutorService clients = Executors.newFixedThreadPool(8);
        try (Session session = Session.open(backend);
                Model model = Model.create(session, net, 1);
                Predictor predictor = Predictor.of(model).sessions(2).build()) {
            List<Future<float[]>> answers = IntStream.range(0, requests)
                    .mapToObj(i -> clients.submit(() -> predictor.predict(sample(i))))
                    .toList();
            for (int i = 0; i < requests; i++) {
                if (!Arrays.equals(answers.get(i).get(), model.predict(sample(i)))) {
                    throw new IllegalStateException("Request " + i + " got another answer");
                }
            }
            return requests;
        } finally {
            clients.shutdown();
        }
    }

    private static float[] sample(int i) {
        return new float[] {i % 7, i % 5, i % 3, 1};
    }
}
