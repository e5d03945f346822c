package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.List;
import org.alborz.autograd.Tape;
import org.alborz.ops.Conv2dBackwardData;
import org.alborz.ops.Conv2dOp;
import org.alborz.ops.Engine;
import org.alborz.ops.Observation;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Padding2d;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicNode;

/** The gradient of a convolution that is added to what is there, as a fusion or composed, is that of one operation after the other. */
final class ConvolutionSumChecks {
    private record Case(Conv2dParameters p, Shape images, Shape weights) {}

    private static final List<Case> CASES = List.of(
            new Case(padded(), Shape.of(2, 8, 6, 5), Shape.of(4, 8, 3, 3)),
            new Case(Conv2dParameters.defaults().withStride(2), Shape.of(2, 4, 7, 6), Shape.of(8, 4, 1, 1)),
            new Case(padded().withPadding(new Padding2d(0, 1, 2, 0)), Shape.of(1, 3, 5, 4), Shape.of(2, 3, 2, 3)),
            new Case(padded().withGroups(2), Shape.of(2, 4, 5, 5), Shape.of(6, 2, 3, 3)),
            new Case(padded(), Shape.of(0, 4, 5, 5), Shape.of(6, 4, 3, 3)));

    private final Sessions sessions;

    ConvolutionSumChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    List<DynamicNode> all() {
        List<DynamicNode> tests = new ArrayList<>();
        for (DType type : List.of(DType.FLOAT32, DType.FLOAT64, DType.FLOAT16, DType.BFLOAT16)) {
            if (sessions.refusal(type) == null) {
                for (Case of : CASES) {
                    tests.add(dynamicTest(
                            "ConvolutionSum / " + of.images() + " " + of.p() + " / " + type,
                            () -> sessions.run(DType.FLOAT32, session -> check(session, type, of))));
                }
                tests.add(dynamicTest(
                        "ConvolutionSum / images that are read several times / " + type,
                        () -> sessions.run(DType.FLOAT32, session -> several(session, type))));
            }
        }
        return tests;
    }

    private static Conv2dParameters padded() {
        return Conv2dParameters.defaults().withPadding(1);
    }

    private static void check(Session session, DType type, Case of) {
        Shape results = Conv2dOp.resultShape(of.images(), of.weights(), of.p());
        Tensor dy = drawn(session, 91, results, type);
        Tensor w = drawn(session, 92, of.weights(), type);
        Tensor sum = drawn(session, 93, of.images(), type);
        Conv2dBackwardData operation = new Conv2dBackwardData(of.p(), of.images());
        DType wide = type.accumulator();
        Tensor expected = sum.to(wide).add(Engine.apply(operation, dy.to(wide), w.to(wide)));
        Engine.applyAll(operation, 0, dy, w, sum);
        FusionChecks.compare("sum", sum, expected, tolerance(type));
    }

    /** Images that a convolution reads twice, and something else once: what is added in place counts as what is added otherwise. */
    private static void several(Session session, DType type) {
        List<String> seen = new ArrayList<>();
        Shape shape = Shape.of(2, 8, 6, 5);
        try (Tape tape = new Tape(session)) {
            Tensor x = tape.watch(drawn(session, 94, shape, type));
            Tensor w = drawn(session, 95, Shape.of(8, 8, 3, 3), type);
            Tensor weights = drawn(session, 96, shape, type);
            Conv2dOp convolution = new Conv2dOp(padded(), Activation.NONE);
            Tensor y = Engine.apply(convolution, x, w, null, null).add(Engine.apply(convolution, x, w, null, null));
            Tensor loss = y.add(x.mul(weights)).sum();
            Tensor recorded = tape.differentiableGradients(loss, x).of(x);
            try (Observation listening =
                    session.observe(applied -> seen.add(applied.op().name()))) {
                FusionChecks.compare("gradient", tape.gradients(loss, x).of(x), recorded, tolerance(type));
            }
        }
        assertThat(seen).filteredOn("Conv2d's gradient"::equals).hasSize(2);
    }

    /** Of a sum in float32, and where it is of 16 bits of two or three roundings. */
    private static Tolerance tolerance(DType type) {
        return switch (type) {
            case FLOAT16 -> new Tolerance(2e-3, 2e-3, false);
            case BFLOAT16 -> new Tolerance(1.2e-2, 1.2e-2, false);
            default -> Tolerance.accumulated();
        };
    }

    private static Tensor drawn(Session session, long seed, Shape shape, DType type) {
        Tensor values = session.tensor(HostArray.uniform(seed, -1, 1, shape).values(), shape);
        return values.to(type).to(Layout.channelsLast(shape));
    }
}
