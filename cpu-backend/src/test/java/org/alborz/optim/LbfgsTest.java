package org.alborz.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import java.util.Map;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.UnaryOp;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Precision;
import org.alborz.nn.TrainingStep;
import org.alborz.optim.OptimizerEquationsTest.Numbers;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Full-batch steps against PyTorch 1.13's LBFGS with strong_wolfe. */
class LbfgsTest {
    /** tanh(x·Wᵀ + b) against targets, squared: loss before the step, weights and bias after it, and evaluations up to then. */
    private static final double[][] REGRESSION = {
        {0.10683271142998653, 0.45383830462778779, -0.36711829123111162, 0.56192511290998925, 0.299887132276622, 5},
        {0.065557368444964251, 0.48158984405764127, -0.38410072462614381, 0.50020870669007189, 0.31152688311692589, 10},
        {0.064913775103083271, 0.63350788149782733, -0.36817881236649774, 0.38013449376917963, 0.23934302325250367, 15},
        {0.064594565953041611, 0.63556576389197617, -0.3679366530069233, 0.37856093009417974, 0.23884370748048336, 18},
        {0.064594420530157598, 0.63556576389197617, -0.3679366530069233, 0.37856093009417974, 0.23884370748048336, 19}
    };

    /** 100·(y − x²)² + (1 − x)², likewise. */
    private static final double[][] ROSENBROCK = {
        {24.199999999999996, -0.66570845708889592, 0.41398308319536115, 12},
        {2.8597591407314629, 0.34184236067537654, 0.099258273738500519, 25},
        {0.46414017749550629, 0.91607136245436938, 0.83424736758525686, 37},
        {0.0094837572809758526, 0.99998142107913657, 0.99996196518109892, 46},
        {4.2214575112633082e-10, 0.99998142107913657, 0.99996196518109892, 47}
    };

    /** The regression with the penalty 0.05·‖W‖² of the weights, which is a weight decay of 0.1, likewise. */
    private static final double[][] DECAYED = {
        {0.15058271142998653, 0.2922674507381793, -0.1978806722330143, 0.3519444495333718, 0.3111348468741507, 5},
        {0.07916720910923175, 0.1589687220458682, 0.16570174880036015, 0.16698060126330946, 0.313724040303671, 10},
        {0.06976032621620394, 0.15773581913924764, 0.16174697453491696, 0.16572507974409187, 0.3128174799327479, 13},
        {0.06975461399790146, 0.15773581913924764, 0.16174697453491696, 0.16572507974409187, 0.3128174799327479, 14},
        {0.06975461399790146, 0.15773581913924764, 0.16174697453491696, 0.16572507974409187, 0.3128174799327479, 15}
    };

    private static Session doubles(String backend) {
        return Session.open(backend, BackendOptions.defaults(), DType.FLOAT64);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu-scalar", "cpu-vector"})
    void aRegressionAsPyTorchDoesIt(String backend) {
        regression(backend, REGRESSION);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu-scalar", "cpu-vector"})
    void aWeightDecayOfAGroupIsPartOfTheLoss(String backend) {
        regression(backend, DECAYED, ParameterGroup.named("weight"::equals).weightDecay(0.1));
        regression(
                backend,
                DECAYED,
                ParameterGroup.vectors().weightDecay(0),
                ParameterGroup.all().weightDecay(0.1));
    }

    private static void regression(String backend, double[][] steps, ParameterGroup... groups) {
        double[] x = new double[24];
        double[] y = new double[8];
        for (int i = 0; i < 8; i++) {
            for (int j = 0; j < 3; j++) {
                x[3 * i + j] = i * 7 % 5 / 5.0 + 0.1 * j * (i % 3) - 0.3 * j;
            }
            y[i] = i * 3 % 7 / 7.0;
        }
        try (Session session = doubles(backend)) {
            Linear layer = new Linear(3, 1);
            Model model = Model.create(session, layer, 1);
            Tensor weight = model.parameter("weight").value();
            Tensor bias = model.parameter("bias").value();
            weight.assign(session.tensor(new double[] {0.5, -0.25, 0.75}, Shape.of(1, 3)));
            bias.assign(session.tensor(new double[] {0.125}, Shape.of(1)));
            Tensor inputs = session.tensor(x, Shape.of(8, 3));
            Tensor targets = session.tensor(y, Shape.of(8, 1));
            try (Lbfgs lbfgs = new Lbfgs(model).iterations(4).history(3).groups(groups)) {
                for (double[] expected : steps) {
                    double loss = lbfgs.step(
                            step -> Loss.mse().of(step.forward(inputs).apply(UnaryOp.TANH), targets));
                    assertThat(loss).isCloseTo(expected[0], Offset.offset(1e-12));
                    assertThat(weight.toDoubles())
                            .containsExactly(new double[] {expected[1], expected[2], expected[3]}, Offset.offset(1e-9));
                    assertThat(bias.toDoubles()[0]).isCloseTo(expected[4], Offset.offset(1e-9));
                    assertThat(lbfgs.evaluations()).isEqualTo((long) expected[5]);
                }
            }
            model.close();
        }
    }

    private static Tensor rosenbrock(Tensor point) {
        Tensor x = point.narrow(0, 0, 1);
        Tensor y = point.narrow(0, 1, 1);
        return y.sub(x.square()).square().mul(100).add(x.neg().add(1).square()).sum();
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu-scalar", "cpu-vector"})
    void rosenbrocksValleyAsPyTorchDoesIt(String backend) {
        try (Session session = doubles(backend)) {
            Numbers numbers = Numbers.of(2);
            Model model = Model.create(session, numbers, 1);
            Tensor value = numbers.parameter().value();
            value.assign(session.tensor(new double[] {-1.2, 1}, Shape.of(2)));
            long used = session.memory().used();
            Lbfgs lbfgs = new Lbfgs(model).iterations(10);
            for (double[] expected : ROSENBROCK) {
                double loss = lbfgs.step(step -> rosenbrock(step.pass().use(numbers.parameter())));
                assertThat(loss).isCloseTo(expected[0], Offset.offset(1e-8));
                assertThat(value.toDoubles())
                        .containsExactly(new double[] {expected[1], expected[2]}, Offset.offset(1e-7));
                assertThat(lbfgs.evaluations()).isEqualTo((long) expected[3]);
            }
            lbfgs.close();
            assertThat(session.memory().used()).isEqualTo(used);
            model.close();
        }
    }

    /** Many iterations take no more memory than a few. */
    @Test
    void gradientsOfEarlierIterationsAreNotKept() {
        int n = 4096;
        double[] curvatures = new double[n];
        for (int i = 0; i < n; i++) {
            curvatures[i] = Math.pow(1000, i / (n - 1.0));
        }
        try (Session session = doubles("cpu-vector")) {
            Numbers numbers = Numbers.of(n);
            Model model = Model.create(session, numbers, 1);
            Tensor factors = session.tensor(curvatures, Shape.of(n));
            numbers.parameter().value().fill(1);
            try (Lbfgs lbfgs = new Lbfgs(model).history(1).tolerances(0, 0)) {
                long[] peaks = new long[2];
                int[] iterations = {5, 60};
                for (int i = 0; i < peaks.length; i++) {
                    lbfgs.iterations(iterations[i])
                            .step(step -> step.pass()
                                    .use(numbers.parameter())
                                    .square()
                                    .mul(factors)
                                    .sum());
                    peaks[i] = session.memory().peak();
                }
                assertThat(lbfgs.evaluations()).isGreaterThan(60);
                assertThat(peaks[1] - peaks[0]).isLessThan(8L * n * Double.BYTES);
            }
            model.close();
        }
    }

    @Test
    void float32ComesToTheSameValley() {
        try (Session session = Session.open("cpu-vector")) {
            Numbers numbers = Numbers.of(2);
            Model model = Model.create(session, numbers, 1);
            numbers.parameter().value().assign(session.tensor(new float[] {-1.2f, 1}));
            try (Lbfgs lbfgs = new Lbfgs(model)) {
                for (int i = 0; i < 10; i++) {
                    lbfgs.step(step -> rosenbrock(step.pass().use(numbers.parameter())));
                }
            }
            assertThat(numbers.parameter().value().toDoubles())
                    .containsExactly(new double[] {1, 1}, Offset.offset(1e-3));
            model.close();
        }
    }

    @Test
    void frozenParametersStayAndALossThatIsNoNumberChangesNothing() {
        try (Session session = Session.open("cpu-vector")) {
            Model model = Model.create(session, new Linear(3, 1), 1);
            Tensor x = session.tensor(new float[][] {{1, 2, 3}, {3, 1, -1}, {0, 1, 2}, {-1, 1, 1}});
            Tensor y = session.tensor(new float[][] {{1}, {2}, {3}, {4}});
            try (Lbfgs lbfgs = new Lbfgs(model)) {
                lbfgs.step(step -> loss(step, x, y));
                model.freeze(name -> name.equals("weight"));
                float[] frozen = model.parameter("weight").value().toFloats();
                float[] bias = model.parameter("bias").value().toFloats();
                lbfgs.step(step -> loss(step, x, y)
                        .add(step.pass().use(model.parameter("bias")).sum()));
                assertThat(model.parameter("weight").value().toFloats()).isEqualTo(frozen);
                assertThat(model.parameter("bias").value().toFloats()).isNotEqualTo(bias);
                float[] before = model.values().toFloats();
                double loss = lbfgs.step(step -> loss(step, x, y).mul(Double.NaN));
                assertThat(loss).isNaN();
                assertThat(model.values().toFloats()).isEqualTo(before);
            }
            model.close();
        }
    }

    private static Tensor loss(TrainingStep step, Tensor x, Tensor y) {
        return Loss.mse().of(step.forward(x), y);
    }

    @Test
    void whatIsRefusedChangesNothing() {
        try (Session session = Session.open("cpu-vector");
                Model model = Model.create(session, new Linear(3, 1), 1);
                Lbfgs lbfgs = new Lbfgs(model)
                        .weightDecay(0.2)
                        .groups(ParameterGroup.vectors().weightDecay(0.1))) {
            String settings = lbfgs.settings();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> lbfgs.groups(ParameterGroup.named("none"::equals)))
                    .withMessageContaining("takes no learned parameter");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> lbfgs.weightDecay(1e300))
                    .withMessageContaining("weight decay");
            assertThatIllegalArgumentException().isThrownBy(() -> lbfgs.groups((ParameterGroup[]) null));
            assertThat(lbfgs.settings()).isEqualTo(settings);
            Tensor x = session.normal(Shape.of(4, 3), 1);
            double loss = lbfgs.step(step -> loss(step, x, x.narrow(1, 0, 1)));
            assertThat(lbfgs.step(step -> loss(step, x, x.narrow(1, 0, 1)))).isLessThan(loss);
        }
    }

    @Test
    void leavesNothingInTheModel() {
        try (Session session = Session.open("cpu-vector");
                Model model = Model.create(session, new Linear(3, 1), 1)) {
            Lbfgs lbfgs = new Lbfgs(model).groups(ParameterGroup.vectors().weightDecay(0.1));
            List<Span> spans = List.copyOf(lbfgs.spans());
            assertThat(spans).hasSize(2);
            lbfgs.close();
            lbfgs.close();
            assertThat(spans)
                    .allMatch(
                            span -> span.values().isClosed() && span.gradients().isClosed());
            Tensor x = session.normal(Shape.of(4, 3), 1);
            List<ThrowingCallable> uses = List.of(
                    () -> lbfgs.step(step -> loss(step, x, x.narrow(1, 0, 1))),
                    () -> lbfgs.weightDecay(0.1),
                    lbfgs::groups,
                    lbfgs::settings,
                    lbfgs::state,
                    lbfgs::forget,
                    () -> lbfgs.restore(Map.of(), new Lbfgs.Progress(0, 0, 1, 0, 0, 0)));
            for (ThrowingCallable use : uses) {
                assertThatIllegalStateException()
                        .isThrownBy(use)
                        .withMessage("Lbfgs was used after it was closed; make another one");
            }
            try (Lbfgs another = new Lbfgs(model)) {
                another.step(step -> loss(step, x, x.narrow(1, 0, 1)));
            }
        }
    }

    @Test
    void argumentsAreChecked() {
        try (Session session = Session.open("cpu-vector");
                Model scaled = Model.create(session, new Linear(2, 1), Precision.mixed(DType.FLOAT16), 1);
                Model model = Model.create(session, new Linear(2, 1), 1);
                Lbfgs lbfgs = new Lbfgs(model)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Lbfgs(scaled))
                    .withMessageContaining("loss is not scaled");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> lbfgs.iterations(0))
                    .withMessageContaining("at least 1 step, got 0");
            for (ParameterGroup group : List.of(
                    ParameterGroup.all().rateFactor(0.5),
                    ParameterGroup.all().l1(0.1),
                    ParameterGroup.all().weightDecay(0.1).decoupled(true))) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> lbfgs.groups(group))
                        .withMessageContaining("groups with a weight decay only");
            }
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> lbfgs.groups(ParameterGroup.named("none"::equals)))
                    .withMessageContaining("takes no learned parameter");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> lbfgs.learningRate(0))
                    .withMessageContaining("learning rate above 0, got 0.0");
        }
    }
}
