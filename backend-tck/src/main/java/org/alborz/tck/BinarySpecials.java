package org.alborz.tck;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import org.alborz.backend.BinaryOp;
import org.alborz.type.Shape;

/** What each {@link BinaryOp} and its derivatives are at special pairs; the derivatives are formulas of their own, limits included. */
final class BinarySpecials {
    private static final double NAN = Double.NaN;
    private static final double INF = Double.POSITIVE_INFINITY;
    private static final double SMALL = 1e-30f;
    private static final double LARGE = 1e30f;

    static final double[] EVERYWHERE = {
        0, -0.0, 1, -1, 2, -2, 0.5, SMALL, -SMALL, LARGE, -LARGE, 1e-42f, 3e38f, INF, -INF, NAN
    };

    /** Numbers of which b − 1 is exact in float32, as many. */
    private static final double[] EXPONENTS = {0, 1, -1, 2, -2, 3, -3, 4, 0.5, -0.5, 0.25, -2.5, 30.5, 1.5, -1.5, NAN};

    private static final DoubleBinaryOperator ZERO = (a, b) -> 0;
    private static final DoubleBinaryOperator ONE = (a, b) -> 1;
    private static final DoubleBinaryOperator MINUS_ONE = (a, b) -> -1;

    private BinarySpecials() {}

    /** The derivatives by a and b: the first ones, and those of them. */
    private record Derivatives(
            DoubleBinaryOperator byA,
            DoubleBinaryOperator byB,
            DoubleBinaryOperator byAA,
            DoubleBinaryOperator byAB,
            DoubleBinaryOperator byBB) {
        static Derivatives linear(DoubleBinaryOperator byA, DoubleBinaryOperator byB) {
            return new Derivatives(byA, byB, ZERO, ZERO, ZERO);
        }
    }

    static List<SpecialCase> of(BinaryOp op) {
        HostArray a = HostArray.vector(
                0, -0.0, 3, 0, 2, SMALL, -SMALL, LARGE, SMALL, LARGE, INF, 1, INF, -INF, 3e38f, -3e38f, -2, INF);
        HostArray b = HostArray.vector(
                0, 0, 0, 3, 2, SMALL, SMALL, LARGE, LARGE, SMALL, 1, INF, INF, INF, 3e38f, 3e38f, -2, -2);
        HostArray oneNaN = HostArray.vector(NAN, 1, NAN);
        HostArray otherNaN = HostArray.vector(1, NAN, NAN);
        List<SpecialCase> cases = new ArrayList<>();
        cases.add(everyPair(op));
        switch (op) {
            case POWER -> powers(cases);
            case RELU_BACKWARD, MAXIMUM, MINIMUM -> {
                cases.add(withSecond(op, "numbers", 1, a, b));
                cases.add(withSecond(op, "numbers, dy infinite", INF, a, b));
                cases.add(withSecond(op, "NaN", 1, oneNaN, otherNaN));
            }
            case DIVIDE -> {
                cases.add(withSecond(op, "numbers", 1, a, b));
                cases.add(withSecond(
                        op,
                        "numbers, dy = " + SMALL,
                        SMALL,
                        HostArray.vector(1, SMALL, LARGE),
                        HostArray.vector(SMALL, SMALL, LARGE)));
                cases.add(withFirst(op, "every pair, dy = " + LARGE, LARGE, each(EVERYWHERE), other(EVERYWHERE)));
                cases.add(withFirst(
                        op,
                        "products beyond float32, dy = " + LARGE,
                        LARGE,
                        HostArray.vector(1e30f, 1e35f, 0, 1e-30f),
                        HostArray.vector(1e20f, 1e20f, 1e-10f, 1e-10f)));
                cases.add(withFirst(
                        op,
                        "products below float32, dy = " + SMALL,
                        SMALL,
                        HostArray.vector(1e-37f, 1e35f, 1e30f, 1e-30f),
                        HostArray.vector(1e-22f, 1e20f, 1e10f, 1e-25f)));
                cases.add(withFirst(op, "NaN", 1, oneNaN, otherNaN));
            }
            case REMAINDER, FLOOR_DIVIDE, ATAN2 -> cases.add(withFirst(op, "NaN", 1, oneNaN, otherNaN));
            case ADD, SUBTRACT, MULTIPLY -> {
                cases.add(withSecond(op, "numbers", 1, a, b));
                cases.add(withFirst(op, "NaN", 1, oneNaN, otherNaN));
            }
        }
        return cases;
    }

    private static SpecialCase everyPair(BinaryOp op) {
        return switch (op) {
            case POWER ->
                withFirst(op, "every pair", 1, each(EVERYWHERE).map(BinarySpecials::usualBase), other(EXPONENTS));
            default -> withFirst(op, "every pair", 1, each(EVERYWHERE), other(EVERYWHERE));
        };
    }

    /** The derivative of −0 to a power has no limit from below, and 1e-42 to the power of −1 is infinite in float32. */
    private static double usualBase(double a) {
        return a == 0 ? 0 : Math.abs(a) == 1e-42f ? 0x1p-100 : a;
    }

    static HostArray each(double[] numbers) {
        int n = numbers.length;
        return HostArray.compute(Shape.of(n * n), i -> numbers[i[0] / n]);
    }

    static HostArray other(double[] numbers) {
        int n = numbers.length;
        return HostArray.compute(Shape.of(n * n), i -> numbers[i[0] % n]);
    }

    private static void powers(List<SpecialCase> cases) {
        cases.add(withSecond(
                BinaryOp.POWER,
                "smooth limits",
                1,
                HostArray.vector(0, 0, 2, 1, 4, 2, 0x1p-50, SMALL, LARGE, 0x1p50, INF),
                HostArray.vector(2, 3, 0, 0, 0.5, -1, 2, -1, -1, 2, -2)));
        cases.add(withFirst(
                BinaryOp.POWER,
                "limits",
                1,
                HostArray.vector(0, 0, 0, 0, -0.0, INF, INF, -2, -2, -2, NAN, 2),
                HostArray.vector(0, 1, 0.5, -1, -1, 2, 0, 2, 0, 0.5, 2, NAN)));
        cases.add(withSecond(
                BinaryOp.POWER,
                "large exponents",
                1,
                HostArray.filled(0, Shape.of(3)),
                HostArray.vector(1e20f, LARGE, 1e38f)));
        cases.add(withFirst(
                BinaryOp.POWER,
                "dy = 1e15",
                1e15f,
                HostArray.vector(0, 0.5, 2),
                HostArray.vector(LARGE, LARGE, -LARGE)));
        cases.add(withFirst(
                BinaryOp.POWER, "dy = 1e-15", 1e-15f, HostArray.vector(0, 0), HostArray.vector(1e-45f, 1e-30f)));
        cases.add(withFirst(
                BinaryOp.POWER,
                "exponent 0, dy = 1",
                1,
                HostArray.vector(NAN, -INF, INF),
                HostArray.vector(0, 0, -0.0)));
        cases.add(withFirst(
                BinaryOp.POWER,
                "exponent 0, dy infinite",
                INF,
                HostArray.vector(2, NAN, INF),
                HostArray.vector(0, 0, 0)));
        cases.add(withFirst(BinaryOp.POWER, "dy = " + SMALL, SMALL, HostArray.vector(SMALL), HostArray.vector(-1)));
    }

    /** Returns aᵇ as IEEE 754 has it; Java's differs where a is ±1 and b is infinite or NaN. */
    static double power(double a, double b) {
        return a == 1 || a == -1 && Double.isInfinite(b) ? 1 : StrictMath.pow(a, b);
    }

    private static SpecialCase start(BinaryOp op, String name, HostArray a, HostArray b) {
        HostArray y = HostArray.broadcast(BinaryEntries.oracle(op), a, b);
        return SpecialCase.of(name, in -> in[0].apply(op, in[1]), y, a, b);
    }

    private static SpecialCase withFirst(BinaryOp op, String name, double dy, HostArray a, HostArray b) {
        Derivatives d = derivatives(op);
        HostArray byA = times(dy, HostArray.broadcast(d.byA, a, b));
        HostArray byB = times(dy, HostArray.broadcast(d.byB, a, b));
        HostArray ofResult = HostArray.filled(dy, a.shape());
        SpecialCase start = start(op, name, a, b);
        return switch (op) {
            case RELU_BACKWARD -> start.withGradients(ofResult, byB);
            case FLOOR_DIVIDE -> start;
            default -> start.withGradients(ofResult, byA, byB);
        };
    }

    private static SpecialCase withSecond(BinaryOp op, String name, double dy, HostArray a, HostArray b) {
        Derivatives d = derivatives(op);
        HostArray weights = SpecialCase.weights(a).map(w -> w * dy);
        HostArray byAA = weighted(weights, HostArray.broadcast(d.byAA, a, b));
        HostArray byAB = weighted(weights, HostArray.broadcast(d.byAB, a, b));
        HostArray byBB = weighted(weights, HostArray.broadcast(d.byBB, a, b));
        SpecialCase first = withFirst(op, name, dy, a, b);
        return op == BinaryOp.RELU_BACKWARD
                ? first.withSecond(List.of(List.of(byBB)))
                : first.withSecond(List.of(List.of(byAA, byAB), List.of(byAB, byBB)));
    }

    /** Multiplies, but 0 by an infinite gradient is 0: it is for operations that choose. */
    private static HostArray times(double dy, HostArray slopes) {
        return slopes.map(slope -> slope == 0 && Double.isInfinite(dy) ? 0 : slope * dy);
    }

    private static HostArray weighted(HostArray weights, HostArray curvatures) {
        return HostArray.broadcast((w, curvature) -> curvature == 0 ? 0 : w * curvature, weights, curvatures);
    }

    private static Derivatives derivatives(BinaryOp op) {
        return switch (op) {
            case ADD -> Derivatives.linear(ONE, ONE);
            case SUBTRACT -> Derivatives.linear(ONE, MINUS_ONE);
            case MULTIPLY -> new Derivatives((a, b) -> b, (a, b) -> a, ZERO, ONE, ZERO);
            case DIVIDE ->
                new Derivatives(
                        (a, b) -> 1 / b,
                        (a, b) -> -a / b / b,
                        ZERO,
                        (a, b) -> -1 / b / b,
                        (a, b) -> 2 * (a / b) / b / b);
            case POWER ->
                new Derivatives(
                        (a, b) -> b == 0 ? 0 : b * power(a, b - 1),
                        BinarySpecials::powerByExponent,
                        (a, b) -> b * (b - 1) == 0 ? 0 : b * (b - 1) * power(a, b - 2),
                        (a, b) -> power(a, b - 1) == 0 ? 0 : power(a, b - 1) * (1 + b * StrictMath.log(a)),
                        (a, b) -> powerByExponent(a, b) == 0 ? 0 : powerByExponent(a, b) * StrictMath.log(a));
            // Ties share the gradient; where one is NaN, as the result is then, both have it.
            case MAXIMUM -> Derivatives.linear((a, b) -> share(b, a), (a, b) -> share(a, b));
            case MINIMUM -> Derivatives.linear((a, b) -> share(a, b), (a, b) -> share(b, a));
            case RELU_BACKWARD -> Derivatives.linear(ZERO, (a, b) -> a <= 0 ? 0 : 1);
            case REMAINDER -> Derivatives.linear(ONE, (a, b) -> -BinaryEntries.floorDivide(a, b));
            case FLOOR_DIVIDE -> Derivatives.linear(ZERO, ZERO);
            case ATAN2 -> Derivatives.linear((a, b) -> angle(b, a, b), (a, b) -> -angle(a, a, b));
        };
    }

    /** Returns side / (a² + b²), 0 where that is infinite, NaN at the origin. */
    private static double angle(double side, double a, double b) {
        boolean infinite = Double.isInfinite(a) || Double.isInfinite(b);
        return infinite && !Double.isNaN(a) && !Double.isNaN(b) ? 0 : side / (a * a + b * b);
    }

    private static double share(double other, double own) {
        return other > own ? 0 : other == own ? 0.5 : 1;
    }

    /** Returns aᵇ·ln a, which tends to 0 with aᵇ, and 0 at a = b = 0 as PyTorch. */
    private static double powerByExponent(double a, double b) {
        double y = power(a, b);
        return a >= 0 && (y == 0 || a == 0 && b == 0) ? 0 : y * StrictMath.log(a);
    }
}
