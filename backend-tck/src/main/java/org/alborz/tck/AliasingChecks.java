package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.alborz.backend.BinaryOp;
import org.alborz.ops.Engine;
import org.alborz.ops.Narrow;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.tensor.TensorAccess;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicNode;

/** In-place operations whose operands share memory count the operands as they were before; results share memory with nobody. */
final class AliasingChecks {
    private final Sessions sessions;

    AliasingChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    /**
     * A target and a source in one tensor.
     *
     * @param sizes of that tensor
     */
    private record Pair(String name, int[] sizes, Function<Tensor, Tensor> target, Function<Tensor, Tensor> source) {}

    private static Pair pair(
            String name, Function<Tensor, Tensor> target, Function<Tensor, Tensor> source, int... sizes) {
        return new Pair(name, sizes, target, source);
    }

    private static List<Pair> pairs() {
        List<Pair> pairs = new ArrayList<>();
        pairs.add(pair("itself", a -> a, a -> a, 37, 5));
        for (int n : new int[] {2, 3, 33, 130}) {
            pairs.add(pair("its transpose " + n, a -> a, a -> a.transpose(0, 1), n, n));
        }
        pairs.add(pair("a permutation", a -> a, a -> a.permute(2, 0, 1), 17, 17, 17));
        for (int shift : new int[] {1, 2, 16, 500}) {
            int length = 2000 - shift;
            pairs.add(pair(
                    "itself, later by " + shift, a -> a.narrow(0, 0, length), a -> a.narrow(0, shift, length), 2000));
            pairs.add(pair(
                    "itself, earlier by " + shift, a -> a.narrow(0, shift, length), a -> a.narrow(0, 0, length), 2000));
        }
        pairs.add(pair("the next row", a -> a.narrow(0, 0, 40), a -> a.narrow(0, 1, 40), 41, 33));
        pairs.add(pair("the row before", a -> a.narrow(0, 1, 40), a -> a.narrow(0, 0, 40), 41, 33));
        pairs.add(pair(
                "its neighbours",
                a -> Engine.apply(new Narrow(0, 0, 500, 2), a),
                a -> Engine.apply(new Narrow(0, 1, 500, 2), a),
                1000));
        pairs.add(
                pair("its first half", a -> Engine.apply(new Narrow(0, 0, 500, 2), a), a -> a.narrow(0, 0, 500), 1000));
        pairs.add(pair("every second", a -> a.narrow(0, 0, 500), a -> Engine.apply(new Narrow(0, 0, 500, 2), a), 1000));
        pairs.add(pair("one row of it", a -> a, a -> a.narrow(0, 3, 1).expand(a.shape()), 9, 70));
        pairs.add(pair("one column of it", a -> a, a -> a.narrow(1, 3, 1).expand(a.shape()), 9, 70));
        pairs.add(pair("another part", a -> a.narrow(0, 0, 50), a -> a.narrow(0, 50, 50), 100));
        pairs.add(pair("nothing", a -> a.narrow(0, 0, 0), a -> a.narrow(0, 1, 0), 2));
        return pairs;
    }

    Stream<DynamicNode> all() {
        List<DynamicNode> tests = new ArrayList<>();
        for (DType dtype : DType.values()) {
            if (sessions.refusal(dtype) == null) {
                tests.add(dynamicTest("in place with what shares memory / " + dtype, () -> inPlace(dtype)));
            }
        }
        tests.add(dynamicTest(
                "results have memory of their own", () -> sessions.run(DType.FLOAT32, AliasingChecks::results)));
        return tests.stream();
    }

    private void inPlace(DType dtype) {
        if (dtype.isFloating()) {
            sessions.run(dtype, session -> pairs().forEach(pair -> check(session, pair)));
        } else {
            sessions.run(DType.FLOAT32, session -> pairs().forEach(pair -> assigns(session, pair, dtype)));
        }
    }

    private static void check(Session session, Pair pair) {
        assigns(session, pair, session.dtype());
        for (BinaryOp op : new BinaryOp[] {BinaryOp.ADD, BinaryOp.SUBTRACT, BinaryOp.MULTIPLY}) {
            updates(session, pair, op);
        }
    }

    private static Tensor numbers(Session session, Pair pair) {
        Shape shape = Shape.of(pair.sizes());
        return session.tensor(HostArray.uniform(7, -1, 1, shape).values(), shape);
    }

    private static void assigns(Session session, Pair pair, DType dtype) {
        try (Scope scope = session.scope("assign")) {
            Tensor a = dtype.isFloating()
                    ? numbers(session, pair)
                    : numbers(session, pair).mul(1e5).to(dtype);
            double[] expected = pair.source().apply(a).toDoubles();
            Tensor target = pair.target().apply(a);
            target.assign(pair.source().apply(a));
            assertThat(target.toDoubles()).as("assign of %s", pair.name()).isEqualTo(expected);
        }
    }

    private static void updates(Session session, Pair pair, BinaryOp op) {
        try (Scope scope = session.scope("update")) {
            Tensor a = numbers(session, pair);
            Tensor target = pair.target().apply(a);
            double[] expected = target.apply(op, pair.source().apply(a)).toDoubles();
            target.update(op, pair.source().apply(a));
            assertThat(target.toDoubles()).as("%s with %s", op, pair.name()).isEqualTo(expected);
        }
    }

    /** What is not documented as a view may be overwritten without a change of its operands. */
    private static void results(Session session) {
        Tensor x = session.ones(Shape.of(2, 3));
        double[] before = x.toDoubles();
        Tensor y = x.add(x);
        for (Tensor result : new Tensor[] {
            y,
            x.add(0),
            x.mul(1),
            x.relu(),
            x.sum(true),
            x.sum(true, 0),
            x.max(true, 0),
            x.matmul(x.transpose(0, 1)),
            x.softmax(),
            x.gather(0, session.tensor(new int[] {0, 1}, Shape.of(2))),
            x.to(Layout.of(x.shape(), new long[] {1, 2}, 0))
        }) {
            assertThat(TensorAccess.isExclusive(result)).isTrue();
            result.fill(9);
            assertThat(x.toDoubles()).isEqualTo(before);
        }
    }
}
