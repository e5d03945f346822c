package org.alborz.ops;

import static org.assertj.core.api.Assertions.assertThat;

import org.alborz.autograd.Tape;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.BinaryOp;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Flatten;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.nn.Sequential;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Evaluation on cpu-vector keeps weights as its kernels read them. */
class KeptWeightsTest {
    /** Passes until everything is kept: the folded filter depends on a scale, and the packed one on the folded one. */
    private static final int WARM = 5;

    private static final int BATCH = 4;

    private Session session;
    private Tensor images;

    @BeforeEach
    void open() {
        session = Session.open("cpu-vector", BackendOptions.defaults().withPoison(), DType.FLOAT32);
        images = session.uniform(new RandomKey(7, 1, 0), Shape.of(BATCH, 3, 8, 8));
    }

    @AfterEach
    void close() {
        session.close();
    }

    /** A direct convolution of 3 channels, one by Winograd whose filter is folded, and two dense layers. */
    private Model model() {
        return Model.create(
                session,
                new Sequential(
                        new Conv2d(3, 11, 3),
                        new Conv2d(11, 9, 3),
                        new BatchNorm(9),
                        new Flatten(),
                        new Linear(9 * 16, 7).activation(Activation.RELU),
                        new Linear(7, 5)),
                1);
    }

    private float[] output(Model model, Tensor x) {
        try (Scope scope = session.scope("pass")) {
            return model.forward(x, Pass.evaluation()).toFloats();
        }
    }

    private float[] output(Model model) {
        return output(model, images);
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
    void packedWeightsAreKeptAndChangeNoBit() {
        try (Model model = model()) {
            float[] first = output(model);
            long folded = used();
            for (int pass = 1; pass < WARM; pass++) {
                assertThat(output(model)).containsExactly(first);
            }
            long warm = used();
            // At least 36 planes of Winograd's filter, 27 rows of the direct one, and both matrices, of any number of
            // lanes.
            assertThat(warm - folded).isGreaterThan(Float.BYTES * (36L * 11 * 9 + 27 * 11 + 9 * 16 * 7 + 7 * 5));
            for (int pass = 0; pass < 3; pass++) {
                assertThat(output(model)).containsExactly(first);
                assertThat(used()).isEqualTo(warm);
            }
            assertThat(computedAgain(model)).containsExactly(first);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.weight", "1.weight", "1.bias", "2.weight", "2.running_var", "4.weight", "5.weight"})
    void aChangeInPlaceIsNoticed(String name) {
        try (Model model = model()) {
            for (int pass = 0; pass < WARM; pass++) {
                output(model);
            }
            long warm = used();
            Parameter parameter = model.parameters().get(name);
            double step = name.equals("4.weight") ? -0.25 : 0.25; // larger weights would leave only 0 of the rectifier
            for (int change = 1; change < 3; change++) {
                float[] before = output(model);
                try (Tensor amount = session.full(step * change, parameter.shape())) {
                    parameter.value().update(BinaryOp.ADD, amount);
                }
                float[] expected = computedAgain(model);
                assertThat(expected).isNotEqualTo(before);
                for (int pass = 0; pass < WARM; pass++) {
                    assertThat(output(model)).containsExactly(expected);
                }
                assertThat(used()).isEqualTo(warm);
            }
        }
    }

    @Test
    void aClosedModelReleasesThem() {
        long before = used();
        Model model = model();
        for (int pass = 0; pass < WARM; pass++) {
            output(model);
        }
        model.close();
        assertThat(used()).isEqualTo(before);
    }

    @Test
    void batchesShareThem() {
        try (Model model = model();
                Tensor other = session.uniform(new RandomKey(7, 2, 0), Shape.of(BATCH + 1, 3, 8, 8))) {
            for (int pass = 0; pass < WARM; pass++) {
                output(model);
            }
            long warm = used();
            float[] first = output(model, other);
            for (int pass = 0; pass < WARM; pass++) {
                assertThat(output(model, other)).containsExactly(first);
            }
            assertThat(used()).isEqualTo(warm);
        }
    }

    @Test
    void whatIsRecordedKeepsNothing() {
        try (Model model = model()) {
            long before = used();
            for (int pass = 0; pass < WARM; pass++) {
                try (Scope scope = session.scope("step");
                        Tape tape = new Tape(session)) {
                    model.forward(images, Pass.training(tape, 1, pass));
                }
            }
            assertThat(used()).isEqualTo(before);
        }
    }
}
