package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.List;
import org.alborz.autograd.Tape;
import org.alborz.ops.Engine;
import org.alborz.ops.Observation;
import org.alborz.ops.RowNorm;
import org.alborz.ops.RowNormBackward;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicNode;

/** The gradient of normalised rows that is added to what is there, as a fusion or composed, is that of one operation after the other. */
final class RowNormalizationSumChecks {
    private static final double EPSILON = 1e-5;

    /** Of few and many rows, narrower and wider than a warp takes. */
    private static final List<Shape> SHAPES =
            List.of(Shape.of(3, 5), Shape.of(2, 130, 48), Shape.of(2, 1100), Shape.of(0, 7), Shape.of(1));

    private final Sessions sessions;

    RowNormalizationSumChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    List<DynamicNode> all() {
        List<DynamicNode> tests = new ArrayList<>();
        for (DType type : List.of(DType.FLOAT32, DType.FLOAT64, DType.FLOAT16, DType.BFLOAT16)) {
            if (sessions.refusal(type) == null) {
                for (boolean centred : new boolean[] {true, false}) {
                    tests.add(dynamicTest(
                            "RowNormalizationSum / " + (centred ? "centred / " : "") + type,
                            () -> sessions.run(DType.FLOAT32, session -> sums(session, type, centred))));
                }
                tests.add(dynamicTest(
                        "RowNormalizationSum / rows that are added to the result / " + type,
                        () -> sessions.run(DType.FLOAT32, session -> residual(session, type))));
            }
        }
        return tests;
    }

    private static void sums(Session session, DType type, boolean centred) {
        for (Shape shape : SHAPES) {
            check(session, type, centred, shape, null, false);
            check(session, type, centred, shape, type, false);
            check(session, type, centred, shape, type, true);
            check(session, type, centred, shape, type.accumulator(), true);
        }
    }

    /** @param parameters the type of gamma, null for none */
    private static void check(
            Session session, DType type, boolean centred, Shape shape, DType parameters, boolean shifted) {
        Tensor x = drawn(session, 71, shape, type);
        Tensor dy = drawn(session, 72, shape, type);
        Tensor sum = drawn(session, 73, shape, type);
        Tensor gamma = parameters == null ? null : drawn(session, 74, Shape.of(shape.size(-1)), parameters);
        RowNormBackward operation = new RowNormBackward(centred, EPSILON, shifted);
        int results = parameters == null ? 1 : shifted ? 3 : 2;
        DType wide = type.accumulator();
        Tensor[] apart =
                Engine.applyAll(operation, results, x.to(wide), dy.to(wide), gamma == null ? null : gamma.to(wide));
        Tensor expected = sum.to(wide).add(apart[0]);
        Tensor[] together = Engine.applyAll(operation, results, x, dy, gamma, sum);
        assertThat(together[0]).isSameAs(sum);
        FusionChecks.compare("sum of " + shape, sum, expected, tolerance(type));
        for (int i = 1; i < results; i++) {
            FusionChecks.compare("parameter " + i + " of " + shape, together[i], apart[i], tolerance(type));
        }
    }

    /** As in a transformer's layer: what is added in place counts as what is added otherwise. */
    private static void residual(Session session, DType type) {
        List<Integer> seen = new ArrayList<>();
        Shape shape = Shape.of(3, 40);
        try (Tape tape = new Tape(session)) {
            Tensor x = tape.watch(drawn(session, 75, shape, type));
            Tensor gamma = drawn(session, 76, Shape.of(40), type);
            Tensor weights = drawn(session, 77, shape, type);
            Tensor y = x.add(
                    Engine.apply(new RowNorm(true, EPSILON), x, gamma, null).mul(2));
            Tensor loss = y.mul(weights).sum();
            Tensor recorded = tape.differentiableGradients(loss, x).of(x);
            try (Observation listening = session.observe(applied -> {
                if (applied.op() instanceof RowNormBackward) {
                    seen.add(applied.inputs().size());
                }
            })) {
                FusionChecks.compare("gradient", tape.gradients(loss, x).of(x), recorded, tolerance(type));
            }
        }
        assertThat(seen).containsExactly(4);
    }

    /** Of a sum in float32, and where it is of 16 bits of two or three roundings. */
    private static Tolerance tolerance(DType type) {
        return switch (type) {
            case FLOAT16 -> new Tolerance(4e-3, 4e-3, false);
            case BFLOAT16 -> new Tolerance(2.4e-2, 2.4e-2, false);
            default -> Tolerance.accumulated();
        };
    }

    private static Tensor drawn(Session session, long seed, Shape shape, DType type) {
        return session.tensor(HostArray.uniform(seed, -1, 1, shape).values(), shape)
                .to(type);
    }
}
