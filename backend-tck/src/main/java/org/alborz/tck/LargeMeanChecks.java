package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.alborz.autograd.Gradients;
import org.alborz.autograd.Tape;
import org.alborz.ops.BatchNormOp;
import org.alborz.ops.Engine;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicNode;

/** Batch norm of channels whose numbers are nearly equal for their size, so that the mean has no exact number of its type. */
final class LargeMeanChecks {
    private static final double EPSILON = 1e-5;
    private static final int CHANNELS = 17;

    private final Sessions sessions;

    LargeMeanChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    Stream<DynamicNode> all() {
        List<DynamicNode> tests = new ArrayList<>();
        for (DType dtype : DType.values()) {
            if (dtype.isFloating() && sessions.refusal(dtype) == null) {
                tests.add(dynamicTest("forward / " + dtype, () -> sessions.run(dtype, LargeMeanChecks::forward)));
                tests.add(dynamicTest("gradients / " + dtype, () -> sessions.run(dtype, LargeMeanChecks::gradients)));
            }
        }
        return tests.stream();
    }

    /** Against the same computed in double of the very numbers; a mean of 1000 takes three digits off a float's seven. */
    private static void forward(Session session) {
        DType dtype = session.dtype();
        double error = dtype.bytes() == Short.BYTES
                ? 4 * HalfPrecision.of(dtype).roundingError()
                : dtype == DType.FLOAT32 ? 1e-4 : 1e-10;
        double deviation = dtype.bytes() == Short.BYTES ? 16 : 0.01;
        for (int rows : new int[] {7, 65, 4099}) {
            Shape shape = Shape.of(rows, 5);
            HostArray drawn = HostArray.uniform(72, 1000 - deviation, 1000 + deviation, shape);
            Tensor x = session.tensor(drawn.values(), shape);
            HostArray exact = HostArray.of(shape, x.toDoubles());
            HostArray beyond = exact.map(a -> a - 1000); // so that the sums here are exact enough
            HostArray mean = beyond.reduce(0, (a, b) -> a + b / rows, 0);
            HostArray centred = HostArray.broadcast((a, b) -> a - b, beyond, mean);
            HostArray variance = centred.reduce(0, (a, b) -> a + b * b / rows, 0);
            HostArray expected = HostArray.broadcast((a, b) -> a / Math.sqrt(b + EPSILON), centred, variance);
            Tensor y = Engine.apply(new BatchNormOp(EPSILON), x, session.ones(Shape.of(5)), session.zeros(Shape.of(5)));
            new Tolerance(error, error, false).check("seed 72, " + rows + " rows", y, expected);
        }
    }

    private static void gradients(Session session) {
        DType dtype = session.dtype();
        if (dtype == DType.FLOAT64) {
            check(session, 2, 0x1p53, 2);
            check(session, 2, -0x1p53, 2);
            check(session, 3, 0x1p55, 32);
        } else if (dtype == DType.FLOAT32) {
            check(session, 2, 1e8, 8);
            check(session, 2, 16777216, 2);
            check(session, 3, -16777216, 32);
            for (int rows : new int[] {3, 64, 65, 4001}) {
                check(session, rows, 1e6, 1);
                check(session, rows, -1e6, 0.25);
                check(session, rows, 1e4, 0.01);
            }
        }
        check(session, 65, 1000, 16);
        check(session, 65, 0, 1);
    }

    /** Checks both ways to the gradients, of numbers from {@code start} on by at most {@code spread}. */
    private static void check(Session session, int rows, double start, double spread) {
        Shape shape = Shape.of(rows, CHANNELS);
        double[] drawn = HostArray.uniform(73, 0, 1, shape).values();
        Arrays.setAll(drawn, i -> start + spread * (i < CHANNELS ? 0 : i < 2 * CHANNELS ? 1 : drawn[i]));
        double[] weights = session.tensor(HostArray.uniform(74, -1, 1, shape).values(), shape)
                .toDoubles();
        Tensor values = session.tensor(drawn, shape);
        double[] exact = values.toDoubles();
        for (boolean composed : new boolean[] {false, true}) {
            String what = rows + " rows from " + start + " by " + spread + (composed ? ", composed" : "");
            Tape tape = new Tape(session);
            Tensor x = tape.watch(values);
            Tensor gamma = tape.watch(session.ones(Shape.of(CHANNELS)));
            Tensor beta = tape.watch(session.zeros(Shape.of(CHANNELS)));
            Tensor y = Engine.apply(new BatchNormOp(EPSILON), x, gamma, beta);
            Tensor loss = y.mul(session.tensor(weights, shape)).sum();
            Gradients gradients =
                    composed ? tape.differentiableGradients(loss, x, gamma) : tape.gradients(loss, x, gamma);
            double[] dx = gradients.of(x).toDoubles();
            double[] dgamma = gradients.of(gamma).toDoubles();
            tape.close();
            for (int c = 0; c < CHANNELS; c++) {
                checkChannel(what + ", channel " + c, dtypeError(session.dtype()), c, exact, weights, dx, dgamma[c]);
            }
        }
    }

    private static double dtypeError(DType dtype) {
        return dtype.bytes() == Short.BYTES
                ? 2 * HalfPrecision.of(dtype).roundingError()
                : dtype == DType.FLOAT32 ? 1e-5 : 1e-12;
    }

    /** Compares with the definition in float64, relative to the largest that a gradient of such numbers may be. */
    private static void checkChannel(
            String what, double error, int c, double[] x, double[] dy, double[] dx, double dgamma) {
        int rows = x.length / CHANNELS;
        double[] centred = new double[rows];
        double mean = 0;
        for (int r = 0; r < rows; r++) {
            centred[r] = x[r * CHANNELS + c] - x[c]; // exact, or nearly
            mean += centred[r] / rows;
        }
        double variance = 0;
        for (int r = 0; r < rows; r++) {
            centred[r] -= mean;
            variance += centred[r] * centred[r] / rows;
        }
        double inverse = 1 / Math.sqrt(variance + EPSILON);
        double sum = 0;
        double products = 0;
        double magnitude = 0;
        for (int r = 0; r < rows; r++) {
            sum += dy[r * CHANNELS + c];
            products += dy[r * CHANNELS + c] * centred[r] * inverse;
            magnitude += Math.abs(dy[r * CHANNELS + c] * centred[r] * inverse);
        }
        assertThat(Math.abs(dgamma - products))
                .as("gradient by gamma of %s: expected %s, got %s", what, products, dgamma)
                .isLessThanOrEqualTo(error * magnitude);
        for (int r = 0; r < rows; r++) {
            double spread = dy[r * CHANNELS + c] - sum / rows - centred[r] * inverse * products / rows;
            assertThat(Math.abs(dx[r * CHANNELS + c] - inverse * spread))
                    .as(
                            "gradient by x of %s, row %d: expected %s, got %s",
                            what, r, inverse * spread, dx[r * CHANNELS + c])
                    .isLessThanOrEqualTo(3 * error * inverse);
        }
    }
}
