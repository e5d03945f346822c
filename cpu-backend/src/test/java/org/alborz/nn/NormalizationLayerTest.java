package org.alborz.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.alborz.autograd.Gradients;
import org.alborz.autograd.Tape;
import org.alborz.backend.BackendOptions;
import org.alborz.ops.Observation;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Normalisation layers give PyTorch 1.13's values, gradients and running statistics, in float64. */
class NormalizationLayerTest {
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

    /** Gives the learned parameters the values that PyTorch's had. */
    private static void set(Model model) {
        int k = 0;
        for (Map.Entry<String, Parameter> entry : model.parameters().entrySet()) {
            Parameter parameter = entry.getValue();
            if (parameter.isTrainable()) {
                double[] values = new double[(int) parameter.shape().elements()];
                int number = k++;
                double base = entry.getKey().contains("weight") ? 1 : 0;
                Arrays.setAll(values, i -> base + 0.1 * Math.cos(2 * i + number));
                parameter.value().assign(model.session().tensor(values, parameter.shape()));
            }
        }
    }

    /** Checks the first results, and the first elements of the gradients of Σ y·cos(i / 2) by x and by the parameters. */
    private Model check(Layer layer, Tensor x, double[] y, double[]... gradients) {
        Model model = Model.create(session, layer, 1);
        set(model);
        try (Tape tape = new Tape(session)) {
            Pass pass = Pass.training(tape, 1, 1);
            Tensor watched = tape.watch(x);
            Tensor result = layer.forward(watched, pass);
            assertThat(result.shape()).isEqualTo(x.shape());
            near(result, y);
            double[] weights = new double[(int) result.shape().elements()];
            Arrays.setAll(weights, i -> Math.cos(0.5 * i));
            Tensor loss = result.mul(session.tensor(weights, result.shape())).sum();
            List<Tensor> parameters = model.parameters().values().stream()
                    .filter(Parameter::isTrainable)
                    .map(pass::used)
                    .toList();
            Tensor[] all = new Tensor[1 + parameters.size()];
            all[0] = watched;
            for (int i = 0; i < parameters.size(); i++) {
                all[i + 1] = parameters.get(i);
            }
            Gradients found = tape.gradients(loss, all);
            for (int i = 0; i < gradients.length; i++) {
                near(found.of(all[i]), gradients[i]);
            }
        }
        return model;
    }

    private static void near(Tensor actual, double... expected) {
        double[] values = actual.toDoubles();
        for (int i = 0; i < expected.length; i++) {
            assertThat(values[i]).as("element %d", i).isCloseTo(expected[i], within(1e-9));
        }
    }

    private static double[] of(double... values) {
        return values;
    }

    @Test
    void layerNorm() {
        check(
                        new LayerNorm(6),
                        data(4, 6),
                        of(-0.5193685047959683, 0.7251950009243153, -1.6660538799768836, 0.9810068302220061),
                        of(1.1779008056963685, 1.089667939961038, 0.019772730504602654, -0.049075241621261756),
                        of(1.7328430351531445, 1.9811931494875512, -1.0530872615675133),
                        of(0.05904752816524361, -0.07945865586877854, -0.19851058972862))
                .close();
        check(
                        new LayerNorm(3, 4).epsilon(1e-3),
                        data(2, 3, 4),
                        of(-0.07275609756593326, 1.0596387560299785, -1.236723350173456, 1.365004902842555),
                        of(1.665382699555622, 0.8348308891549955, 1.2526557858920826, -0.23868107410808875),
                        of(0.9532397901969467, 1.6394976040190008, -1.3575941807945897),
                        of(1.9601702866503659, 1.8541701876183962, 1.2942045602114445))
                .close();
        assertThat(new LayerNorm(6).bias(false)).hasToString("LayerNorm([6], epsilon=1.0E-5, bias=false)");
        assertThatThrownBy(() -> check(new LayerNorm(3, 4), data(2, 4, 3), of()))
                .hasMessageContainingAll("LayerNorm expects input [..., 3, 4], got", "[2, 4, 3]");
        assertThatThrownBy(() -> new LayerNorm()).hasMessageContaining("at least one axis");
    }

    @Test
    void rmsNorm() {
        check(
                        new RmsNorm(6),
                        data(4, 6),
                        of(0.0, 1.1738714525361995, -1.070517449909362, 1.3096930669593083),
                        of(1.4455694111743673, 1.1402659412357576, 0.6309177430636459, 0.13601238012498595),
                        of(1.8462534305613114, 1.893802909130145, -0.9812209627098285))
                .close();
    }

    @Test
    void groupNorm() {
        double[] y = of(0.09807954323450851, 1.5351806161699872, -1.245793794845843, 1.5001154957853293);
        double[][] gradients = {
            of(1.3894757991046305, 0.8391106502933503, 1.0188254088248303, -0.39613228725051447),
            of(-1.5580317468742362, 2.689903719248775, 0.5193193932437191),
            of(4.984211301859941, -5.6960814130127115, 6.293944415955752)
        };
        Tensor x = data(2, 6, 3, 2);
        check(new GroupNorm(2, 6), x, y, gradients).close();
        check(new GroupNorm(2, 6), x.to(Layout.channelsLast(x.shape())), y, gradients)
                .close();
        check(
                        new GroupNorm(3, 6),
                        data(4, 6),
                        of(-1.04594444499757, 0.8593640025506308, -0.9062635254745766, 1.171400342521694),
                        of(1.279154504629787e-05, -1.279154504585378e-05, 3.027225832064051e-06))
                .close();
        assertThatThrownBy(() -> new GroupNorm(4, 6)).hasMessageContaining("got 4 groups and 6 channels");
    }

    /** Images are normalised in the order of memory that convolutions give, and not row by row. */
    @Test
    void groupNormOfImagesKeepsTheirOrder() {
        GroupNorm layer = new GroupNorm(2, 6);
        List<String> operations = new ArrayList<>();
        try (Session fast = Session.open("cpu-vector");
                Model model = Model.create(fast, layer, 1)) {
            Tensor x = fast.normal(Shape.of(2, 6, 3, 2), 1);
            Tensor images = x.to(Layout.channelsLast(x.shape()));
            Tensor expected = model.predict(x);
            Tensor y;
            try (Observation listening =
                    fast.observe(operation -> operations.add(operation.op().name()))) {
                y = model.predict(images);
            }
            assertThat(y.layout().isChannelsLast()).isTrue();
            assertThat(operations).contains("mean").doesNotContain("LayerNorm");
            assertThat(y.toFloats()).containsExactly(expected.toFloats(), within(1e-5f));
            // Far from 0 the digits of the differences are those that count, and equal numbers become the bias.
            Tensor far = model.predict(images.add(4096));
            assertThat(far.toFloats())
                    .containsExactly(model.predict(x.add(4096)).toFloats(), within(1e-3f));
            assertThat(model.predict(images.mul(0).add(1234.567)).toFloats()).containsOnly(0);
        }
    }

    @Test
    void instanceNorm() {
        Tensor x = data(2, 3, 2, 3);
        for (Layout order : List.of(x.layout(), Layout.channelsLast(x.shape()))) {
            check(
                            new InstanceNorm(3),
                            x.to(order),
                            of(-0.5212715776207111, 0.8599821350846117, -1.8129204898559328, 0.8262796846238135),
                            of(1.0601786966882039, 1.1643489065146677, 0.11185824327140767, -0.03833984046138671))
                    .close();
        }
        check(
                        new InstanceNorm(3).affine(true),
                        data(2, 3, 5),
                        of(-0.5378920766282953, 0.8628216417494156, -1.847738583503535, 0.828644369124443),
                        of(0.6985281922564246, 0.9438081024958332, -0.3937360300466457, -0.2792321627732992),
                        of(-3.0583810081429395, 1.3167679604905134, 0.2080310367125149),
                        of(-0.23670380386039414, -3.575056261331463, 5.964970801833978))
                .close();
        assertThatThrownBy(() -> new InstanceNorm(3).forward(data(2, 3), Pass.evaluation()))
                .hasMessageContaining("[N, 3, L, …]");
    }

    /** As with a weight of 1 and a bias of 0, but with none to learn. */
    @Test
    void batchNormWithoutWeightAndBias() {
        for (int[] sizes : new int[][] {{4, 3}, {2, 3, 5}, {2, 3, 2, 3}, {2, 3, 2, 2, 2}}) {
            BatchNorm plain = new BatchNorm(3).affine(false);
            BatchNorm learned = new BatchNorm(3);
            try (Model without = Model.create(session, plain, 1);
                    Model with = Model.create(session, learned, 1);
                    Tape tape = new Tape(session)) {
                assertThat(without.parameters()).containsOnlyKeys("running_mean", "running_var");
                Tensor x = tape.watch(data(sizes));
                Tensor y = plain.forward(x, Pass.training(tape, 1, 1));
                Tensor factor = data(sizes).add(1);
                Tensor other = tape.watch(data(sizes));
                Tensor expected = learned.forward(other, Pass.training(tape, 1, 1));
                assertThat(y.toDoubles()).containsExactly(expected.toDoubles());
                Gradients gradients = tape.gradients(y.add(expected).mul(factor).sum(), x, other);
                assertThat(gradients.of(x).toDoubles())
                        .containsExactly(gradients.of(other).toDoubles());
                assertThat(value(without, "running_var").toDoubles())
                        .containsExactly(value(with, "running_var").toDoubles());
                for (int pass = 0; pass < 3; pass++) { // the third uses what the second kept
                    near(
                            plain.forward(x.detach(), Pass.evaluation()),
                            learned.forward(x.detach(), Pass.evaluation()).toDoubles());
                }
            }
        }
        assertThat(new BatchNorm(3).cumulativeAverage().affine(false))
                .hasToString("BatchNorm(3, momentum=none, epsilon=1.0E-5, affine=false)");
        assertThat(new BatchNorm(3).affine(false).affine(true)).hasToString(new BatchNorm(3).toString());
    }

    /** The golden values of the conformance suite hold its numbers. */
    @Test
    void instanceNormWithRunningStatistics() {
        InstanceNorm norm = new InstanceNorm(3).affine(true).trackRunningStats(0.2);
        assertThat(norm).asString().contains("momentum=0.2");
        try (Model model = Model.create(session, norm, 1)) {
            Tensor x = data(2, 3, 5);
            double[] ofSamples =
                    new InstanceNorm(3).forward(x, Pass.evaluation()).toDoubles();
            assertThat(norm.forward(x, Pass.training(null, 1, 1)).toDoubles()).containsExactly(ofSamples);
            double[] mean = value(model, "running_mean").toDoubles();
            assertThat(mean[0]).isNotZero();
            assertThat(norm.forward(x, Pass.evaluation()).toDoubles()).isNotEqualTo(ofSamples);
            assertThatThrownBy(() -> norm.forward(data(2, 3, 1), Pass.training(null, 1, 1)))
                    .hasMessageContaining("more than one place");
            // Frozen, it normalises by them, and does not move them.
            model.freeze(name -> true);
            assertThat(norm.forward(x, Pass.training(null, 1, 1)).toDoubles())
                    .containsExactly(norm.forward(x, Pass.evaluation()).toDoubles());
            assertThat(value(model, "running_mean").toDoubles()).containsExactly(mean);
        }
        assertThatThrownBy(() -> new InstanceNorm(3).trackRunningStats(1.5)).hasMessageContaining("[0, 1], got 1.5");
    }

    @Test
    void batchNormOfSequencesAndVolumes() {
        Model model = check(
                new BatchNorm(3),
                data(2, 3, 5),
                of(0.04047540532176793, 1.33685704594366, -1.1718072626258629, 1.3052254654313629),
                of(1.4229804976970486, 1.334188741992121, 0.707388784470779, 0.2099520948421916),
                of(-0.49706235474510424, 3.626433455590081, 0.1864494646228562),
                of(-0.23670380386039414, -3.575056261331463, 5.964970801833978));
        near(value(model, "running_mean"), 0.0009745299188608115, -0.0020303671683098725, 0.03642665691315531);
        near(value(model, "running_var"), 0.969492578093093, 0.9570632528951895, 0.9369484095271474);
        model.close();
        model = check(
                new BatchNorm(3),
                data(2, 3, 2, 2, 3),
                of(-0.008534512877530185, 1.4409096976671254, -1.3639502635644962, 1.405543405977024),
                of(1.6056822376130622, 1.3128474408767126, 0.9866041542311407, 0.060596054165463625),
                of(1.200016293825443, 1.4959650172284962, 1.2112104636973406),
                of(-0.7118701111527698, -0.4718896626644726, -0.19431875418301264));
        near(value(model, "running_var"), 0.9522065913551022, 0.9516936179784496, 0.9507540864225974);
        Tensor y = ((Layer) model.module()).forward(data(2, 3, 2, 2, 3), Pass.evaluation());
        Tensor images = ((Layer) model.module()).forward(data(2, 3, 4, 3), Pass.evaluation());
        near(y, images.toDoubles());
        model.close();
        assertThatThrownBy(() -> check(new BatchNorm(3), data(2, 4, 5), of())).hasMessageContaining("[2, 4, 5]");
    }

    @Test
    void batchNormWithTheMeanOfAllBatches() {
        BatchNorm norm = new BatchNorm(3).cumulativeAverage();
        try (Model model = Model.create(session, norm, 1);
                Tape tape = new Tape(session)) {
            Pass pass = Pass.training(tape, 1, 1);
            norm.forward(data(2, 3, 2, 2), pass);
            norm.forward(data(4, 3, 2, 1).mul(2).add(1), pass);
            norm.forward(data(2, 3, 1, 2).add(-3), pass);
            near(value(model, "running_mean"), -0.5314120599940377, -1.1034952000354812, -0.19561687437382302);
            near(value(model, "running_var"), 0.9795002722007783, 1.0702337944689209, 0.8290490787962036);
            assertThat(value(model, "num_batches_tracked").toLongs()).containsExactly(3);
            Tensor y = norm.forward(data(2, 3, 2, 2), Pass.evaluation());
            assertThat(y.toDoubles()[0]).isCloseTo(0.5369414221598977, within(1e-9));
            assertThat(y.toDoubles()[4]).isCloseTo(2.032881772821633, within(1e-9));
        }
    }

    private static Tensor value(Model model, String name) {
        return model.parameters().get(name).value();
    }

    /** The mean of a row may be large beside its deviations. */
    @Test
    void largeMeansCostNoDigits() {
        for (String backend : List.of("cpu-scalar", "cpu-vector")) {
            try (Session floats = Session.open(backend, BackendOptions.defaults(), DType.FLOAT32)) {
                LayerNorm norm = new LayerNorm(1000).affine(false);
                double[] values = new double[1000];
                Arrays.setAll(values, i -> 1e5 + (i * 37 % 64) / 16.0);
                double mean = Arrays.stream(values).average().orElseThrow();
                double variance = Arrays.stream(values)
                        .map(v -> (v - mean) * (v - mean))
                        .average()
                        .orElseThrow();
                Tensor x = floats.tensor(values, Shape.of(1, 1000));
                double[] y = norm.forward(x, Pass.evaluation()).toDoubles();
                for (int i = 0; i < y.length; i++) {
                    assertThat(y[i]).isCloseTo((values[i] - mean) / Math.sqrt(variance + 1e-5), within(1e-5));
                }
            }
        }
    }

    /** In a model of mixed precision the parameters stay float32, and x of 16 bits is rounded once. */
    @Test
    void mixedPrecision() {
        try (Session floats = Session.open("cpu-vector", BackendOptions.defaults(), DType.FLOAT32)) {
            for (Layer layer : List.of(new LayerNorm(4), new RmsNorm(4), new GroupNorm(2, 4))) {
                try (Model model = Model.create(floats, layer, Precision.mixed(DType.BFLOAT16), 1)) {
                    set(model);
                    Tensor x = floats.uniform(Shape.of(3, 4), 5).to(DType.BFLOAT16);
                    Tensor y = layer.forward(x, Pass.evaluation());
                    assertThat(y.dtype()).isEqualTo(DType.BFLOAT16);
                    double[] wide = layer.forward(x.to(DType.FLOAT32), Pass.evaluation())
                            .to(DType.BFLOAT16)
                            .toDoubles();
                    assertThat(y.toDoubles()).as(layer.toString()).containsExactly(wide, within(0.008));
                }
            }
        }
    }
}
