package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.alborz.backend.MemoryStatistics;
import org.alborz.nn.Activations;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Dropout;
import org.alborz.nn.GlobalAvgPool2d;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.MaxPool2d;
import org.alborz.nn.Model;
import org.alborz.nn.Residual;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adam;
import org.alborz.optim.Optimizer;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicNode;

/** Training steps of a small CNN: the same bits for any number of threads, flat memory, and tensors that refuse use after close. */
final class TrainingChecks {
    private static final int STEPS = 50;
    private static final int WARM_UP = 3;
    private static final Shape IMAGES = Shape.of(9, 3, 13, 11);

    /** Enough elements that every layer is divided among several threads. */
    private static final Shape LARGE_IMAGES = Shape.of(9, 3, 23, 21);

    private final Sessions sessions;

    TrainingChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    Stream<DynamicNode> memory() {
        return Stream.of(
                dynamicTest(
                        "memory stays flat over " + STEPS + " steps",
                        () -> sessions.run(DType.FLOAT32, TrainingChecks::flat)),
                dynamicTest(
                        "use after close names the tensor",
                        () -> sessions.run(DType.FLOAT32, TrainingChecks::useAfterClose)),
                dynamicTest(
                        "closing twice is harmless", () -> sessions.run(DType.FLOAT32, TrainingChecks::closeTwice)));
    }

    Stream<DynamicNode> threads(int[] threads) {
        List<DynamicNode> tests = new ArrayList<>();
        for (DType dtype : Sessions.FLOATING) {
            for (int count : threads) {
                tests.add(dynamicTest(
                        count + " threads give the bits of " + threads[0] + " / " + dtype,
                        () -> bitIdentical(dtype, threads[0], count)));
            }
        }
        return tests.stream();
    }

    private static Layer network() {
        Layer block = new Sequential(new Conv2d(17, 17, 3).padding(1).bias(false), new BatchNorm(17));
        return new Sequential(
                new Conv2d(3, 17, 3).padding(1).activation(Activation.RELU),
                new BatchNorm(17),
                new MaxPool2d(2),
                new Residual(block),
                new Dropout(0.25),
                new Conv2d(17, 33, 3).stride(2),
                Activations.gelu(),
                new GlobalAvgPool2d(),
                new Linear(33, 37).activation(Activation.RELU),
                new Linear(37, 10));
    }

    private static Tensor images(Session session, Shape shape) {
        HostArray images = HostArray.uniform(1, -1, 1, shape);
        return session.tensor(images.values(), images.shape());
    }

    private static Tensor labels(Session session) {
        return session.tensor(new int[] {0, 1, 2, 3, 4, 5, 6, 7, 9}, Shape.of(9));
    }

    private static void flat(Session session) {
        try (Model model = Model.create(session, network(), 1)) {
            Optimizer optimizer = new Adam(1e-3);
            optimizer.attach(model);
            Tensor x = images(session, IMAGES);
            Tensor labels = labels(session);
            MemoryStatistics before = null;
            for (int step = 1; step <= STEPS; step++) {
                GoldenTraining.step(session, model, optimizer, x, labels, step);
                if (step == WARM_UP) {
                    before = session.memory();
                }
            }
            assertThat(session.memory())
                    .as("memory after step %d as after step %d", STEPS, WARM_UP)
                    .isEqualTo(before);
        }
    }

    private static void useAfterClose(Session session) {
        Tensor x = session.ones(Shape.of(2, 3)).named("weights of the stem");
        x.close();
        assertThatThrownBy(() -> x.mul(2))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("weights of the stem");
        assertThatThrownBy(x::toFloats)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("weights of the stem");
        assertThatThrownBy(() -> x.reshape(6))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("weights of the stem");
    }

    private static void closeTwice(Session session) {
        long before = session.memory().used();
        Tensor x = session.ones(Shape.of(2, 3));
        Tensor view = x.transpose(0, 1);
        x.close();
        x.close();
        assertThat(view.toFloats()).as("a view keeps the memory").containsOnly(1);
        view.close();
        view.close();
        assertThat(session.memory().used()).isEqualTo(before);
    }

    private void bitIdentical(DType dtype, int first, int count) {
        assertThat(train(dtype, count)).isEqualTo(train(dtype, first));
    }

    /** Trains a few steps from the same start and returns losses, gradients and parameters. */
    private double[] train(DType dtype, int threads) {
        try (Session session = sessions.openNew(dtype, threads);
                Model model = Model.create(session, network(), 1)) {
            Optimizer optimizer = new Adam(1e-2);
            optimizer.attach(model);
            List<Double> results = new ArrayList<>();
            for (int step = 1; step <= 3; step++) {
                results.add(GoldenTraining.step(
                        session, model, optimizer, images(session, LARGE_IMAGES), labels(session), step));
            }
            assertThat(results).doesNotContain(Double.NaN);
            for (double value : model.gradients().toDoubles()) {
                results.add(value);
            }
            model.parameters().values().forEach(parameter -> {
                for (double value : parameter.value().toDoubles()) {
                    results.add(value);
                }
            });
            return results.stream().mapToDouble(Double::doubleValue).toArray();
        }
    }
}
