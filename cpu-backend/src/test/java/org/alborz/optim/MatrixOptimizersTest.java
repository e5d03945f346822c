package org.alborz.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import org.alborz.backend.BackendOptions;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.nn.Sequential;
import org.alborz.optim.OptimizerEquationsTest.Numbers;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Optimizers that look at a parameter as a whole, in float64 against the equations in plain Java. */
class MatrixOptimizersTest {
    private static final Offset<Double> CLOSE = Offset.offset(1e-12);

    private interface Equation {
        /** Changes a matrix by its gradient at step t. */
        void step(double[][] theta, double[][] gradient, int t);
    }

    /** Runs an optimizer and the equation side by side on a matrix. */
    private static void compare(Optimizer optimizer, int rows, int columns, int steps, Equation equation) {
        for (String backend : new String[] {"cpu-scalar", "cpu-vector"}) {
            try (Session session = Session.open(backend, BackendOptions.defaults(), DType.FLOAT64)) {
                Numbers numbers = Numbers.of(rows, columns);
                Model model = Model.create(session, numbers, 1);
                Tensor value = numbers.parameter().value();
                double[][] theta = new double[rows][columns];
                for (int k = 0; k < rows * columns; k++) {
                    theta[k / columns][k % columns] = Math.cos(k * 0.9) * 0.7;
                }
                value.assign(session.tensor(flat(theta), value.shape()));
                optimizer.attach(model);
                for (int t = 1; t <= steps; t++) {
                    double[][] gradient = new double[rows][columns];
                    for (int k = 0; k < rows * columns; k++) {
                        gradient[k / columns][k % columns] =
                                OptimizerEquationsTest.gradient(k, t, theta[k / columns][k % columns]);
                    }
                    model.gradientViews().get(0).assign(session.tensor(flat(gradient), value.shape()));
                    optimizer.step(optimizer.learningRate(), t);
                    equation.step(theta, gradient, t);
                    assertThat(value.toDoubles()).as("%s, step %d", backend, t).containsExactly(flat(theta), CLOSE);
                }
                optimizer.detach();
                model.close();
            }
        }
    }

    private static double[] flat(double[][] matrix) {
        double[] all = new double[matrix.length * matrix[0].length];
        for (int i = 0; i < all.length; i++) {
            all[i] = matrix[i / matrix[0].length][i % matrix[0].length];
        }
        return all;
    }

    private static double norm(double[][] matrix) {
        double sum = 0;
        for (double[] row : matrix) {
            for (double x : row) {
                sum += x * x;
            }
        }
        return Math.sqrt(sum);
    }

    /** Algorithm 2 of the paper. */
    @Test
    void lamb() {
        int rows = 3;
        int columns = 5;
        double[][] m = new double[rows][columns];
        double[][] v = new double[rows][columns];
        compare(new Lamb(0.02).betas(0.8, 0.9).weightDecay(0.1), rows, columns, 6, (theta, g, t) -> {
            double[][] u = new double[rows][columns];
            if (t == 1) {
                Arrays.stream(m).forEach(row -> Arrays.fill(row, 0));
                Arrays.stream(v).forEach(row -> Arrays.fill(row, 0));
            }
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    m[i][j] = 0.8 * m[i][j] + (1 - 0.8) * g[i][j];
                    v[i][j] = 0.9 * v[i][j] + (1 - 0.9) * g[i][j] * g[i][j];
                    double mean = m[i][j] / (1 - Math.pow(0.8, t));
                    double square = v[i][j] / (1 - Math.pow(0.9, t));
                    u[i][j] = mean / (Math.sqrt(square) + 1e-6) + 0.1 * theta[i][j];
                }
            }
            double ratio = norm(theta) / norm(u);
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    theta[i][j] -= 0.02 * ratio * u[i][j];
                }
            }
        });
    }

    /** A parameter of zeros is moved as well, and one without a gradient stays. */
    @Test
    void lambWhereALengthIs0() {
        try (Session session = Session.open("cpu-vector")) {
            Numbers numbers = Numbers.of(3);
            Model model = Model.create(session, numbers, 1);
            Optimizer lamb = new Lamb(0.5);
            lamb.attach(model);
            model.gradientViews().get(0).assign(session.tensor(new float[] {1, -1, 0}));
            lamb.step(0.5, 1);
            assertThat(numbers.parameter().value().toFloats())
                    .containsExactly(new float[] {-0.5f, 0.5f, 0}, Offset.offset(1e-5f));
            lamb.detach();
            lamb.attach(model);
            float[] before = numbers.parameter().value().toFloats();
            model.gradients().fill(0);
            lamb.step(0.5, 1);
            assertThat(numbers.parameter().value().toFloats()).isEqualTo(before);
            model.close();
        }
    }

    /** Sections 3 to 8 of the paper; with relative steps, momentum and weight decay as well. */
    @ParameterizedTest
    @CsvSource({"false, 0, 0", "true, 0, 0", "false, 0.9, 0.1"})
    void adafactor(boolean relative, double momentum, double decay) {
        int rows = 4;
        int columns = 3;
        double[] r = new double[rows];
        double[] c = new double[columns];
        double[][] average = new double[rows][columns];
        Adafactor optimizer = (relative ? new Adafactor() : new Adafactor(0.1))
                .momentum(momentum)
                .weightDecay(decay)
                .clippingThreshold(0.5);
        compare(optimizer, rows, columns, 6, (theta, g, t) -> {
            if (t == 1) {
                Arrays.fill(r, 0);
                Arrays.fill(c, 0);
                Arrays.stream(average).forEach(row -> Arrays.fill(row, 0));
            }
            double share = 1 - Math.pow(t, -0.8);
            double mean = 0;
            for (int i = 0; i < rows; i++) {
                double sum = 0;
                for (int j = 0; j < columns; j++) {
                    sum += g[i][j] * g[i][j] + 1e-30;
                }
                r[i] = share * r[i] + (1 - share) * sum / columns;
                mean += r[i] / rows;
            }
            for (int j = 0; j < columns; j++) {
                double sum = 0;
                for (int i = 0; i < rows; i++) {
                    sum += g[i][j] * g[i][j] + 1e-30;
                }
                c[j] = share * c[j] + (1 - share) * sum / rows;
            }
            double[][] u = new double[rows][columns];
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    u[i][j] = g[i][j] / Math.sqrt(r[i] * c[j] / mean);
                }
            }
            double root = Math.sqrt(rows * columns);
            double excess = Math.max(1, norm(u) / root / 0.5);
            double alpha = (relative ? Math.min(1e-2, 1 / Math.sqrt(t)) : 0.1) * Math.max(1e-3, norm(theta) / root);
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    average[i][j] = momentum * average[i][j] + (1 - momentum) * u[i][j] / excess;
                    theta[i][j] -= alpha * (average[i][j] + decay * theta[i][j]);
                }
            }
        });
    }

    @Test
    void adafactorKeepsRowsAndColumnsOnly() {
        try (Session session = Session.open("cpu-vector")) {
            Model model = Model.create(session, new Conv2d(6, 8, 3), 1);
            Adafactor optimizer = new Adafactor(0.01);
            optimizer.attach(model);
            assertThat(optimizer.state()).isEmpty();
            assertThat(optimizer.parameterState().get("row_average.weight").shape())
                    .isEqualTo(Shape.of(54, 1));
            assertThat(optimizer.parameterState().get("column_average.weight").shape())
                    .isEqualTo(Shape.of(1, 8));
            assertThat(optimizer.parameterState().get("second_moment.bias").shape())
                    .isEqualTo(Shape.of(1, 8));
            optimizer.detach();
            assertThat(optimizer.parameterState()).isEmpty();
            model.close();
        }
    }

    private static double[][] product(double[][] a, double[][] b) {
        double[][] y = new double[a.length][b[0].length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < b[0].length; j++) {
                for (int k = 0; k < b.length; k++) {
                    y[i][j] += a[i][k] * b[k][j];
                }
            }
        }
        return y;
    }

    private static double[][] transposed(double[][] a) {
        double[][] y = new double[a[0].length][a.length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < a[0].length; j++) {
                y[j][i] = a[i][j];
            }
        }
        return y;
    }

    private static double[][] combined(double p, double[][] a, double q, double[][] b) {
        double[][] y = new double[a.length][a[0].length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < a[0].length; j++) {
                y[i][j] = p * a[i][j] + q * b[i][j];
            }
        }
        return y;
    }

    private static double[][] newtonSchulz(double[][] g) {
        double[][] x = combined(1 / (norm(g) + 1e-7), g, 0, g);
        for (int i = 0; i < 5; i++) {
            double[][] a = product(x, transposed(x));
            x = combined(3.4445, x, 1, product(combined(-4.7750, a, 2.0315, product(a, a)), x));
        }
        return x;
    }

    @ParameterizedTest
    @CsvSource({"3, 5, true", "5, 3, true", "4, 4, false"})
    void muon(int rows, int columns, boolean nesterov) {
        double[][][] velocity = new double[1][][];
        Muon optimizer = new Muon(0.02).nesterov(nesterov).weightDecay(0.1);
        compare(optimizer, rows, columns, 5, (theta, g, t) -> {
            velocity[0] = t == 1 ? g : combined(0.95, velocity[0], 1, g);
            double[][] x = newtonSchulz(nesterov ? combined(1, g, 0.95, velocity[0]) : velocity[0]);
            double scale = Math.sqrt(Math.max(1, (double) rows / columns));
            double[][] next = combined(1 - 0.02 * 0.1, theta, -0.02 * scale, x);
            for (int i = 0; i < rows; i++) {
                System.arraycopy(next[i], 0, theta[i], 0, columns);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu-scalar", "cpu-vector"})
    void muonMakesSingularValuesAlike(String backend) {
        try (Session session = Session.open(backend)) {
            Tensor x = session.normal(new RandomKey(1, 2, 3), Shape.of(24, 40));
            Tensor y = Muon.orthogonalized(x);
            double[] gram = y.matmul(y.transpose(0, 1)).toDoubles();
            for (int i = 0; i < 24; i++) {
                assertThat(gram[25 * i]).isBetween(0.4, 1.5); // squares of 0.63 to 1.22
            }
            double off = 0;
            for (int i = 0; i < gram.length; i++) {
                off = Math.max(off, i % 25 == 0 ? 0 : Math.abs(gram[i]));
            }
            assertThat(off).isLessThan(0.3);
        }
    }

    /** Convolution weights are stored as KH KW C O: the change is that of the matrix of outputs against the others. */
    @Test
    void muonTakesConvolutionsAsMatricesAndTheRestByAdamW() {
        try (Session session = Session.open("cpu-vector", BackendOptions.defaults(), DType.FLOAT64)) {
            Model model = Model.create(session, new Conv2d(2, 9, 2), 1);
            Parameter weight = model.parameter("weight");
            Parameter bias = model.parameter("bias");
            double[] gradient = new double[9 * 8];
            for (int k = 0; k < gradient.length; k++) {
                gradient[k] = OptimizerEquationsTest.gradient(k, 1, 0);
            }
            double[] before = weight.value().toDoubles();
            model.gradients().fill(0.5);
            model.gradientViews().get(0).assign(session.tensor(gradient, weight.shape()));
            Muon optimizer = new Muon(0.02).adamRate(0.003);
            optimizer.attach(model);
            optimizer.step(0.01, 1); // half of the learning rate, as a schedule would have it
            double[][] matrix = new double[9][8];
            for (int k = 0; k < gradient.length; k++) {
                matrix[k / 8][k % 8] = 1.95 * gradient[k];
            }
            double[] x = flat(newtonSchulz(matrix));
            double[] expected = new double[x.length];
            for (int k = 0; k < x.length; k++) {
                expected[k] = before[k] - 0.01 * Math.sqrt(9.0 / 8) * x[k];
            }
            assertThat(weight.value().toDoubles()).containsExactly(expected, Offset.offset(1e-10));
            assertThat(bias.value().toDoubles()[3]).isCloseTo(-0.0015, Offset.offset(1e-10));
            assertThat(optimizer.parameterState().keySet()).containsExactly("second_moment.bias");
            assertThat(optimizer.settings()).endsWith("matrices( weight)");
            optimizer.detach();
            Muon without = new Muon(0.02).matrices(parameter -> false);
            without.attach(model);
            double[] then = weight.value().toDoubles();
            without.step(0.02, 1);
            for (int k = 0; k < then.length; k++) {
                assertThat(weight.value().toDoubles()[k])
                        .isCloseTo(then[k] - 3e-4 * Math.signum(gradient[k]), Offset.offset(1e-9));
            }
            model.close();
        }
    }

    @Test
    void lookahead() {
        double[] slow = new double[6];
        Optimizer optimizer = new LookaheadOptimizer(new Sgd(0.1).momentum(0.9), 3, 0.25);
        double[] velocity = new double[6];
        compare(optimizer, 2, 3, 8, (theta, g, t) -> {
            for (int k = 0; k < 6; k++) {
                slow[k] = t == 1 ? theta[k / 3][k % 3] : slow[k];
                velocity[k] = (t == 1 ? 0 : 0.9 * velocity[k]) + g[k / 3][k % 3];
                theta[k / 3][k % 3] -= 0.1 * velocity[k];
                if (t % 3 == 0) {
                    slow[k] += 0.25 * (theta[k / 3][k % 3] - slow[k]);
                    theta[k / 3][k % 3] = slow[k];
                }
            }
        });
        assertThat(optimizer.settings()).contains("period=3 share=0.25 around sgd momentum=0.9");
    }

    /** Of three steps, the slow weights follow after the second by 0.75; then they take the place of the weights. */
    @Test
    void lookaheadWithSharesOfItsOwn() {
        try (Session session = Session.open("cpu-vector")) {
            Numbers numbers = Numbers.of(1);
            Model model = Model.create(session, numbers, 1);
            LookaheadOptimizer optimizer =
                    new LookaheadOptimizer(new Sgd(1), step -> step == 2 ? 0.75 : step == 4 ? 1.5 : Double.NaN);
            model.values().fill(0);
            optimizer.attach(model);
            model.gradients().fill(-4);
            double[] expected = {4, 6, 10};
            for (int i = 0; i < expected.length; i++) {
                optimizer.step(1, i + 1);
                assertThat(numbers.parameter().value().item()).isEqualTo(expected[i]);
            }
            optimizer.useSlowWeights();
            assertThat(numbers.parameter().value().item()).isEqualTo(6);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> optimizer.step(1, 4))
                    .withMessageContaining("share from 0 to 1, or NaN, after step 4, got 1.5");
            assertThat(numbers.parameter().value().item()).isEqualTo(6);
            numbers.parameter().value().fill(Double.NaN);
            optimizer.useSlowWeights();
            assertThat(numbers.parameter().value().item()).isEqualTo(6);
            model.close();
        }
    }

    /** @param inMemory whether the numbers of the step are, as in a captured one */
    private static void step(CapturableOptimizer optimizer, long step, boolean inMemory) {
        if (inMemory) {
            double[] numbers = optimizer.stepNumbers(1, step);
            optimizer.step(optimizer.model().session().tensor(numbers, Shape.of(numbers.length)));
        } else {
            optimizer.step(1, step);
        }
    }

    /** With a share of 0 the weights become the slow ones, whatever they are; in the capture of a step, which reads its numbers, as well. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void lookaheadTakesNothingOfWeightsThatAreNotFiniteByAShareOf0(boolean inMemory) {
        for (String backend : new String[] {"cpu-scalar", "cpu-vector"}) {
            try (Session session = Session.open(backend, BackendOptions.defaults(), DType.FLOAT64)) {
                Model model = Model.create(session, new Linear(5, 5), 1);
                LookaheadOptimizer optimizer = new LookaheadOptimizer(new Sgd(1), step -> step == 2 ? 0 : Double.NaN);
                model.values().fill(6);
                optimizer.attach(model);
                model.gradients().fill(0);
                optimizer.step(1, 1);
                model.gradients().fill(Double.POSITIVE_INFINITY);
                step(optimizer, 2, inMemory);
                assertThat(model.values().toDoubles()).as(backend).containsOnly(6);
                model.close();
            }
        }
    }

    /** There are none yet, but for what weights were when the optimizer was tied to the model, or those of a checkpoint. */
    @Test
    void slowWeightsAreNotUsedBeforeTheFirstStep() {
        try (Session session = Session.open("cpu-vector")) {
            Model model = Model.create(session, new Sequential(new Linear(2, 2), new BatchNorm(2)), 1);
            LookaheadOptimizer optimizer = new LookaheadOptimizer(new Sgd(1), 2, 0.5).withStatistics();
            optimizer.attach(model);
            model.parameters().values().forEach(parameter -> parameter.value().fill(8));
            optimizer.useSlowWeights();
            model.parameters()
                    .forEach((name, parameter) ->
                            assertThat(parameter.value().toDoubles()).as(name).containsOnly(8));
            optimizer.state().get("slow_weights").fill(9); // as a checkpoint is loaded
            optimizer.useSlowWeights();
            assertThat(model.parameter("0.weight").value().toDoubles()).containsOnly(9);
            model.close();
        }
    }

    /** Weights may be loaded after the optimizer was tied to the model, and parameters be frozen at first. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void lookaheadBeginsWithAllWeightsOfTheFirstStep(boolean inMemory) {
        try (Session session = Session.open("cpu-vector", BackendOptions.defaults(), DType.FLOAT64)) {
            Model model = Model.create(session, new Sequential(new Linear(2, 2), new BatchNorm(2)), 1);
            LookaheadOptimizer optimizer = new LookaheadOptimizer(new Sgd(1), 2, 0.5).withStatistics();
            optimizer.attach(model);
            model.parameters().values().forEach(parameter -> parameter.value().fill(8));
            model.freeze(name -> name.startsWith("0."));
            model.gradients().fill(0);
            step(optimizer, 1, inMemory);
            model.unfreeze(name -> true);
            optimizer.step(1, 2);
            model.parameters()
                    .forEach((name, parameter) ->
                            assertThat(parameter.value().toDoubles()).as(name).containsOnly(8));
            model.close();
        }
    }

    @Test
    void argumentsAreChecked() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LookaheadOptimizer(new LookaheadOptimizer(new Sgd(0.1))))
                .withMessageContaining("no Lookahead itself");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LookaheadOptimizer(new Sgd(0.1), 0, 0.5))
                .withMessageContaining("at least 1 step, got 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LookaheadOptimizer(new Sgd(0.1), 5, 0))
                .withMessageContaining("share above 0 and at most 1, got 0.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Adafactor(0.1).clippingThreshold(0))
                .withMessageContaining("clipping threshold above 0, got 0.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Muon(0))
                .withMessageContaining("learning rate above 0, got 0");
        for (Runnable wrong : new Runnable[] {
            () -> new Lamb(0.1).groups(ParameterGroup.all().decoupled(true)),
            () -> new Adafactor(0.1).groups(ParameterGroup.all().decoupled(false)),
            () -> new Muon(0.1).groups(ParameterGroup.vectors().decoupled(true))
        }) {
            assertThatIllegalArgumentException()
                    .isThrownBy(wrong::run)
                    .withMessageContaining("groups that do not say how they decay");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ParameterGroup.all().l1(-1))
                .withMessageContaining("L1 penalty of at least 0, got -1.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Optimizers.byName("adamm", 0.1, 0))
                .withMessageContaining("'adamm' is unknown; expected one of [sgd, ");
    }
}
