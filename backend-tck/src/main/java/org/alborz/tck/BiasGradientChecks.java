package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alborz.autograd.Gradients;
import org.alborz.autograd.Tape;
import org.alborz.backend.BiasGradient;
import org.alborz.ops.BiasBackward;
import org.alborz.ops.Conv2dOp;
import org.alborz.ops.Engine;
import org.alborz.ops.MaxPool2dOp;
import org.alborz.ops.Observation;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Padding2d;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicNode;

/**
 * The gradients before a bias, an activation and a max pooling in one pass: bit for bit those of one operation after the other, and the sums
 * within the rounding of sums.
 */
final class BiasGradientChecks {
    private static final List<Shape> MATRICES =
            List.of(Shape.of(0, 3), Shape.of(1, 1), Shape.of(7, 33), Shape.of(300, 8), Shape.of(1031, 5));
    private static final List<Shape> IMAGES = List.of(
            Shape.of(0, 3, 4, 4),
            Shape.of(1, 1, 3, 3),
            Shape.of(2, 3, 5, 7),
            Shape.of(3, 33, 7, 5),
            Shape.of(2, 40, 20, 17));
    private static final List<Pool2dParameters> POOLINGS = List.of(
            Pool2dParameters.of(2),
            new Pool2dParameters(3, 3, 2, 2, 1, 1),
            Pool2dParameters.of(2).withStride(1).withDilation(2),
            Pool2dParameters.of(2).withPadding(new Padding2d(0, 1, 1, 0)).withCeil(true));

    private final Sessions sessions;

    BiasGradientChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    List<DynamicNode> all() {
        List<DynamicNode> tests = new ArrayList<>();
        tests.add(dynamicTest(
                "BiasGradient / a pooling joins its convolution",
                () -> sessions.run(DType.FLOAT32, BiasGradientChecks::poolingJoins)));
        for (DType type : List.of(DType.FLOAT32, DType.FLOAT64, DType.FLOAT16, DType.BFLOAT16)) {
            if (sessions.refusal(type) == null) {
                for (Activation activation : List.of(Activation.RELU, Activation.RELU6)) {
                    tests.add(dynamicTest(
                            "BiasGradient / " + activation + " / " + type,
                            () -> sessions.run(DType.FLOAT32, session -> check(session, type, activation))));
                }
                tests.add(dynamicTest(
                        "BiasGradient / special values / " + type,
                        () -> sessions.run(DType.FLOAT32, session -> specials(session, type))));
            }
        }
        return tests;
    }

    private static void check(Session session, DType type, Activation activation) {
        FusionChecks.offered(session, BiasGradient.class);
        for (Shape shape : MATRICES) {
            check(session, type, new BiasBackward(activation, null), shape);
        }
        for (Shape shape : IMAGES) {
            check(session, type, new BiasBackward(activation, null), shape);
            for (Pool2dParameters p : POOLINGS) {
                check(session, type, new BiasBackward(activation, p), shape);
            }
        }
    }

    private static void check(Session session, DType type, BiasBackward operation, Shape shape) {
        // Quarters, so that windows have equal numbers, some at the bounds.
        Tensor y = drawn(session, 81, -1, 8, shape, type).mul(4).round().mul(0.25);
        Tensor pooled = operation.pooling() == null ? null : Engine.apply(new MaxPool2dOp(operation.pooling()), y);
        Tensor dy = drawn(session, 82, -1, 1, pooled == null ? shape : pooled.shape(), type);
        Tensor[] fused = Engine.applyAll(operation, 2, y, dy, pooled);
        Tensor expected = operation.composed(y, dy, pooled);
        String what = operation + " of " + shape + " " + type;
        assertThat(fused[0].toDoubles()).as(what).isEqualTo(expected.toDoubles());
        Tensor sums = shape.rank() == 4
                ? expected.to(DType.FLOAT64).sum(false, 0, 2, 3)
                : expected.to(DType.FLOAT64).sum(false, 0);
        assertThat(fused[1].dtype()).isEqualTo(type);
        FusionChecks.compare("bias of " + what, fused[1].to(DType.FLOAT64), sums, sumsOf(type));
    }

    /** Of sums in float32, rounded once to 16 bits. */
    private static Tolerance sumsOf(DType type) {
        double error = switch (type) {
            case FLOAT16 -> 5e-4;
            case BFLOAT16 -> 4e-3;
            case FLOAT64 -> 1e-13;
            default -> 3e-6;
        };
        return new Tolerance(error, error, false);
    }

    /** A gradient does not pass where y is at a bound, whatever it is; NaN is at none. Of equal numbers the first is the largest. */
    private static void specials(Session session, DType type) {
        FusionChecks.offered(session, BiasGradient.class);
        double nan = Double.NaN;
        double infinite = Double.POSITIVE_INFINITY;
        Tensor y = session.tensor(new double[] {-0.0, 0, nan, infinite, 2, 6}, Shape.of(1, 6))
                .to(type);
        Tensor dy = session.tensor(new double[] {nan, infinite, 3, -2, infinite, nan}, Shape.of(1, 6))
                .to(type);
        double[] passed = {0, 0, 3, -2, infinite, nan};
        Tensor[] both = Engine.applyAll(new BiasBackward(Activation.RELU, null), 2, y, dy, null);
        assertThat(both[0].toDoubles()).isEqualTo(passed);
        assertThat(both[1].toDoubles()).isEqualTo(passed);
        both = Engine.applyAll(new BiasBackward(Activation.RELU6, null), 2, y, dy, null);
        assertThat(both[0].toDoubles()).isEqualTo(new double[] {0, 0, 3, 0, infinite, 0});

        Pool2dParameters p = Pool2dParameters.of(2);
        Tensor images = session.tensor(new double[] {1, 1, 0, 0, nan, 2, 1, 1, 0, 0, 3, nan}, Shape.of(1, 1, 2, 6))
                .to(type);
        Tensor pooled = Engine.apply(new MaxPool2dOp(p), images);
        Tensor ofPooled =
                session.tensor(new double[] {5, nan, 7}, Shape.of(1, 1, 1, 3)).to(type);
        both = Engine.applyAll(new BiasBackward(Activation.RELU, p), 2, images, ofPooled, pooled);
        assertThat(both[0].toDoubles()).isEqualTo(new double[] {5, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0});
        assertThat(both[1].toDoubles()).isEqualTo(new double[] {12});
    }

    /** The gradient of the pooling is not computed by itself, unless it is asked for or something else has a share of it. */
    private static void poolingJoins(Session session) {
        Tensor[] plain = convolve(session, false, List.of("MaxPool2dBackward", "BiasBackward"));
        Tensor[] joined = convolve(session, true, List.of("BiasBackward"));
        for (int i = 0; i < joined.length; i++) {
            FusionChecks.compare("gradient " + i, joined[i], plain[i], Tolerance.accumulated());
        }
    }

    private static Tensor[] convolve(Session session, boolean alone, List<String> expected) {
        List<String> seen = new ArrayList<>();
        Tape tape = new Tape(session);
        Tensor x = tape.watch(drawn(session, 83, -1, 1, Shape.of(2, 3, 6, 8), DType.FLOAT32));
        Tensor w = tape.watch(drawn(session, 84, -1, 1, Shape.of(5, 3, 3, 3), DType.FLOAT32));
        Tensor b = tape.watch(drawn(session, 85, -1, 1, Shape.of(5), DType.FLOAT32));
        Tensor y = Engine.apply(new Conv2dOp(Conv2dParameters.defaults(), Activation.RELU), x, w, b, null);
        Tensor pooled = Engine.apply(new MaxPool2dOp(Pool2dParameters.of(2)), y);
        Tensor loss = pooled.mul(drawn(session, 86, -1, 1, pooled.shape(), DType.FLOAT32))
                .sum();
        if (!alone) {
            loss = y.mul(0).sum().add(loss);
        }
        Tensor[] watched = {x, w, b};
        Gradients gradients;
        try (Observation listening =
                session.observe(applied -> seen.add(applied.op().name()))) {
            gradients = tape.gradients(loss, watched);
        }
        seen.retainAll(List.of("MaxPool2dBackward", "BiasBackward"));
        assertThat(seen).isEqualTo(expected);
        return Arrays.stream(watched).map(gradients::of).toArray(Tensor[]::new);
    }

    private static Tensor drawn(Session session, long seed, double low, double high, Shape shape, DType type) {
        Tensor values = session.tensor(HostArray.uniform(seed, low, high, shape).values(), shape);
        return values.to(type).to(shape.rank() == 4 ? Layout.channelsLast(shape) : Layout.rowMajor(shape));
    }
}
