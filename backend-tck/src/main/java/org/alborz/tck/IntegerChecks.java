package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.Comparison;
import org.alborz.backend.ReduceOp;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DynamicNode;

/** Arithmetic that indices and counts need, exact in all 64 bits; and where extremes are. */
final class IntegerChecks {
    private static final List<DType> ARITHMETIC = List.of(DType.INT32, DType.INT64);
    private static final List<BinaryOp> OPERATIONS = List.of(
            BinaryOp.ADD,
            BinaryOp.SUBTRACT,
            BinaryOp.MULTIPLY,
            BinaryOp.MAXIMUM,
            BinaryOp.MINIMUM,
            BinaryOp.REMAINDER,
            BinaryOp.FLOOR_DIVIDE);

    private final Sessions sessions;

    IntegerChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    Stream<DynamicNode> all() {
        List<DynamicNode> tests = new ArrayList<>();
        for (DType type : ARITHMETIC) {
            for (BinaryOp op : OPERATIONS) {
                tests.add(dynamicTest(op + " / " + type, () -> sessions.run(DType.FLOAT32, s -> binary(s, op, type))));
            }
        }
        for (DType type : new DType[] {DType.INT32, DType.INT64, DType.UINT8, DType.BOOL}) {
            tests.add(dynamicTest("reductions / " + type, () -> sessions.run(DType.FLOAT32, s -> reductions(s, type))));
        }
        for (DType type : DType.values()) {
            if (!type.isFloating()) {
                tests.add(dynamicTest(
                        "refusals / " + type, () -> sessions.run(DType.FLOAT32, session -> refusals(session, type))));
            }
        }
        for (DType type : DType.values()) {
            if (sessions.refusal(type) == null && (type.isFloating() || ARITHMETIC.contains(type))) {
                tests.add(dynamicTest(
                        "argMax, argMin / " + type, () -> sessions.run(DType.FLOAT32, s -> extremes(s, type))));
            }
        }
        return tests.stream();
    }

    private static void binary(Session session, BinaryOp op, DType type) {
        TypedValues a = TypedValues.special(type);
        List<Number> rotated = new ArrayList<>(a.values().subList(1, a.count()));
        rotated.add(a.values().get(0));
        TypedOperands.check(
                op + " of " + type,
                session,
                a,
                new TypedValues(type, rotated),
                type,
                (x, y, z) -> session.backend().elementwise().binary(op, x, y, z),
                (x, y) -> wrapped(apply(op, x.longValue(), y.longValue()), type));
        // In place.
        Tensor x = a.place(session, Shape.of(a.count()));
        session.backend().elementwise().binary(op, x, x, x);
        List<Number> expected = new ArrayList<>();
        a.values().forEach(value -> expected.add(wrapped(apply(op, value.longValue(), value.longValue()), type)));
        TypedOperands.require(op + " in place", expected, x);
    }

    /** No rounded quotient of integers is computed; no type is converted unasked; and no number is cut to fit a type. */
    private static void refusals(Session session, DType type) {
        Tensor x = session.tensor(new int[] {0, 1}, Shape.of(2)).to(type);
        Tensor floats = session.ones(Shape.of(2));
        Tensor mask = floats.gt(0);
        for (BinaryOp op : BinaryOp.values()) {
            if (!ARITHMETIC.contains(type) || !OPERATIONS.contains(op)) {
                requireRefused(op + " of " + type, "is not defined for [2] " + type, () -> x.apply(op, x));
            }
            requireRefused(op + " of " + type + " and float32", "expects one data type", () -> x.apply(op, floats));
        }
        for (Comparison op : Comparison.values()) {
            requireRefused(op + " of " + type + " and float32", "expects one data type", () -> x.apply(op, floats));
            for (double number : new double[] {0.5, Double.NaN, Double.POSITIVE_INFINITY, -0x1p64, 1e300}) {
                requireRefused(op + " of " + type + " and " + number, "[2] " + type, () -> x.apply(op, number));
            }
        }
        requireRefused("where", "expects one data type", () -> Tensor.where(mask, x, floats));
        if (type != DType.BOOL) {
            requireRefused("where", "expects a bool tensor", () -> Tensor.where(x, floats, floats));
        }
        requireRefused("mean", "expects a floating tensor", () -> x.mean());
    }

    private static void requireRefused(String what, String message, ThrowingCallable call) {
        assertThatThrownBy(call)
                .as(what)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    private static long apply(BinaryOp op, long a, long b) {
        return switch (op) {
            case ADD -> a + b;
            case SUBTRACT -> a - b;
            case MULTIPLY -> a * b;
            case MAXIMUM -> a > b ? a : b;
            case MINIMUM -> a < b ? a : b;
            // As there are no infinite integers, 0 where the divisor is 0.
            case REMAINDER -> b == 0 ? 0 : a - b * Math.floorDiv(a, b);
            case FLOOR_DIVIDE -> b == 0 ? 0 : Math.floorDiv(a, b);
            default -> throw new IllegalArgumentException("no operation of integers: " + op);
        };
    }

    private static long wrapped(long value, DType type) {
        return type == DType.INT32 ? (int) value : value;
    }

    /** Along rows, columns, both, a middle axis and all, of dense and other layouts. */
    private static void reductions(Session session, DType type) {
        for (Shape shape :
                new Shape[] {Shape.of(3, 5, 7), Shape.of(2, 1031, 3), Shape.of(1, 1, 1), Shape.of(40, 2, 33)}) {
            int count = Math.toIntExact(shape.elements());
            TypedValues values = TypedValues.special(type).repeated(count);
            Tensor x = values.place(session, shape);
            for (int[] axes : new int[][] {{0}, {1}, {2}, {0, 1}, {1, 2}, {0, 2}, {0, 1, 2}}) {
                for (ReduceOp op : new ReduceOp[] {ReduceOp.SUM, ReduceOp.MAX, ReduceOp.MIN}) {
                    List<Number> expected = reduce(op, values, shape, axes);
                    Shape kept = kept(shape, axes);
                    DType to = op == ReduceOp.SUM ? DType.INT64 : type;
                    String what = op + " of " + type + " " + shape + " along " + Arrays.toString(axes);
                    Tensor y = session.empty(to, Layout.rowMajor(kept));
                    session.backend().reductions().reduce(op, x, y);
                    TypedOperands.require(what, expected, y);
                    Tensor turned = session.zeros(Shape.of(shape.size(2), shape.size(0), shape.size(1)), type)
                            .permute(1, 2, 0)
                            .assign(x);
                    session.backend().reductions().reduce(op, turned, y.fill(0));
                    TypedOperands.require(what + ", in another order", expected, y);
                }
            }
        }
        Tensor none = session.zeros(Shape.of(2, 0), type);
        Tensor sums = session.ones(Shape.of(2, 1), DType.INT64);
        session.backend().reductions().reduce(ReduceOp.SUM, none, sums);
        assertThat(sums.toLongs()).containsOnly(0);
    }

    private static Shape kept(Shape shape, int... axes) {
        Shape kept = shape;
        for (int axis : axes) {
            kept = kept.with(axis, 1);
        }
        return kept;
    }

    private static List<Number> reduce(ReduceOp op, TypedValues values, Shape shape, int... axes) {
        Shape kept = kept(shape, axes);
        Long[] results = new Long[Math.toIntExact(kept.elements())];
        int[] next = {0};
        HostArray.forEachIndex(shape, index -> {
            long value = values.values().get(next[0]++).longValue();
            int at = 0;
            for (int axis = 0; axis < shape.rank(); axis++) {
                at = at * kept.size(axis) + (kept.size(axis) == 1 ? 0 : index[axis]);
            }
            Long before = results[at];
            results[at] = before == null
                    ? value
                    : op == ReduceOp.SUM
                            ? before + value
                            : op == ReduceOp.MAX ? Math.max(before, value) : Math.min(before, value);
        });
        return List.of(results);
    }

    private static void extremes(Session session, DType type) {
        for (int length : new int[] {1, 2, 9, 33, 1031}) {
            List<Number> numbers = new ArrayList<>(TypedValues.special(type).values());
            numbers.removeIf(number -> Double.isNaN(number.doubleValue()));
            TypedValues values = new TypedValues(type, numbers).repeated(3 * length);
            Shape shape = Shape.of(3, length);
            int[] largest = new int[3];
            int[] smallest = new int[3];
            for (int row = 0; row < 3; row++) {
                for (int i = 1; i < length; i++) {
                    Number value = values.values().get(row * length + i);
                    largest[row] =
                            compare(value, values.values().get(row * length + largest[row])) > 0 ? i : largest[row];
                    smallest[row] =
                            compare(value, values.values().get(row * length + smallest[row])) < 0 ? i : smallest[row];
                }
            }
            for (TypedOperands arrangement : TypedOperands.values()) {
                Tensor x = arrangement.place(session, values, shape);
                Tensor y = session.empty(DType.INT32, Layout.rowMajor(Shape.of(3, 1)));
                session.backend().reductions().argMax(1, x, y);
                assertThat(y.toInts())
                        .as("argMax of %s %s", length, arrangement)
                        .containsExactly(largest);
                session.backend().reductions().argMin(1, x, y);
                assertThat(y.toInts())
                        .as("argMin of %s %s", length, arrangement)
                        .containsExactly(smallest);
                Tensor along = session.empty(DType.INT32, Layout.rowMajor(Shape.of(1, 3)));
                session.backend().reductions().argMin(0, x.transpose(0, 1), along);
                assertThat(along.toInts()).containsExactly(smallest);
            }
        }
        if (type.isFloating()) {
            List<Number> numbers = List.of(1.0, Double.NaN, -1.0, Double.NaN);
            Tensor x = new TypedValues(type, numbers).place(session, Shape.of(1, 4));
            Tensor y = session.empty(DType.INT32, Layout.rowMajor(Shape.of(1, 1)));
            session.backend().reductions().argMin(1, x, y);
            assertThat(y.toInts()).containsExactly(1);
        }
    }

    private static int compare(Number a, Number b) {
        return a instanceof Long
                ? Long.compare(a.longValue(), b.longValue())
                : Double.compare(a.doubleValue() + 0.0, b.doubleValue() + 0.0);
    }
}
