package org.alborz.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.alborz.autograd.Tape;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.BinaryOp;
import org.alborz.nn.Activations;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.nn.Sequential;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeptResultsTest {
    /** Passes until everything is kept: what is folded depends on a scale that is kept itself. */
    private static final int WARM = 4;

    private Session session;
    private Tensor images;

    @BeforeEach
    void open() {
        session = Session.open("cpu-scalar", BackendOptions.defaults().withPoison(), DType.FLOAT32);
        images = session.uniform(new RandomKey(7, 1, 0), Shape.of(2, 3, 5, 4));
    }

    @AfterEach
    void close() {
        session.close();
    }

    private Model model() {
        return Model.create(
                session,
                new Sequential(new Conv2d(3, 4, 3), new BatchNorm(4), Activations.relu(), new Conv2d(4, 2, 1)),
                1);
    }

    private float[] output(Model model) {
        try (Scope scope = session.scope("pass")) {
            return model.forward(images, Pass.evaluation()).toFloats();
        }
    }

    /** Returns what a listener hears computed, for which nothing is kept. */
    private float[] computedAgain(Model model) {
        try (Observation observation = session.observe(operation -> {})) {
            return output(model);
        }
    }

    private long used() {
        return session.memory().used();
    }

    @Test
    void whatDependsOnParametersAloneIsComputedTwiceAndThenKept() {
        try (Model model = model()) {
            float[] first = output(model);
            long before = used();
            for (int pass = 1; pass < WARM; pass++) {
                assertThat(output(model)).containsExactly(first);
            }
            long warm = used();
            assertThat(warm).isGreaterThan(before);
            for (int pass = 0; pass < 5; pass++) {
                assertThat(output(model)).containsExactly(first);
                assertThat(used()).isEqualTo(warm);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var"})
    void aChangedParameterCounts(String name) {
        try (Model model = model()) {
            for (int pass = 0; pass < WARM; pass++) {
                output(model);
            }
            Parameter parameter = model.parameters().get(name);
            double step = name.endsWith("mean") ? -0.25 : 0.25; // a larger mean would leave only 0 of the rectifier
            for (int change = 1; change < 4; change++) {
                float[] before = output(model);
                try (Tensor amount = session.full(step * change, parameter.shape())) {
                    parameter.value().update(BinaryOp.ADD, amount);
                }
                float[] expected = computedAgain(model);
                assertThat(expected).isNotEqualTo(before);
                for (int pass = 0; pass < WARM; pass++) {
                    assertThat(output(model)).containsExactly(expected);
                }
            }
        }
    }

    @Test
    void twoLayersOfTheSameParametersAndAnotherEpsilonAreKeptApart() {
        Conv2d convolution = new Conv2d(3, 4, 1);
        BatchNorm sharp = new BatchNorm(4, 0.1, 1e-5);
        try (Model model = Model.create(session, new Sequential(convolution, sharp), 1);
                Model blunt = Model.create(session, new Sequential(new Conv2d(3, 4, 1), new BatchNorm(4, 0.1, 1)), 1)) {
            float[] first = output(model);
            float[] second = output(blunt);
            assertThat(first).isNotEqualTo(second);
            for (int pass = 0; pass < WARM; pass++) {
                assertThat(output(model)).containsExactly(first);
                assertThat(output(blunt)).containsExactly(second);
            }
        }
    }

    @Test
    void aClosedModelReleasesWhatIsKept() {
        long before = used();
        Model model = model();
        for (int pass = 0; pass < WARM; pass++) {
            output(model);
        }
        model.close();
        assertThat(used()).isEqualTo(before);
    }

    @Test
    void recordedPassesAndListenersSeeEveryOperation() {
        try (Model model = model()) {
            List<String> first = operations(model);
            for (int pass = 0; pass < WARM; pass++) {
                output(model);
            }
            assertThat(operations(model)).isEqualTo(first).contains("sqrt", "div");
            try (Scope scope = session.scope("recorded");
                    Tape tape = new Tape(session)) {
                float[] recorded =
                        model.forward(tape.watch(images), Pass.evaluation(tape)).toFloats();
                assertThat(recorded).usingComparatorWithPrecision(1e-5f).containsExactly(output(model));
            }
        }
    }

    private List<String> operations(Model model) {
        List<String> names = new ArrayList<>();
        try (Observation observation =
                session.observe(operation -> names.add(operation.op().name()))) {
            output(model);
        }
        return names;
    }
}
