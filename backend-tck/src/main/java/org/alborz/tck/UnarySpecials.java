package org.alborz.tck;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.alborz.backend.Selu;
import org.alborz.backend.UnaryOp;

/** What each {@link UnaryOp} and its derivatives are at special values; the derivatives are formulas of their own, limits included. */
final class UnarySpecials {
    private static final double INF = Double.POSITIVE_INFINITY;

    /** A gradient whose products are rounded. */
    private static final double USUAL = 0.7f;

    private static final double SMALL = 1e-30f;

    /** Beyond this, e to the power of minus half the square is 0. */
    private static final double TAIL = 40;

    private static final double[] EVERYWHERE = {
        0, -0.0, 1, -1, 0x1p-20, -0x1p-20, 17.5, -17.5, 300, -300, 1e-30, -1e-30, 1e30, -1e30, 1e-38, -1e-38, 1e-42,
        3e38, -3e38, INF, -INF
    };

    private UnarySpecials() {}

    static List<SpecialCase> of(UnaryOp op) {
        List<SpecialCase> cases = new ArrayList<>();
        for (double p : parameters(op)) {
            cases.add(numbers(op, p, USUAL));
            cases.add(nan(op, p));
            if (isSmallWhereItsDerivativeOverflows(op, p)) {
                cases.add(numbers(op, p, SMALL));
            }
            if (op == UnaryOp.POWER && Math.abs(p) >= 1e6) {
                cases.add(numbers(op, p, 1e30f));
            }
            if (chooses(op, p)) {
                cases.add(numbers(op, p, INF));
            }
        }
        return cases;
    }

    private static double[] parameters(UnaryOp op) {
        return switch (op) {
            case POWER -> new double[] {0, 1, 2, 3, 2.5, 0.5, -0.5, -1, -2, 1e6, -1e6};
            case MAXIMUM, MINIMUM -> new double[] {0, 0.375, 1, INF, -INF};
            case LEAKY_RELU -> new double[] {0.125, 1e6, 0, -1};
            case ELU -> new double[] {0.75, 1e6};
            case ADD, MULTIPLY -> new double[] {0.375, 0x1p100, 0};
            default -> new double[] {0};
        };
    }

    private static boolean isSmallWhereItsDerivativeOverflows(UnaryOp op, double p) {
        return op == UnaryOp.RECIPROCAL || op == UnaryOp.POWER && p < 0;
    }

    /** Tells whether a gradient passes or does not, so that none is left even of an infinite one. */
    private static boolean chooses(UnaryOp op, double p) {
        return op == UnaryOp.RELU
                || op == UnaryOp.MAXIMUM
                || op == UnaryOp.MINIMUM
                || op == UnaryOp.HARD_SIGMOID
                || op == UnaryOp.POWER && p == 0;
    }

    private static double[] numbers(UnaryOp op, double p) {
        double[] chosen = Arrays.stream(EVERYWHERE)
                .filter(x -> switch (op) {
                    // Large angles lose all digits in some float32 implementations.
                    case SIN, COS, TAN -> Math.abs(x) <= 300 || Double.isInfinite(x);
                    // The second derivative is a difference of infinities there.
                    case ASIN, ACOS, ATANH -> Math.abs(x) != 1;
                    // There is no limit from below.
                    case SQRT -> Double.doubleToRawLongBits(x) != Double.doubleToRawLongBits(-0.0);
                    case POWER ->
                        p == Math.rint(p) || Double.doubleToRawLongBits(x) != Double.doubleToRawLongBits(-0.0);
                    default -> true;
                })
                .toArray();
        return Arrays.stream(chosen).map(x -> (float) x).toArray();
    }

    private static SpecialCase numbers(UnaryOp op, double p, double dy) {
        HostArray x = HostArray.vector(numbers(op, p));
        HostArray first = x.map(first(op, p)).map(slope -> slope == 0 && Double.isInfinite(dy) ? 0 : dy * slope);
        HostArray second = HostArray.broadcast(
                (curvature, weight) -> curvature == 0 ? 0 : dy * curvature * weight,
                x.map(second(op, p)),
                SpecialCase.weights(x));
        SpecialCase start = start(op, p, "numbers, dy = " + dy, x);
        return hasGradient(op)
                ? start.withGradients(HostArray.filled(dy, x.shape()), first).withSecond(List.of(List.of(second)))
                : start;
    }

    /** The derivative is specified, but not the second one. */
    private static SpecialCase nan(UnaryOp op, double p) {
        HostArray x = HostArray.vector(Double.NaN, 1);
        SpecialCase start = start(op, p, "NaN", x);
        return hasGradient(op) ? start.withGradients(HostArray.filled(1, x.shape()), x.map(first(op, p))) : start;
    }

    private static SpecialCase start(UnaryOp op, double p, String name, HostArray x) {
        return SpecialCase.of("p = " + p + ", " + name, in -> in[0].apply(op, p), x.map(UnaryEntries.oracle(op, p)), x)
                .cancellingBelow(floor(op));
    }

    static boolean hasGradient(UnaryOp op) {
        return switch (op) {
            case SIGN, FLOOR, CEIL, ROUND, TRUNC -> false;
            default -> true;
        };
    }

    private static double floor(UnaryOp op) {
        return switch (op) {
            case SIN, COS, TANH, SIGMOID, ERF, GELU, SOFTPLUS -> 0.1;
            case ASIN, ACOS, ATANH, SILU, MISH -> 0.1;
            default -> 0;
        };
    }

    private static DoubleUnaryOperator first(UnaryOp op, double p) {
        return switch (op) {
            case NEGATE -> x -> -1;
            case ABS -> x -> x > 0 ? 1 : x < 0 ? -1 : x;
            case SIGN, FLOOR, CEIL, ROUND, TRUNC -> x -> 0;
            case SQUARE -> x -> 2 * x;
            case SQRT -> x -> 0.5 / StrictMath.sqrt(x);
            case RECIPROCAL -> x -> -1 / (x * x);
            case EXP -> StrictMath::exp;
            case LOG -> x -> 1 / x;
            case SIN -> StrictMath::cos;
            case COS -> x -> -StrictMath.sin(x);
            case TANH -> x -> 1 / (StrictMath.cosh(x) * StrictMath.cosh(x));
            case SIGMOID -> x -> 1 / (2 + 2 * StrictMath.cosh(x));
            case SOFTPLUS -> x -> 1 / (1 + StrictMath.exp(-x));
            case ERF -> x -> 2 / StrictMath.sqrt(Math.PI) * StrictMath.exp(-x * x);
            // As in PyTorch, a rectifier's gradient passes at NaN but not at 0, and that of a bound passes at the bound
            // but not at NaN.
            case RELU -> x -> x <= 0 ? 0 : 1;
            case MAXIMUM -> x -> x >= p ? 1 : 0;
            case MINIMUM -> x -> x <= p ? 1 : 0;
            case ADD -> x -> 1;
            case MULTIPLY -> x -> p;
            case POWER -> x -> p == 0 ? 0 : p * StrictMath.pow(x, p - 1);
            case LEAKY_RELU -> x -> x > 0 ? 1 : p;
            case ELU -> x -> x > 0 ? 1 : p * StrictMath.exp(x);
            case GELU ->
                x -> Math.abs(x) > TAIL ? (x > 0 ? 1 : 0) : UnaryEntries.normalDistribution(x) + x * density(x);
            case LOG1P -> x -> 1 / (1 + x);
            case EXPM1 -> StrictMath::exp;
            case TAN -> x -> 1 + StrictMath.tan(x) * StrictMath.tan(x);
            case ASIN -> x -> 1 / StrictMath.sqrt((1 - x) * (1 + x));
            case ACOS -> x -> -1 / StrictMath.sqrt((1 - x) * (1 + x));
            case ATAN -> x -> 1 / (1 + x * x);
            case SINH -> StrictMath::cosh;
            case COSH -> StrictMath::sinh;
            case ASINH -> x -> 1 / Math.hypot(1, x);
            case ACOSH -> x -> x < 1 ? Double.NaN : 1 / StrictMath.sqrt(x - 1) / StrictMath.sqrt(x + 1);
            case ATANH -> x -> 1 / (1 - x) / (1 + x);
            case SILU -> x -> Math.abs(x) > 1000 ? (x > 0 ? 1 : 0) : logistic(x) * (1 + x * logistic(-x));
            case HARD_SIGMOID -> x -> Math.abs(x) < 3 ? 1 / 6.0 : 0;
            case HARD_SWISH -> x -> x <= -3 ? 0 : Math.abs(x) < 3 ? x / 3 + 0.5 : 1;
            case MISH ->
                x -> Math.abs(x) > 1000 ? (x > 0 ? 1 : 0) : StrictMath.tanh(UnaryEntries.softplus(x)) + x * bend(x);
            case SELU -> x -> Selu.LAMBDA * (x > 0 ? 1 : Selu.ALPHA * StrictMath.exp(x));
        };
    }

    private static DoubleUnaryOperator second(UnaryOp op, double p) {
        return switch (op) {
            case NEGATE, ABS, SIGN, RELU, ADD, MULTIPLY, MAXIMUM, MINIMUM, LEAKY_RELU -> x -> 0;
            case FLOOR, CEIL, ROUND, TRUNC, HARD_SIGMOID -> x -> 0;
            case SQUARE -> x -> 2;
            case SQRT -> x -> -0.25 / (x * StrictMath.sqrt(x));
            case RECIPROCAL -> x -> 2 / (x * x * x);
            case EXP -> StrictMath::exp;
            case LOG -> x -> -1 / (x * x);
            case SIN -> x -> -StrictMath.sin(x);
            case COS -> x -> -StrictMath.cos(x);
            case TANH -> x -> -2 * StrictMath.tanh(x) * first(op, p).applyAsDouble(x);
            case SIGMOID -> x -> -StrictMath.tanh(x / 2) * first(op, p).applyAsDouble(x);
            case SOFTPLUS -> x -> 1 / (2 + 2 * StrictMath.cosh(x));
            case ERF -> x -> Math.abs(x) > TAIL ? 0 : -2 * x * first(op, p).applyAsDouble(x);
            case POWER -> x -> p * (p - 1) == 0 ? 0 : p * (p - 1) * StrictMath.pow(x, p - 2);
            case ELU -> x -> x > 0 ? 0 : p * StrictMath.exp(x);
            case GELU -> x -> Math.abs(x) > TAIL ? 0 : density(x) * (2 - x * x);
            case LOG1P -> x -> -1 / (1 + x) / (1 + x);
            case EXPM1 -> StrictMath::exp;
            case TAN -> x -> 2 * StrictMath.tan(x) * first(op, p).applyAsDouble(x);
            case ASIN -> x -> x / ((1 - x) * (1 + x)) / StrictMath.sqrt((1 - x) * (1 + x));
            case ACOS -> x -> -x / ((1 - x) * (1 + x)) / StrictMath.sqrt((1 - x) * (1 + x));
            case ATAN -> x -> Double.isInfinite(x) ? 0 : -2 * x / (1 + x * x) / (1 + x * x);
            case SINH -> StrictMath::sinh;
            case COSH -> StrictMath::cosh;
            case ASINH -> x -> Double.isInfinite(x) ? 0 : -x / Math.hypot(1, x) / (1 + x * x);
            case ACOSH -> x -> x == INF ? 0 : -first(op, p).applyAsDouble(x) * x / (x - 1) / (x + 1);
            case ATANH -> x -> Double.isInfinite(x) ? 0 : 2 * (x / (1 - x) / (1 + x)) / (1 - x) / (1 + x);
            case SILU ->
                x -> Math.abs(x) > 1000 ? 0 : logistic(x) * logistic(-x) * (2 + x * (logistic(-x) - logistic(x)));
            case HARD_SWISH -> x -> Math.abs(x) < 3 ? 1 / 3.0 : 0;
            case MISH ->
                x -> Math.abs(x) > 1000
                        ? 0
                        : bend(x)
                                * (2
                                        + x
                                                * (logistic(-x)
                                                        - 2 * StrictMath.tanh(UnaryEntries.softplus(x)) * logistic(x)));
            case SELU -> x -> x > 0 ? 0 : Selu.LAMBDA * Selu.ALPHA * StrictMath.exp(x);
        };
    }

    private static double logistic(double x) {
        return 1 / (1 + StrictMath.exp(-x));
    }

    /** Returns the derivative of tanh(softplus(x)). */
    private static double bend(double x) {
        double t = StrictMath.tanh(UnaryEntries.softplus(x));
        return logistic(x) * (1 - t * t);
    }

    private static double density(double x) {
        return StrictMath.exp(-x * x / 2) / StrictMath.sqrt(2 * Math.PI);
    }
}
