package org.alborz.cpu.scalar;

import org.alborz.backend.Selu;

/** Functions that {@link Math} does not have, in double arithmetic. */
final class ScalarFunctions {
    private static final double LN_2 = Math.log(2);

    /** From here on x² + 1 and x² are the same number. */
    private static final double LARGE = 0x1p28;

    /** Below this a sigmoid is 0, and so is x times it. */
    private static final double LEAST = -1000;

    private ScalarFunctions() {}

    static double truncate(double x) {
        return x < 0 ? Math.ceil(x) : Math.floor(x);
    }

    static double asinh(double x) {
        double a = Math.abs(x);
        double y = a > LARGE ? Math.log(a) + LN_2 : Math.log1p(a + a * a / (1 + Math.sqrt(a * a + 1)));
        return Math.copySign(y, x);
    }

    static double acosh(double x) {
        if (x < 1) {
            return Double.NaN;
        }
        double t = x - 1;
        return x > LARGE ? Math.log(x) + LN_2 : Math.log1p(t + Math.sqrt(2 * t + t * t));
    }

    static double atanh(double x) {
        double a = Math.abs(x);
        return Math.copySign(0.5 * Math.log1p(2 * a / (1 - a)), x);
    }

    static double silu(double x) {
        return Math.max(x, LEAST) / (1 + Math.exp(-Math.max(x, LEAST)));
    }

    static double hardSigmoid(double x) {
        return Math.min(Math.max(x + 3, 0), 6) / 6;
    }

    static double hardSwish(double x) {
        return Math.max(x, -3) * hardSigmoid(x);
    }

    /** Returns x·tanh(ln(1 + eˣ)), which is x·n / (n + 2) with n = eˣ·(eˣ + 2); above 0, by e⁻ˣ. */
    static double mish(double x) {
        double e = Math.exp(-Math.abs(x));
        double ratio = x < 0 ? e * (e + 2) / (e * (e + 2) + 2) : (1 + 2 * e) / (1 + 2 * e + 2 * e * e);
        return Math.max(x, LEAST) * ratio;
    }

    static double selu(double x) {
        return Selu.LAMBDA * (x > 0 ? x : Selu.ALPHA * Math.expm1(x));
    }

    static double remainder(double a, double b) {
        double left = a % b;
        return left != 0 && b < 0 != left < 0 ? left + b : left;
    }

    /** Returns ⌊a / b⌋ by the remainder, as the quotient may have been rounded up to a whole number. */
    static double floorDivide(double a, double b) {
        if (b == 0) {
            return a / b;
        }
        double left = a % b;
        double quotient = (a - left) / b - (left != 0 && b < 0 != left < 0 ? 1 : 0);
        if (quotient == 0) {
            return Math.copySign(0, a / b);
        }
        double floor = Math.floor(quotient);
        return quotient - floor > 0.5 ? floor + 1 : floor;
    }
}
