package org.alborz.cpu.scalar;

import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.Comparison;
import org.alborz.backend.Elementwise;
import org.alborz.backend.Operand;
import org.alborz.backend.UnaryOp;
import org.alborz.cpu.memory.BoolBuffer;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.type.DType;

/** Functions applied element by element, for operands of any strides. */
public final class ScalarElementwise implements Elementwise {
    private static final double INVERSE_SQRT_2 = Math.sqrt(0.5);

    private final StridedIterator iterator = new StridedIterator();
    private final double[] a = new double[StridedIterator.BLOCK];
    private final double[] b = new double[StridedIterator.BLOCK];
    private final ScalarIntegers integers = new ScalarIntegers();

    @Override
    public void unary(UnaryOp op, double parameter, Operand x, Operand y) {
        DoubleUnaryOperator function = function(op, parameter);
        CpuBuffer from = CpuBuffer.of(x);
        CpuBuffer into = CpuBuffer.of(y);
        iterator.start(x.layout(), y.layout());
        while (iterator.next()) {
            iterator.read(0, from, a);
            for (int i = 0; i < iterator.length(); i++) {
                a[i] = function.applyAsDouble(a[i]);
            }
            iterator.write(1, into, a);
        }
    }

    @Override
    public void binary(BinaryOp op, Operand left, Operand right, Operand y) {
        if (!y.dtype().isFloating()) {
            integers.binary(op, left, right, y);
            return;
        }
        DoubleBinaryOperator function = function(op);
        CpuBuffer fromLeft = CpuBuffer.of(left);
        CpuBuffer fromRight = CpuBuffer.of(right);
        CpuBuffer into = CpuBuffer.of(y);
        iterator.start(left.layout(), right.layout(), y.layout());
        while (iterator.next()) {
            iterator.read(0, fromLeft, a);
            iterator.read(1, fromRight, b);
            for (int i = 0; i < iterator.length(); i++) {
                a[i] = function.applyAsDouble(a[i], b[i]);
            }
            iterator.write(2, into, a);
        }
    }

    @Override
    public void compare(Comparison op, Operand left, Operand right, Operand y) {
        if (!left.dtype().isFloating()) {
            integers.compare(op, left, right, y);
            return;
        }
        CpuBuffer fromLeft = CpuBuffer.of(left);
        CpuBuffer fromRight = CpuBuffer.of(right);
        boolean[] into = BoolBuffer.arrayOf(y);
        iterator.start(left.layout(), right.layout(), y.layout());
        while (iterator.next()) {
            iterator.read(0, fromLeft, a);
            iterator.read(1, fromRight, b);
            for (int i = 0; i < iterator.length(); i++) {
                into[iterator.at(2, i)] = holds(op, a[i], b[i]);
            }
        }
    }

    /** Tells whether {@code a op b}. */
    public static boolean holds(Comparison op, double a, double b) {
        return switch (op) {
            case EQUAL -> a == b;
            case NOT_EQUAL -> a != b;
            case LESS -> a < b;
            case LESS_EQUAL -> a <= b;
            case GREATER -> a > b;
            case GREATER_EQUAL -> a >= b;
        };
    }

    @Override
    public void where(Operand condition, Operand whenTrue, Operand whenFalse, Operand y) {
        boolean[] chosen = BoolBuffer.arrayOf(condition);
        if (y.dtype() == DType.INT64) {
            integers.where(chosen, condition.layout(), whenTrue, whenFalse, y);
            return;
        }
        CpuBuffer fromTrue = CpuBuffer.of(whenTrue);
        CpuBuffer fromFalse = CpuBuffer.of(whenFalse);
        CpuBuffer into = CpuBuffer.of(y);
        iterator.start(condition.layout(), whenTrue.layout(), whenFalse.layout(), y.layout());
        while (iterator.next()) {
            iterator.read(1, fromTrue, a);
            iterator.read(2, fromFalse, b);
            for (int i = 0; i < iterator.length(); i++) {
                a[i] = chosen[iterator.at(0, i)] ? a[i] : b[i];
            }
            iterator.write(3, into, a);
        }
    }

    @Override
    public void copy(Operand x, Operand y) {
        CpuBuffer from = CpuBuffer.of(x);
        CpuBuffer into = CpuBuffer.of(y);
        iterator.start(x.layout(), y.layout());
        while (iterator.next()) {
            iterator.copy(0, from, 1, into, a);
        }
    }

    @Override
    public void fill(double value, Operand y) {
        CpuBuffer into = CpuBuffer.of(y);
        Arrays.fill(a, value);
        iterator.start(y.layout());
        while (iterator.next()) {
            iterator.write(0, into, a);
        }
    }

    /** Returns a function of one number; {@code p} is its parameter. */
    public static DoubleUnaryOperator function(UnaryOp op, double p) {
        return switch (op) {
            case NEGATE -> x -> -x;
            case ABS -> Math::abs;
            case SIGN -> Math::signum;
            case SQUARE -> x -> x * x;
            case SQRT -> Math::sqrt;
            case RECIPROCAL -> x -> 1 / x;
            case EXP -> Math::exp;
            case LOG -> Math::log;
            case SIN -> Math::sin;
            case COS -> Math::cos;
            case TANH -> Math::tanh;
            case SIGMOID -> x -> 1 / (1 + Math.exp(-x));
            case ERF -> ErrorFunction::erf;
            case RELU -> x -> Math.max(x, 0);
            case ADD -> x -> x + p;
            case MULTIPLY -> x -> x * p;
            case POWER -> x -> power(x, p);
            case MAXIMUM -> x -> Math.max(x, p);
            case MINIMUM -> x -> Math.min(x, p);
            case LEAKY_RELU -> x -> x > 0 ? x : p * x;
            case ELU -> x -> x > 0 ? x : p * Math.expm1(x);
            case GELU -> ScalarElementwise::gelu;
            case SOFTPLUS -> x -> Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
            case FLOOR -> Math::floor;
            case CEIL -> Math::ceil;
            case ROUND -> Math::rint;
            case TRUNC -> ScalarFunctions::truncate;
            case LOG1P -> Math::log1p;
            case EXPM1 -> Math::expm1;
            case TAN -> Math::tan;
            case ASIN -> Math::asin;
            case ACOS -> Math::acos;
            case ATAN -> Math::atan;
            case SINH -> Math::sinh;
            case COSH -> Math::cosh;
            case ASINH -> ScalarFunctions::asinh;
            case ACOSH -> ScalarFunctions::acosh;
            case ATANH -> ScalarFunctions::atanh;
            case SILU -> ScalarFunctions::silu;
            case HARD_SIGMOID -> ScalarFunctions::hardSigmoid;
            case HARD_SWISH -> ScalarFunctions::hardSwish;
            case MISH -> ScalarFunctions::mish;
            case SELU -> ScalarFunctions::selu;
        };
    }

    /** Returns a function of two numbers. */
    public static DoubleBinaryOperator function(BinaryOp op) {
        return switch (op) {
            case ADD -> Double::sum;
            case SUBTRACT -> (x, y) -> x - y;
            case MULTIPLY -> (x, y) -> x * y;
            case DIVIDE -> (x, y) -> x / y;
            case POWER -> ScalarElementwise::power;
            case MAXIMUM -> Math::max;
            case MINIMUM -> Math::min;
            case RELU_BACKWARD -> (x, y) -> x <= 0 ? 0 : y;
            case REMAINDER -> ScalarFunctions::remainder;
            case FLOOR_DIVIDE -> ScalarFunctions::floorDivide;
            case ATAN2 -> Math::atan2;
        };
    }

    /** Returns aᵇ as IEEE 754 has it; Java's differs where a is ±1 and b is infinite or NaN. */
    public static double power(double a, double b) {
        return a == 1 || a == -1 && Double.isInfinite(b) ? 1 : Math.pow(a, b);
    }

    /** Returns x·Φ(x), Φ(x) = erfc(−x / √2) / 2 keeping its digits where 1 + erf(x / √2) would cancel. */
    private static double gelu(double x) {
        double tail = ErrorFunction.erfc(-x * INVERSE_SQRT_2);
        return tail == 0 ? 0 : 0.5 * x * tail;
    }
}
