package org.alborz.cpu.scalar;

import static org.alborz.cpu.scalar.Tensor.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.Comparison;
import org.alborz.backend.UnaryOp;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ScalarElementwiseTest {
    private static final double NAN = Double.NaN;
    private static final double INFINITY = Double.POSITIVE_INFINITY;

    private final ScalarElementwise elementwise = new ScalarElementwise();

    private static double[] row(double... values) {
        return values;
    }

    static Arguments[] unaryCases() {
        return new Arguments[] {
            Arguments.of(UnaryOp.NEGATE, 0, row(-2, 0.5, NAN), row(2, -0.5, NAN)),
            Arguments.of(UnaryOp.ABS, 0, row(-2, 0.5, NAN), row(2, 0.5, NAN)),
            Arguments.of(UnaryOp.SIGN, 0, row(-2, 0, 0.5), row(-1, 0, 1)),
            Arguments.of(UnaryOp.SQUARE, 0, row(-3, 0.5), row(9, 0.25)),
            Arguments.of(UnaryOp.SQRT, 0, row(9, 2, -1), row(3, 1.4142135623730951, NAN)),
            Arguments.of(UnaryOp.RECIPROCAL, 0, row(4, -3, 0), row(0.25, -1 / 3.0, INFINITY)),
            Arguments.of(UnaryOp.EXP, 0, row(0, 1, -INFINITY), row(1, 2.718281828459045, 0)),
            Arguments.of(UnaryOp.LOG, 0, row(1, 10, 0, -1), row(0, 2.302585092994046, -INFINITY, NAN)),
            Arguments.of(UnaryOp.SIN, 0, row(0, 1), row(0, 0.8414709848078965)),
            Arguments.of(UnaryOp.COS, 0, row(0, 1), row(1, 0.5403023058681398)),
            Arguments.of(UnaryOp.TANH, 0, row(0, 1, -INFINITY), row(0, 0.7615941559557649, -1)),
            Arguments.of(UnaryOp.SIGMOID, 0, row(0, 1, -INFINITY), row(0.5, 0.7310585786300049, 0)),
            Arguments.of(UnaryOp.ERF, 0, row(0.5, -1), row(0.5204998778130465, -0.8427007929497149)),
            Arguments.of(UnaryOp.RELU, 0, row(-1, 2, NAN), row(0, 2, NAN)),
            Arguments.of(UnaryOp.ADD, 0.5, row(1, -1), row(1.5, -0.5)),
            Arguments.of(UnaryOp.MULTIPLY, 0.5, row(3, -1), row(1.5, -0.5)),
            Arguments.of(UnaryOp.POWER, 3, row(2, -2, 0.5), row(8, -8, 0.125)),
            Arguments.of(UnaryOp.MAXIMUM, 0.5, row(2, -2, NAN), row(2, 0.5, NAN)),
            Arguments.of(UnaryOp.MINIMUM, 0.5, row(2, -2, NAN), row(0.5, -2, NAN)),
            Arguments.of(UnaryOp.SOFTPLUS, 0, row(0, -800, 800, NAN), row(0.6931471805599453, 0, 800, NAN)),
            Arguments.of(UnaryOp.FLOOR, 0, row(-1.5, 2.5, NAN), row(-2, 2, NAN)),
            Arguments.of(UnaryOp.CEIL, 0, row(-1.5, 2.5, NAN), row(-1, 3, NAN)),
            Arguments.of(UnaryOp.ROUND, 0, row(-1.5, 2.5, 0.75), row(-2, 2, 1)),
            Arguments.of(UnaryOp.TRUNC, 0, row(-1.75, 1.75, NAN), row(-1, 1, NAN)),
            Arguments.of(UnaryOp.LOG1P, 0, row(1, -1, -2), row(0.6931471805599453, -INFINITY, NAN)),
            Arguments.of(UnaryOp.EXPM1, 0, row(1, -INFINITY), row(1.718281828459045, -1)),
            Arguments.of(UnaryOp.TAN, 0, row(0, 1), row(0, 1.5574077246549023)),
            Arguments.of(UnaryOp.ASIN, 0, row(0.5, 1, 2), row(0.5235987755982989, 1.5707963267948966, NAN)),
            Arguments.of(UnaryOp.ACOS, 0, row(0.5, 1, 2), row(1.0471975511965979, 0, NAN)),
            Arguments.of(UnaryOp.ATAN, 0, row(1, -INFINITY), row(0.7853981633974483, -1.5707963267948966)),
            Arguments.of(UnaryOp.SINH, 0, row(0, 1), row(0, 1.1752011936438014)),
            Arguments.of(UnaryOp.COSH, 0, row(0, 1), row(1, 1.543080634815244)),
            Arguments.of(UnaryOp.ASINH, 0, row(1, -1, 0), row(0.881373587019543, -0.881373587019543, 0)),
            Arguments.of(UnaryOp.ACOSH, 0, row(2, 1, 0.5), row(1.3169578969248166, 0, NAN)),
            Arguments.of(UnaryOp.ATANH, 0, row(0.5, 1, 2), row(0.5493061443340549, INFINITY, NAN)),
            Arguments.of(UnaryOp.SILU, 0, row(1, -1, -INFINITY), row(0.7310585786300049, -0.2689414213699951, 0)),
            Arguments.of(UnaryOp.HARD_SIGMOID, 0, row(-4, -1.5, 4, NAN), row(0, 0.25, 1, NAN)),
            Arguments.of(UnaryOp.HARD_SWISH, 0, row(-4, -1.5, 4, -INFINITY), row(0, -0.375, 4, 0)),
            Arguments.of(UnaryOp.MISH, 0, row(1, -1, 0), row(0.8650983882673103, -0.3034014613741089, 0)),
            Arguments.of(UnaryOp.SELU, 0, row(1, -1, NAN), row(1.0507009873554805, -1.1113307378125627, NAN)),
            Arguments.of(UnaryOp.LEAKY_RELU, 0.25, row(2, -2, NAN), row(2, -0.5, NAN)),
            Arguments.of(UnaryOp.ELU, 2, row(2, -1, NAN), row(2, -1.2642411176571153, NAN)),
            Arguments.of(
                    UnaryOp.GELU,
                    0,
                    row(-2, -0.5, 0, 0.5, 3),
                    row(-0.04550026389635842, -0.15426876936299344, 0, 0.34573123063700656, 2.99595030590511)),
        };
    }

    @ParameterizedTest
    @MethodSource("unaryCases")
    void unary(UnaryOp op, double parameter, double[] x, double[] expected) {
        for (DType dtype : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
            Tensor y = Tensor.undefined(dtype, x.length);
            elementwise.unary(op, parameter, vector(dtype, x), y);
            y.assertValues(expected);
        }
    }

    @Test
    void geluKeepsItsDigitsFarBelowZero() {
        Tensor y = Tensor.undefined(DType.FLOAT64, 1);
        elementwise.unary(UnaryOp.GELU, 0, vector(DType.FLOAT64, -10), y);
        assertThat(y.get(0)).isCloseTo(-7.619853024160526e-23, within(1e-14 * 7.6e-23));
    }

    @Test
    void everyUnaryOpHasACase() {
        assertThat(Arrays.stream(unaryCases()).map(c -> c.get()[0]))
                .containsExactlyInAnyOrder((Object[]) UnaryOp.values());
    }

    static Arguments[] binaryCases() {
        return new Arguments[] {
            Arguments.of(BinaryOp.ADD, row(1.5, 1, 1, NAN, NAN)),
            Arguments.of(BinaryOp.SUBTRACT, row(2.5, -5, 1, NAN, NAN)),
            Arguments.of(BinaryOp.MULTIPLY, row(-1, -6, 0, NAN, NAN)),
            Arguments.of(BinaryOp.DIVIDE, row(-4, -2 / 3.0, INFINITY, NAN, NAN)),
            Arguments.of(BinaryOp.POWER, row(0.7071067811865476, -8, 1, NAN, NAN)),
            Arguments.of(BinaryOp.MAXIMUM, row(2, 3, 1, NAN, NAN)),
            Arguments.of(BinaryOp.MINIMUM, row(-0.5, -2, 0, NAN, NAN)),
            Arguments.of(BinaryOp.RELU_BACKWARD, row(-0.5, 0, 0, 1, NAN)),
            Arguments.of(BinaryOp.REMAINDER, row(0, 1, NAN, NAN, NAN)),
            Arguments.of(BinaryOp.FLOOR_DIVIDE, row(-4, -1, INFINITY, NAN, NAN)),
            Arguments.of(BinaryOp.ATAN2, row(1.8157749899217608, -0.5880026035475675, 1.5707963267948966, NAN, NAN)),
        };
    }

    @ParameterizedTest
    @MethodSource("binaryCases")
    void binary(BinaryOp op, double[] expected) {
        double[] a = {2, -2, 1, NAN, 3};
        double[] b = {-0.5, 3, 0, 1, NAN};
        for (DType dtype : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
            Tensor y = Tensor.undefined(dtype, a.length);
            elementwise.binary(op, vector(dtype, a), vector(dtype, b), y);
            y.assertValues(expected);
        }
    }

    @Test
    void everyBinaryOpHasACase() {
        assertThat(Arrays.stream(binaryCases()).map(c -> c.get()[0]))
                .containsExactlyInAnyOrder((Object[]) BinaryOp.values());
    }

    @FloatingTypes
    void comparesEqualNumbers(DType dtype) {
        Tensor x = vector(dtype, 1, -0.0, INFINITY);
        Tensor other = vector(dtype, 1, 0.0, INFINITY);
        Tensor y = Tensor.undefined(DType.BOOL, 3);
        elementwise.compare(Comparison.EQUAL, x, other, y);
        y.assertValues(1, 1, 1);
        elementwise.compare(Comparison.GREATER, x, other, y);
        y.assertValues(0, 0, 0);
        elementwise.compare(Comparison.GREATER_EQUAL, x, other, y);
        y.assertValues(1, 1, 1);
    }

    @FloatingTypes
    void broadcastsTransposesAndShifts(DType dtype) {
        Shape shape = Shape.of(2, 3);
        Tensor columns = vector(dtype, 10, 20, 30);
        Tensor transposed = Tensor.of(dtype, Layout.rowMajor(Shape.of(3, 2)), 1, 4, 2, 5, 3, 6);
        Tensor y = Tensor.undefined(dtype, Layout.of(shape, new long[] {8, 2}, 3));
        elementwise.binary(
                BinaryOp.ADD,
                columns.view(columns.layout().expand(shape)),
                transposed.view(transposed.layout().transpose(0, 1)),
                y);
        y.assertValues(11, 22, 33, 14, 25, 36);
        // Nothing between the elements was written.
        y.view(Layout.rowMajor(Shape.of(6))).assertValues(NAN, NAN, NAN, 11, NAN, 22);
    }

    @FloatingTypes
    void writesOverItsOperand(DType dtype) {
        Tensor x = vector(dtype, new double[3000]);
        elementwise.unary(UnaryOp.ADD, 1, x, x);
        elementwise.binary(BinaryOp.ADD, x, x, x);
        double[] twos = new double[3000];
        Arrays.fill(twos, 2);
        x.assertValues(twos);
    }

    @FloatingTypes
    void whereTakesMasksThatRepeat(DType dtype) {
        Shape shape = Shape.of(2, 2);
        Tensor a = Tensor.of(dtype, Layout.rowMajor(shape), 1, 2, 3, 4);
        Tensor zero = Tensor.of(dtype, Layout.rowMajor(Shape.scalar()), 0);
        Tensor y = Tensor.undefined(dtype, 2, 2);
        Tensor columns = vector(DType.BOOL, 1, 0);
        elementwise.where(
                columns.view(columns.layout().expand(shape)),
                a,
                zero.view(zero.layout().expand(shape)),
                y);
        y.assertValues(1, 0, 3, 0);
    }

    @FloatingTypes
    void copiesBetweenLayouts(DType dtype) {
        Shape shape = Shape.of(2, 3, 2, 2);
        double[] values = new double[24];
        Arrays.setAll(values, i -> i);
        Tensor x = Tensor.of(dtype, Layout.rowMajor(shape), values);
        Tensor y = Tensor.undefined(dtype, Layout.channelsLast(shape));
        elementwise.copy(x, y);
        y.assertValues(values);
        assertThat(y.buffer().get(1)).isEqualTo(4);
    }

    @Test
    void copiesBetweenTypes() {
        Tensor x = vector(DType.FLOAT64, 1.9, -1.9, 0.1, 1e300);
        Tensor floats = Tensor.undefined(DType.FLOAT32, 4);
        elementwise.copy(x, floats);
        floats.assertValues(1.9f, -1.9f, 0.1f, INFINITY);
        Tensor ints = Tensor.undefined(DType.INT32, 4);
        elementwise.copy(x, ints);
        ints.assertValues(1, -1, 0, Integer.MAX_VALUE);
        Tensor exact = vector(DType.INT32, Integer.MAX_VALUE, Integer.MIN_VALUE, 1, 0);
        elementwise.copy(exact, ints);
        ints.assertValues(exact.values());
    }

    @FloatingTypes
    void fills(DType dtype) {
        Tensor y = Tensor.undefined(dtype, Layout.of(Shape.of(2, 2), new long[] {3, 1}, 0));
        elementwise.fill(0.1, y);
        y.view(Layout.rowMajor(Shape.of(5))).assertValues(0.1, 0.1, NAN, 0.1, 0.1);
    }

    @FloatingTypes
    void doesNothingToNothing(DType dtype) {
        Tensor empty = Tensor.undefined(dtype, 2, 0);
        elementwise.unary(UnaryOp.EXP, 0, empty, empty);
        elementwise.binary(BinaryOp.ADD, empty, empty, empty);
        elementwise.where(Tensor.undefined(DType.BOOL, 2, 0), empty, empty, empty);
        elementwise.copy(empty, empty);
        elementwise.fill(1, empty);
        assertThat(empty.buffer().get(0)).isNaN();
    }
}
