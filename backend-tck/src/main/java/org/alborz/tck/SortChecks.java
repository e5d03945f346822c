package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.alborz.random.RandomStream;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicNode;

/**
 * Indices in order, of numbers many of which are equal, with infinities and NaN: around the lengths at which a backend may take another
 * way, along each axis, of all numbers and of the first ones.
 */
final class SortChecks {
    private static final int[] LENGTHS = {1, 2, 3, 31, 255, 256, 257, 512, 513, 1500};
    private static final double INF = Double.POSITIVE_INFINITY;
    private static final double[] SPECIAL = {Double.NaN, INF, -INF, 0, -0.0, 1, -1, 2, -2, 3, -3, 0.5, -0.5};

    private final Sessions sessions;

    SortChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    Stream<DynamicNode> all() {
        List<DynamicNode> tests = new ArrayList<>();
        for (DType type : DType.values()) {
            boolean sorts = type.isFloating() || type == DType.INT32 || type == DType.INT64;
            if (sorts && sessions.refusal(type) == null) {
                for (boolean descending : new boolean[] {false, true}) {
                    String name = "argSort / " + type + (descending ? " descending" : "");
                    tests.add(dynamicTest(name, () -> sessions.run(DType.FLOAT32, s -> sorts(s, type, descending))));
                }
                tests.add(dynamicTest("extreme / " + type, () -> sessions.run(DType.FLOAT32, s -> extreme(s, type))));
                tests.add(dynamicTest("scatter / " + type, () -> sessions.run(DType.FLOAT32, s -> scatters(s, type))));
            }
        }
        tests.add(dynamicTest("cumulative sum / int64", () -> sessions.run(DType.FLOAT32, SortChecks::cumulates)));
        return tests.stream();
    }

    private static void sorts(Session session, DType type, boolean descending) {
        RandomStream random = new RandomStream(71, 0);
        for (int length : LENGTHS) {
            double[] values = new double[3 * length];
            for (int i = 0; i < values.length; i++) {
                double drawn = random.nextInt(4) == 0
                        ? SPECIAL[random.nextInt(SPECIAL.length)]
                        : Math.rint((random.uniform() - 0.5) * 100);
                values[i] = type.isFloating() ? drawn : Double.isFinite(drawn) ? Math.rint(drawn) : 7;
            }
            Tensor rows = session.tensor(values, Shape.of(3, length)).to(type);
            Tensor columns = rows.transpose(0, 1);
            int few = Math.max(1, length / 40);
            for (int row = 0; row < 3; row++) {
                int[] expected = expected(values, row * length, length, descending);
                String what = type + ", " + length + ", row " + row;
                assertThat(rows.argSort(1, descending).narrow(0, row, 1).toInts())
                        .as(what)
                        .containsExactly(expected);
                assertThat(columns.argSort(0, descending).narrow(1, row, 1).toInts())
                        .as("columns, " + what)
                        .containsExactly(expected);
                assertThat(rows.topK(few, -1, descending)
                                .indices()
                                .narrow(0, row, 1)
                                .toInts())
                        .as("first, " + what)
                        .containsExactly(IntStream.of(expected).limit(few).toArray());
            }
        }
        assertThat(session.ones(Shape.of(0, 3)).to(type).argSort(1).shape()).isEqualTo(Shape.of(0, 3));
        assertThat(session.ones(Shape.of(3, 0)).to(type).argSort(1).shape()).isEqualTo(Shape.of(3, 0));
    }

    /** The order of PyTorch's stable sort: NaN is the largest, and −0 equals 0. */
    private static int[] expected(double[] values, int first, int length, boolean descending) {
        Comparator<Integer> order = Comparator.comparingDouble(i -> values[first + i] == 0 ? 0 : values[first + i]);
        return IntStream.range(0, length)
                .boxed()
                .sorted(descending ? order.reversed() : order)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /** What differs in the last bit alone, and the largest and smallest numbers of a type. */
    private static void extreme(Session session, DType type) {
        Tensor x;
        if (type == DType.INT64) {
            x = session.tensor(
                    new long[] {Long.MAX_VALUE, Long.MAX_VALUE - 1, Long.MIN_VALUE, Long.MIN_VALUE + 1, 0},
                    Shape.of(5));
        } else if (type == DType.INT32) {
            x = session.tensor(
                    new int[] {Integer.MAX_VALUE, Integer.MAX_VALUE - 1, Integer.MIN_VALUE, Integer.MIN_VALUE + 1, 0},
                    Shape.of(5));
        } else {
            double step = type == DType.FLOAT64 || type == DType.FLOAT32 ? 0x1p-23 : 0x1p-7;
            x = session.tensor(new double[] {INF, 2 + 2 * step, -INF, -2 - 2 * step, -2}, Shape.of(5))
                    .to(type);
        }
        assertThat(x.argSort(0).toInts()).containsExactly(2, 3, 4, 1, 0);
        assertThat(x.argSort(0, true).toInts()).containsExactly(0, 1, 4, 3, 2);
    }

    /** The last one of equal places counts, of any type. */
    private static void scatters(Session session, DType type) {
        int count = 700;
        int[] places = new int[count];
        double[] values = new double[count];
        double[] expected = new double[50];
        RandomStream random = new RandomStream(72, 0);
        for (int i = 0; i < count; i++) {
            places[i] = random.nextInt(40);
            values[i] = i % 100;
            expected[places[i]] = values[i];
        }
        Tensor y = session.zeros(Shape.of(50), type)
                .scatter(0, session.tensor(places), session.tensor(values).to(type));
        assertThat(y.toDoubles()).containsExactly(expected);
    }

    private static void cumulates(Session session) {
        Tensor x = session.tensor(new long[] {1L << 60, 1, -1, 1L << 53, 1}, Shape.of(5));
        assertThat(x.cumSum(0).toLongs())
                .containsExactly(
                        1L << 60, (1L << 60) + 1, 1L << 60, (1L << 60) + (1L << 53), (1L << 60) + (1L << 53) + 1);
        Tensor mask = session.tensor(new int[] {1, 0, 1, 1}, Shape.of(2, 2)).ne(0);
        assertThat(mask.cumSum(-1).toLongs()).containsExactly(1, 1, 1, 2);
    }
}
