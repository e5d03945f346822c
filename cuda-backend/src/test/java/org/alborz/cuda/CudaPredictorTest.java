package org.alborz.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.alborz.backend.BackendOptions;
import org.alborz.inference.Predictor;
import org.alborz.nn.Activations;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Flatten;
import org.alborz.nn.Linear;
import org.alborz.nn.MaxPool2d;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.random.RandomStream;
import org.alborz.softwarecuda.SoftwareDevice;
import org.alborz.tensor.Session;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A predictor's sessions on one GPU: streams of their own, one copy of the weights. */
@Timeout(300)
final class CudaPredictorTest {
    private static final Shape SHAPE = Shape.of(2, 3, 8, 8);

    private static Sequential net() {
        return new Sequential(
                new Conv2d(3, 8, 3).padding(1),
                new BatchNorm(8),
                Activations.relu(),
                new MaxPool2d(2),
                new Flatten(),
                new Linear(128, 5));
    }

    private static float[] images(int seed) {
        float[] values = new float[(int) SHAPE.elements()];
        new RandomStream(seed, 0).fillNormal(values);
        return values;
    }

    /** Also where work runs only when the host waits, so that a missing wait for the weights would show. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void manyThreadsGetTheAnswersOfOne(boolean deferred) throws Exception {
        SoftwareDevice device = SoftwareGpu.device();
        ExecutorService clients = Executors.newFixedThreadPool(8);
        try (Session session =
                Session.of(new CudaBackend(BackendOptions.defaults().withPoison()), DType.FLOAT32)) {
            List<float[][]> expected = new ArrayList<>();
            try (Model model = Model.create(session, net(), 1)) {
                model.values().assign(model.values().mul(1.5));
                for (int i = 0; i < 5; i++) {
                    expected.add(model.predict(images(i), SHAPE));
                }
            }
            device.deferred(deferred);
            try (Model model = Model.create(session, net(), 1)) {
                model.values().assign(model.values().mul(1.5)); // not yet done where work is deferred
                long used = session.memory().used();
                long bytes;
                try (Predictor predictor = Predictor.of(model).sessions(3).build()) {
                    List<Future<?>> answers = new ArrayList<>();
                    for (int client = 0; client < 8; client++) {
                        int first = client;
                        answers.add(clients.submit(() -> {
                            for (int i = 0; i < 10; i++) {
                                int at = (i + first) % 5;
                                assertThat(predictor.predict(images(at), SHAPE)).isDeepEqualTo(expected.get(at));
                            }
                        }));
                    }
                    for (Future<?> answer : answers) {
                        answer.get();
                    }
                    assertThat(predictor.<Long>call((own, pass) -> own.memory().used()))
                            .isZero();
                    assertThatThrownBy(() -> model.values().fill(1)).hasMessageContaining("close the predictor first");
                    bytes = device.liveBytes();
                }
                assertThat(session.memory().used()).isEqualTo(used);
                assertThat(device.liveBytes()).isLessThan(bytes);
            }
        } finally {
            device.deferred(false);
            clients.shutdown();
        }
        assertThat(device.liveBytes()).isZero();
    }

    @Test
    void aFaultOnTheDeviceBelongsToItsRequest() {
        SoftwareGpu.device();
        try (Session session = Session.of(new CudaBackend(BackendOptions.defaults()), DType.FLOAT32);
                Model model = Model.create(session, net(), 1);
                Predictor predictor = Predictor.of(model).sessions(1).build()) {
            float[][] expected = model.predict(images(1), SHAPE);
            assertThatThrownBy(() -> predictor.call((own, pass) -> {
                        own.ones(Shape.of(3)).gather(0, own.tensor(new int[] {7}, Shape.of(1)));
                        throw new UnsupportedOperationException("of the user");
                    }))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
            assertThatThrownBy(() -> predictor.call((own, pass) -> {
                        own.ones(Shape.of(3)).gather(0, own.tensor(new int[] {7}, Shape.of(1)));
                        return 0; // without a look at the result
                    }))
                    .isInstanceOf(RuntimeException.class)
                    .hasMessageContaining("7");
            assertThat(predictor.predict(images(1), SHAPE)).isDeepEqualTo(expected);
        }
    }
}
