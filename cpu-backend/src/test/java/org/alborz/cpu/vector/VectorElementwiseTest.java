package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.Comparison;
import org.alborz.backend.UnaryOp;
import org.alborz.cpu.vector.Pair.Twin;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class VectorElementwiseTest {
    /** Layouts of one shape: dense in several orders, strided, broadcast, empty, a scalar, and longer than a task. */
    private static List<List<Layout>> layouts() {
        Shape image = Shape.of(2, 17, 5, 7);
        Shape plain = Shape.of(3, 33);
        Shape big = Shape.of(5, 7001);
        Shape tiles = Shape.of(100, 43);
        return List.of(
                List.of(Layout.rowMajor(Shape.scalar()), Layout.rowMajor(Shape.scalar())),
                List.of(Layout.rowMajor(Shape.of(0, 4)), Layout.rowMajor(Shape.of(0, 4))),
                List.of(Layout.rowMajor(plain), Layout.rowMajor(plain)),
                List.of(Layout.rowMajor(plain), Layout.rowMajor(Shape.of(33, 3)).transpose(0, 1)),
                List.of(Layout.channelsLast(image), Layout.channelsLast(image)),
                List.of(Layout.channelsLast(image), Layout.rowMajor(image)),
                List.of(Layout.rowMajor(image), Layout.channelsLast(image)),
                List.of(
                        Layout.channelsLast(image),
                        Layout.rowMajor(Shape.of(17, 1, 1)).expand(image)),
                List.of(
                        Layout.rowMajor(image),
                        Layout.rowMajor(Shape.of(17, 1, 1)).expand(image)),
                List.of(
                        Layout.channelsLast(image),
                        Layout.rowMajor(Shape.of(2, 17, 1, 1)).expand(image)),
                List.of(Layout.rowMajor(plain), Layout.rowMajor(Shape.scalar()).expand(plain)),
                List.of(Layout.rowMajor(plain), Layout.rowMajor(Shape.of(3, 1)).expand(plain)),
                List.of(Layout.rowMajor(Shape.of(3, 99)).narrow(1, 1, 33, 3), Layout.rowMajor(plain)),
                List.of(
                        Layout.rowMajor(plain),
                        Layout.rowMajor(Shape.of(9, 40)).narrow(1, 2, 33, 1).narrow(0, 0, 3, 4)),
                List.of(
                        Layout.rowMajor(tiles),
                        Layout.rowMajor(Shape.of(43, 100)).transpose(0, 1)),
                List.of(Layout.rowMajor(big), Layout.rowMajor(big)),
                List.of(Layout.rowMajor(big), Layout.rowMajor(Shape.of(7001)).expand(big)),
                List.of(Layout.rowMajor(big), Layout.rowMajor(Shape.of(5, 1)).expand(big)),
                List.of(Layout.rowMajor(big), Layout.rowMajor(Shape.of(7001, 5)).transpose(0, 1)));
    }

    @ParameterizedTest
    @EnumSource(UnaryOp.class)
    void unaryEqualsTheReference(UnaryOp op) {
        try (Pair pair = new Pair(2)) {
            for (List<Layout> layouts : layouts()) {
                Twin x = pair.random(layouts.get(1));
                Twin y = pair.empty(layouts.get(0));
                pair.vector.elementwise().unary(op, 0.75, x.vector(), y.vector());
                pair.scalar.elementwise().unary(op, 0.75, x.scalar(), y.scalar());
                pair.assertClose(op + " " + layouts, y, 4);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(BinaryOp.class)
    void binaryEqualsTheReference(BinaryOp op) {
        try (Pair pair = new Pair(2)) {
            for (List<Layout> layouts : layouts()) {
                Twin a = pair.random(layouts.get(0));
                Twin b = pair.random(layouts.get(1));
                Twin y = pair.empty(layouts.get(0));
                pair.vector.elementwise().binary(op, a.vector(), b.vector(), y.vector());
                pair.scalar.elementwise().binary(op, a.scalar(), b.scalar(), y.scalar());
                pair.assertClose(op + " " + layouts, y, 2);
                pair.vector.elementwise().binary(op, b.vector(), a.vector(), a.vector());
                pair.scalar.elementwise().binary(op, b.scalar(), a.scalar(), a.scalar());
                assertThat(Pair.read(pair.vector, a.vector()))
                        .as("in place")
                        .isEqualTo(Pair.read(pair.scalar, a.scalar()));
            }
        }
    }

    @Test
    void specialValuesEqualTheReference() {
        float[] special = {0f, -0f, 1, -1, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MIN_VALUE
        };
        float[] left = new float[3 + 64];
        float[] right = new float[3 + 64];
        for (int i = 0; i < 64; i++) {
            left[3 + i] = special[i / 8];
            right[3 + i] = special[i % 8];
        }
        try (Pair pair = new Pair(1)) {
            Layout layout = Layout.rowMajor(Shape.of(64));
            Twin a = pair.random(layout);
            Twin b = pair.random(layout);
            Twin y = pair.empty(layout);
            pair.fill(a, left);
            pair.fill(b, right);
            for (UnaryOp op : UnaryOp.values()) {
                pair.vector.elementwise().unary(op, 0.5, a.vector(), y.vector());
                pair.scalar.elementwise().unary(op, 0.5, a.scalar(), y.scalar());
                assertUlps(op, pair.read(y), Pair.read(pair.scalar, y.scalar()));
            }
            Twin mask = pair.empty(DType.BOOL, layout);
            for (Comparison op : Comparison.values()) {
                pair.vector.elementwise().compare(op, a.vector(), b.vector(), mask.vector());
                pair.scalar.elementwise().compare(op, a.scalar(), b.scalar(), mask.scalar());
                pair.vector.elementwise().copy(mask.vector(), y.vector());
                pair.scalar.elementwise().copy(mask.scalar(), y.scalar());
                assertThat(pair.read(y)).as("%s", op).isEqualTo(Pair.read(pair.scalar, y.scalar()));
            }
            for (BinaryOp op : BinaryOp.values()) {
                pair.vector.elementwise().binary(op, a.vector(), b.vector(), y.vector());
                pair.scalar.elementwise().binary(op, a.scalar(), b.scalar(), y.scalar());
                assertThat(pair.read(y)).as("%s", op).isEqualTo(Pair.read(pair.scalar, y.scalar()));
            }
        }
    }

    /** A number for each row: rows longer than those that are computed in blocks, with a rest behind whole vectors. */
    @ParameterizedTest
    @EnumSource(BinaryOp.class)
    void specialValuesOfRowsAndNumbersEqualTheReference(BinaryOp op) {
        float[] special = {0f, -0f, 1, -1, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MIN_VALUE
        };
        int columns = Workspace.SPAN + 5;
        float[] rows = new float[3 + special.length * columns];
        float[] numbers = new float[3 + special.length];
        for (int i = 0; i < special.length; i++) {
            numbers[3 + i] = special[i];
            for (int j = 0; j < columns; j++) {
                rows[3 + i * columns + j] = special[j % special.length];
            }
        }
        try (Pair pair = new Pair(2)) {
            Shape shape = Shape.of(special.length, columns);
            Twin row = pair.random(Layout.rowMajor(shape));
            Twin number =
                    pair.random(Layout.rowMajor(Shape.of(special.length, 1)).expand(shape));
            Twin y = pair.empty(Layout.rowMajor(shape));
            pair.fill(row, rows);
            pair.fill(number, numbers);
            pair.vector.elementwise().binary(op, row.vector(), number.vector(), y.vector());
            pair.scalar.elementwise().binary(op, row.scalar(), number.scalar(), y.scalar());
            assertThat(pair.read(y)).as("row first").isEqualTo(Pair.read(pair.scalar, y.scalar()));
            pair.vector.elementwise().binary(op, number.vector(), row.vector(), y.vector());
            pair.scalar.elementwise().binary(op, number.scalar(), row.scalar(), y.scalar());
            assertThat(pair.read(y)).as("number first").isEqualTo(Pair.read(pair.scalar, y.scalar()));
        }
    }

    /** NaN, infinities and zeros with their signs are the reference's, others within two units in the last place. */
    private static void assertUlps(UnaryOp op, float[] actual, float[] expected) {
        for (int i = 0; i < expected.length; i++) {
            boolean same = Float.compare(actual[i], expected[i]) == 0
                    || Math.copySign(1, actual[i]) == Math.copySign(1, expected[i])
                            && Math.abs(actual[i] - expected[i]) <= 2 * Math.ulp(expected[i]);
            assertThat(same)
                    .as("%s: element %d is %s, the reference has %s", op, i, actual[i], expected[i])
                    .isTrue();
        }
    }

    @Test
    void copyFillAndWhereEqualTheReference() {
        try (Pair pair = new Pair(3)) {
            for (List<Layout> layouts : layouts()) {
                Twin x = pair.random(layouts.get(1));
                Twin zero = pair.random(layouts.get(1));
                Twin condition = pair.empty(DType.BOOL, layouts.get(1));
                pair.vector.elementwise().compare(Comparison.LESS, x.vector(), zero.vector(), condition.vector());
                pair.scalar.elementwise().compare(Comparison.LESS, x.scalar(), zero.scalar(), condition.scalar());
                Twin other = pair.random(layouts.get(0));
                Twin y = pair.empty(layouts.get(0));
                pair.vector.elementwise().copy(x.vector(), y.vector());
                pair.scalar.elementwise().copy(x.scalar(), y.scalar());
                pair.assertClose("copy " + layouts, y, 0);
                pair.vector.elementwise().where(condition.vector(), x.vector(), other.vector(), y.vector());
                pair.scalar.elementwise().where(condition.scalar(), x.scalar(), other.scalar(), y.scalar());
                pair.assertClose("where " + layouts, y, 0);
                pair.vector.elementwise().fill(0.1, y.vector());
                pair.scalar.elementwise().fill(0.1, y.scalar());
                pair.assertClose("fill " + layouts, y, 0);
            }
        }
    }

    /** Masks beside a dense operand and one that is repeated, in short rows, of which a task takes several blocks. */
    @Test
    void masksOfShortRowsEqualTheReference() {
        Shape shape = Shape.of(4000, 10);
        Layout dense = Layout.rowMajor(shape);
        Layout row = Layout.rowMajor(Shape.of(3, 10)).narrow(0, 1, 1, 1).expand(shape);
        Layout column = Layout.rowMajor(Shape.of(4000, 3)).narrow(1, 2, 1, 1).expand(shape);
        try (Pair pair = new Pair(2)) {
            Twin a = pair.random(dense);
            Twin mask = pair.empty(DType.BOOL, dense);
            Twin y = pair.empty(dense);
            for (Twin b : List.of(pair.random(row), pair.random(column))) {
                String layout = b.vector().layout().toString();
                for (Comparison op : Comparison.values()) {
                    for (List<Twin> operands : List.of(List.of(a, b), List.of(b, a))) {
                        Twin left = operands.get(0);
                        Twin right = operands.get(1);
                        pair.vector.elementwise().compare(op, left.vector(), right.vector(), mask.vector());
                        pair.scalar.elementwise().compare(op, left.scalar(), right.scalar(), mask.scalar());
                        pair.vector.elementwise().where(mask.vector(), left.vector(), right.vector(), y.vector());
                        pair.scalar.elementwise().where(mask.scalar(), left.scalar(), right.scalar(), y.scalar());
                        pair.assertClose("where " + op + " " + layout, y, 0);
                        pair.vector.elementwise().copy(mask.vector(), y.vector());
                        pair.scalar.elementwise().copy(mask.scalar(), y.scalar());
                        pair.assertClose("compare " + op + " " + layout, y, 0);
                    }
                }
            }
        }
    }
}
