package org.alborz.cpu.scalar;

/**
 * The error function and its complement, to about 1e-16 relative.
 *
 * <p>The rational Chebyshev approximations of W. J. Cody 1969, "Rational Chebyshev approximations for the error function",
 * Mathematics of Computation 23: one for |x| up to 0.46875, one up to 4, one beyond. Numerators and denominators stand highest
 * power first, with the digits that the paper prints.
 */
@SuppressWarnings("FloatingPointLiteralPrecision")
public final class ErrorFunction {
    private static final double SMALL = 0.46875;
    private static final double LARGE = 4;
    /** Beyond this, erfc is less than the smallest double. */
    private static final double UNDERFLOW = 27.5;

    private static final double INVERSE_SQRT_PI = 0.5641895835477562869;

    private static final double[] SMALL_NUMERATOR = {
        1.85777706184603153e-1,
        3.16112374387056560e0,
        1.13864154151050156e2,
        3.77485237685302021e2,
        3.20937758913846947e3
    };
    private static final double[] SMALL_DENOMINATOR = {
        1, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3
    };
    private static final double[] MIDDLE_NUMERATOR = {
        2.15311535474403846e-8,
        5.64188496988670089e-1,
        8.88314979438837594e0,
        6.61191906371416295e1,
        2.98635138197400131e2,
        8.81952221241769090e2,
        1.71204761263407058e3,
        2.05107837782607147e3,
        1.23033935479799725e3
    };
    private static final double[] MIDDLE_DENOMINATOR = {
        1,
        1.57449261107098347e1,
        1.17693950891312499e2,
        5.37181101862009858e2,
        1.62138957456669019e3,
        3.29079923573345963e3,
        4.36261909014324716e3,
        3.43936767414372164e3,
        1.23033935480374942e3
    };
    private static final double[] LARGE_NUMERATOR = {
        1.63153871373020978e-2,
        3.05326634961232344e-1,
        3.60344899949804439e-1,
        1.25781726111229246e-1,
        1.60837851487422766e-2,
        6.58749161529837803e-4
    };
    private static final double[] LARGE_DENOMINATOR = {
        1,
        2.56852019228982242e0,
        1.87295284992346725e0,
        5.27905102951428412e-1,
        6.05183413124413191e-2,
        2.33520497626869185e-3
    };

    private ErrorFunction() {}

    /** Returns 2/√π ∫₀ˣ exp(−t²) dt. */
    public static double erf(double x) {
        double magnitude = Math.abs(x);
        if (magnitude <= SMALL) {
            return x * polynomial(SMALL_NUMERATOR, x * x) / polynomial(SMALL_DENOMINATOR, x * x);
        }
        return Math.copySign(1 - complement(magnitude), x);
    }

    /** Returns 1 − erf(x), without the cancellation where erf(x) is near 1. */
    public static double erfc(double x) {
        if (Math.abs(x) <= SMALL) {
            return 1 - erf(x);
        }
        return x < 0 ? 2 - complement(-x) : complement(x);
    }

    /** Returns erfc(x) for x above {@link #SMALL}, or NaN. */
    private static double complement(double x) {
        if (x > UNDERFLOW) {
            return 0;
        }
        double scaled;
        if (x <= LARGE) {
            scaled = polynomial(MIDDLE_NUMERATOR, x) / polynomial(MIDDLE_DENOMINATOR, x);
        } else {
            double square = 1 / (x * x);
            double ratio = polynomial(LARGE_NUMERATOR, square) / polynomial(LARGE_DENOMINATOR, square);
            scaled = (INVERSE_SQRT_PI - square * ratio) / x;
        }
        // exp(−x²) with x² split, so that the rounding of x² is not magnified: the first square is exact.
        double head = Math.floor(x * 16) / 16;
        return Math.exp(-head * head) * Math.exp(-(x - head) * (x + head)) * scaled;
    }

    private static double polynomial(double[] coefficients, double x) {
        double sum = coefficients[0];
        for (int i = 1; i < coefficients.length; i++) {
            sum = sum * x + coefficients[i];
        }
        return sum;
    }
}
