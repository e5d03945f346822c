package org.alborz.optim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Supplier;
import java.util.stream.Stream;
import org.alborz.backend.BackendOptions;
import org.alborz.nn.Initializer;
import org.alborz.nn.Layer;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.nn.Structure;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Steps in float64 against the published equations, number by number, and against PyTorch 1.13. */
class OptimizerEquationsTest {
    static final double[] START = {0.5, -0.25, 1, -1.5, 0.125, 2};

    /** Nothing but numbers to be learned. */
    record Numbers(Parameter parameter) implements Layer {
        static Numbers of(int... shape) {
            return new Numbers(Parameter.of(Shape.of(shape), Initializer.constant(0)));
        }

        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return x.mul(pass.use(parameter));
        }

        @Override
        public void describe(Structure structure) {
            structure.parameter("value", parameter);
        }
    }

    /** The gradient of number k at step t, from 1. */
    static double gradient(int k, int t, double value) {
        return Math.sin(k * 1.3 + t * 0.7) * (1 + k * 0.1) + 0.3 * value;
    }

    /** A step on one number: takes value, state, gradient and step, and returns the next value. */
    interface Equation {
        double step(double value, double[] state, double gradient, int step);
    }

    record Case(String name, Supplier<Optimizer> optimizer, int steps, Equation equation, double... torch) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Equation adagrad(double rate, double fall, double decay, boolean decoupled) {
        return (x, s, slope, t) -> {
            double g = slope + (decoupled ? 0 : decay * x);
            s[0] = (t == 1 ? 0.1 : s[0]) + g * g;
            double eta = rate / (1 + (t - 1) * fall);
            return x - (decoupled ? rate * decay * x : 0) - eta * g / (Math.sqrt(s[0]) + 1e-10);
        };
    }

    private static Equation adadelta(double rho, double epsilon, double decay) {
        return (x, s, slope, t) -> {
            double g = slope + decay * x;
            s[0] = rho * s[0] + (1 - rho) * g * g;
            double d = Math.sqrt(s[1] + epsilon) / Math.sqrt(s[0] + epsilon) * g;
            s[1] = rho * s[1] + (1 - rho) * d * d;
            return x - d;
        };
    }

    private static Equation rmsProp(double alpha, double momentum, boolean centered, double decay) {
        return (x, s, slope, t) -> {
            double g = slope + decay * x;
            s[0] = alpha * s[0] + (1 - alpha) * g * g;
            s[1] = alpha * s[1] + (1 - alpha) * g;
            double root = Math.sqrt(centered ? s[0] - s[1] * s[1] : s[0]) + 1e-8;
            s[2] = momentum * s[2] + g / root;
            return x - 0.01 * s[2];
        };
    }

    private static Equation amsgrad(double beta1, double beta2, double decay, boolean decoupled) {
        return (x, s, slope, t) -> {
            double g = slope + (decoupled ? 0 : decay * x);
            s[0] = beta1 * s[0] + (1 - beta1) * g;
            s[1] = beta2 * s[1] + (1 - beta2) * g * g;
            s[2] = Math.max(s[2], s[1]);
            double root = Math.sqrt(s[2] / (1 - Math.pow(beta2, t))) + 1e-8;
            return x - (decoupled ? 0.05 * decay * x : 0) - 0.05 * s[0] / (1 - Math.pow(beta1, t)) / root;
        };
    }

    private static Equation adam(double decay, boolean decoupled) {
        return (x, s, slope, t) -> {
            double g = slope + (decoupled ? 0 : decay * x);
            s[0] = 0.9 * s[0] + (1 - 0.9) * g;
            s[1] = 0.999 * s[1] + (1 - 0.999) * g * g;
            double root = Math.sqrt(s[1] / (1 - Math.pow(0.999, t))) + 1e-8;
            return x - (decoupled ? 0.05 * decay * x : 0) - 0.05 * s[0] / (1 - Math.pow(0.9, t)) / root;
        };
    }

    private static Equation adamax() {
        return (x, s, slope, t) -> {
            double g = slope + 0.01 * x;
            s[0] = 0.9 * s[0] + (1 - 0.9) * g;
            s[1] = Math.max(0.8 * s[1], Math.abs(g) + 1e-8);
            return x - 0.05 / (1 - Math.pow(0.9, t)) * s[0] / s[1];
        };
    }

    private static Equation nadam() {
        return (x, s, slope, t) -> {
            double g = slope + 0.01 * x;
            s[0] = 0.9 * s[0] + (1 - 0.9) * g;
            s[1] = 0.999 * s[1] + (1 - 0.999) * g * g;
            double now = 0.9 * (1 - 0.5 * Math.pow(0.96, t * 0.004));
            double next = 0.9 * (1 - 0.5 * Math.pow(0.96, (t + 1) * 0.004));
            s[2] = (t == 1 ? 1 : s[2]) * now;
            double mean = next * s[0] / (1 - s[2] * next) + (1 - now) * g / (1 - s[2]);
            return x - 0.05 * mean / (Math.sqrt(s[1] / (1 - Math.pow(0.999, t))) + 1e-8);
        };
    }

    private static Equation radam() {
        return (x, s, slope, t) -> {
            double g = slope + 0.01 * x;
            s[0] = 0.9 * s[0] + (1 - 0.9) * g;
            s[1] = 0.99 * s[1] + (1 - 0.99) * g * g;
            double mean = s[0] / (1 - Math.pow(0.9, t));
            double longest = 2 / (1 - 0.99) - 1;
            double length = longest - 2 * t * Math.pow(0.99, t) / (1 - Math.pow(0.99, t));
            if (length <= 5) {
                return x - 0.05 * mean;
            }
            double r = Math.sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length));
            return x - 0.05 * mean * r * Math.sqrt(1 - Math.pow(0.99, t)) / (Math.sqrt(s[1]) + 1e-8);
        };
    }

    private static Equation lion() {
        return (x, s, g, t) -> {
            double sign = Math.signum(0.8 * s[0] + (1 - 0.8) * g);
            s[0] = 0.95 * s[0] + (1 - 0.95) * g;
            return x - 0.01 * (sign + 0.3 * x);
        };
    }

    private static Equation sgd(double decay, boolean decoupled) {
        return (x, s, slope, t) -> {
            double g = slope + (decoupled ? 0 : decay * x);
            s[0] = 0.9 * s[0] + g;
            return x - (decoupled ? 0.1 * decay * x : 0) - 0.1 * (g + 0.9 * s[0]);
        };
    }

    private static Equation elasticNet(Equation of, double first, double second) {
        return (x, s, g, t) -> of.step(x, s, g + first * Math.signum(x) + second * x, t);
    }

    static Stream<Case> cases() {
        ParameterGroup net = ParameterGroup.all().elasticNet(0.05, 0.02);
        return Stream.of(
                new Case(
                        "SGD",
                        () -> new Sgd(0.1).momentum(0.9).nesterov().weightDecay(0.01),
                        5,
                        sgd(0.01, false),
                        -0.60211132778261345,
                        -0.13934023308372367,
                        1.5853501084727046,
                        -0.20084173580783268,
                        -0.79944123800999545,
                        -0.11966311390381269),
                new Case(
                        "SGD, decoupled",
                        () -> new Sgd(0.1)
                                .momentum(0.9)
                                .nesterov()
                                .weightDecay(0.1)
                                .groups(ParameterGroup.all().decoupled(true)),
                        6,
                        sgd(0.1, true)),
                new Case(
                        "SGD, elastic net",
                        () -> new Sgd(0.1).momentum(0.9).nesterov().groups(net),
                        6,
                        elasticNet(sgd(0, false), 0.05, 0.02)),
                new Case(
                        "Adagrad",
                        () -> new Adagrad(0.1).rateDecay(0.01).initialSum(0.1).weightDecay(0.01),
                        5,
                        adagrad(0.1, 0.01, 0.01, false),
                        0.26476286052344034,
                        -0.21954144520622215,
                        1.1611317829094565,
                        -1.3396721292772444,
                        -0.046901611961716785,
                        1.7630614394210538),
                new Case(
                        "Adagrad, decoupled",
                        () -> new Adagrad(0.1).initialSum(0.1).weightDecay(0.2).decoupled(),
                        6,
                        adagrad(0.1, 0, 0.2, true)),
                new Case(
                        "Adadelta",
                        () -> new Adadelta(1).weightDecay(0.01),
                        5,
                        adadelta(0.9, 1e-6, 0.01),
                        0.48847275254873185,
                        -0.24566366244752139,
                        1.0098095956494539,
                        -1.4937568957439125,
                        0.11088186449643704,
                        1.9890719876668486),
                new Case(
                        "RMSprop",
                        () -> new RmsProp(0.01).alpha(0.95).weightDecay(0.01),
                        5,
                        rmsProp(0.95, 0, false, 0.01),
                        0.38597277357541426,
                        -0.23489852234602734,
                        1.0543608976488124,
                        -1.4257771437597708,
                        0.046131043554287168,
                        1.8895087144460858),
                new Case(
                        "RMSprop, momentum",
                        () -> new RmsProp(0.01).alpha(0.95).momentum(0.8).weightDecay(0.01),
                        5,
                        rmsProp(0.95, 0.8, false, 0.01),
                        0.16348609247533663,
                        -0.32362096913320204,
                        1.1060647476680827,
                        -1.2436811015001574,
                        0.0063290411232843312,
                        1.6754373093772787),
                new Case(
                        "RMSprop, centered",
                        () -> new RmsProp(0.01).alpha(0.95).centered().weightDecay(0.01),
                        5,
                        rmsProp(0.95, 0, true, 0.01),
                        0.38024422602927033,
                        -0.23605349511865989,
                        1.0567215321334527,
                        -1.4225814369425622,
                        0.043532533255166761,
                        1.8839408148045698),
                new Case(
                        "RMSprop, centered, momentum",
                        () -> new RmsProp(0.01)
                                .alpha(0.95)
                                .centered()
                                .momentum(0.8)
                                .weightDecay(0.01),
                        5,
                        rmsProp(0.95, 0.8, true, 0.01),
                        0.14781241414170648,
                        -0.32846565387664484,
                        1.1105826935493064,
                        -1.2334103807980201,
                        0.0040199453067521606,
                        1.6602970652561837),
                new Case(
                        "Adam",
                        () -> new Adam(0.05).weightDecay(0.01),
                        5,
                        adam(0.01, false),
                        0.26831643542944267,
                        -0.33612845232019378,
                        1.0952525649255613,
                        -1.2948450974984691,
                        0.065407955418190167,
                        1.7671762156662811),
                new Case(
                        "Adam, elastic net",
                        () -> new Adam(0.05).groups(net),
                        6,
                        elasticNet(adam(0, false), 0.05, 0.02)),
                new Case(
                        "Adam, decoupled by group",
                        () -> new Adam(0.05)
                                .weightDecay(0.1)
                                .groups(ParameterGroup.all().decoupled(true)),
                        6,
                        adam(0.1, true)),
                new Case(
                        "AMSGrad",
                        () -> new Adam(0.05).betas(0.8, 0.7).weightDecay(0.01).amsgrad(),
                        5,
                        amsgrad(0.8, 0.7, 0.01, false),
                        0.2811531683621501,
                        -0.32041449890201346,
                        1.089026264732472,
                        -1.310650393979256,
                        0.062513430357053049,
                        1.7780913200195283),
                new Case(
                        "AdamW",
                        () -> new AdamW(0.05).weightDecay(0.1),
                        5,
                        adam(0.1, true),
                        0.25860633497692642,
                        -0.32883270666229114,
                        1.0724259501915652,
                        -1.2611807834388242,
                        0.062138736799394328,
                        1.7206617196754046),
                new Case(
                        "AdamW, AMSGrad",
                        () -> new AdamW(0.05).betas(0.8, 0.7).weightDecay(0.1).amsgrad(),
                        5,
                        amsgrad(0.8, 0.7, 0.1, true),
                        0.27144226730430271,
                        -0.31314887666611291,
                        1.0658510928294584,
                        -1.2770141062559479,
                        0.0592563853965698,
                        1.7316410753742419),
                new Case(
                        "AdaMax",
                        () -> new Adamax(0.05).betas(0.9, 0.8).weightDecay(0.01),
                        5,
                        adamax(),
                        0.26128918813377006,
                        -0.34368930043368739,
                        1.0694399499663829,
                        -1.2640514379077388,
                        0.091371554996606402,
                        1.7403002199592232),
                new Case(
                        "NAdam", // with mu_product_next = mu_product * mu_next, as later versions and the paper have it
                        () -> new NAdam(0.05).weightDecay(0.01),
                        5,
                        nadam(),
                        0.34588131437774566,
                        -0.22574817436551933,
                        1.0805067617056334,
                        -1.3977445090500902,
                        0.012859659985271802,
                        1.8490856850864852),
                new Case(
                        "RAdam, from warm-up on",
                        () -> new RAdam(0.05).betas(0.9, 0.99).weightDecay(0.01),
                        8,
                        radam(),
                        0.29181450605830278,
                        -0.30969395285397705,
                        1.0726286673784418,
                        -1.1938712098003439,
                        0.041850786773711943,
                        1.5848799111857279),
                new Case("Lion", () -> new Lion(0.01).betas(0.8, 0.95).weightDecay(0.3), 12, lion()));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void stepsAreThePublishedOnesAndPyTorchs(Case test) {
        for (String backend : new String[] {"cpu-scalar", "cpu-vector"}) {
            try (Session session = Session.open(backend, BackendOptions.defaults(), DType.FLOAT64)) {
                Numbers numbers = Numbers.of(START.length);
                Model model = Model.create(session, numbers, 1);
                Tensor value = numbers.parameter().value();
                value.assign(session.tensor(START, value.shape()));
                Optimizer optimizer = test.optimizer().get();
                optimizer.attach(model);
                double[] expected = START.clone();
                double[][] states = new double[START.length][3];
                for (int t = 1; t <= test.steps(); t++) {
                    double[] slopes = new double[START.length];
                    for (int k = 0; k < slopes.length; k++) {
                        slopes[k] = gradient(k, t, expected[k]);
                        expected[k] = test.equation().step(expected[k], states[k], slopes[k], t);
                    }
                    model.gradientViews().get(0).assign(session.tensor(slopes, value.shape()));
                    optimizer.step(optimizer.learningRate(), t);
                    assertThat(value.toDoubles())
                            .as("%s, step %d of %s", backend, t, test)
                            .containsExactly(expected, Offset.offset(1e-13));
                }
                if (test.torch().length > 0) {
                    assertThat(value.toDoubles())
                            .as("PyTorch 1.13's %s", test)
                            .containsExactly(test.torch(), Offset.offset(1e-12));
                }
                model.close();
            }
        }
    }
}
