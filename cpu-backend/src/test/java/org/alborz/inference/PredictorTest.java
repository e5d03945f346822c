package org.alborz.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.MemoryStatistics;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.models.Models;
import org.alborz.nn.Activations;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adam;
import org.alborz.optim.Sgd;
import org.alborz.random.RandomStream;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.train.Trainer;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests of many threads at once: every answer is the right one, and whatever happens, none waits endlessly and nothing is left. */
@Timeout(300)
final class PredictorTest {
    private static final int CLIENTS = 8;
    private static final int FEATURES = 12;

    private final ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);

    @TempDir
    private Path folder;

    @AfterEach
    void endClients() throws InterruptedException {
        clients.shutdownNow();
        assertThat(clients.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    }

    private static Session session(String backend) {
        return Session.open(backend, BackendOptions.defaults().withThreads(1).withPoison(), DType.FLOAT32);
    }

    private static Sequential net() {
        return new Sequential(new Linear(FEATURES, 20), new BatchNorm(20), Activations.relu(), new Linear(20, 5));
    }

    private static float[] sample(int seed, int length) {
        RandomStream random = new RandomStream(seed, 0);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.normal();
        }
        return values;
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu-scalar", "cpu-vector"})
    void manyThreadsGetTheAnswersOfOne(String backend) throws Exception {
        try (Session session = session(backend);
                Model model = Model.create(session, net(), 1)) {
            float[][] samples =
                    IntStream.range(0, 200).mapToObj(i -> sample(i, FEATURES)).toArray(float[][]::new);
            float[][] expected = new float[samples.length][];
            for (int i = 0; i < samples.length; i++) {
                expected[i] = model.predict(samples[i]);
            }
            MemoryStatistics before = session.memory();
            try (Predictor predictor = Predictor.of(model).sessions(3).build()) {
                List<Future<Integer>> counts = new ArrayList<>();
                for (int client = 0; client < CLIENTS; client++) {
                    int first = client;
                    counts.add(clients.submit(() -> {
                        for (int i = 0; i < samples.length; i++) {
                            int at = (i * 7 + first) % samples.length;
                            assertThat(predictor.predict(samples[at])).containsExactly(expected[at]);
                        }
                        return samples.length;
                    }));
                }
                for (Future<Integer> count : counts) {
                    assertThat(count.get()).isEqualTo(samples.length);
                }
                // One copy of the weights, in the model's session: a predictor's sessions hold nothing between
                // requests.
                assertThat(session.memory().used()).isEqualTo(before.used());
                for (int i = 0; i < 3; i++) {
                    assertThat(predictor.<Long>call((own, pass) -> own.memory().used()))
                            .isZero();
                }
            }
            assertThat(session.memory().used()).isEqualTo(before.used());
        }
    }

    @Test
    void imagesGoThroughConvolutionsWithTheSameBits() throws Exception {
        try (Session session = session("cpu-vector");
                Model model = Model.create(session, Models.byName("resnet20", 10), 1)) {
            Shape shape = Shape.of(2, 3, 32, 32);
            float[] images = sample(5, (int) shape.elements());
            float[][] expected = model.predict(images, shape);
            try (Predictor predictor = Predictor.of(model).sessions(2).build()) {
                List<Future<float[][]>> answers = new ArrayList<>();
                for (int i = 0; i < CLIENTS; i++) {
                    answers.add(clients.submit(() -> predictor.predict(images, shape)));
                }
                for (Future<float[][]> answer : answers) {
                    assertThat(answer.get()).isDeepEqualTo(expected);
                }
            }
        }
    }

    @Test
    void aRequestThatFailsSpoilsNoOther() throws Exception {
        try (Session session = session("cpu-vector");
                Model model = Model.create(session, net(), 1);
                Predictor predictor = Predictor.of(model).sessions(2).build()) {
            float[] good = sample(1, FEATURES);
            float[] expected = model.predict(good);
            List<Future<?>> answers = new ArrayList<>();
            for (int client = 0; client < CLIENTS; client++) {
                boolean bad = client % 2 == 0;
                answers.add(clients.submit(() -> {
                    for (int i = 0; i < 50; i++) {
                        if (bad) {
                            assertThatThrownBy(() -> predictor.predict(sample(1, FEATURES + 1)))
                                    .isInstanceOf(IllegalArgumentException.class);
                            assertThatThrownBy(() -> predictor.call((own, pass) -> {
                                        own.ones(Shape.of(1000));
                                        throw new UnsupportedOperationException("of the user");
                                    }))
                                    .isInstanceOf(UnsupportedOperationException.class)
                                    .hasMessage("of the user");
                        } else {
                            assertThat(predictor.predict(good)).containsExactly(expected);
                        }
                    }
                }));
            }
            for (Future<?> answer : answers) {
                answer.get();
            }
            assertThat(predictor.<Long>call((own, pass) -> own.memory().used())).isZero();
        }
    }

    @Test
    void closingWhileBusyWaitsForWhatRunsAndRefusesWhatWaits() throws Exception {
        try (Session session = session("cpu-vector");
                Model model = Model.create(session, net(), 1)) {
            Predictor predictor = Predictor.of(model).sessions(1).build();
            CountDownLatch running = new CountDownLatch(1);
            CountDownLatch finish = new CountDownLatch(1);
            Future<Float> slow = clients.submit(() -> predictor.call((own, pass) -> {
                running.countDown();
                await(finish);
                return own.full(7, Shape.of(1)).toFloats()[0];
            }));
            running.await();
            Future<float[]> waiting = clients.submit(() -> predictor.predict(sample(1, FEATURES)));
            Future<?> closing = clients.submit(predictor::close);
            Future<?> closingAgain = clients.submit(predictor::close);
            assertRefusedSoon(predictor);
            assertThat(closing.isDone()).isFalse();
            finish.countDown();
            assertThat(slow.get()).isEqualTo(7);
            closing.get();
            closingAgain.get();
            assertThatThrownBy(waiting::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasRootCauseInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("The predictor is closed");
            predictor.close();
            model.values().fill(1);
        }
    }

    private static void assertRefusedSoon(Predictor predictor) throws InterruptedException {
        AtomicReference<RuntimeException> refused = new AtomicReference<>();
        while (refused.get() == null) {
            Thread thread = new Thread(() -> {
                try {
                    predictor.predict(sample(1, FEATURES));
                } catch (RuntimeException e) {
                    refused.set(e);
                }
            });
            thread.start();
            thread.join(20);
            thread.interrupt(); // it waited, since closing has not begun
            thread.join();
            if (refused.get() instanceof CancellationException) {
                refused.set(null);
            }
        }
        assertThat(refused.get()).isInstanceOf(IllegalStateException.class).hasMessageContaining("is closed");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void waitingEndsWithTheTimeoutAndWithAnInterrupt() throws Exception {
        try (Session session = session("cpu-vector");
                Model model = Model.create(session, net(), 1);
                Predictor patient = Predictor.of(model).sessions(1).build();
                Predictor predictor = Predictor.of(model)
                        .sessions(1)
                        .timeout(Duration.ofMillis(20))
                        .build()) {
            CountDownLatch running = new CountDownLatch(2);
            CountDownLatch finish = new CountDownLatch(1);
            Request<Boolean> slow = (own, pass) -> {
                running.countDown();
                await(finish);
                return true;
            };
            Future<Boolean> first = clients.submit(() -> predictor.call(slow));
            Future<Boolean> second = clients.submit(() -> patient.call(slow));
            running.await();
            assertThatThrownBy(() -> predictor.predict(sample(1, FEATURES)))
                    .isInstanceOf(RejectedExecutionException.class)
                    .hasMessageContainingAll("within 20 ms", "more sessions");
            FutureTask<Boolean> interrupted = new FutureTask<>(() -> {
                assertThatThrownBy(() -> patient.predict(sample(1, FEATURES)))
                        .isInstanceOf(CancellationException.class);
                return Thread.currentThread().isInterrupted();
            });
            Thread thread = new Thread(interrupted);
            thread.start();
            while (thread.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            thread.interrupt();
            assertThat(interrupted.get()).isTrue();
            finish.countDown();
            assertThat(first.get() && second.get()).isTrue();
            assertThat(predictor.predict(sample(1, FEATURES))).hasSize(5);
            assertThat(patient.predict(sample(1, FEATURES))).hasSize(5);
        }
    }

    @Test
    void aRequestWithinARequestIsRefusedAndDoesNotWaitForItself() {
        try (Session session = session("cpu-vector");
                Model model = Model.create(session, net(), 1);
                Predictor predictor = Predictor.of(model).sessions(1).build()) {
            assertThatThrownBy(() -> predictor.call((own, pass) -> predictor.predict(sample(1, FEATURES))))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("within a request of the same predictor");
            assertThatThrownBy(() -> predictor.call((own, pass) -> {
                        predictor.close();
                        return 0;
                    }))
                    .hasMessageContaining("within a request of the same predictor");
            assertThatThrownBy(() -> predictor.call((own, pass) -> own.ones(Shape.of(3))))
                    .hasMessageContaining("which is closed with the request");
            assertThat(predictor.predict(sample(1, FEATURES))).hasSize(5);
        }
    }

    @Test
    void weightsAreReadOnlyWhileItIsOpen() {
        try (Session session = session("cpu-vector");
                Model model = Model.create(session, net(), 1)) {
            Trainer trainer = Trainer.classifier(model, new Adam(1e-3)).build();
            Sgd sgd = new Sgd(0.1);
            sgd.attach(model);
            float[] values = model.values().toFloats();
            Tensor mean = model.parameters().get("1.running_mean").value();
            try (Predictor predictor = Predictor.of(model).sessions(2).build();
                    Predictor another = Predictor.of(model).sessions(1).build()) {
                assertThatThrownBy(() -> model.values().fill(3)).hasMessageContaining("while a predictor reads it");
                assertThatThrownBy(() -> mean.fill(3)).hasMessageContaining("while a predictor reads it");
                assertThatThrownBy(() -> sgd.step(0.1, 1)).hasMessageContaining("close the predictor first");
                predictor.close();
                assertThatThrownBy(() -> trainer.optimizer().step(0.1, 1)).hasMessageContaining("close the predictor");
                assertThat(another.predict(sample(1, FEATURES))).hasSize(5);
            }
            assertThat(model.values().toFloats()).containsExactly(values);
            model.values().fill(3);
        }
    }

    @Test
    void closingTheModelOrItsSessionClosesThePredictorFirst() throws Exception {
        Session session = session("cpu-vector");
        Model model = Model.create(session, net(), 1);
        Predictor first = Predictor.of(model).sessions(2).build();
        model.close();
        assertThatThrownBy(() -> first.predict(sample(1, FEATURES))).hasMessageContaining("is closed");
        Predictor second =
                Predictor.of(Model.create(session, net(), 1)).sessions(2).build();
        CountDownLatch running = new CountDownLatch(1);
        Future<Float> slow = clients.submit(() -> second.call((own, pass) -> {
            running.countDown();
            float sum = 0;
            for (int i = 0; i < 1000; i++) {
                sum += own.ones(Shape.of(100)).sum().toFloats()[0];
            }
            return sum;
        }));
        running.await();
        session.close();
        assertThat(slow.get()).isEqualTo(100_000);
        assertThatThrownBy(() -> second.predict(sample(1, FEATURES))).hasMessageContaining("is closed");
    }

    @Test
    void aPredictorOfAFileHasAModelOfItsOwn() throws Exception {
        Path file = folder.resolve("run.safetensors");
        float[] sample = sample(1, FEATURES);
        float[] expected;
        try (Session session = session("cpu-vector");
                Model model = Model.create(session, net(), 3)) {
            expected = model.predict(sample);
            Trainer trainer = Trainer.classifier(model, new Adam(1e-3)).build();
            Checkpoint.save(file, trainer, Map.of());
        }
        int threads = Thread.activeCount();
        Predictor predictor = Predictor.of(net(), file)
                .session(Session.builder("cpu-vector").threads(1))
                .sessions(4)
                .build();
        assertThat(Thread.activeCount()).isEqualTo(threads);
        assertThat(predictor.predict(sample)).containsExactly(expected);
        clients.submit(predictor::close).get();
        assertThatThrownBy(() -> predictor.predict(sample)).hasMessageContaining("is closed");
        assertThatThrownBy(() -> Predictor.of(net(), folder.resolve("none"))
                        .session(Session.builder("cpu-vector").threads(1))
                        .build())
                .hasMessageContaining("none");
    }

    @Test
    void aModelThatGoesOnTrainingBetweenPredictorsIsServedAsItIs() {
        try (Session session = session("cpu-vector");
                Model model = Model.create(session, net(), 1)) {
            float[] sample = sample(1, FEATURES);
            for (int i = 0; i < 3; i++) {
                try (Predictor predictor = Predictor.of(model).sessions(1).build()) {
                    assertThat(predictor.predict(sample)).containsExactly(model.predict(sample));
                }
                model.values().assign(model.values().mul(1.5));
            }
        }
    }

    @Test
    void aRequestOfOnesOwnTakesSeveralInputs() {
        try (Session session = session("cpu-vector");
                Model model = Model.create(session, net(), 1);
                Predictor predictor = Predictor.of(model).sessions(1).build()) {
            float[] a = sample(1, FEATURES);
            float[] b = sample(2, FEATURES);
            Sequential net = (Sequential) model.module();
            double difference = predictor.call((own, pass) -> net.forward(own.tensor(new float[][] {a}), pass)
                    .sub(net.forward(own.tensor(new float[][] {b}), pass))
                    .sum()
                    .item());
            Tensor x = session.tensor(new float[][] {a});
            Tensor y = session.tensor(new float[][] {b});
            assertThat(difference)
                    .isEqualTo(model.predict(x).sub(model.predict(y)).sum().item());
        }
    }

    @Test
    void aPredictorThatIsDroppedLetsGoOfTheModel() throws InterruptedException {
        try (Session session = session("cpu-vector");
                Model model = Model.create(session, net(), 1)) {
            Predictor.of(model).sessions(2).build().predict(sample(1, FEATURES));
            boolean changed = false;
            while (!changed) {
                System.gc();
                Thread.sleep(10);
                try {
                    model.values().fill(1);
                    changed = true;
                } catch (IllegalStateException e) {
                    assertThat(e).hasMessageContaining("while a predictor reads it");
                }
            }
        }
    }
}
