package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.alborz.autograd.Gradients;
import org.alborz.autograd.Tape;
import org.alborz.nn.Layer;
import org.alborz.nn.Pass;
import org.alborz.nn.Sequential;
import org.alborz.ops.BatchNormOp;
import org.alborz.ops.Engine;
import org.alborz.ops.Observation;
import org.alborz.ops.Relu6;
import org.alborz.ops.RunningStatistics;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicNode;

/**
 * In training a batch normalisation, an addition and a rectifier are done in one pass, forward and backward, with the bits of one operation
 * after the other; and running statistics move by the batch's.
 */
final class TrainingFusionChecks {
    private static final double EPSILON = 1e-3;

    /** The last one is more than a chunk of elements that a thread takes. */
    private static final List<Shape> SHAPES =
            List.of(Shape.of(6, 3), Shape.of(2, 3, 3, 4), Shape.of(3, 33, 7, 5), Shape.of(9, 40, 16, 16));

    private final Sessions sessions;

    TrainingFusionChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    /** What follows the normalisation. */
    private enum Join {
        RELU,
        RELU6,
        ADD,
        ADDED_TO,
        ADD_RELU,
        ADD_RELU6;

        Tensor apply(Tensor y, Tensor side) {
            return switch (this) {
                case RELU -> y.relu();
                case RELU6 -> Relu6.apply(y);
                case ADD -> y.add(side);
                case ADDED_TO -> side.add(y);
                case ADD_RELU -> {
                    try (Tensor sum = side.add(y)) {
                        yield sum.relu();
                    }
                }
                case ADD_RELU6 -> {
                    try (Tensor sum = side.add(y)) {
                        yield Relu6.apply(sum);
                    }
                }
            };
        }

        boolean adds() {
            return this != RELU && this != RELU6;
        }

        Activation activation() {
            return switch (this) {
                case RELU, ADD_RELU -> Activation.RELU;
                case RELU6, ADD_RELU6 -> Activation.RELU6;
                case ADD, ADDED_TO -> Activation.NONE;
            };
        }
    }

    Stream<DynamicNode> all() {
        List<DynamicNode> tests = new ArrayList<>();
        for (DType type : List.of(DType.FLOAT32, DType.FLOAT64, DType.FLOAT16, DType.BFLOAT16)) {
            if (sessions.refusal(type) != null) {
                continue;
            }
            tests.add(dynamicTest(
                    "running statistics / " + type, () -> sessions.run(type, TrainingFusionChecks::statistics)));
            for (Shape shape : SHAPES) {
                for (Join join : Join.values()) {
                    tests.add(dynamicTest(
                            join + " / " + shape + " / " + type,
                            () -> sessions.run(DType.FLOAT32, session -> check(session, type, shape, join))));
                }
            }
        }
        return tests.stream();
    }

    private static void check(Session session, DType type, Shape shape, Join join) {
        List<String> fused = new ArrayList<>();
        List<String> single = new ArrayList<>();
        List<Tensor> actual = step(session, type, shape, join, true, fused);
        List<Tensor> expected = step(session, type, shape, join, false, single);
        assertThat(fused).containsExactly(new BatchNormOp(EPSILON, join.activation()).toString(), "RunningStatistics");
        assertThat(single)
                .contains(new BatchNormOp(EPSILON).toString(), "RunningStatistics")
                .hasSizeGreaterThan(2);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(actual.get(i).toDoubles())
                    .as("tensor " + i)
                    .isEqualTo(expected.get(i).toDoubles());
        }
    }

    /** Returns the result, the running statistics and the gradients of x, gamma, beta and the addend. */
    private static List<Tensor> step(
            Session session, DType type, Shape shape, Join join, boolean closes, List<String> operations) {
        Shape channels = Shape.of(shape.size(1));
        DType wide = type.accumulator();
        try (Tape tape = new Tape(session)) {
            Tensor x = tape.watch(values(session, 91, -1, shape).to(type));
            Tensor side = tape.watch(
                    values(session, 95, -1, shape).to(type).to(Layout.channelsLast(shape))); // as convolutions make it
            // So large that results go beyond 6.
            Tensor gamma = tape.watch(values(session, 92, 2.5, channels).to(wide));
            Tensor beta = tape.watch(values(session, 93, -1, channels).to(wide));
            Tensor mean = session.zeros(channels, wide);
            Tensor variance = session.zeros(channels, wide).fill(1);
            Layer layer = new Own((in, pass) -> {
                Tensor[] norm = Engine.applyAll(new BatchNormOp(EPSILON), 3, in, gamma, beta);
                Engine.apply(new RunningStatistics(0.1, 1.25), norm[1], norm[2], mean, variance);
                norm[1].close();
                norm[2].close();
                Tensor y = join.apply(norm[0], side);
                if (closes) {
                    norm[0].close();
                }
                return y;
            });
            Tensor y;
            try (Observation seen = session.observe(applied -> operations.add(
                    applied.op() instanceof BatchNormOp
                            ? applied.op().toString()
                            : applied.op().name()))) {
                y = new Sequential(layer).forward(x, Pass.training(tape, 1, 1));
            }
            Tensor weights = values(session, 94, -1, shape).to(type);
            Tensor loss = y.mul(weights).to(wide).sum();
            Tensor[] watched = join.adds() ? new Tensor[] {x, gamma, beta, side} : new Tensor[] {x, gamma, beta};
            Gradients gradients = tape.gradients(loss, watched);
            List<Tensor> all = new ArrayList<>(List.of(y.detach(), mean, variance));
            for (Tensor each : watched) {
                all.add(gradients.of(each));
            }
            return all;
        }
    }

    private record Own(Forward function) implements Layer {
        interface Forward {
            Tensor apply(Tensor x, Pass pass);
        }

        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return function.apply(x, pass);
        }
    }

    private static Tensor values(Session session, int seed, double from, Shape shape) {
        return session.tensor(HostArray.uniform(seed, from, from + 2, shape).values(), shape);
    }

    /** Both factors and both products are rounded to the type of the statistics, which is that of sums. */
    private static void statistics(Session session) {
        DType wide = session.dtype().accumulator();
        Shape shape = Shape.of(5);
        double[] mean = {1, -0.3, 1e-3, 7e5, Double.NaN};
        double[] variance = {0, 0.7, 1e-9, 3e10, Double.POSITIVE_INFINITY};
        Tensor runningMean =
                session.tensor(new double[] {0, 0.1, -5, 1e5, 1}, shape).to(wide);
        Tensor runningVariance =
                session.tensor(new double[] {1, 2, 1e-9, 1e9, 1}, shape).to(wide);
        double[] means = runningMean.toDoubles();
        double[] variances = runningVariance.toDoubles();
        Tensor ofBatch = session.tensor(mean, shape).to(wide);
        Tensor spread = session.tensor(variance, shape).to(wide);
        double[] observed = ofBatch.toDoubles();
        double[] spreads = spread.toDoubles();
        Engine.apply(new RunningStatistics(0.1, 1.25), ofBatch, spread, runningMean, runningVariance);
        double unit = wide == DType.FLOAT32 ? Math.ulp(1f) : Math.ulp(1.0);
        for (int i = 0; i < means.length; i++) {
            near(runningMean.toDoubles()[i], 0.9 * means[i], 0.1 * observed[i], unit);
            near(runningVariance.toDoubles()[i], 0.9 * variances[i], 0.125 * spreads[i], unit);
        }
    }

    private static void near(double actual, double kept, double taken, double unit) {
        double expected = kept + taken;
        if (Double.isFinite(expected)) {
            assertThat(actual).isCloseTo(expected, within(4 * unit * (Math.abs(kept) + Math.abs(taken))));
        } else {
            assertThat(Double.compare(actual, expected))
                    .as("%s is %s", actual, expected)
                    .isZero();
        }
    }
}
