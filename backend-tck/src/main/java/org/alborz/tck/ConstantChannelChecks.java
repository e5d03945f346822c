package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.alborz.autograd.Gradients;
import org.alborz.autograd.Tape;
import org.alborz.nn.Activations;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.nn.Sequential;
import org.alborz.ops.BatchNormOp;
import org.alborz.ops.Engine;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicNode;

/**
 * Batch norm of channels whose numbers are equal: what rounding does to a mean must not show, multiplied by
 * 1 / √ε.
 */
final class ConstantChannelChecks {
    private static final double EPSILON = 1e-5;
    private static final double[] VALUES = {1000.1, -1000.1, 0, 0.1, -3e-5, 12345.678, 0.3e-3, 65432, 1 / 3.0};
    private static final int[] ROWS = {2, 3, 5, 7, 11, 63, 64, 65, 1000, 4099};
    private static final int[] CHANNELS = {1, 3, 17, 33};
    private static final List<DType> TYPES = List.of(DType.values());

    private final Sessions sessions;

    ConstantChannelChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    Stream<DynamicNode> all() {
        List<DynamicNode> tests = new ArrayList<>();
        for (DType dtype : TYPES) {
            if (dtype.isFloating() && sessions.refusal(dtype) == null) {
                tests.add(dynamicTest(
                        "training on equal numbers / " + dtype,
                        () -> sessions.run(dtype, ConstantChannelChecks::training)));
                tests.add(dynamicTest(
                        "gradients of equal numbers / " + dtype,
                        () -> sessions.run(dtype, ConstantChannelChecks::gradients)));
                tests.add(dynamicTest(
                        "evaluation of the running mean / " + dtype,
                        () -> sessions.run(dtype, ConstantChannelChecks::evaluation)));
            }
        }
        for (DType dtype : TYPES) {
            if (dtype.bytes() == Short.BYTES && sessions.refusal(dtype) == null) {
                tests.add(dynamicTest(
                        "evaluation behind a convolution / " + dtype,
                        () -> sessions.run(dtype, ConstantChannelChecks::behindConvolution)));
            }
        }
        return tests.stream();
    }

    /** Returns a batch in which channel c is everywhere {@code VALUES[c mod …]}. */
    private static Tensor batch(Session session, int rows, int channels) {
        double[] values = new double[rows * channels];
        Arrays.setAll(values, i -> VALUES[i % channels % VALUES.length]);
        return session.tensor(values, Shape.of(rows, channels));
    }

    private static Tensor shifts(Session session, int channels) {
        double[] beta = new double[channels];
        Arrays.setAll(beta, c -> c % 5 - 2);
        return session.tensor(beta, Shape.of(channels));
    }

    private static void training(Session session) {
        for (int rows : ROWS) {
            for (int channels : CHANNELS) {
                String what = rows + " rows of " + channels;
                Tensor x = batch(session, rows, channels);
                Tensor beta = shifts(session, channels);
                Tensor[] results =
                        Engine.applyAll(new BatchNormOp(EPSILON), 3, x, session.ones(Shape.of(channels)), beta);
                double[] first = x.narrow(0, 0, 1).toDoubles();
                assertThat(results[1].toDoubles()).as("mean of %s", what).isEqualTo(first);
                assertThat(results[2].toDoubles()).as("variance of %s", what).containsOnly(0);
                assertThat(results[0].toDoubles())
                        .as("normalised %s", what)
                        .isEqualTo(beta.expand(x.shape()).toDoubles());
            }
        }
    }

    private static void gradients(Session session) {
        for (boolean composed : new boolean[] {false, true}) {
            for (int rows : new int[] {3, 7, 65, 1000}) {
                int channels = 9;
                Tape tape = new Tape(session);
                Tensor x = tape.watch(batch(session, rows, channels));
                Tensor gamma = tape.watch(session.ones(Shape.of(channels)));
                Tensor beta = tape.watch(shifts(session, channels));
                HostArray weights = HostArray.uniform(71, 0.5, 1, x.shape());
                Tensor y = Engine.apply(new BatchNormOp(EPSILON), x, gamma, beta);
                Tensor loss = y.mul(session.tensor(weights.values(), x.shape())).sum();
                Gradients gradients = composed
                        ? tape.differentiableGradients(loss, x, gamma, beta)
                        : tape.gradients(loss, x, gamma, beta);
                assertThat(gradients.of(gamma).toDoubles())
                        .as("gradient by gamma of %d rows, composed: %s", rows, composed)
                        .containsOnly(0);
                assertThat(HostArray.of(x.shape(), gradients.of(x).toDoubles()).largestMagnitude())
                        .as("gradient by x of %d rows, composed: %s", rows, composed)
                        .isBetween(1.0, 0.5 / Math.sqrt(EPSILON));
                tape.close();
            }
        }
    }

    /** Statistics are set to the numbers' own, as training on them forever would. */
    private static void evaluation(Session session) {
        for (int channels : CHANNELS) {
            BatchNorm norm = new BatchNorm(channels);
            try (Model model = Model.create(session, norm, 1)) {
                Tensor x = batch(session, 5, channels);
                model.parameters()
                        .get("running_mean")
                        .value()
                        .assign(x.narrow(0, 0, 1).reshape(channels));
                model.parameters().get("running_var").value().fill(0);
                Tensor beta = shifts(session, channels);
                model.parameters().get("bias").value().assign(beta);
                assertThat(norm.forward(x, Pass.evaluation()).toDoubles())
                        .isEqualTo(beta.expand(x.shape()).toDoubles());
            }
        }
    }

    /** In 16 bits a scaled weight would lose digits, and the shift of a mean of 1000 over a deviation of 0.003 would be infinite. */
    private static void behindConvolution(Session session) {
        for (boolean biased : new boolean[] {false, true}) {
            Conv2d convolution = new Conv2d(1, 3, 1).bias(biased);
            Sequential chain = new Sequential(convolution, new BatchNorm(3), Activations.relu());
            try (Model model = Model.create(session, chain, 1)) {
                model.parameters().get("0.weight").value().fill(1);
                if (biased) {
                    model.parameters().get("0.bias").value().fill(24);
                }
                model.parameters().get("1.running_mean").value().fill(biased ? 1024 : 1000);
                model.parameters().get("1.running_var").value().fill(0);
                Tensor beta = session.tensor(new float[] {1, -1, 0.25f}, Shape.of(3));
                model.parameters().get("1.bias").value().assign(beta);
                Tensor x = session.full(1000, Shape.of(2, 1, 2, 2));
                Tensor y = chain.forward(x, Pass.evaluation());
                assertThat(y.narrow(1, 0, 1).toDoubles()).containsOnly(1);
                assertThat(y.narrow(1, 1, 1).toDoubles()).containsOnly(0);
                assertThat(y.narrow(1, 2, 1).toDoubles()).containsOnly(0.25);
            }
        }
    }
}
