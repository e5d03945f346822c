package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.Collections;
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
import org.junit.jupiter.api.DynamicNode;

/** Comparisons of every type, logic of truth values, and the choice by them. */
final class MaskChecks {
    private final Sessions sessions;

    MaskChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    Stream<DynamicNode> all() {
        List<DynamicNode> tests = new ArrayList<>();
        for (DType type : DType.values()) {
            if (sessions.refusal(type) != null) {
                continue;
            }
            for (Comparison op : Comparison.values()) {
                tests.add(dynamicTest(
                        op + " / " + type, () -> sessions.run(DType.FLOAT32, session -> compares(session, op, type))));
            }
            tests.add(dynamicTest(
                    "where / " + type, () -> sessions.run(DType.FLOAT32, session -> chooses(session, type))));
        }
        tests.add(dynamicTest("and, or", () -> sessions.run(DType.FLOAT32, MaskChecks::logic)));
        tests.add(dynamicTest("any, all and count", () -> sessions.run(DType.FLOAT32, MaskChecks::reductions)));
        return tests.stream();
    }

    private static void compares(Session session, Comparison op, DType type) {
        TypedValues a = TypedValues.special(type);
        List<Number> rotated = new ArrayList<>(a.values().subList(1, a.count()));
        rotated.add(a.values().get(0));
        // Equal pairs as well.
        rotated.set(2, a.values().get(2));
        TypedOperands.check(
                op + " of " + type,
                session,
                a,
                new TypedValues(type, rotated),
                DType.BOOL,
                (x, y, z) -> session.backend().elementwise().compare(op, x, y, z),
                (x, y) -> holds(op, x, y) ? 1L : 0L);
    }

    private static boolean holds(Comparison op, Number a, Number b) {
        boolean whole = a instanceof Long;
        double x = a.doubleValue();
        double y = b.doubleValue();
        int order = whole ? Long.compare(a.longValue(), b.longValue()) : x < y ? -1 : x > y ? 1 : 0;
        boolean ordered = whole || !Double.isNaN(x) && !Double.isNaN(y);
        return switch (op) {
            case EQUAL -> ordered && order == 0;
            case NOT_EQUAL -> !ordered || order != 0;
            case LESS -> ordered && order < 0;
            case LESS_EQUAL -> ordered && order <= 0;
            case GREATER -> ordered && order > 0;
            case GREATER_EQUAL -> ordered && order >= 0;
        };
    }

    private static void chooses(Session session, DType type) {
        TypedValues a = TypedValues.special(type);
        int n = a.count();
        TypedValues left = a.repeated(3 * n);
        List<Number> reversed = new ArrayList<>(left.values());
        Collections.reverse(reversed);
        TypedValues right = new TypedValues(type, reversed);
        TypedValues mask = new TypedValues(DType.BOOL, List.of(1L, 0L, 0L, 1L, 0L)).repeated(3 * n);
        List<Number> expected = new ArrayList<>();
        List<Number> byRow = new ArrayList<>();
        for (int i = 0; i < 3 * n; i++) {
            boolean chosen = mask.values().get(i).longValue() != 0;
            expected.add((chosen ? left : right).values().get(i));
            byRow.add(i / n == 0 ? left.values().get(i) : right.values().get(n));
        }
        Shape shape = Shape.of(3, n);
        for (TypedOperands one : TypedOperands.values()) {
            for (TypedOperands other : TypedOperands.values()) {
                Tensor y = other.place(session, right, shape);
                session.backend()
                        .elementwise()
                        .where(
                                one.place(session, mask, shape),
                                other.place(session, left, shape),
                                one.place(session, right, shape),
                                y);
                TypedOperands.require("where of " + type + " " + one + " " + other, expected, y);
            }
        }
        // A mask of rows, and one number for what is masked.
        Tensor rows = new TypedValues(DType.BOOL, List.of(1L, 0L, 0L)).place(session, Shape.of(3, 1));
        Tensor one = right.place(session, shape).narrow(0, 1, 1).narrow(1, 0, 1);
        Tensor y = session.zeros(shape, type);
        session.backend().elementwise().where(rows.expand(shape), left.place(session, shape), one.expand(shape), y);
        TypedOperands.require("where of " + type + " by rows", byRow, y);
        Tensor none = session.zeros(Shape.of(0), type);
        session.backend().elementwise().where(session.zeros(Shape.of(0), DType.BOOL), none, none, none);
    }

    private static void logic(Session session) {
        TypedValues a = new TypedValues(DType.BOOL, List.of(0L, 0L, 1L, 1L, 1L)).repeated(12);
        TypedValues b = new TypedValues(DType.BOOL, List.of(0L, 1L, 0L, 1L, 0L)).repeated(12);
        TypedOperands.check(
                "or",
                session,
                a,
                b,
                DType.BOOL,
                (x, y, z) -> session.backend().elementwise().binary(BinaryOp.MAXIMUM, x, y, z),
                (x, y) -> x.longValue() | y.longValue());
        TypedOperands.check(
                "and",
                session,
                a,
                b,
                DType.BOOL,
                (x, y, z) -> session.backend().elementwise().binary(BinaryOp.MINIMUM, x, y, z),
                (x, y) -> x.longValue() & y.longValue());
    }

    private static void reductions(Session session) {
        Tensor x =
                session.tensor(new boolean[] {true, false, true, true, false, false, true, true, true}, Shape.of(3, 3));
        assertThat(reduce(session, ReduceOp.MAX, x, 1).toBooleans()).containsExactly(true, true, true);
        assertThat(reduce(session, ReduceOp.MIN, x, 1).toBooleans()).containsExactly(false, false, true);
        assertThat(reduce(session, ReduceOp.MIN, x.transpose(0, 1), 0).toBooleans())
                .containsExactly(false, false, true);
        assertThat(reduce(session, ReduceOp.SUM, x, 0).toLongs()).containsExactly(3, 1, 2);
        Tensor none = session.zeros(Shape.of(2, 0), DType.BOOL);
        assertThat(reduce(session, ReduceOp.MAX, none, 1).toBooleans()).containsExactly(false, false);
        assertThat(reduce(session, ReduceOp.MIN, none, 1).toBooleans()).containsExactly(true, true);
        assertThat(reduce(session, ReduceOp.SUM, none, 1).toLongs()).containsExactly(0, 0);
        boolean[] many = new boolean[100_003];
        for (int i = 0; i < many.length; i += 7) {
            many[i] = true;
        }
        Tensor long1 = session.tensor(many, Shape.of(many.length));
        assertThat(reduce(session, ReduceOp.SUM, long1, 0).item()).isEqualTo((many.length + 6) / 7);
        assertThat(reduce(session, ReduceOp.MAX, long1.narrow(0, 1, 6), 0).toBooleans())
                .containsExactly(false);
    }

    static Tensor reduce(Session session, ReduceOp op, Tensor x, int axis) {
        DType type = op == ReduceOp.SUM ? DType.INT64 : x.dtype();
        Tensor y = session.empty(type, Layout.rowMajor(x.shape().with(axis, 1)));
        session.backend().reductions().reduce(op, x, y);
        return y;
    }
}
