package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alborz.backend.BatchNormGate;
import org.alborz.backend.Normalization;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicNode;

/** Batch normalisation whose gradient reads bits in place of the result: bit for bit that which reads the result. */
final class BatchNormGateChecks {
    private static final double EPSILON = 1e-3;
    private static final List<Shape> SHAPES =
            List.of(Shape.of(9, 8), Shape.of(300, 40), Shape.of(3, 16, 5, 3), Shape.of(2, 72, 4, 4), Shape.of(5, 3));

    private final Sessions sessions;

    /** A normalisation's inputs. */
    private record Inputs(Tensor x, Tensor gamma, Tensor beta, Tensor addend, Tensor dy, Activation activation) {
        Tensor like(Tensor of) {
            return of.session().empty(of.dtype(), of.layout().compact());
        }

        Tensor statistic() {
            return x.session().empty(x.dtype().accumulator(), gamma.layout().compact());
        }
    }

    BatchNormGateChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    List<DynamicNode> all() {
        List<DynamicNode> tests = new ArrayList<>();
        for (DType type : List.of(DType.FLOAT32, DType.FLOAT64, DType.FLOAT16, DType.BFLOAT16)) {
            for (Activation activation : List.of(Activation.RELU, Activation.RELU6)) {
                if (sessions.refusal(type) == null) {
                    tests.add(dynamicTest(
                            "BatchNormGate / " + activation + " / " + type,
                            () -> sessions.run(DType.FLOAT32, session -> check(session, type, activation))));
                }
            }
        }
        return tests;
    }

    private static void check(Session session, DType type, Activation activation) {
        BatchNormGate fusion = FusionChecks.offered(session, BatchNormGate.class);
        assertThat(SHAPES).as("shapes with a gate").anyMatch(shape -> fusion.bytes(type, shape) > 0);
        for (Shape shape : SHAPES) {
            for (DType ofGamma : type == type.accumulator() ? List.of(type) : List.of(type, type.accumulator())) {
                for (boolean begins : new boolean[] {true, false}) {
                    Tensor gamma = drawn(session, 2, shape.size(1), ofGamma);
                    Tensor beta = drawn(session, 3, shape.size(1), ofGamma);
                    Tensor x = images(session, 1, shape, type, begins);
                    Tensor addend = images(session, 4, shape, type, begins);
                    Tensor dy = images(session, 5, shape, type, begins);
                    compare(fusion, new Inputs(x, gamma, beta, null, dy, activation));
                    compare(fusion, new Inputs(x, gamma, beta, addend, dy, activation));
                }
            }
        }
    }

    private static void compare(BatchNormGate fusion, Inputs in) {
        Normalization plain = in.x().session().backend().normalization();
        long bytes = fusion.bytes(in.x().dtype(), in.x().shape());
        if (bytes == 0) {
            return;
        }
        Tensor gate = in.x().session().empty(DType.UINT8, Layout.rowMajor(Shape.of((int) bytes)));
        Tensor y = in.like(in.x());
        Tensor mean = in.statistic();
        Tensor variance = in.statistic();
        plain.batchNorm(EPSILON, in.x(), in.gamma(), in.beta(), in.addend(), in.activation(), y, mean, variance);
        Tensor gated = in.like(in.x());
        fusion.batchNorm(
                EPSILON, in.x(), in.gamma(), in.beta(), in.addend(), in.activation(), gated, mean, variance, gate);
        assertThat(gated.toDoubles()).isEqualTo(y.toDoubles());

        Tensor[] expected = gradients(in);
        plain.batchNormBackward(
                EPSILON,
                in.x(),
                in.gamma(),
                mean,
                variance,
                in.activation(),
                y,
                in.dy(),
                expected[0],
                expected[1],
                expected[2],
                expected[3]);
        // Where no work that makes dy is kept back, it does not matter whether dy may be left unwritten.
        BatchNormGate.Origin origin = new BatchNormGate.Origin(in.beta(), in.addend() != null, in.activation(), y);
        for (BatchNormGate.Origin from : Arrays.asList(null, origin)) {
            Tensor[] actual = gradients(in);
            fusion.batchNormBackward(
                    EPSILON,
                    in.x(),
                    in.gamma(),
                    mean,
                    variance,
                    gate,
                    from,
                    in.dy(),
                    actual[0],
                    actual[1],
                    actual[2],
                    actual[3]);
            for (int i = 0; i < actual.length; i++) {
                if (actual[i] != null) {
                    assertThat(actual[i].toDoubles())
                            .as("gradient %d of %s", i, in.x().describe())
                            .isEqualTo(expected[i].toDoubles());
                }
            }
        }
    }

    /** Returns memory for the gradients of x, gamma, beta and the addend. */
    private static Tensor[] gradients(Inputs in) {
        return new Tensor[] {
            in.like(in.x()), in.like(in.gamma()), in.like(in.beta()), in.addend() == null ? null : in.like(in.addend())
        };
    }

    /** Returns numbers of a few steps, so that results are at bounds as well. */
    private static Tensor drawn(Session session, long seed, int length, DType type) {
        Tensor values =
                session.tensor(HostArray.uniform(seed, -8, 8, Shape.of(length)).values(), Shape.of(length));
        return values.round().to(type);
    }

    /** Returns images stored channels-last, at the beginning of their memory or one element after it. */
    private static Tensor images(Session session, long seed, Shape shape, DType type, boolean begins) {
        int elements = (int) shape.elements();
        Tensor line = drawn(session, seed, elements + 1, type).narrow(0, begins ? 0 : 1, elements);
        if (shape.rank() == 2) {
            return line.reshape(shape);
        }
        Shape stored = Shape.of(shape.size(0), shape.size(2), shape.size(3), shape.size(1));
        return line.reshape(stored).permute(0, 3, 1, 2);
    }
}
