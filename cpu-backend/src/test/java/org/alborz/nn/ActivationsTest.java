package org.alborz.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.Stream;
import org.alborz.autograd.Tape;
import org.alborz.backend.BackendOptions;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Activations and their gradients against numbers of PyTorch 1.13.1 in float64. */
class ActivationsTest {
    private static final double[] X = {-3.5, -3, -1.25, -0.5, 0, 0.5, 1.25, 3, 3.5, -20, 20};

    private final Session session =
            Session.open("cpu-vector", BackendOptions.defaults().withThreads(1), DType.FLOAT64);

    @AfterEach
    void close() {
        session.close();
    }

    private static double[] row(double... values) {
        return values;
    }

    static Stream<Arguments> activations() {
        return Stream.of(
                Arguments.of(
                        Activations.selu(),
                        row(
                                -1.705009340957283,
                                -1.6705687287671118,
                                -1.2543954463378648,
                                -0.6917581878028713,
                                0,
                                0.5253504936777402,
                                1.3133762341943505,
                                3.1521029620664414,
                                3.677453455744182,
                                -1.758099337223664,
                                21.014019747109607),
                        row(
                                0.05308999989009366,
                                0.08753061208026487,
                                0.5037038945095117,
                                1.0663411530445053,
                                1.7580993408473766,
                                1.0507009873554805,
                                1.0507009873554805,
                                1.0507009873554805,
                                1.0507009873554805,
                                3.6237128249944113e-09,
                                1.0507009873554805)),
                Arguments.of(
                        Activations.silu(),
                        row(
                                -0.10259280762974712,
                                -0.14227761953270035,
                                -0.27837517353163604,
                                -0.1887703343990727,
                                0,
                                0.3112296656009273,
                                0.9716248264683639,
                                2.8577223804672998,
                                3.3974071923702525,
                                -4.122307236380407e-08,
                                19.999999958776925),
                        row(
                                -0.07027335282771814,
                                -0.08810410601516962,
                                0.00631915508468757,
                                0.2600388126973482,
                                0.5,
                                0.7399611873026519,
                                0.9936808449153124,
                                1.0881041060151693,
                                1.0702733528277182,
                                -3.9161918660646786e-08,
                                1.0000000391619202)),
                Arguments.of(
                        Activations.mish(),
                        row(
                                -0.10409575448637122,
                                -0.1456474612756246,
                                -0.3084139611415277,
                                -0.22074377465173,
                                0,
                                0.37524521130489513,
                                1.1318703042410392,
                                2.9865350049679575,
                                3.4939907151175196,
                                -4.122307240628762e-08,
                                20),
                        row(
                                -0.07276041344326706,
                                -0.09339311453232084,
                                -0.014697562473019496,
                                0.28951067791351226,
                                0.6,
                                0.8864243753577273,
                                1.080463093148231,
                                1.0211069109294435,
                                1.0099393249951327,
                                -3.916191874348969e-08,
                                1)),
                Arguments.of(
                        Activations.hardSigmoid(),
                        row(
                                0,
                                0,
                                0.2916666666666667,
                                0.4166666666666667,
                                0.5,
                                0.5833333333333334,
                                0.7083333333333334,
                                1,
                                1,
                                0,
                                1),
                        row(0, 0, 1 / 6.0, 1 / 6.0, 1 / 6.0, 1 / 6.0, 1 / 6.0, 0, 0, 0, 0)),
                // At −3, where PyTorch 1.13 has −0.5 and later versions 0, this has 0.
                Arguments.of(
                        Activations.hardSwish(),
                        row(
                                0,
                                0,
                                -0.3645833333333333,
                                -0.20833333333333334,
                                0,
                                0.2916666666666667,
                                0.8854166666666666,
                                3,
                                3.5,
                                0,
                                20),
                        row(
                                0,
                                0,
                                0.08333333333333331,
                                0.33333333333333337,
                                0.5,
                                0.6666666666666666,
                                0.9166666666666667,
                                1,
                                1,
                                0,
                                1)),
                Arguments.of(
                        Activations.relu6(),
                        row(0, 0, 0, 0, 0, 0.5, 1.25, 3, 3.5, 0, 6),
                        row(0, 0, 0, 0, Double.NaN, 1, 1, 1, 1, 0, 0)),
                Arguments.of(
                        Activations.hardTanh(-1, 1),
                        row(-1, -1, -1, -0.5, 0, 0.5, 1, 1, 1, -1, 1),
                        row(0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0)),
                Arguments.of(
                        Activations.logSigmoid(),
                        row(
                                -3.5297504182726205,
                                -3.048587351573742,
                                -1.501929081345373,
                                -0.9740769841801067,
                                -0.6931471805599453,
                                -0.4740769841801067,
                                -0.2519290813453729,
                                -0.04858735157374206,
                                -0.029750418272620566,
                                -20.000000002061153,
                                -2.061153620314381e-09),
                        row(
                                0.9706877692486436,
                                0.9525741268224333,
                                0.7772998611746912,
                                0.6224593312018545,
                                0.5,
                                0.37754066879814546,
                                0.22270013882530884,
                                0.04742587317756679,
                                0.029312230751356316,
                                0.9999999979388464,
                                2.0611536181902033e-09)),
                Arguments.of(
                        Activations.softsign(),
                        row(
                                -0.7777777777777778,
                                -0.75,
                                -0.5555555555555556,
                                -0.3333333333333333,
                                0,
                                0.3333333333333333,
                                0.5555555555555556,
                                0.75,
                                0.7777777777777778,
                                -0.9523809523809523,
                                0.9523809523809523),
                        row(
                                0.04938271604938271,
                                0.0625,
                                0.19753086419753083,
                                0.4444444444444444,
                                1,
                                0.4444444444444444,
                                0.19753086419753083,
                                0.0625,
                                0.04938271604938271,
                                0.0022675736961451226,
                                0.0022675736961451226)));
    }

    /** NaN in an expected gradient stands for a kink. */
    @ParameterizedTest
    @MethodSource("activations")
    void areThoseOfPyTorch(Layer layer, double[] values, double[] gradients) {
        try (Tape tape = new Tape(session)) {
            Tensor x = tape.watch(session.tensor(X));
            Tensor y = layer.forward(x, Pass.training(tape, 1, 1));
            assertThat(y.toDoubles()).containsExactly(values, within(1e-14));
            double[] dx = tape.gradients(y.sum(), x).of(x).toDoubles();
            for (int i = 0; i < X.length; i++) {
                if (!Double.isNaN(gradients[i])) {
                    assertThat(dx[i]).as("gradient at %s", X[i]).isCloseTo(gradients[i], within(1e-14));
                }
            }
        }
    }

    @Test
    void preluLearnsASlopeForEachChannel() {
        Model model = Model.create(session, new PRelu(3), 1);
        model.parameter("weight").value().assign(session.tensor(new double[] {0.25, 0.5, 0.75}));
        try (Tape tape = new Tape(session)) {
            Tensor x = session.tensor(new double[][] {{1, -2, 3}, {-4, 5, -6}});
            Pass pass = Pass.training(tape, 1, 1);
            Tensor y = model.forward(x, pass);
            assertThat(y.toDoubles()).containsExactly(1, -1, 3, -1, 5, -4.5);
            Tensor weight = pass.use(model.parameter("weight"));
            assertThat(tape.gradients(y.sum(), weight).of(weight).toDoubles()).containsExactly(-4, -2, -6);
            Tensor images = session.full(-1, Shape.of(2, 3, 2, 2));
            assertThat(model.forward(images, pass).narrow(1, 1, 1).toDoubles()).containsOnly(-0.5);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> model.forward(session.ones(Shape.of(2, 4)), pass))
                    .withMessageContaining("PRelu expects input [N, 3, ...], got [2, 4]");
        }
        try (Tape tape = new Tape(session)) {
            Tensor x = session.tensor(new double[][] {{Double.POSITIVE_INFINITY, -2, 3}});
            Pass pass = Pass.training(tape, 1, 2);
            Tensor y = model.forward(x, pass).minimum(9);
            Tensor weight = pass.use(model.parameter("weight"));
            assertThat(tape.gradients(y.sum(), weight).of(weight).toDoubles()).containsExactly(0, -2, 0);
        }
        Model one = Model.create(session, Activations.prelu(), 1);
        assertThat(one.forward(session.full(-4, Shape.of(5)), Pass.evaluation()).toDoubles())
                .containsOnly(-1);
    }

    @Test
    void gatesAndMaxoutDivideTheirInput() {
        Pass pass = Pass.evaluation();
        Tensor x = session.tensor(new double[][] {{1, -2, 3, -4}});
        assertThat(Activations.glu().forward(x, pass).toDoubles())
                .containsExactly(row(0.9525741268224334, -0.03597241992418312), within(1e-15));
        double sigmoid1 = 1 / (1 + Math.exp(-1));
        double sigmoid2 = 1 / (1 + Math.exp(2));
        assertThat(Activations.swiglu().forward(x, pass).toDoubles())
                .containsExactly(row(3 * sigmoid1, 8 * sigmoid2), within(1e-15));
        assertThat(Activations.maxout(2).forward(x, pass).toDoubles()).containsExactly(1, 3);
        assertThat(Activations.maxout(2).forward(x.reshape(1, 4, 1, 1), pass).shape())
                .isEqualTo(Shape.of(1, 2, 1, 1));
        double sum = Math.log(Math.exp(1) + Math.exp(-2) + Math.exp(3) + Math.exp(-4));
        assertThat(Activations.logSoftmax().forward(x, pass).toDoubles())
                .containsExactly(row(1 - sum, -2 - sum, 3 - sum, -4 - sum), within(1e-14));
        Tensor odd = session.ones(Shape.of(2, 3));
        for (Layer layer : new Layer[] {Activations.glu(), Activations.swiglu(), Activations.maxout(2)}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> layer.forward(odd, pass))
                    .withMessageContaining("[2, 3]");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Activations.maxout(0))
                .withMessageContaining("at least 1 piece");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Activations.hardTanh(1, -1))
                .withMessageContaining("not above the upper one");
        assertThatIllegalArgumentException().isThrownBy(() -> new PRelu(0)).withMessageContaining("at least 1 channel");
    }
}
