package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.alborz.backend.ReduceOp;
import org.alborz.cpu.vector.Pair.Twin;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class VectorReductionsTest {
    /** An input's layout and the result's sizes. */
    private record Case(Layout x, Shape y) {}

    private static List<Case> cases() {
        Shape image = Shape.of(3, 17, 7, 31);
        Layout nhwc = Layout.channelsLast(image);
        return List.of(
                new Case(Layout.rowMajor(Shape.scalar()), Shape.scalar()),
                new Case(Layout.rowMajor(Shape.of(1)), Shape.of(1)),
                new Case(Layout.rowMajor(Shape.of(33)), Shape.of(1)),
                new Case(Layout.rowMajor(Shape.of(70_001)), Shape.of(1)),
                new Case(Layout.rowMajor(Shape.of(300, 33)), Shape.of(1, 33)),
                new Case(Layout.rowMajor(Shape.of(9000, 10)), Shape.of(1, 10)),
                new Case(Layout.rowMajor(Shape.of(300, 33)), Shape.of(300, 1)),
                new Case(Layout.rowMajor(Shape.of(3, 20_000)), Shape.of(3, 1)),
                new Case(Layout.rowMajor(Shape.of(300, 33)), Shape.of(300, 33)),
                new Case(Layout.rowMajor(Shape.of(33, 300)).transpose(0, 1), Shape.of(1, 33)),
                new Case(Layout.rowMajor(Shape.of(5, 6, 7)), Shape.of(5, 1, 7)),
                new Case(Layout.rowMajor(Shape.of(5, 6, 7)), Shape.of(1, 6, 1)),
                new Case(nhwc, Shape.of(1, 17, 1, 1)),
                new Case(nhwc, Shape.of(3, 17, 1, 1)),
                new Case(nhwc, Shape.of(3, 1, 7, 31)),
                new Case(nhwc, Shape.of(1, 1, 1, 1)),
                new Case(Layout.rowMajor(image), Shape.of(1, 17, 1, 1)),
                new Case(Layout.rowMajor(Shape.of(40, 50)).narrow(1, 3, 20, 2), Shape.of(1, 20)),
                new Case(Layout.rowMajor(Shape.of(40, 50)).narrow(1, 3, 20, 1), Shape.of(1, 20)),
                new Case(Layout.rowMajor(Shape.of(40, 50)).narrow(1, 3, 20, 1), Shape.of(40, 1)),
                new Case(Layout.rowMajor(Shape.of(0, 4)), Shape.of(1, 4)));
    }

    @ParameterizedTest
    @EnumSource(ReduceOp.class)
    void equalsTheReference(ReduceOp op) {
        try (Pair pair = new Pair(2)) {
            for (Case test : cases()) {
                Twin x = pair.random(test.x);
                Twin y = pair.empty(Layout.channelsLast(test.y));
                pair.vector.reductions().reduce(op, x.vector(), y.vector());
                pair.scalar.reductions().reduce(op, x.scalar(), y.scalar());
                pair.assertClose(op + " " + test, y, op == ReduceOp.SUM || op == ReduceOp.MEAN ? 16 : 0);
            }
        }
    }

    @Test
    void sumsManyEqualNumbersWithoutDrifting() {
        try (Pair pair = new Pair(1)) {
            int elements = 1 << 22;
            Twin x = pair.empty(Layout.rowMajor(Shape.of(elements)));
            pair.vector.elementwise().fill(0.1, x.vector());
            Twin y = pair.empty(Layout.rowMajor(Shape.of(1)));
            pair.vector.reductions().reduce(ReduceOp.SUM, x.vector(), y.vector());
            double exact = (double) 0.1f * elements;
            assertThat((double) pair.read(y)[0]).isCloseTo(exact, org.assertj.core.data.Offset.offset(exact * 1e-6));
        }
    }

    @Test
    void isBitIdenticalForAnyNumberOfThreads() {
        float[] expected = null;
        for (int threads : new int[] {1, 2, 3, 5}) {
            try (Pair pair = new Pair(threads)) {
                Twin x = pair.random(Layout.rowMajor(Shape.of(5000, 37)));
                Twin y = pair.empty(Layout.rowMajor(Shape.of(1, 37)));
                pair.vector.reductions().reduce(ReduceOp.SUM, x.vector(), y.vector());
                float[] actual = pair.read(y);
                expected = expected == null ? actual : expected;
                assertThat(actual).as("%d threads", threads).isEqualTo(expected);
            }
        }
    }
}
