package org.alborz.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.alborz.autograd.Gradients;
import org.alborz.autograd.Tape;
import org.alborz.backend.BackendOptions;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Weight and spectral normalisation give PyTorch 1.13's values, gradients and states, in float64. */
class WeightReparametrizationTest {
    private final Session session = Session.open("cpu-scalar", BackendOptions.defaults(), DType.FLOAT64);

    @AfterEach
    void close() {
        session.close();
    }

    private Tensor data(int... sizes) {
        double[] values = new double[(int) Shape.of(sizes).elements()];
        Arrays.setAll(values, i -> Math.sin(0.9 * i * i % 7 + 0.3 * i));
        return session.tensor(values, Shape.of(sizes));
    }

    private static Tensor value(Model model, String name) {
        return model.parameters().get(name).value();
    }

    private static void near(Tensor actual, double... expected) {
        assertThat(Arrays.copyOf(actual.toDoubles(), expected.length)).containsExactly(expected, within(1e-9));
    }

    private Tensor weighted(Tensor y) {
        double[] weights = new double[(int) y.shape().elements()];
        Arrays.setAll(weights, i -> Math.cos(0.5 * i));
        return y.mul(session.tensor(weights, y.shape())).sum();
    }

    /** A length of 16 bits would lose small steps; the direction's length does not matter. */
    @Test
    void lengthsStayFloat32InMixedPrecision() {
        try (Session narrow = Session.open("cpu-vector");
                Model model =
                        Model.create(narrow, new WeightNorm(new Linear(3, 2)), Precision.mixed(DType.BFLOAT16), 1)) {
            assertThat(model.parameters().get("weight_g").computed().dtype()).isEqualTo(DType.FLOAT32);
            assertThat(model.parameters().get("weight_v").computed().dtype()).isEqualTo(DType.BFLOAT16);
            assertThat(model.forward(narrow.ones(Shape.of(4, 3)), Pass.evaluation())
                            .toDoubles())
                    .doesNotContain(Double.NaN);
        }
    }

    @Test
    void weightNormOfLinear() {
        WeightNorm layer = new WeightNorm(new Linear(3, 2));
        try (Model model = Model.create(session, layer, 1);
                Tape tape = new Tape(session)) {
            value(model, "weight_v").assign(data(2, 3));
            value(model, "bias").assign(session.tensor(new double[] {0.1, -0.2}));
            value(model, "weight_g")
                    .assign(session.tensor(new double[] {1.2760647259559232, 1.358633156891145})
                            .mul(1.5)
                            .reshape(2, 1));
            Pass pass = Pass.training(tape, 1, 1);
            Tensor y = layer.forward(data(4, 3), pass);
            near(y, 2.542511777243448, 1.0129673309619713, 1.3129673309619714, 2.5688260825059976);
            Tensor g = pass.used(model.parameters().get("weight_g"));
            Tensor v = pass.used(model.parameters().get("weight_v"));
            Gradients gradients = tape.gradients(weighted(y), g, v);
            near(gradients.of(g), 1.9069293922713242, 1.274191327554694);
            near(
                    gradients.of(v),
                    1.7262331851221513,
                    0.050995448383616825,
                    0.05453312563787198,
                    -0.19611175130620043,
                    0.395289724716402,
                    -1.536261700432166);
            near(layer.forward(data(4, 3), Pass.evaluation()), y.toDoubles());
        }
    }

    /** Lengths start as the weights', so that the layer starts as it would without; they are v's of the same seed. */
    @Test
    void weightNormStartsAsTheLayer() {
        WeightNorm layer = new WeightNorm(new Conv2d(2, 3, 2));
        Conv2d plain = new Conv2d(2, 3, 2);
        try (Model model = Model.create(session, layer, 5);
                Model other = Model.create(session, plain, 5)) {
            assertThat(model.parameters()).containsOnlyKeys("weight_v", "bias", "weight_g");
            Tensor x = data(1, 2, 3, 3);
            near(
                    layer.forward(x, Pass.evaluation()),
                    plain.forward(x, Pass.evaluation()).toDoubles());
            value(model, "weight_v").assign(data(3, 2, 2, 2));
            value(model, "bias").fill(0);
            value(model, "weight_g")
                    .assign(data(3, 2, 2, 2).reshape(3, 8).norm(true, 1).mul(2).reshape(3, 1, 1, 1));
            near(
                    layer.forward(x, Pass.evaluation()),
                    -0.025784447764582885,
                    -1.0306551160682944,
                    3.999085111164616,
                    1.3593030762788216,
                    -1.3292046940031694);
        }
    }

    @Test
    void spectralNormOfLinear() {
        SpectralNorm layer = new SpectralNorm(new Linear(3, 2));
        try (Model model = Model.create(session, layer, 1);
                Tape tape = new Tape(session)) {
            assertThat(model.parameters()).containsOnlyKeys("weight_orig", "bias", "weight_u", "weight_v");
            value(model, "weight_orig").assign(data(2, 3));
            value(model, "bias").assign(session.tensor(new double[] {0.1, -0.2}));
            value(model, "weight_u").assign(session.tensor(new double[] {0.6, 0.8}));
            Pass pass = Pass.training(tape, 1, 1);
            Tensor y = layer.forward(data(4, 3), pass);
            double[] first = {1.119763063425692, 0.30642101003625094, 0.6064210100362508, 0.9560012092043428};
            near(y, first);
            near(value(model, "weight_u"), 0.6376339095978385, 0.7703395337972572);
            near(value(model, "weight_v"), 0.456088043716987, 0.8519901836814268, -0.257092246652637);
            Tensor w = pass.used(model.parameters().get("weight_orig"));
            near(
                    tape.gradients(weighted(y), w).of(w),
                    0.24571298489592663,
                    0.0062412264274327445,
                    -0.5251617227508518,
                    -0.12167247106739776,
                    -0.3198669622102689,
                    -0.23503587345123672);
            near(layer.forward(data(4, 3), Pass.evaluation()), first);
        }
    }

    /** The states start near the largest singular value's vectors, and training passes come nearer; PyTorch's svdvals gives 2.40157. */
    @Test
    void spectralNormFindsTheLargestSingularValue() {
        Conv2d inner = new Conv2d(2, 3, 2).bias(false);
        SpectralNorm layer = new SpectralNorm(inner, 30);
        try (Model model = Model.create(session, layer, 3);
                Tape tape = new Tape(session)) {
            double before = largest(value(model, "weight_orig"), model);
            assertThat(before).isPositive();
            value(model, "weight_orig").assign(data(3, 2, 2, 2));
            layer.forward(data(1, 2, 3, 3), Pass.training(tape, 1, 1));
            assertThat(largest(value(model, "weight_orig"), model)).isCloseTo(2.4015665111481215, within(1e-6));
            Tensor y = layer.forward(data(1, 2, 3, 3), Pass.evaluation());
            Tensor plain = data(1, 2, 3, 3).conv2d(data(3, 2, 2, 2));
            assertThat(y.toDoubles()[0] * 2.4015665111481215).isCloseTo(plain.toDoubles()[0], within(1e-6));
        }
    }

    private static double largest(Tensor weight, Model model) {
        Tensor matrix = weight.reshape(3, 8);
        Tensor u = value(model, "weight_u").reshape(1, 3);
        return u.matmul(matrix)
                .matmul(value(model, "weight_v").reshape(8, 1))
                .reshape(Shape.scalar())
                .item();
    }

    /** Evaluation of a chain, which waits with what it may fuse, gives what layer after layer does, and leaves few tensors beside its result. */
    @Test
    void inAChain() {
        WeightNorm first = new WeightNorm(new Conv2d(2, 4, 2));
        BatchNorm second = new BatchNorm(4);
        SpectralNorm third = new SpectralNorm(new Conv2d(4, 4, 1));
        GroupNorm fourth = new GroupNorm(2, 4);
        Sequential chain = new Sequential(first, second, Activations.relu(), third, fourth);
        try (Model model = Model.create(session, chain, 3)) {
            Tensor x = data(2, 2, 4, 4);
            Tensor y = second.forward(first.forward(x, Pass.evaluation()), Pass.evaluation())
                    .relu();
            double[] expected = fourth.forward(third.forward(y, Pass.evaluation()), Pass.evaluation())
                    .toDoubles();
            try (Scope scope = session.scope("evaluation")) {
                near(model.forward(x, Pass.evaluation()), expected);
                assertThat(scope.size()).isLessThanOrEqualTo(4);
            }
            for (int step = 1; step <= 2; step++) {
                try (Scope scope = session.scope("step");
                        Tape tape = new Tape(session)) {
                    Pass pass = Pass.training(tape, 1, step);
                    Tensor loss = model.forward(x, pass).square().mean();
                    Tensor g = pass.used(model.parameters().get("0.weight_g"));
                    assertThat(tape.gradients(loss, g).of(g).toDoubles()).doesNotContain(Double.NaN);
                }
            }
        }
    }

    /** A layer used twice in a pass iterates twice, and the gradient is that of both uses. */
    @Test
    void usedTwiceInAPass() {
        SpectralNorm layer = new SpectralNorm(new Linear(3, 3));
        try (Model model = Model.create(session, layer, 3);
                Tape tape = new Tape(session)) {
            Pass pass = Pass.training(tape, 1, 1);
            Tensor y = layer.forward(layer.forward(data(2, 3), pass), pass);
            Tensor w = pass.used(model.parameters().get("weight_orig"));
            assertThat(tape.gradients(y.square().sum(), w).of(w).toDoubles()).doesNotContain(Double.NaN);
        }
    }

    /** Since a resumed run must have the same words, they name no object of this process. */
    @Test
    void aLayerWithoutWordsIsNamedByItsClass() {
        Linear linear = new Linear(3, 2);
        Layer unnamed = new Layer() {
            @Override
            public Tensor forward(Tensor x, Pass pass) {
                return linear.forward(x, pass);
            }

            @Override
            public void describe(Structure structure) {
                linear.describe(structure);
            }
        };
        assertThat(new WeightNorm(unnamed)).hasToString("WeightNorm(class WeightReparametrizationTest$1)");
        assertThat(new SpectralNorm(unnamed, 2))
                .hasToString("SpectralNorm(class WeightReparametrizationTest$1, iterations=2)");
    }

    @Test
    void layersWithoutAWeightAreRefused() {
        assertThatThrownBy(() -> new WeightNorm(new Dropout(0.5)))
                .hasMessageContainingAll("WeightNorm expects a layer with a parameter 'weight'", "Dropout(0.5)");
        assertThatThrownBy(() -> new SpectralNorm(new LayerNorm(3))).hasMessageContaining("at least two axes");
        assertThatThrownBy(() -> new SpectralNorm(new Linear(2, 2), 0))
                .hasMessageContaining("at least 1 iteration, got 0");
    }
}
