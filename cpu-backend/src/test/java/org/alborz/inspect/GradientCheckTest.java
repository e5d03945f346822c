package org.alborz.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.nn.Activations;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Dropout;
import org.alborz.nn.Flatten;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.ops.Call;
import org.alborz.ops.CustomOp;
import org.alborz.ops.Engine;
import org.alborz.ops.Op;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GradientCheckTest {
    private Session session;

    @BeforeEach
    void open() {
        session = Session.open("cpu-scalar", BackendOptions.defaults(), DType.FLOAT64);
    }

    @AfterEach
    void close() {
        session.close();
    }

    private Tensor normal(int seed, int... sizes) {
        return session.normal(new RandomKey(seed, 0, 0), Shape.of(sizes));
    }

    @Test
    void theGradientsOfANetAreRight() {
        Sequential net = new Sequential(
                new Conv2d(2, 3, 3),
                new BatchNorm(3),
                Activations.tanh(),
                new Dropout(0.3),
                new Flatten(),
                new Linear(48, 4));
        try (Model model = Model.create(session, net, 1)) {
            Tensor x = normal(5, 3, 2, 6, 6);
            Tensor labels = session.tensor(new int[] {0, 3, 1}, Shape.of(3));
            double[] values = model.values().toDoubles();
            double[] mean = model.parameter("1.running_mean").value().toDoubles();
            GradientCheckReport report = GradientCheck.of(
                            model, pass -> Loss.crossEntropy().of(model.forward(x, pass), labels))
                    .elements(12)
                    .run();
            assertThat(report.require(1e-6).kinks()).isZero();
            assertThat(report.rows())
                    .extracting(GradientCheckReport.Row::name)
                    .containsExactly("0.weight", "0.bias", "1.weight", "1.bias", "5.weight", "5.bias");
            assertThat(report.rows().get(0).checked()).isEqualTo(12);
            assertThat(report.rows().get(1).checked()).isEqualTo(3);
            assertThat(report.toString()).contains("5.weight", "[4, 48]");
            assertThat(model.values().toDoubles()).isEqualTo(values);
            assertThat(model.parameter("1.running_mean").value().toDoubles()).isEqualTo(mean);
        }
    }

    /** x², with a gradient that is wrong in one element. */
    private record WrongSquare() implements CustomOp {
        @Override
        public void infer(Call call) {
            call.result(call.shape(0));
        }

        @Override
        public void compute(Backend backend, Call call) {
            Tensor x = call.tensor(0);
            call.give(0, x.mul(x));
        }

        @Override
        public int saves() {
            return Op.input(0);
        }

        @Override
        public void gradient(Tensor dy, GradientSink inputs) {
            Tensor right = dy.mul(inputs.input(0)).mul(2);
            double[] values = right.toDoubles();
            values[4] *= 1.01;
            inputs.add(0, right.session().tensor(values, right.shape()));
        }
    }

    @Test
    void aWrongElementIsNamed() {
        Tensor x = session.tensor(new double[] {1, 2, 3, 4, 5, 6}, Shape.of(2, 3));
        GradientCheckReport report = GradientCheck.of(in -> Engine.apply(new WrongSquare(), in[0]), x)
                .run();
        GradientCheckReport.Element worst = report.worst().orElseThrow().worst();
        assertThat(worst.position()).containsExactly(1, 1);
        assertThat(worst.analytic()).isCloseTo(10.1, within(1e-12));
        assertThat(worst.numeric()).isCloseTo(10, within(1e-7));
        assertThat(worst.error()).isCloseTo(0.1 / 10.1, within(1e-6));
        assertThatThrownBy(() -> report.require(1e-6))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("of input 0 [2, 3], element [1, 1]: gradient 10.1");
        assertThat(x.toDoubles()).containsExactly(1, 2, 3, 4, 5, 6);
    }

    @Test
    void kinksAreCountedAndFailNothing() {
        Tensor x = session.tensor(new double[] {-1, 0, 3e-6, 2}, Shape.of(4)).named("x");
        GradientCheckReport report = GradientCheck.of(in -> in[0].relu(), x).run();
        assertThat(report.kinks()).isEqualTo(1);
        GradientCheckReport.Row row = report.require(1e-6).rows().get(0);
        assertThat(row.kink().position()).containsExactly(1);
        assertThat(row.kink().numeric()).isCloseTo(0.5, within(1e-8));
        assertThat(row.name()).isEqualTo("x");
        // a gradient outside of both one-sided derivatives is wrong at a kink as well
        GradientCheckReport wrong = GradientCheck.of(
                        in -> in[0].abs().add(in[0].mul(3).detach()), x)
                .run();
        assertThat(wrong.kinks()).isZero();
        assertThat(wrong.error()).isGreaterThan(0.5);
    }

    @Test
    void whatCannotBeCheckedIsRefused() {
        int[] calls = new int[1];
        Tensor x = session.ones(Shape.of(2));
        assertThatThrownBy(
                        () -> GradientCheck.of(in -> in[0].mul(++calls[0]), x).run())
                .hasMessageContaining("gives the same value each time, got 2.0 and 4.0");
        assertThatThrownBy(() -> GradientCheck.of(in -> in[0].sub(1).log(), x).run())
                .hasMessageContaining("expects a finite value");
        assertThatThrownBy(() -> GradientCheck.of(in -> in[0], x.to(DType.FLOAT32)))
                .hasMessageContaining("to(DType.FLOAT64)");
        try (Session single = Session.open("cpu-scalar");
                Model model = Model.create(single, new Linear(2, 2), 1)) {
            assertThatThrownBy(() -> GradientCheck.of(model, pass -> null))
                    .hasMessageContaining("a session of float64, got one of float32");
        }
        try (Model model = Model.create(session, new Linear(2, 2), 1)) {
            assertThatThrownBy(() -> GradientCheck.of(model, pass -> model.forward(normal(1, 1, 2), pass))
                            .evaluation()
                            .run())
                    .hasMessageContaining("a loss with one element");
        }
    }
}
