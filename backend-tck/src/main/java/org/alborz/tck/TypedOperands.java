package org.alborz.tck;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import org.alborz.ops.Engine;
import org.alborz.ops.Narrow;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/** Layouts that two operands and a result can have in memory: each makes a backend step over the same elements in another way. */
enum TypedOperands {
    CONTIGUOUS {
        @Override
        Tensor place(Session session, TypedValues values, Shape shape) {
            return values.place(session, shape);
        }
    },
    /** From the fourth element of a longer tensor, which is no multiple of any vector's width. */
    SHIFTED {
        @Override
        Tensor place(Session session, TypedValues values, Shape shape) {
            Tensor whole = session.zeros(Shape.of(values.count() + 5), values.type());
            return whole.narrow(0, 3, values.count())
                    .assign(values.place(session, Shape.of(values.count())))
                    .reshape(shape);
        }
    },
    /** The first axis innermost. */
    TRANSPOSED {
        @Override
        Tensor place(Session session, TypedValues values, Shape shape) {
            Tensor x = session.zeros(Shape.of(shape.size(1), shape.size(0)), values.type())
                    .transpose(0, 1);
            return x.assign(values.place(session, shape));
        }
    },
    /** Every second element of rows. */
    STEPPED {
        @Override
        Tensor place(Session session, TypedValues values, Shape shape) {
            Tensor x = session.zeros(shape.with(1, 2 * shape.size(1) + 2), values.type());
            return Engine.apply(new Narrow(1, 1, shape.size(1), 2), x).assign(values.place(session, shape));
        }
    };

    /** Makes a tensor of two axes, of which this arrangement is. */
    abstract Tensor place(Session session, TypedValues values, Shape shape);

    /** What a backend computes with two operands. */
    interface Call {
        void run(Tensor a, Tensor b, Tensor y);
    }

    /**
     * Checks a function of two numbers in all arrangements, odd sizes, with an operand that is repeated, and of no elements.
     *
     * @param to the type of the result
     */
    static void check(
            String what, Session session, TypedValues a, TypedValues b, DType to, Call call, BinaryOperator<Number> f) {
        int n = a.count();
        Shape shape = Shape.of(3, n);
        TypedValues left = a.repeated(3 * n);
        TypedValues right = b.repeated(3 * n);
        List<Number> expected = new ArrayList<>();
        for (int i = 0; i < 3 * n; i++) {
            expected.add(f.apply(left.values().get(i), right.values().get(i)));
        }
        for (TypedOperands one : values()) {
            for (TypedOperands other : new TypedOperands[] {CONTIGUOUS, one}) {
                for (TypedOperands result : new TypedOperands[] {CONTIGUOUS, one}) {
                    Tensor y = result.place(session, expectedZeros(to, 3 * n), shape);
                    call.run(one.place(session, left, shape), other.place(session, right, shape), y);
                    require(what + " " + one + " " + other + " " + result, expected, y);
                }
            }
        }
        repeated(what, session, a, b, to, call, f);
        for (int length : new int[] {1, 7, 16, 17, 33}) {
            Tensor y = session.zeros(Shape.of(length), to);
            Tensor first = left.repeated(length).place(session, Shape.of(length));
            call.run(first, right.repeated(length).place(session, Shape.of(length)), y);
            require(what + " of " + length, expected.subList(0, length), y);
        }
        Tensor none = session.zeros(Shape.of(0, 3), a.type());
        call.run(none, none, session.zeros(Shape.of(0, 3), to));
    }

    /** One number against many, and a row against every row. */
    private static void repeated(
            String what, Session session, TypedValues a, TypedValues b, DType to, Call call, BinaryOperator<Number> f) {
        int n = a.count();
        Tensor column = a.place(session, Shape.of(n, 1)).expand(Shape.of(n, b.count()));
        Tensor row = b.place(session, Shape.of(1, b.count())).expand(Shape.of(n, b.count()));
        List<Number> pairs = new ArrayList<>();
        for (Number left : a.values()) {
            for (Number right : b.values()) {
                pairs.add(f.apply(left, right));
            }
        }
        Tensor y = session.zeros(Shape.of(n, b.count()), to);
        call.run(column, row, y);
        require(what + " every pair", pairs, y);
    }

    private static TypedValues expectedZeros(DType type, int count) {
        return new TypedValues(type, List.of(TypedValues.convert(0.0, type))).repeated(count);
    }

    static void require(String what, List<Number> expected, Tensor actual) {
        List<Number> values = TypedValues.of(actual).values();
        for (int i = 0; i < Math.max(values.size(), expected.size()); i++) {
            if (!values.get(i).equals(expected.get(i))) {
                throw new AssertionError(
                        what + ", element " + i + ": expected " + expected.get(i) + ", got " + values.get(i));
            }
        }
    }
}
