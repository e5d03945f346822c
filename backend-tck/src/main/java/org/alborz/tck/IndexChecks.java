package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import org.alborz.ops.CrossEntropy;
import org.alborz.ops.CtcOp;
import org.alborz.ops.Engine;
import org.alborz.ops.OneHot;
import org.alborz.ops.ScatterAdd;
import org.alborz.random.RandomStream;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicNode;

/** Indices of both types: those outside of their axis are refused by name and number, and sums by index are those of the host. */
final class IndexChecks {
    private static final List<DType> INDICES = List.of(DType.INT32, DType.INT64);

    /** What no axis of 5 has; of those beyond int32, the low 32 bits alone would be inside. */
    private static final long[] OUTSIDE = {
        -1,
        5,
        Integer.MIN_VALUE,
        Integer.MAX_VALUE,
        1L << 32,
        -(1L << 32),
        (1L << 32) + 4,
        Long.MIN_VALUE,
        Long.MAX_VALUE
    };

    private static final int SIZE = 5;

    /** How slices are spread over an axis of the given size. */
    private record Spread(String name, int size, int count, IntUnaryOperator index) {}

    private final Sessions sessions;

    IndexChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    Stream<DynamicNode> all() {
        List<DynamicNode> tests = new ArrayList<>();
        for (DType type : INDICES) {
            for (long index : OUTSIDE) {
                if (type == DType.INT64 || index == (int) index) {
                    tests.add(test("outside / " + index + " " + type, session -> outside(session, index, type)));
                }
            }
            tests.add(test("bounds of the axis / " + type, session -> inside(session, type)));
            tests.add(test("none / " + type, session -> none(session, type)));
            tests.add(test("rows of a tensor of indices / " + type, session -> rows(session, type)));
        }
        for (Spread spread : spreads()) {
            for (DType type : DType.values()) {
                if (type.isFloating() && sessions.refusal(type) == null) {
                    tests.add(test(
                            "scatterAdd / " + spread.name + " / " + type, session -> exact(session, spread, type)));
                }
            }
            tests.add(test("scatterAdd twice / " + spread.name, session -> twice(session, spread)));
        }
        return tests.stream();
    }

    private DynamicNode test(String name, Consumer<Session> check) {
        return dynamicTest(name, () -> sessions.run(DType.FLOAT32, check));
    }

    /** Indices of two axes that do not begin where their memory does. */
    private static void rows(Session session, DType type) {
        Tensor indices = indices(session, type, 0, 1, 4, 2).reshape(2, 2).narrow(0, 1, 1);
        Tensor x = session.tensor(new float[] {10, 11, 12, 13, 14}, Shape.of(SIZE));
        assertThat(x.gather(0, indices).toFloats()).containsExactly(14, 12);
        Tensor y = session.tensor(new float[] {3, 5}, Shape.of(1, 2));
        assertThat(Engine.apply(new ScatterAdd(0, SIZE), y, indices).toFloats()).containsExactly(0, 0, 5, 0, 3);
    }

    private static Tensor indices(Session session, DType type, long... values) {
        return session.tensor(values, Shape.of(values.length)).to(type);
    }

    private static void outside(Session session, long index, DType type) {
        Tensor indices = indices(session, type, 2, index, 0);
        Tensor x = session.ones(Shape.of(SIZE, 2));
        Tensor slices = session.ones(Shape.of(3, 2));
        requireRefused(session, index, () -> x.gather(0, indices));
        requireRefused(session, index, () -> x.transpose(0, 1).gather(1, indices));
        requireRefused(session, index, () -> Engine.apply(new ScatterAdd(0, SIZE), slices, indices));
        requireRefused(session, index, () -> Engine.apply(new OneHot(SIZE, DType.FLOAT32), indices));
        Tensor ofLines = indices.reshape(3, 1);
        Tensor lines = session.ones(Shape.of(3, SIZE));
        Tensor values = session.ones(Shape.of(3, 1));
        requireRefused(session, index, () -> lines.takeAlongAxis(1, ofLines));
        requireRefused(session, index, () -> lines.scatter(1, ofLines, values));
        requireRefused(session, index, () -> lines.scatterAdd(1, ofLines, values));
        requireRefused(session, index, () -> lines.select(0, 0).gatherNd(ofLines));
        Tensor logits = session.ones(Shape.of(3, SIZE));
        requireRefused(session, index, () -> Engine.apply(new CrossEntropy(0), logits, indices));
        Tensor outputs = session.ones(Shape.of(1, 3, SIZE));
        Tensor three = session.tensor(new int[] {3});
        requireRefused(session, index, () -> Engine.apply(new CtcOp(0), outputs, indices.reshape(1, 3), three, three));
        // The session goes on.
        assertThat(x.gather(0, indices(session, type, 4, 0)).toFloats()).containsOnly(1);
    }

    /** At once, or where the host waits for the device. */
    private static void requireRefused(Session session, long index, Runnable operation) {
        long told = Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, index));
        assertThatThrownBy(() -> {
                    operation.run();
                    session.backend().synchronize();
                })
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("" + told)
                .hasMessageContaining("0 to 4");
    }

    private static void inside(Session session, DType type) {
        Tensor x = session.tensor(new float[] {1, 2, 3, 4, 5}, Shape.of(SIZE));
        Tensor indices = indices(session, type, 4, 0, 4);
        assertThat(x.gather(0, indices).toFloats()).containsExactly(5, 1, 5);
        Tensor slices = session.tensor(new float[] {1, 2, 4}, Shape.of(3));
        assertThat(Engine.apply(new ScatterAdd(0, SIZE), slices, indices).toFloats())
                .containsExactly(2, 0, 0, 0, 5);
        assertThat(Engine.apply(new OneHot(SIZE, DType.INT64), indices.narrow(0, 0, 2))
                        .toLongs())
                .containsExactly(0, 0, 0, 0, 1, 1, 0, 0, 0, 0);
    }

    private static void none(Session session, DType type) {
        Tensor none = indices(session, type);
        Tensor x = session.ones(Shape.of(SIZE, 2));
        assertThat(x.gather(0, none).shape()).isEqualTo(Shape.of(0, 2));
        assertThat(Engine.apply(new ScatterAdd(0, SIZE), session.ones(Shape.of(0, 2)), none)
                        .toFloats())
                .containsOnly(0)
                .hasSize(SIZE * 2);
        assertThat(Engine.apply(new OneHot(SIZE, DType.BOOL), none).shape()).isEqualTo(Shape.of(0, SIZE));
        Tensor losses = Engine.apply(new CrossEntropy(0), session.ones(Shape.of(0, SIZE)), none);
        assertThat(losses.shape()).isEqualTo(Shape.of(0));
    }

    /** Few and many slices of an index, in order and not, up to where pieces and runs of slices that a backend may take end. */
    private static List<Spread> spreads() {
        RandomStream random = new RandomStream(31, 0);
        int[] drawn = new int[1500];
        for (int i = 0; i < drawn.length; i++) {
            drawn[i] = (int) (random.uniform() * 90);
        }
        return List.of(
                new Spread("one slice", 3, 1, k -> 2),
                new Spread("all of one index", 4, 700, k -> 1),
                new Spread("64 of each index", 5, 320, k -> k / 64),
                new Spread("65 of each index, last first", 4, 260, k -> 3 - k / 65),
                new Spread("63 and 65 in turn", 8, 512, k -> k / 128 * 2 + (k % 128 < 63 ? 0 : 1)),
                new Spread("each index once, backwards", 600, 513, k -> 599 - k),
                new Spread("256 in turns", 2, 256, k -> k % 2),
                new Spread("257 in turns", 2, 257, k -> k % 2),
                new Spread("at random", 100, 1500, k -> drawn[k]));
    }

    private static int[] indices(Spread spread) {
        int[] indices = new int[spread.count];
        Arrays.setAll(indices, spread.index);
        return indices;
    }

    /** Of numbers whose sums are exact in float32, along the first axis and along the last of another order. */
    private static void exact(Session session, Spread spread, DType type) {
        int columns = 7;
        int[] indices = indices(spread);
        double[] values = new double[spread.count * columns];
        double[] expected = new double[spread.size * columns];
        RandomStream random = new RandomStream(32, 0);
        for (int k = 0; k < spread.count; k++) {
            for (int c = 0; c < columns; c++) {
                double value = Math.rint((random.uniform() - 0.5) * 128) / 64;
                values[k * columns + c] = value;
                expected[indices[k] * columns + c] += value;
            }
        }
        for (int i = 0; i < expected.length; i++) {
            expected[i] = TypedValues.convert(expected[i], type).doubleValue();
        }
        Tensor x = session.tensor(values, Shape.of(spread.count, columns)).to(type);
        Tensor at = session.tensor(indices, Shape.of(spread.count));
        Tensor y = Engine.apply(new ScatterAdd(0, spread.size), x, at);
        assertThat(y.toDoubles()).containsExactly(expected);
        Tensor across = Engine.apply(new ScatterAdd(1, spread.size), x.transpose(0, 1), at);
        assertThat(across.transpose(0, 1).toDoubles()).containsExactly(expected);
    }

    private static void twice(Session session, Spread spread) {
        Shape shape = Shape.of(spread.count, 3);
        Tensor x = session.tensor(HostArray.uniform(33, -1, 1, shape).values(), shape);
        Tensor at = session.tensor(indices(spread), Shape.of(spread.count));
        float[] first = Engine.apply(new ScatterAdd(0, spread.size), x, at).toFloats();
        assertThat(Engine.apply(new ScatterAdd(0, spread.size), x, at).toFloats())
                .containsExactly(first);
    }
}
