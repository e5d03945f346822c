package org.alborz.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.alborz.autograd.Tape;
import org.alborz.backend.BackendOptions;
import org.alborz.metrics.RunningMetrics;
import org.alborz.optim.Adam;
import org.alborz.optim.Optimizer;
import org.alborz.optim.Sgd;
import org.alborz.random.RandomStream;
import org.alborz.random.Streams;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Layers refuse settings that no run could use when they are made, and a layer that returns nothing is named. */
class ModuleArgumentsTest {
    private static final Layer LAYER = new Linear(2, 2);

    private final Session session =
            Session.open("cpu-scalar", BackendOptions.defaults().withThreads(1), DType.FLOAT32);

    @AfterEach
    void close() {
        session.close();
    }

    /** A layer of a user's that returns null. */
    private static final class Nothing implements Layer {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return null;
        }
    }

    private static void assertNull(String words, Runnable call) {
        assertThatIllegalArgumentException()
                .isThrownBy(call::run)
                .withMessageContainingAll(words.split("\\|"))
                .withMessageContaining("got null");
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void numbersThatAreNotFiniteAreRefused(double value) {
        assertNumber("leakyRelu", value, () -> Activations.leakyRelu(value));
        assertNumber("elu", value, () -> Activations.elu(value));
        assertNumber("constant", value, () -> Initializer.constant(value));
        assertNumber("normal", value, () -> Initializer.normal(value));
        assertNumber("uniform", value, () -> Initializer.uniform(value));
    }

    @Test
    void negativeExtentsAreRefused() {
        assertNumber("normal", -1, () -> Initializer.normal(-1));
        assertNumber("uniform", -1, () -> Initializer.uniform(-1));
    }

    private static void assertNumber(String name, double value, Runnable call) {
        assertThatIllegalArgumentException()
                .isThrownBy(call::run)
                .withMessageContainingAll(name + " expects a finite", "got " + value);
    }

    @Test
    void aStateMayBeginAtInfinity() {
        Parameter largest = Parameter.state(Shape.of(2), Double.NEGATIVE_INFINITY);
        Model model = Model.create(
                session,
                new Layer() {
                    @Override
                    public Tensor forward(Tensor x, Pass pass) {
                        return x;
                    }

                    @Override
                    public void describe(Structure structure) {
                        structure.parameter("largest", largest);
                    }
                },
                1);
        assertThat(model.parameters().get("largest").value().toFloats()).containsOnly(Float.NEGATIVE_INFINITY);
    }

    @Test
    void aModuleWithAParameterOfNoElementsStarts() {
        for (Initializer initializer : List.of(
                Initializer.heNormal(),
                Initializer.heUniform(),
                Initializer.xavierNormal(),
                Initializer.xavierUniform())) {
            double[] none = {};
            initializer.fill(Shape.of(0), none, new RandomStream(1, Streams.WEIGHTS.stream(0)));
            assertThat(none).isEmpty();
        }
    }

    @Test
    void whatIsNotGivenIsNamed() {
        assertNull("Residual|body", () -> new Residual(null));
        assertNull("Linear|activation", () -> new Linear(2, 2).activation(null));
        assertNull("Linear|initializer", () -> new Linear(2, 2).weight(null));
        assertNull("Conv2d|activation", () -> new Conv2d(1, 1, 1).activation(null));
        assertNull("Conv2d|initializer", () -> new Conv2d(1, 1, 1).weight(null));
        assertNull("Conv2d|parameters", () -> new Conv2d(1, 1, 1).with(null));
        assertNull("AvgPool2d|parameters", () -> new AvgPool2d((Pool2dParameters) null));
        assertNull("MaxPool2d|parameters", () -> new MaxPool2d((Pool2dParameters) null));
        assertNull("Sequential|layer 1", () -> new Sequential(LAYER, null));
        assertNull("Sequential|layer 0", () -> new Sequential(Arrays.asList(null, LAYER)));
        assertNull("Sequential|layers", () -> new Sequential((Layer[]) null));
        assertNull("Sequential|layers", () -> new Sequential((List<Layer>) null));
        assertNull("parameter|initializer", () -> Parameter.of(Shape.of(1), null));
        assertNull("parameter|initializer", () -> Parameter.filter(Shape.of(1, 1, 1, 1), null));
        assertNull("parameter|shape", () -> Parameter.of(null, Initializer.heNormal()));
        assertNull("parameter|shape", () -> Parameter.filter(null, Initializer.heNormal()));
        assertNull("parameter|shape", () -> Parameter.state(null, 0));
        assertNull("model|session", () -> Model.create(null, LAYER, 1));
        assertNull("model|module", () -> Model.create(session, null, 1));
        assertNull("model|module", () -> Model.namesOf(null));
        assertNull(
                "'a.b'|module",
                () -> Model.namesOf(describing(a -> a.module("a", describing(b -> b.module("b", null))))));
        assertNull("'w'|parameter", () -> Model.namesOf(describing(s -> s.parameter("w", null))));
        assertNull("RunningMetrics|model", () -> new RunningMetrics(null, List.of()));
        assertNull("optimizer|model", () -> new Sgd(0.1).attach(null));
        Model model = Model.create(session, new Linear(2, 2), 1);
        assertNull("model|input", () -> model.forward(null, Pass.evaluation()));
        assertNull("model|pass", () -> model.forward(session.ones(Shape.of(1, 2)), null));
    }

    private static Layer describing(Consumer<Structure> description) {
        return new Layer() {
            @Override
            public Tensor forward(Tensor x, Pass pass) {
                return x;
            }

            @Override
            public void describe(Structure structure) {
                description.accept(structure);
            }
        };
    }

    @Test
    void aModuleThatReturnsNullIsNamed() {
        assertNamed(new Nothing(), "");
        assertNamed(new Sequential(Activations.relu(), new Nothing(), Activations.relu()), "layer 1 of a Sequential");
        assertNamed(new Sequential(Activations.relu(), new Nothing()), "layer 1 of a Sequential");
        assertNamed(new Sequential(new Sequential(new Nothing())), "layer 0 of a Sequential");
        assertNamed(new Residual(new Nothing()), "body of a Residual");
        assertNamed(new Residual(new Sequential(new Nothing())), "layer 0 of a Sequential");
        assertNamed(new Residual(Activations.relu(), new Nothing()), "shortcut of a Residual");
        assertNamed(new Residual(new Sequential(), new Nothing()), "shortcut of a Residual");
    }

    private void assertNamed(Layer module, String place) {
        Model model = Model.create(session, module, 1);
        Tensor x = session.ones(Shape.of(2, 2));
        for (Pass pass : List.of(Pass.evaluation(), Pass.training(new Tape(session), 1, 1))) {
            assertThatThrownBy(() -> model.forward(x, pass))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll("ModuleArgumentsTest$Nothing", place, "returned null from forward");
        }
    }

    @Test
    void anOptimizerWhoseModelWasClosedSaysSo() {
        for (Optimizer optimizer : List.of(new Sgd(0.1), new Sgd(0.1).momentum(0.9), new Adam(0.1))) {
            Model model = Model.create(session, new Linear(2, 2), 1);
            optimizer.attach(model);
            model.close();
            assertThatThrownBy(() -> optimizer.step(0.1, 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("after its model was closed");
            optimizer.detach();
        }
    }
}
