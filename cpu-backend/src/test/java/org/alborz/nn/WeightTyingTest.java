package org.alborz.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.alborz.optim.Sgd;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A parameter that parts share is one parameter with several names. */
class WeightTyingTest {
    private Session session;
    private Tensor x;

    @BeforeEach
    void open() {
        session = Session.open("cpu-scalar");
        x = session.normal(new RandomKey(1, 0, 0), Shape.of(5, 3));
    }

    @AfterEach
    void close() {
        session.close();
    }

    /** An autoencoder whose decoder is its encoder transposed: one matrix, described as that of both. */
    private static final class Tied implements Layer {
        private final Parameter matrix = Parameter.of(Shape.of(2, 3), Initializer.heNormal());

        @Override
        public Tensor forward(Tensor input, Pass pass) {
            Tensor w = pass.use(matrix);
            return input.matmul(w.transpose(0, 1)).square().matmul(w);
        }

        @Override
        public void describe(Structure structure) {
            structure.module("encoder", part());
            structure.module("decoder", part());
        }

        private Module part() {
            return new Module() {
                @Override
                public void describe(Structure structure) {
                    structure.parameter("weight", matrix);
                }
            };
        }
    }

    @Test
    void aSharedParameterIsThereOnce() {
        Tied net = new Tied();
        try (Model model = Model.create(session, net, 1)) {
            assertThat(model.parameters().keySet()).containsExactly("encoder.weight");
            assertThat(net.matrix.names()).containsExactly("encoder.weight", "decoder.weight");
            assertThat(net.matrix.name()).isEqualTo("encoder.weight");
            assertThat(model.parameterCount()).isEqualTo(6);
            assertThat(model.trainable()).containsExactly(net.matrix);
            assertThat(model.parameter("decoder.weight")).isSameAs(net.matrix);
            assertThat(Model.namesOf(new Tied()).keySet()).containsExactly("encoder.weight", "decoder.weight");
            model.freeze(name -> name.startsWith("decoder."));
            assertThat(model.isFrozen("encoder.weight")).isTrue();
        }
    }

    @Test
    void itsGradientIsTheSumOverItsUses() {
        try (Model model = Model.create(session, new Tied(), 1)) {
            Tensor w = model.parameter("encoder.weight").value();
            double[] before = w.toDoubles();
            double[] gradient;
            try (TrainingStep step = model.step(1, 1)) {
                step.backward(Loss.mse().of(step.forward(x), x));
                gradient = model.gradientViews().get(0).toDoubles();
                new Sgd(0.5).step(step);
            }
            double[] after = w.toDoubles();
            for (int i = 0; i < before.length; i++) {
                assertThat(after[i]).isCloseTo(before[i] - 0.5 * gradient[i], within(1e-6));
                double h = 1e-2;
                assertThat(gradient[i])
                        .isCloseTo(
                                (lossAt(model, before, i, h) - lossAt(model, before, i, -h)) / (2 * h), within(1e-2));
            }
        }
    }

    private double lossAt(Model model, double[] values, int index, double step) {
        double[] moved = values.clone();
        moved[index] += step;
        model.parameter("encoder.weight").value().assign(session.tensor(moved, Shape.of(2, 3)));
        return Loss.mse().of(model.forward(x, Pass.evaluation()), x).item();
    }

    @Test
    void aLayerThatIsThereTwiceLearnsOnce() {
        Linear shared = new Linear(3, 3);
        try (Model model =
                Model.create(session, new Sequential(shared, Activations.tanh(), shared, new Linear(3, 1)), 1)) {
            assertThat(model.parameters().keySet()).containsExactly("0.weight", "0.bias", "3.weight", "3.bias");
            assertThat(model.parameter("2.bias").names()).isEqualTo(List.of("0.bias", "2.bias"));
            try (TrainingStep step = model.step(1, 1)) {
                step.backward(step.forward(x).square().mean());
                new Sgd(0.1).step(step);
            }
            assertThat(model.parameter("0.bias").value().toFloats()).doesNotContain(0);
        }
    }

    @Test
    void sharingDoesNotChangeHowOthersStart() {
        Linear shared = new Linear(3, 3);
        try (Model tied = Model.create(session, new Sequential(shared, shared, new Linear(3, 2)), 1);
                Model plain = Model.create(session, new Sequential(new Linear(3, 3), new Linear(3, 2)), 1)) {
            assertThat(tied.values().toFloats()).isEqualTo(plain.values().toFloats());
        }
    }

    @Test
    void sharingBetweenModelsIsRefused() {
        Linear shared = new Linear(3, 3);
        try (Model first = Model.create(session, new Sequential(shared, shared), 1)) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> Model.create(session, shared, 1))
                    .withMessageContainingAll("'weight'", "already belongs to a model as '0.weight'");
            assertThat(first.parameterCount()).isEqualTo(12);
        }
    }
}
