package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alborz.backend.Accumulation;
import org.alborz.ops.Accumulate;
import org.alborz.ops.AccumulateHits;
import org.alborz.ops.Engine;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicNode;

/** What is added to the sums of metrics in one pass is what single operations add. */
final class MetricSumChecks {
    private static final double THIRD = 1.0 / 3;

    private final Sessions sessions;

    MetricSumChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    List<DynamicNode> all() {
        List<DynamicNode> tests = new ArrayList<>();
        for (DType type : DType.values()) {
            if (sessions.refusal(type) == null) {
                tests.add(dynamicTest(
                        "Accumulation / " + type,
                        () -> sessions.run(DType.FLOAT32, session -> numbers(session, type))));
            }
        }
        for (DType type : List.of(DType.FLOAT32, DType.FLOAT64, DType.FLOAT16, DType.BFLOAT16)) {
            if (sessions.refusal(type) == null) {
                tests.add(dynamicTest(
                        "Accumulation of hits / " + type,
                        () -> sessions.run(DType.FLOAT32, session -> hits(session, type))));
            }
        }
        return tests;
    }

    private static void numbers(Session session, DType type) {
        FusionChecks.offered(session, Accumulation.class);
        for (Shape shape : List.of(Shape.scalar(), Shape.of(0), Shape.of(3, 100))) {
            for (double factor : new double[] {1, 128, THIRD}) {
                Tensor x = drawn(session, shape, -3).to(type);
                Tensor sum = drawn(session, shape, 5).to(DType.FLOAT64);
                Tensor expected = sum.to(DType.FLOAT64).mul(1);
                Accumulate.composed(factor, expected, x);
                Engine.applyAll(new Accumulate(factor), 0, sum, x);
                FusionChecks.compare(shape + " times " + factor, sum, expected, new Tolerance(1e-15, 1e-15, false));
                if (factor != THIRD) {
                    assertThat(sum.toDoubles()).isEqualTo(expected.toDoubles()); // nothing is rounded
                }
            }
        }
        Tensor rows = drawn(session, Shape.of(4, 3), -3).to(type);
        Tensor sum = session.zeros(Shape.of(3, 4)).to(DType.FLOAT64);
        Engine.applyAll(new Accumulate(1), 0, sum, rows.transpose(0, 1));
        assertThat(sum.toDoubles())
                .isEqualTo(rows.transpose(0, 1).to(DType.FLOAT64).toDoubles());
    }

    private static void hits(Session session, DType type) {
        FusionChecks.offered(session, Accumulation.class);
        for (int classes : new int[] {1, 2, 10, 1031}) {
            for (int rows : new int[] {0, 1, 9, 2100}) {
                int[] labels = new int[rows];
                Arrays.setAll(labels, i -> i % Math.min(classes, 3));
                // Whole numbers, so that rows have several largest elements.
                Tensor x = drawn(session, Shape.of(rows, classes), -3)
                        .mul(2)
                        .round()
                        .to(type);
                check(session, x, session.tensor(labels, Shape.of(rows)));
            }
        }
        double nan = Double.NaN;
        double inf = Double.POSITIVE_INFINITY;
        Tensor special = session.tensor(
                        new double[] {nan, inf, 1, inf, nan, nan, -inf, -inf, -inf, inf, 0, inf}, Shape.of(2, 2, 3))
                .to(type);
        for (int label = -1; label <= 3; label++) {
            int[] labels = {label, label, label, label};
            check(session, special, session.tensor(labels, Shape.of(2, 2)));
            check(session, special, session.tensor(labels, Shape.of(2, 2)).to(DType.INT64));
            check(
                    session,
                    special.narrow(0, 1, 1),
                    session.tensor(labels, Shape.of(2, 2)).narrow(0, 1, 1));
        }
    }

    private static void check(Session session, Tensor x, Tensor labels) {
        for (double factor : new double[] {1, 0.25}) {
            Tensor sum = session.scalar(7).to(DType.FLOAT64);
            Tensor expected = session.scalar(7).to(DType.FLOAT64);
            AccumulateHits.composed(factor, expected, x, labels);
            Engine.applyAll(new AccumulateHits(factor), 0, sum, x, labels);
            assertThat(sum.item())
                    .as("%s and %s", x.describe(), labels.describe())
                    .isEqualTo(expected.item());
        }
    }

    private static Tensor drawn(Session session, Shape shape, double least) {
        HostArray values = HostArray.uniform(93, least, 4, shape);
        return session.tensor(values.values(), shape);
    }
}
