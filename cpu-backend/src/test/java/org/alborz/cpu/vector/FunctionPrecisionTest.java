package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.alborz.backend.Selu;
import org.alborz.backend.UnaryOp;
import org.alborz.cpu.scalar.ErrorFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Functions that are polynomials of our own, against {@link StrictMath} in double; docs/performance.md has the bounds. */
final class FunctionPrecisionTest {
    private static final int ROW = 4096;

    /** A prime, so that all kinds of mantissas are met. */
    private static final int STRIDE = 7919;

    private static final double PARAMETER = 0.75;
    private static final int CALLS = 2_000;

    @ParameterizedTest
    @CsvSource({
        "EXP, 1.1",
        "LOG, 0.9",
        "SIGMOID, 1.6",
        "TANH, 1.6",
        "ERF, 1.2",
        "GELU, 2.0",
        "SOFTPLUS, 1.8",
        "ELU, 1.7",
        "SIN, 1.7",
        "COS, 1.7",
        "POWER, 0.51",
        "LOG1P, 1.6",
        "EXPM1, 1.6",
        "SILU, 2.5",
        "MISH, 4.8",
        "SELU, 2.5",
        "FLOOR, 0",
        "CEIL, 0",
        "ROUND, 0",
        "TRUNC, 0"
    })
    void errorsAreBoundedForNumbersOfEveryExponent(UnaryOp op, double bound) {
        Errors errors = new Errors(op);
        errors.check(Integer.MIN_VALUE, Integer.MAX_VALUE, STRIDE);
        assertThat(errors.worst).as(errors::toString).isLessThanOrEqualTo(bound);
    }

    /** All numbers from 2⁻¹² to 2⁸, where the functions are neither lines nor at their limits, and many others. */
    @Tag("sweep")
    @ParameterizedTest
    @CsvSource({
        "EXP, 1.1",
        "LOG, 0.9",
        "SIGMOID, 1.6",
        "TANH, 1.6",
        "ERF, 1.2",
        "GELU, 2.0",
        "SOFTPLUS, 1.8",
        "ELU, 1.7",
        "SIN, 1.7",
        "COS, 1.7",
        "POWER, 0.51"
    })
    void errorsAreBoundedForAllNumbers(UnaryOp op, double bound) {
        check(op, bound, 1);
    }

    /** One number of three, as these are made of the functions above. */
    @Tag("sweep")
    @ParameterizedTest
    @CsvSource({"LOG1P, 1.6", "EXPM1, 1.6", "SILU, 2.5", "MISH, 4.8", "SELU, 2.5"})
    void errorsAreBoundedForManyNumbers(UnaryOp op, double bound) {
        check(op, bound, 3);
    }

    private static void check(UnaryOp op, double bound, int step) {
        int first = Float.floatToRawIntBits(0x1p-12f);
        int last = Float.floatToRawIntBits(0x1p8f);
        Errors positive = new Errors(op);
        Errors negative = new Errors(op);
        Stream.<Runnable>of(
                        () -> positive.check(first, last, step),
                        () -> negative.check(first | Integer.MIN_VALUE, last | Integer.MIN_VALUE, step))
                .parallel()
                .forEach(Runnable::run);
        Errors others = new Errors(op);
        others.check(Integer.MIN_VALUE, Integer.MAX_VALUE, 251);
        for (Errors errors : List.of(positive, negative, others)) {
            assertThat(errors.worst).as(errors::toString).isLessThanOrEqualTo(bound);
        }
    }

    /** The first rows are interpreted, the last ones compiled; a row of one number is computed without vectors. */
    @ParameterizedTest
    @CsvSource({
        "EXP",
        "LOG",
        "SIGMOID",
        "TANH",
        "ERF",
        "GELU",
        "SOFTPLUS",
        "ELU",
        "SIN",
        "COS",
        "SIGN",
        "POWER",
        "LOG1P",
        "EXPM1",
        "SILU",
        "MISH",
        "SELU",
        "FLOOR",
        "CEIL",
        "ROUND",
        "TRUNC",
        "HARD_SIGMOID",
        "HARD_SWISH",
        "TAN"
    })
    void aNumberHasTheSameResultWhereverAndWheneverItIsComputed(UnaryOp op) {
        int n = 99;
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = (i - 50) * 0.37f;
        }
        x[7] = Float.NaN;
        x[8] = Float.NEGATIVE_INFINITY;
        x[9] = -0f;
        x[10] = Float.MIN_VALUE;
        x[80] = 1e6f;
        x[81] = Float.MAX_VALUE;
        float[] expected = new float[n];
        run(op, x, 0, expected, 0, n);
        float[] y = new float[n];
        for (int call = 0; call < CALLS; call++) {
            int from = call % n;
            int length = Math.min(n - from, 1 + call % 40);
            run(op, x, from, y, from, length);
            for (int i = from; i < from + length; i++) {
                assertThat(Float.floatToIntBits(y[i]))
                        .as("%s of %s, element %d of %d", op, x[i], i - from, length)
                        .isEqualTo(Float.floatToIntBits(expected[i]));
            }
        }
    }

    /** Numbers that were taken with 16 lanes; whoever has others gets the same. */
    @ParameterizedTest
    @CsvSource({
        "EXP, 1233912680",
        "LOG, 2218587815",
        "SIGMOID, 1729249073",
        "TANH, 2709769236",
        "ERF, 3346665860",
        "GELU, 906991985",
        "SOFTPLUS, 3172081380",
        "ELU, 3660651287",
        "SIN, 3963804155",
        "COS, 3999618501",
        "POWER, 1560153288"
    })
    void theBitsDoNotDependOnTheNumberOfLanes(UnaryOp op, long expected) {
        float[] x = new float[ROW];
        float[] y = new float[ROW];
        for (int i = 0; i < ROW; i++) {
            x[i] = Float.intBitsToFloat(i * 0x9E3779B9);
        }
        run(op, x, 0, y, 0, ROW);
        CRC32 crc = new CRC32();
        VectorSoftmaxTest.add(crc, y);
        assertThat(crc.getValue()).isEqualTo(expected);
    }

    private static void run(UnaryOp op, float[] x, int xi, float[] y, int yi, int n) {
        UnaryRows.run(op, PARAMETER, x, xi, y, yi, n);
    }

    private static DoubleUnaryOperator exact(UnaryOp op) {
        return switch (op) {
            case POWER -> x -> StrictMath.pow(x, PARAMETER);
            case EXP -> StrictMath::exp;
            case LOG -> StrictMath::log;
            case SIN -> StrictMath::sin;
            case COS -> StrictMath::cos;
            case TANH -> StrictMath::tanh;
            case SIGMOID -> x -> 1 / (1 + StrictMath.exp(-x));
            case SOFTPLUS -> x -> Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
            case ERF -> ErrorFunction::erf;
            case LOG1P -> StrictMath::log1p;
            case EXPM1 -> StrictMath::expm1;
            case SILU -> x -> Math.max(x, -1000) / (1 + StrictMath.exp(-x));
            case MISH ->
                x -> Math.max(x, -1000)
                        * StrictMath.tanh(Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x))));
            case SELU -> x -> Selu.LAMBDA * (x > 0 ? x : Selu.ALPHA * StrictMath.expm1(x));
            case FLOOR -> Math::floor;
            case CEIL -> Math::ceil;
            case ROUND -> Math::rint;
            case TRUNC -> x -> x < 0 ? Math.ceil(x) : Math.floor(x);
            case ELU -> x -> x > 0 ? x : PARAMETER * StrictMath.expm1(x);
            case GELU -> x -> x == Double.NEGATIVE_INFINITY ? 0 : 0.5 * x * ErrorFunction.erfc(-x * Math.sqrt(0.5));
            default -> throw new IllegalArgumentException(op + " is tested elsewhere");
        };
    }

    /** The largest error of a function that was met, in units in the last place of the exact result. */
    private static final class Errors {
        private final UnaryOp op;
        private final DoubleUnaryOperator exact;
        private final float[] x = new float[ROW];
        private final float[] y = new float[ROW];
        private double worst;
        private float at;

        Errors(UnaryOp op) {
            this.op = op;
            this.exact = exact(op);
        }

        /** Computes for every so manieth pattern of bits; those of NaN but for the first are left out. */
        void check(int first, int last, int stride) {
            long bits = first;
            while (bits <= last) {
                int n = 0;
                for (; n < ROW && bits <= last; bits += stride) {
                    float number = Float.intBitsToFloat((int) bits);
                    if (!Float.isNaN(number)) {
                        x[n++] = number;
                    }
                }
                x[n == ROW ? 0 : n++] = Float.NaN;
                run(op, x, 0, y, 0, n);
                for (int i = 0; i < n; i++) {
                    double error = error(exact.applyAsDouble(x[i]), y[i]);
                    if (error > worst) {
                        worst = error;
                        at = x[i];
                    }
                }
            }
        }

        private static double error(double exact, float actual) {
            float rounded = (float) exact;
            if (Float.isNaN(rounded) || Float.isNaN(actual) || Float.isInfinite(rounded)) {
                return Float.compare(rounded, actual) == 0 ? 0 : Double.POSITIVE_INFINITY;
            }
            return rounded == actual ? 0 : Math.abs(actual - exact) / Math.ulp(rounded);
        }

        @Override
        public String toString() {
            return "largest error of " + op + ", " + worst + " units in the last place, at " + at;
        }
    }
}
