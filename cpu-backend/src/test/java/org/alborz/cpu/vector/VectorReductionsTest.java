package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.alborz.backend.Operand;
import org.alborz.backend.ReduceOp;
import org.alborz.backend.Reductions;
import org.alborz.cpu.vector.Pair.Twin;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

    /** Bits, as by the reference: lines of one sign, of zeros, with infinities of one or both signs, and with NaN of either sign. */
    @ParameterizedTest
    @CsvSource({"7", "63", "131"})
    void extremesOfLinesWithSpecialNumbersAreTheReferences(int width) {
        float negativeNaN = Float.intBitsToFloat(0xFFC0_0001);
        float[][] special = {
            {-1},
            {1},
            {-0f},
            {0f, -0f},
            {-0f, -1},
            {0f, -1},
            {-0f, 1},
            {Float.NaN},
            {negativeNaN},
            {-1, negativeNaN},
            {Float.POSITIVE_INFINITY},
            {Float.NEGATIVE_INFINITY},
            {Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY},
            {-Float.MIN_VALUE, -Float.MAX_VALUE},
            {Float.MIN_VALUE, 0f},
            {Float.MAX_VALUE},
            {-Float.MAX_VALUE}
        };
        float[] values = new float[3 + special.length * width];
        Random random = new Random(4);
        for (int line = 0; line < special.length; line++) {
            float[] some = special[line];
            for (int i = 0; i < width; i++) {
                values[3 + line * width + i] = some[random.nextInt(some.length)];
            }
        }
        try (Pair pair = new Pair(1)) {
            Twin x = pair.random(Layout.rowMajor(Shape.of(special.length, width)));
            pair.fill(x, values);
            for (ReduceOp op : new ReduceOp[] {ReduceOp.MAX, ReduceOp.MIN}) {
                Twin y = pair.empty(Layout.rowMajor(Shape.of(special.length, 1)));
                pair.vector.reductions().reduce(op, x.vector(), y.vector());
                pair.scalar.reductions().reduce(op, x.scalar(), y.scalar());
                assertThat(pair.read(y)).as("%s", op).isEqualTo(Pair.read(pair.scalar, y.scalar()));
            }
            Twin places = pair.empty(DType.INT32, Layout.rowMajor(Shape.of(special.length, 1)));
            Twin floats = pair.empty(Layout.rowMajor(Shape.of(special.length, 1)));
            for (boolean smallest : new boolean[] {false, true}) {
                find(pair.vector.reductions(), smallest, x.vector(), places.vector());
                find(pair.scalar.reductions(), smallest, x.scalar(), places.scalar());
                pair.vector.elementwise().copy(places.vector(), floats.vector());
                pair.scalar.elementwise().copy(places.scalar(), floats.scalar());
                assertThat(pair.read(floats))
                        .as("place of the smallest: %s", smallest)
                        .isEqualTo(Pair.read(pair.scalar, floats.scalar()));
            }
        }
    }

    private static void find(Reductions reductions, boolean smallest, Operand x, Operand places) {
        if (smallest) {
            reductions.argMin(1, x, places);
        } else {
            reductions.argMax(1, x, places);
        }
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

    /** Rows so long that they are cut into strips of columns, with a last one that is no whole vector. */
    @ParameterizedTest
    @EnumSource(ReduceOp.class)
    void longRowsHaveTheSumsOfShorterOnes(ReduceOp op) {
        int rows = 70;
        int columns = 6151;
        int some = 3001;
        try (Pair pair = new Pair(3)) {
            Twin x = pair.random(Layout.rowMajor(Shape.of(rows, columns)));
            Twin y = pair.empty(Layout.rowMajor(Shape.of(1, columns)));
            pair.vector.reductions().reduce(op, x.vector(), y.vector());
            pair.scalar.reductions().reduce(op, x.scalar(), y.scalar());
            pair.assertClose(op.name(), y, op == ReduceOp.SUM || op == ReduceOp.MEAN ? 16 : 0);
            Twin part = pair.empty(Layout.rowMajor(Shape.of(rows, some)));
            Twin ofPart = pair.empty(Layout.rowMajor(Shape.of(1, some)));
            Layout first = x.vector().layout().narrow(1, 0, some, 1);
            pair.vector.elementwise().copy(new Slices.Slice(x.vector().buffer(), first), part.vector());
            pair.vector.reductions().reduce(op, part.vector(), ofPart.vector());
            assertThat(Arrays.equals(Arrays.copyOf(pair.read(y), some), pair.read(ofPart)))
                    .as("the same bits")
                    .isTrue();
        }
    }

    /** Every subset of the axes, in five orders of memory: kept and reduced axes alternate, and results have orders of their own. */
    @ParameterizedTest
    @CsvSource({"2, 3, 4, 5", "3, 70, 9, 2", "2, 1, 33, 40", "5, 64, 3, 17", "40, 2, 50, 31"})
    void anyAxesOfAnyOrder(int n, int c, int h, int w) {
        Shape shape = Shape.of(n, c, h, w);
        List<Layout> layouts = List.of(
                Layout.rowMajor(shape),
                Layout.channelsLast(shape),
                Layout.rowMajor(Shape.of(w, h, c, n)).permute(3, 2, 1, 0),
                Layout.rowMajor(Shape.of(n, c, h + 1, w + 2)).narrow(2, 1, h, 1).narrow(3, 1, w, 1),
                Layout.rowMajor(Shape.of(n, c, 2 * h, 2 * w)).narrow(2, 0, h, 2).narrow(3, 0, w, 2));
        try (Pair pair = new Pair(3)) {
            for (Layout layout : layouts) {
                Twin x = pair.random(layout);
                for (int axes = 0; axes < 16; axes++) {
                    Shape kept = Shape.of(size(axes, 0, n), size(axes, 1, c), size(axes, 2, h), size(axes, 3, w));
                    for (ReduceOp op : ReduceOp.values()) {
                        Twin y = pair.empty(Layout.rowMajor(kept));
                        pair.vector.reductions().reduce(op, x.vector(), y.vector());
                        pair.scalar.reductions().reduce(op, x.scalar(), y.scalar());
                        pair.assertClose(
                                op + " to " + kept + " of " + layout,
                                y,
                                op == ReduceOp.SUM || op == ReduceOp.MEAN ? 256 : 0);
                    }
                }
            }
        }
    }

    private static int size(int reduced, int axis, int size) {
        return (reduced >> axis & 1) != 0 ? 1 : size;
    }

    /** Equal numbers, zeros of both signs, NaN and infinities, in lines and columns of awkward lengths. */
    @ParameterizedTest
    @CsvSource({
        "1, 1, 1",
        "1, 7, 1",
        "3, 64, 1",
        "3, 100, 1",
        "2, 5003, 1",
        "1, 7, 5",
        "4, 33, 17",
        "1, 2000, 10",
        "3, 300, 1030",
        "1, 70000, 3",
        "900, 10, 2"
    })
    void indicesOfExtremesEqualTheReference(int outer, int size, int inner) {
        Layout layout = Layout.rowMajor(Shape.of(outer, size, inner));
        Layout last = Layout.rowMajor(Shape.of(outer, inner, size)).permute(0, 2, 1);
        try (Pair pair = new Pair(3)) {
            for (Layout order : List.of(layout, last)) {
                for (int special = 0; special < 4; special++) {
                    Twin x = pair.random(order);
                    float[] values = new float[(int) x.vector().buffer().elements()];
                    Random random = new Random(special);
                    for (int i = 0; i < values.length; i++) {
                        values[i] = random.nextInt(5) - 2;
                        if (random.nextInt(50) < special) {
                            values[i] = SPECIALS[random.nextInt(SPECIALS.length)];
                        }
                    }
                    pair.fill(x, values);
                    assertIndices(pair, x, Shape.of(outer, 1, inner));
                }
            }
        }
    }

    private static final float[] SPECIALS = {
        -0f, 0f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MIN_VALUE, Float.MAX_VALUE
    };

    private static void assertIndices(Pair pair, Twin x, Shape shape) {
        Twin y = pair.empty(DType.INT32, Layout.rowMajor(shape));
        IntBuffer actual = IntBuffer.allocate((int) y.vector().buffer().elements());
        IntBuffer expected = IntBuffer.allocate(actual.capacity());
        for (boolean largest : new boolean[] {true, false}) {
            if (largest) {
                pair.vector.reductions().argMax(1, x.vector(), y.vector());
                pair.scalar.reductions().argMax(1, x.scalar(), y.scalar());
            } else {
                pair.vector.reductions().argMin(1, x.vector(), y.vector());
                pair.scalar.reductions().argMin(1, x.scalar(), y.scalar());
            }
            pair.vector.download(y.vector().buffer(), 0, actual);
            pair.scalar.download(y.scalar().buffer(), 0, expected);
            assertThat(actual)
                    .as("%s of %s", largest ? "argMax" : "argMin", x.vector().layout())
                    .isEqualTo(expected);
        }
    }
}
