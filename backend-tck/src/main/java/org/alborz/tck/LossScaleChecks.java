package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.alborz.backend.LossScaleStep;
import org.alborz.ops.Engine;
import org.alborz.ops.Unscale;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicNode;

/** Steps of a loss scale: skipped ones, growth, both bounds, and the numbers that are chosen for the optimizer, worked out by hand. */
final class LossScaleChecks {
    private static final int[] LENGTHS = {1, 3, 1031, 40_003};
    private static final LossScaleStep.Parameters ADAPTS = new LossScaleStep.Parameters(2, 0.5, 3, 4, 64);

    private final Sessions sessions;

    LossScaleChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    Stream<DynamicNode> all() {
        return Stream.of(
                dynamicTest(
                        "LossScaleStep / finite gradients",
                        () -> sessions.run(DType.FLOAT32, LossScaleChecks::unscales)),
                dynamicTest(
                        "LossScaleStep / a sequence of steps",
                        () -> sessions.run(DType.FLOAT32, LossScaleChecks::adapts)),
                dynamicTest(
                        "LossScaleStep / chosen numbers", () -> sessions.run(DType.FLOAT32, LossScaleChecks::chooses)));
    }

    private static Tensor doubles(Session session, double... values) {
        Tensor made = session.empty(DType.FLOAT64, Layout.rowMajor(Shape.of(values.length)));
        session.write(values, made);
        return made;
    }

    private static void step(Tensor gradients, Tensor state, Tensor factor, Tensor choices, Tensor numbers) {
        Engine.applyAll(new Unscale(ADAPTS), 0, gradients, state, factor, choices, numbers);
    }

    /** Also in a part of a longer tensor, which starts at an odd place and leaves its neighbours alone. */
    private static void unscales(Session session) {
        for (int length : LENGTHS) {
            HostArray values = HostArray.uniform(3, -1, 1, Shape.of(length + 5));
            Tensor all = session.tensor(values.values(), values.shape());
            double[] expected = all.toDoubles();
            for (int i = 3; i < 3 + length; i++) {
                expected[i] = (float) expected[i] * (float) (1 / 12.0);
            }
            Tensor factor = session.scalar(12);
            step(all.narrow(0, 3, length), doubles(session, 12, 0, 7, 1, 0), factor, null, null);
            assertThat(all.toDoubles()).as("%d gradients", length).isEqualTo(expected);
            assertThat(factor.item()).isEqualTo(12);
        }
    }

    /** Not finite are the first gradient, the last, or one within; or only its quotient by a scale below 1. */
    private static void adapts(Session session) {
        int length = 5000;
        Tensor state = doubles(session, 16, 0, 0, 0, 0);
        Tensor factor = session.scalar(16);
        double[][] steps = { // place and value of a gradient, then scale, steps since its change, skipped steps,
            // overflowed
            {0, 1, 16, 1, 0, 0},
            {0, Double.NaN, 8, 0, 1, 1},
            {length - 1, Double.POSITIVE_INFINITY, 4, 0, 2, 1},
            {1234, Double.NEGATIVE_INFINITY, 4, 0, 3, 1}, // no smaller
            {1234, 1, 4, 1, 3, 0},
            {1234, 1, 4, 2, 3, 0},
            {1234, 1, 8, 0, 3, 0},
            {1234, 1, 8, 1, 3, 0},
            {1234, 1, 8, 2, 3, 0},
            {1234, 1, 16, 0, 3, 0}
        };
        for (double[] step : steps) {
            check(session, length, state, factor, step);
        }
        session.write(new double[] {64, 2, 3, 0, 0}, state);
        check(session, length, state, factor, new double[] {0, 1, 64, 0, 3, 0}); // no larger
        session.write(new double[] {0.25, 1, 3, 0, 0}, state);
        check(session, length, state, factor, new double[] {7, 3e38, 4, 0, 4, 1});
    }

    private static void check(Session session, int length, Tensor state, Tensor factor, double[] step) {
        Tensor gradients = session.ones(Shape.of(length));
        gradients.narrow(0, (int) step[0], 1).fill(step[1]);
        step(gradients, state, factor, null, null);
        double[] expected = {step[2], step[3], step[4], step[5]};
        double[] actual = new double[expected.length];
        System.arraycopy(state.toDoubles(), 0, actual, 0, actual.length);
        assertThat(actual).isEqualTo(expected);
        assertThat(factor.item()).isEqualTo((float) expected[LossScaleStep.SCALE]);
    }

    private static void chooses(Session session) {
        int known = 5;
        List<double[]> rows = List.of(
                new double[] {known},
                new double[] {-1, Double.NaN},
                new double[] {10, 11},
                new double[] {20, 21},
                new double[] {30, 31});
        List<Double> all = new ArrayList<>();
        rows.forEach(row -> {
            for (double number : row) {
                all.add(number);
            }
        });
        Tensor choices = doubles(session, all.stream().mapToDouble(x -> x).toArray());
        Tensor state = doubles(session, 16, 0, known, 0, 0);
        Tensor factor = session.scalar(16);
        Tensor numbers = doubles(session, 0, 0);
        for (int skipped = 0; skipped < 3; skipped++) {
            step(session.ones(Shape.of(8)), state, factor, choices, numbers);
            assertThat(numbers.toDoubles()).isEqualTo(rows.get(2 + skipped));
            step(session.full(Double.NaN, Shape.of(8)), state, factor, choices, numbers);
            assertThat(numbers.toDoubles()).isEqualTo(rows.get(1));
        }
    }
}
