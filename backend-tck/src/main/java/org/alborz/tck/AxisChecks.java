package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.alborz.autograd.Tape;
import org.alborz.ops.Engine;
import org.alborz.ops.Narrow;
import org.alborz.ops.Pad;
import org.alborz.ops.ScatterAdd;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicNode;

/** Axes: a negative one is the same as the one counted from the start, and one that is missing or named twice is refused. */
final class AxisChecks {
    private static final Shape CUBE = Shape.of(3, 4, 5);

    private static final int[][] LISTS = {{0}, {1}, {2}, {0, 1}, {2, 0}, {1, 2}, {2, 1, 0}, {}};

    private static final int[][] REPEATED = {{1, 1}, {1, -2}, {-1, 2}, {0, 1, -3}, {2, 1, 0, 2}, {0, 0, 0}};

    /** An operation along several axes. */
    private interface Along {
        Tensor apply(Tensor x, int... axes);
    }

    /** An operation along one axis. */
    private interface AlongOne {
        Tensor apply(Tensor x, int axis);
    }

    private final Sessions sessions;

    AxisChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    private static Map<String, Along> reductions() {
        Map<String, Along> reductions = new LinkedHashMap<>();
        for (boolean keepDims : new boolean[] {false, true}) {
            String kept = keepDims ? ", kept" : "";
            reductions.put("sum" + kept, (x, axes) -> x.sum(keepDims, axes));
            reductions.put("mean" + kept, (x, axes) -> x.mean(keepDims, axes));
            reductions.put("max" + kept, (x, axes) -> x.max(keepDims, axes));
            reductions.put("min" + kept, (x, axes) -> x.min(keepDims, axes));
        }
        return reductions;
    }

    private static Map<String, AlongOne> alongOne() {
        Map<String, AlongOne> operations = new LinkedHashMap<>();
        reductions().forEach((name, reduction) -> operations.put(name, (x, axis) -> reduction.apply(x, axis)));
        operations.put("argMax", Tensor::argMax);
        operations.put("gather", (x, axis) -> x.gather(axis, indices(x)));
        operations.put("scatterAdd", (x, axis) -> Engine.apply(new ScatterAdd(axis, 7), x, indices(x, axis)));
        operations.put("narrow", (x, axis) -> x.narrow(axis, 1, 2));
        operations.put("narrow by steps", (x, axis) -> Engine.apply(new Narrow(axis, 0, 2, 2), x));
        operations.put("pad", (x, axis) -> Engine.apply(new Pad(axis, 1, 2, 12), x));
        operations.put("concat", (x, axis) -> Tensor.concat(axis, x, x));
        operations.put("transpose with the first", (x, axis) -> x.transpose(axis, 0));
        operations.put("transpose of the last", (x, axis) -> x.transpose(-1, axis));
        return operations;
    }

    private static Tensor indices(Tensor x) {
        return x.session().tensor(new int[] {2, 0, 2}, Shape.of(3));
    }

    private static Tensor indices(Tensor x, int axis) {
        int[] indices = new int[x.shape().size(axis)];
        for (int i = 0; i < indices.length; i++) {
            indices[i] = (3 * i + 1) % 7;
        }
        return x.session().tensor(indices, Shape.of(indices.length));
    }

    Stream<DynamicNode> all() {
        List<DynamicNode> tests = new ArrayList<>();
        reductions()
                .forEach((name, reduction) -> tests.add(dynamicTest(
                        name + " / lists of axes", () -> sessions.run(DType.FLOAT32, s -> lists(name, reduction, s)))));
        alongOne()
                .forEach((name, operation) -> tests.add(dynamicTest(
                        name + " / negative and missing axes",
                        () -> sessions.run(DType.FLOAT32, s -> one(name, operation, s)))));
        tests.add(dynamicTest("permute / lists of axes", () -> sessions.run(DType.FLOAT32, AxisChecks::permute)));
        tests.add(dynamicTest("no elements", () -> sessions.run(DType.FLOAT32, AxisChecks::nothing)));
        tests.add(dynamicTest("scalars", () -> sessions.run(DType.FLOAT32, AxisChecks::scalars)));
        return tests.stream();
    }

    private static Tensor cube(Session session) {
        HostArray values = HostArray.distinct(5, CUBE);
        return session.tensor(values.values(), values.shape());
    }

    private static void lists(String name, Along reduction, Session session) {
        Tensor x = cube(session);
        for (int[] axes : LISTS) {
            int[] fromEnd = axes.clone();
            for (int i = 0; i < axes.length; i++) {
                fromEnd[i] -= CUBE.rank();
            }
            Tensor expected = reduction.apply(x, axes);
            Tensor actual = reduction.apply(x, fromEnd);
            assertThat(actual.shape())
                    .as("%s over %s", name, Arrays.toString(axes))
                    .isEqualTo(expected.shape());
            assertThat(actual.toDoubles())
                    .as("%s over %s", name, Arrays.toString(axes))
                    .isEqualTo(expected.toDoubles());
        }
        for (int[] axes : REPEATED) {
            assertThatIllegalArgumentException()
                    .as("%s over %s", name, Arrays.toString(axes))
                    .isThrownBy(() -> reduction.apply(x, axes))
                    .withMessageContaining("more than once")
                    .withMessageContaining(CUBE.toString());
        }
    }

    private static void one(String name, AlongOne operation, Session session) {
        Tensor x = cube(session);
        for (int axis = 0; axis < CUBE.rank(); axis++) {
            Tensor expected = operation.apply(x, axis);
            Tensor actual = operation.apply(x, axis - CUBE.rank());
            assertThat(actual.shape()).as("%s along axis %d", name, axis).isEqualTo(expected.shape());
            assertThat(actual.toDoubles()).as("%s along axis %d", name, axis).isEqualTo(expected.toDoubles());
            if (actual.dtype().isFloating()) {
                assertThat(gradient(operation, x, axis - CUBE.rank()))
                        .as("gradient of %s along axis %d", name, axis)
                        .isEqualTo(gradient(operation, x, axis));
            }
        }
        for (int missing : new int[] {3, -4, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertThatIllegalArgumentException()
                    .as("%s along axis %d", name, missing)
                    .isThrownBy(() -> operation.apply(x, missing))
                    .withMessageContaining("Axis " + missing + " does not exist");
        }
    }

    private static double[] gradient(AlongOne operation, Tensor x, int axis) {
        Tape tape = new Tape(x.session());
        Tensor watched = tape.watch(x);
        return tape.gradients(operation.apply(watched, axis).square().sum(), watched)
                .of(watched)
                .toDoubles();
    }

    private static void permute(Session session) {
        Tensor x = cube(session);
        assertThat(x.permute(-1, 0, -2).toDoubles())
                .isEqualTo(x.permute(2, 0, 1).toDoubles());
        for (int[] axes : new int[][] {{0, 0, 1}, {0, 1, -2}, {2, -1, 0}}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> x.permute(axes))
                    .withMessageContaining("more than once");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> x.permute(0, 1)).withMessageContaining("3 axes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.permute(0, 1, 3))
                .withMessageContaining("Axis 3 does not exist");
    }

    /** Sums of nothing are 0, means NaN, and extremes are refused with the axis, whatever else is empty. */
    private static void nothing(Session session) {
        Tensor x = session.zeros(Shape.of(2, 0, 3));
        assertThat(x.sum().item()).isZero();
        assertThat(x.mean().item()).isNaN();
        assertThat(x.sum(false, 1).toDoubles()).hasSize(6).containsOnly(0);
        assertThat(x.mean(false, 1).toDoubles()).hasSize(6).containsOnly(Double.NaN);
        assertThat(x.mean(true, 0, 2).shape()).isEqualTo(Shape.of(1, 0, 1));
        assertThat(x.max(false, 0).shape()).isEqualTo(Shape.of(0, 3));
        assertThat(x.max(true).shape()).isEqualTo(x.shape());
        assertThat(x.argMax(2).shape()).isEqualTo(Shape.of(2, 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.max(false, 1))
                .withMessageContaining("max along axis 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.min(true, 2, -2))
                .withMessageContaining("min along axis 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> session.zeros(Shape.of(0, 0)).max(false, 0))
                .withMessageContaining("max along axis 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.argMax(-2))
                .withMessageContaining("argMax along axis 1");
    }

    private static void scalars(Session session) {
        Tensor x = session.scalar(3);
        assertThat(x.sum().item()).isEqualTo(3);
        assertThat(x.mean().item()).isEqualTo(3);
        assertThat(x.mean(true).item()).isEqualTo(3);
        assertThat(x.max(false).item()).isEqualTo(3);
        for (AlongOne operation : alongOne().values()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> operation.apply(x, 0))
                    .withMessageContaining("does not exist");
        }
    }
}
