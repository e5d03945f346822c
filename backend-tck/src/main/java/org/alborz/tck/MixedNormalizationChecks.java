package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.alborz.autograd.Gradients;
import org.alborz.autograd.Tape;
import org.alborz.ops.BatchNormOp;
import org.alborz.ops.Engine;
import org.alborz.ops.Op;
import org.alborz.ops.RowNorm;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicNode;

/**
 * Batch normalisation, layer normalisation and root mean square normalisation of 16 bits beside parameters of float32 gives the same as
 * when x is converted to float32 first and the result is rounded: results, gradients, and gradients of gradients.
 */
final class MixedNormalizationChecks {
    /** An operation of x, gamma and beta, of which x and gamma share an axis. */
    private record Case(String name, Op operation, int axis, String... results) {}

    private static final List<Case> CASES = List.of(
            new Case("batch norm", new BatchNormOp(1e-3), 1, "y", "mean", "variance"),
            new Case("layer norm", new RowNorm(true, 1e-3), -1, "y"),
            new Case("root mean square norm", new RowNorm(false, 1e-3), -1, "y"));

    /** Of parameters and statistics, relative to the largest. */
    private static final double OF_FLOAT32 = 1e-5;

    /** Roundings that terms of 16 bits may have where their sum is one of float32. */
    private static final int ROUNDINGS = 6;

    /** The last one is more than a chunk of elements that a thread takes. */
    private static final List<Shape> SHAPES = List.of(
            Shape.of(6, 3),
            Shape.of(2, 3, 3, 4),
            Shape.of(5, 17),
            Shape.of(3, 33, 7, 5),
            Shape.of(2, 8, 2, 2),
            Shape.of(9, 40, 16, 16));

    private static final int MOST_OF_ORDER_2 = 10_000;

    private final Sessions sessions;

    MixedNormalizationChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    Stream<DynamicNode> all() {
        List<DynamicNode> tests = new ArrayList<>();
        for (Case each : CASES) {
            for (DType type : List.of(DType.FLOAT16, DType.BFLOAT16)) {
                for (Shape shape : sessions.refusal(type) == null ? SHAPES : List.<Shape>of()) {
                    add(tests, each, type, shape);
                }
            }
        }
        return tests.stream();
    }

    private void add(List<DynamicNode> tests, Case each, DType type, Shape shape) {
        String of = " / " + shape + " / " + type;
        tests.add(dynamicTest(
                each.name() + of, () -> sessions.run(DType.FLOAT32, session -> forward(session, each, type, shape))));
        for (int order = 1; order <= (hasSecond(each, type, shape) ? 2 : 1); order++) {
            int gradients = order;
            tests.add(dynamicTest(
                    each.name() + ", gradients of order " + order + of,
                    () -> sessions.run(DType.FLOAT32, session -> gradients(session, each, type, shape, gradients))));
        }
    }

    /** Second derivatives of many numbers, and of rows that are nearly equal numbers, are beyond float16. */
    private static boolean hasSecond(Case each, DType type, Shape shape) {
        boolean isWide = each.axis() > 0 || type == DType.BFLOAT16;
        return isWide ? shape.elements() <= MOST_OF_ORDER_2 : shape.size(-1) > 2 && shape.elements() < 100;
    }

    /** What is normalised; as an image, channels-last or row-major. */
    private static Tensor[] inputs(Session session, Case each, DType type, Shape shape) {
        Shape channels = Shape.of(shape.size(each.axis()));
        HostArray x = HostArray.uniform(91, -1, 2, shape);
        HostArray gamma = HostArray.uniform(92, 0.5, 1.5, channels);
        HostArray beta = HostArray.uniform(93, -1, 1, channels);
        return new Tensor[] {
            session.tensor(x.values(), shape).to(type),
            session.tensor(gamma.values(), channels),
            session.tensor(beta.values(), channels)
        };
    }

    private static Tensor[] apply(Case each, Tensor... inputs) {
        return Engine.applyAll(each.operation(), each.results().length, inputs);
    }

    private static Tensor[] converted(Case each, Tensor... inputs) {
        Tensor[] results = apply(each, inputs[0].to(DType.FLOAT32), inputs[1], inputs[2]);
        results[0] = results[0].to(inputs[0].dtype());
        return results;
    }

    private static void forward(Session session, Case each, DType type, Shape shape) {
        Tensor[] inputs = inputs(session, each, type, shape);
        Tensor[] actual = apply(each, inputs);
        Tensor[] expected = converted(each, inputs);
        for (int i = 0; i < expected.length; i++) {
            check(each.results()[i], actual[i], expected[i], 1);
        }
    }

    private static void gradients(Session session, Case each, DType type, Shape shape, int order) {
        List<Tensor> actual = new ArrayList<>();
        List<Tensor> expected = new ArrayList<>();
        try (Tape one = new Tape(session);
                Tape other = new Tape(session)) {
            Tensor[] inputs = inputs(session, each, type, shape);
            Tensor[] watched = watch(one, inputs);
            actual.addAll(gradients(one, apply(each, watched)[0], order, watched));
            Tensor[] others = watch(other, inputs);
            expected.addAll(gradients(other, converted(each, others)[0], order, others));
            String[] names = {"dx", "dgamma", "dbeta"};
            for (int i = 0; i < names.length; i++) {
                assertThat(actual.get(i).dtype()).as(names[i]).isEqualTo(inputs[i].dtype());
                check(names[i], actual.get(i), expected.get(i), order == 1 ? 1 : ROUNDINGS);
            }
        }
    }

    private static Tensor[] watch(Tape tape, Tensor... inputs) {
        Tensor[] watched = new Tensor[inputs.length];
        for (int i = 0; i < inputs.length; i++) {
            watched[i] = tape.watch(inputs[i]);
        }
        return watched;
    }

    private static List<Tensor> gradients(Tape tape, Tensor y, int order, Tensor... watched) {
        Tensor value = square(y);
        if (order == 2) {
            Gradients inner = tape.differentiableGradients(value, watched);
            value = square(inner.of(watched[0])).add(square(inner.of(watched[1])));
        }
        Gradients gradients = tape.gradients(value, watched);
        return Stream.of(watched).map(gradients::of).toList();
    }

    private static Tensor square(Tensor y) {
        HostArray weights = Objective.weights(y.shape());
        return y.to(DType.FLOAT32)
                .square()
                .mul(y.session().tensor(weights.values(), y.shape()))
                .sum();
    }

    private static void check(String what, Tensor actual, Tensor expected, int roundings) {
        assertThat(actual.dtype()).as(what).isEqualTo(expected.dtype());
        boolean isHalf = actual.dtype() != DType.FLOAT32;
        double each = isHalf ? 2 * roundings * HalfPrecision.of(actual.dtype()).roundingError() : 0;
        double[] got = actual.toDoubles();
        double[] wanted = expected.toDoubles();
        double largest = HostArray.of(expected.shape(), wanted).largestMagnitude();
        for (int i = 0; i < got.length; i++) {
            double allowed = each * (roundings == 1 ? Math.abs(wanted[i]) : largest) + OF_FLOAT32 * largest;
            assertThat(Math.abs(got[i] - wanted[i]))
                    .as("%s: element %d expected %s, got %s", what, i, wanted[i], got[i])
                    .isLessThanOrEqualTo(allowed);
        }
    }
}
