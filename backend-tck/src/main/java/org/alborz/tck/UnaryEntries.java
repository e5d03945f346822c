package org.alborz.tck;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.alborz.backend.Selu;
import org.alborz.backend.UnaryOp;
import org.alborz.ops.Clamp;
import org.alborz.ops.Engine;
import org.alborz.ops.Relu6;
import org.alborz.ops.Unary;
import org.alborz.type.Activation;
import org.alborz.type.Shape;

/** One entry a {@link UnaryOp}. */
final class UnaryEntries {
    /** Around the widths of vector registers, of 4 to 16 lanes, and of unrolled loops. */
    private static final int[] LENGTHS = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 63, 64, 65, 70, 1031};

    private static final double NAN = Double.NaN;
    private static final double INF = Double.POSITIVE_INFINITY;

    /** Numbers on which most functions have a defined value. */
    private static final double[] SPECIAL = {NAN, INF, -INF, 0, -0.0, 1, -1, 17.5, -17.5, 0x1p-20, -0x1p-20, 300, -300};

    private UnaryEntries() {}

    static List<OpEntry> all() {
        List<OpEntry> entries = new ArrayList<>();
        for (UnaryOp op : UnaryOp.values()) {
            entries.add(entry(op));
        }
        entries.add(relu6());
        entries.add(clamp(-1.5, 2));
        entries.add(clamp(0, 0));
        entries.add(clamp(-0.0, 1));
        entries.add(clamp(-1, -0.0));
        return entries;
    }

    private static OpEntry clamp(double least, double most) {
        DoubleUnaryOperator oracle = x -> Math.min(Math.max(x, least), most);
        HostArray x = HostArray.vector(NAN, INF, -INF, 0, -0.0, least, most, 0x1p-20, -0x1p-20, Float.MIN_VALUE, 300);
        OpEntry entry = OpEntry.of(
                        "clamp " + least + " to " + most,
                        1,
                        in -> Engine.apply(new Clamp(least, most), in[0]),
                        in -> in[0].map(oracle))
                .covering(Clamp.class)
                .within(Tolerance.rounded())
                .atSpecialValues(List.of(SpecialCase.of(
                                "numbers", in -> Engine.apply(new Clamp(least, most), in[0]), x.map(oracle), x)
                        .withGradients(
                                HostArray.filled(1, x.shape()),
                                x.map(v -> least <= v && v <= most ? 1 : 0)))); // none at NaN, as PyTorch has it
        for (int length : LENGTHS) {
            HostArray numbers = HostArray.signed(length, 0.125, 3, Shape.of(length))
                    .map(v -> Math.abs(v - least) < 0.125 || Math.abs(v - most) < 0.125 ? 2.5 : v);
            entry = entry.on(length > 64 ? Sample.forward(numbers) : Sample.smooth(numbers));
        }
        return entry;
    }

    private static OpEntry relu6() {
        HostArray x = HostArray.vector(NAN, INF, -INF, 0, -0.0, 6, 5.5, 6.5, 0x1p-20, -0x1p-20, 1e30f);
        HostArray slopes = HostArray.vector(1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0);
        OpEntry entry = OpEntry.of(
                        "relu6",
                        1,
                        in -> Relu6.apply(in[0]),
                        in -> ConvolutionOracle.activated(Activation.RELU6, in[0]))
                .covering(Relu6.class)
                .within(Tolerance.rounded())
                .on(Sample.smooth(besideSix(11, Shape.of(3, 5, 2))))
                .on(Sample.smooth(besideSix(12, Shape.of(2, 3, 4, 5))))
                .on(Sample.smooth(besideSix(13, Shape.scalar())))
                .on(Sample.smooth(besideSix(14, Shape.of(2, 0, 3))))
                .atSpecialValues(List.of(SpecialCase.of(
                                "numbers",
                                in -> Relu6.apply(in[0]),
                                ConvolutionOracle.activated(Activation.RELU6, x),
                                x)
                        .withGradients(HostArray.filled(1, x.shape()), slopes)));
        for (int length : LENGTHS) {
            entry = entry.on(Sample.forward(besideSix(length, Shape.of(length))));
        }
        return entry;
    }

    /** Numbers from −8 to 8, away from the kinks at 0 and 6. */
    private static HostArray besideSix(long seed, Shape shape) {
        return HostArray.signed(seed, 0.125, 8, shape).map(x -> Math.abs(x - 6) < 0.125 ? 5.5 : x);
    }

    private static OpEntry entry(UnaryOp op) {
        double p = parameter(op);
        DoubleUnaryOperator oracle = oracle(op, p);
        OpEntry entry = OpEntry.of("unary " + op, 1, in -> in[0].apply(op, p), in -> in[0].map(oracle))
                .covering(op, Unary.class)
                .within(tolerance(op))
                .on(Sample.smooth(domain(op, 11, Shape.of(3, 5, 2))))
                .on(Sample.smooth(domain(op, 12, Shape.of(2, 3, 4, 5))))
                .on(Sample.smooth(domain(op, 13, Shape.scalar())))
                .on(Sample.smooth(domain(op, 14, Shape.of(2, 0, 3))))
                .on(Sample.forward(HostArray.vector(special(op))).named("special values"))
                .atSpecialValues(UnarySpecials.of(op));
        for (int length : LENGTHS) {
            entry = entry.on(Sample.forward(domain(op, length, Shape.of(length))));
        }
        return UnarySpecials.hasGradient(op) ? entry : entry.watching();
    }

    private static double parameter(UnaryOp op) {
        return switch (op) {
            case POWER -> 2.5;
            case LEAKY_RELU -> 0.125;
            case ELU -> 0.75;
            default -> 0.375;
        };
    }

    /** Inputs inside the domain, away from kinks and from where the result overflows. */
    private static HostArray domain(UnaryOp op, long seed, Shape shape) {
        return switch (op) {
            case SQRT, LOG, POWER -> HostArray.uniform(seed, 0.25, 3, shape);
            case MAXIMUM, MINIMUM -> HostArray.signed(seed, 0.5, 2, shape);
            case ASIN, ACOS, ATANH -> HostArray.signed(seed, 0.125, 0.875, shape);
            case ACOSH -> HostArray.uniform(seed, 1.25, 3, shape);
            case LOG1P -> HostArray.uniform(seed, -0.75, 3, shape);
            case TAN -> HostArray.signed(seed, 0.125, 1.25, shape);
            case HARD_SIGMOID, HARD_SWISH ->
                HostArray.signed(seed, 0.125, 5, shape).map(UnaryEntries::besideThree);
            default -> HostArray.signed(seed, 0.125, 3, shape);
        };
    }

    /** Moves numbers away from the kinks at ±3. */
    private static double besideThree(double x) {
        return Math.abs(Math.abs(x) - 3) < 0.125 ? x * 1.25 : x;
    }

    private static double[] special(UnaryOp op) {
        return switch (op) {
            case GELU -> new double[] {NAN, INF, -INF, 0, 6.5, -6.5, 20, -20};
            // Large angles lose all digits in some float32 implementations.
            case SIN, COS, TAN -> new double[] {NAN, INF, 0, 0x1p-20, 30, -30};
            case FLOOR, CEIL, ROUND, TRUNC ->
                new double[] {
                    NAN,
                    INF,
                    -INF,
                    0,
                    -0.0,
                    0.5,
                    -0.5,
                    0.25,
                    -0.25,
                    1.5,
                    -1.5,
                    2.5,
                    -2.5,
                    2.75,
                    -2.75,
                    7,
                    -7,
                    0x1p-30,
                    -0x1p-30,
                    8388607.5f,
                    -8388607.5f,
                    8388609,
                    -8388609,
                    4194303.25f,
                    -4194303.75f,
                    0x1p40,
                    -0x1p40,
                    1e30f
                };
            case HARD_SIGMOID, HARD_SWISH -> new double[] {NAN, INF, -INF, 0, -0.0, 3, -3, 2.5, -2.5, 1e30f, -1e30f};
            default -> SPECIAL;
        };
    }

    private static Tolerance tolerance(UnaryOp op) {
        return switch (op) {
            case NEGATE, ABS, SIGN, SQUARE, SQRT, RECIPROCAL, RELU, ADD, MULTIPLY, MAXIMUM, MINIMUM, LEAKY_RELU ->
                Tolerance.rounded();
            case FLOOR, CEIL, ROUND, TRUNC -> Tolerance.rounded();
            case EXP, LOG, SIN, COS, TANH, SIGMOID, ERF, POWER, ELU, GELU, SOFTPLUS -> Tolerance.function();
            case LOG1P, EXPM1, TAN, ASIN, ACOS, ATAN, SINH, COSH, ASINH, ACOSH, ATANH -> Tolerance.function();
            case SILU, HARD_SIGMOID, HARD_SWISH, MISH, SELU -> Tolerance.function();
        };
    }

    static DoubleUnaryOperator oracle(UnaryOp op, double p) {
        return switch (op) {
            case NEGATE -> x -> -x;
            case ABS -> Math::abs;
            case SIGN -> x -> x > 0 ? 1 : x < 0 ? -1 : x;
            case SQUARE -> x -> x * x;
            case SQRT -> StrictMath::sqrt;
            case RECIPROCAL -> x -> 1 / x;
            case EXP -> StrictMath::exp;
            case LOG -> StrictMath::log;
            case SIN -> StrictMath::sin;
            case COS -> StrictMath::cos;
            case TANH -> StrictMath::tanh;
            case SIGMOID -> x -> 1 / (1 + StrictMath.exp(-x));
            case ERF -> UnaryEntries::erf;
            case RELU -> x -> x < 0 ? 0 : x;
            case ADD -> x -> x + p;
            case MULTIPLY -> x -> x * p;
            case POWER -> x -> BinarySpecials.power(x, p);
            case MAXIMUM -> x -> x < p ? p : x;
            case MINIMUM -> x -> x > p ? p : x;
            case LEAKY_RELU -> x -> x > 0 ? x : p * x;
            case ELU -> x -> x > 0 ? x : p * StrictMath.expm1(x);
            case SOFTPLUS -> UnaryEntries::softplus;
            case GELU -> x -> x == -INF ? 0 : x * normalDistribution(x);
            case FLOOR -> StrictMath::floor;
            case CEIL -> StrictMath::ceil;
            case ROUND -> StrictMath::rint;
            case TRUNC -> x -> Math.abs(x) < 0x1p52 ? (double) (long) x : x;
            case LOG1P -> StrictMath::log1p;
            case EXPM1 -> StrictMath::expm1;
            case TAN -> StrictMath::tan;
            case ASIN -> StrictMath::asin;
            case ACOS -> StrictMath::acos;
            case ATAN -> StrictMath::atan;
            case SINH -> StrictMath::sinh;
            case COSH -> StrictMath::cosh;
            case ASINH -> UnaryEntries::asinh;
            case ACOSH -> x -> x < 1 ? NAN : asinh(StrictMath.sqrt(x - 1) * StrictMath.sqrt(x + 1));
            case ATANH -> x -> 0.5 * (StrictMath.log1p(x) - StrictMath.log1p(-x));
            case SILU -> x -> x == -INF ? 0 : x / (1 + StrictMath.exp(-x));
            case HARD_SIGMOID -> x -> x <= -3 ? 0 : x >= 3 ? 1 : (x + 3) / 6;
            case HARD_SWISH -> x -> x <= -3 ? 0 : x >= 3 ? x : x * (x + 3) / 6;
            case MISH -> x -> x == -INF ? 0 : x * StrictMath.tanh(softplus(x));
            case SELU -> x -> Selu.LAMBDA * (x > 0 ? x : Selu.ALPHA * StrictMath.expm1(x));
        };
    }

    static double softplus(double x) {
        return Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
    }

    private static double asinh(double x) {
        double a = Math.abs(x);
        double y =
                a > 1e9 ? StrictMath.log(2) + StrictMath.log(a) : StrictMath.log1p(a + a * a / (1 + Math.hypot(1, a)));
        return x < 0 ? -y : y;
    }

    /** Sums 2/√π·exp(−x²)·Σ 2ⁿx²ⁿ⁺¹/(1·3·…·(2n+1)), whose terms have one sign (Abramowitz and Stegun 7.1.6). */
    static double erf(double x) {
        if (!(Math.abs(x) < 7)) {
            return Double.isNaN(x) ? x : Math.signum(x);
        }
        double term = x;
        double sum = x;
        for (int n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / StrictMath.sqrt(Math.PI) * StrictMath.exp(-x * x) * sum;
    }

    /** Returns Φ(x); for the lower tail by the continued fraction of Mills's ratio, since 1 + erf would cancel. */
    static double normalDistribution(double x) {
        if (!(x < -1)) {
            return (1 + erf(x * StrictMath.sqrt(0.5))) / 2;
        }
        double fraction = -x;
        for (int n = 400; n >= 1; n--) {
            fraction = -x + n / fraction;
        }
        return StrictMath.exp(-x * x / 2) / StrictMath.sqrt(2 * Math.PI) / fraction;
    }
}
