package org.alborz.ops;

import java.util.Arrays;
import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.Comparison;
import org.alborz.backend.UnaryOp;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/** A function of two numbers, applied to each pair of elements; both tensors broadcast. */
public record Binary(BinaryOp op) implements Op {
    private static final Binary[] ALL =
            Arrays.stream(BinaryOp.values()).map(Binary::new).toArray(Binary[]::new);

    /** Returns the operation, always the same one. */
    public static Binary of(BinaryOp op) {
        return ALL[Given.value(op, "apply", "a function of two numbers").ordinal()];
    }

    @Override
    public String name() {
        return FunctionNames.of(op);
    }

    @Override
    public void infer(Call call) {
        call.sameType(0, 1);
        requireDefined(call);
        Shape shape = Shape.broadcast(call.shape(0), call.shape(1));
        call.result(Layouts.dense(shape, call.layout(0), call.layout(1)));
        call.broadcast(0, shape);
        call.broadcast(1, shape);
    }

    private void requireDefined(Call call) {
        DType dtype = call.dtype(0);
        boolean whole = dtype == DType.INT32 || dtype == DType.INT64;
        if (!dtype.isFloating() && !(whole && isOfIntegers(op))) {
            throw new IllegalArgumentException(name() + " is not defined for " + call.describe(0) + " and "
                    + call.describe(1) + (dtype == DType.BOOL ? "; use and, or, xor and not, or convert" : "; convert")
                    + " them with to(DType)");
        }
    }

    /** Tells whether a function gives integers of integers. */
    private static boolean isOfIntegers(BinaryOp op) {
        return switch (op) {
            case ADD, SUBTRACT, MULTIPLY, MAXIMUM, MINIMUM, REMAINDER, FLOOR_DIVIDE -> true;
            case DIVIDE, POWER, RELU_BACKWARD, ATAN2 -> false;
        };
    }

    @Override
    public void compute(Backend backend, Call call) {
        backend.elementwise().binary(op, call.in(0), call.in(1), call.out(0));
    }

    @Override
    public int saves() {
        return (needsA(op) ? Op.input(0) : 0) | (needsB(op) ? Op.input(1) : 0) | (needsY(op) ? Op.result(0) : 0);
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        if (inputs.needs(0)) {
            Tensor da = gradientOfA(dy, inputs);
            if (da != null) {
                inputs.add(0, Reduction.sumTo(da, inputs.shape(0)));
            }
        }
        if (inputs.needs(1)) {
            Tensor db = gradientOfB(dy, inputs);
            if (db != null) {
                inputs.add(1, Reduction.sumTo(db, inputs.shape(1)));
            }
        }
    }

    private static boolean needsA(BinaryOp op) {
        return switch (op) {
            case MULTIPLY, POWER, MAXIMUM, MINIMUM, RELU_BACKWARD, REMAINDER, ATAN2 -> true;
            case ADD, SUBTRACT, DIVIDE, FLOOR_DIVIDE -> false;
        };
    }

    private static boolean needsB(BinaryOp op) {
        return switch (op) {
            case MULTIPLY, DIVIDE, POWER, MAXIMUM, MINIMUM, REMAINDER, ATAN2 -> true;
            case ADD, SUBTRACT, RELU_BACKWARD, FLOOR_DIVIDE -> false;
        };
    }

    private static boolean needsY(BinaryOp op) {
        return op == BinaryOp.DIVIDE || op == BinaryOp.POWER;
    }

    /** Returns dy times the derivative by a, or null where that is 0 everywhere; see {@link Unary} on the order of factors. */
    private Tensor gradientOfA(Tensor dy, GradientSink inputs) {
        Tensor a = needsA(op) ? inputs.input(0) : null;
        Tensor b = needsB(op) ? inputs.input(1) : null;
        return switch (op) {
            case ADD, SUBTRACT, REMAINDER -> dy;
            case MULTIPLY -> dy.mul(b);
            case DIVIDE -> dy.div(b);
            case POWER -> powerByBase(a, b, dy);
            case MAXIMUM -> unlessLess(a, b, dy);
            case MINIMUM -> unlessLess(b, a, dy);
            case RELU_BACKWARD, FLOOR_DIVIDE -> null;
            case ATAN2 -> angle(a, b, b, dy);
        };
    }

    private Tensor gradientOfB(Tensor dy, GradientSink inputs) {
        Tensor a = needsA(op) ? inputs.input(0) : null;
        Tensor b = needsB(op) ? inputs.input(1) : null;
        return switch (op) {
            case ADD -> dy;
            case SUBTRACT -> dy.neg();
            case MULTIPLY -> dy.mul(a);
            case DIVIDE -> quotientByDivisor(b, inputs.result(0), dy);
            case POWER -> powerByExponent(a, b, inputs.result(0), dy);
            case MAXIMUM -> unlessLess(b, a, dy);
            case MINIMUM -> unlessLess(a, b, dy);
            case RELU_BACKWARD -> a.apply(BinaryOp.RELU_BACKWARD, dy);
            case REMAINDER -> dy.mul(a.apply(BinaryOp.FLOOR_DIVIDE, b)).neg();
            case FLOOR_DIVIDE -> null;
            case ATAN2 -> angle(a, b, a, dy).neg();
        };
    }

    /**
     * Returns dy·side / (a² + b²). All are divided by the larger one first, so that no square overflows or underflows; the quotient does not
     * depend on what they are divided by, so that has no gradient. At the origin NaN, as PyTorch; where one is infinite, 0.
     */
    private static Tensor angle(Tensor a, Tensor b, Tensor side, Tensor dy) {
        Tensor y = Finite.of(a);
        Tensor x = Finite.of(b);
        Tensor unit =
                y.detach().apply(UnaryOp.ABS).apply(BinaryOp.MAXIMUM, x.detach().apply(UnaryOp.ABS));
        Tensor square = y.div(unit).square().add(x.div(unit).square());
        Tensor last =
                a.detach().apply(UnaryOp.ABS).apply(BinaryOp.MAXIMUM, b.detach().apply(UnaryOp.ABS));
        return dy.mul((side == a ? y : x).div(unit)).div(square).div(last);
    }

    /**
     * Returns −dy·y / b, which divides first where y and b are both large or both small, so that no product overflows or underflows
     * where the result does not.
     */
    private static Tensor quotientByDivisor(Tensor b, Tensor y, Tensor dy) {
        Tensor one = Full.like(dy, 1);
        Tensor largeY = y.apply(UnaryOp.ABS).apply(Comparison.GREATER_EQUAL, one);
        Tensor largeB = b.apply(UnaryOp.ABS).apply(Comparison.GREATER_EQUAL, one);
        Tensor alike = largeB.apply(Comparison.EQUAL, largeY);
        Tensor first = Where.apply(alike, b, one);
        Tensor last = Where.apply(alike, one, b);
        return dy.mul(y.div(first)).div(last).neg();
    }

    /** Returns dy where left &gt; right or one is NaN, half of it where they are equal, else 0. */
    private static Tensor unlessLess(Tensor left, Tensor right, Tensor dy) {
        Tensor shared = Where.apply(left.apply(Comparison.EQUAL, right), dy.mul(0.5), dy);
        return Where.apply(right.apply(Comparison.GREATER, left), Full.like(dy, 0), shared);
    }

    /** Returns dy·aᵇ⁻¹·b, by aᵇ / a where b ≤ 0, as aᵇ⁻¹ overflows long before aᵇ; 0 where b = 0, whatever a and dy. */
    private static Tensor powerByBase(Tensor a, Tensor b, Tensor dy) {
        Tensor zero = Full.like(dy, 0);
        Tensor one = Full.like(dy, 1);
        Tensor finite = Where.apply(dy.mul(0).apply(Comparison.EQUAL, zero), dy, zero);
        Tensor positive = b.apply(Comparison.GREATER, zero);
        Tensor power = a.apply(BinaryOp.POWER, b.sub(positive.to(b.dtype())));
        Tensor number = Where.apply(a.apply(UnaryOp.ABS).apply(Comparison.GREATER, zero), a, one);
        Tensor notZero = b.apply(Comparison.NOT_EQUAL, zero);
        Tensor divisor = Where.apply(notZero, a, number);
        return Where.apply(notZero, dy, finite).mul(power).mul(b).div(Where.apply(positive, one, divisor));
    }

    /** Returns dy·aᵇ·ln a, or its limit 0 where a = 0 ≤ b, at b = 0 as PyTorch, and where a = ∞ and b &lt; 0. */
    private static Tensor powerByExponent(Tensor a, Tensor b, Tensor y, Tensor dy) {
        Tensor zero = Full.like(dy, 0);
        Tensor one = Full.like(dy, 1);
        Tensor negative = b.apply(Comparison.LESS, zero);
        Tensor infinite = a.apply(Comparison.EQUAL, Full.like(dy, Double.POSITIVE_INFINITY));
        Tensor unlessInfinite = Where.apply(infinite.and(negative), one, a);
        Tensor unlessZero = Where.apply(negative, a, one);
        Tensor notZero = a.apply(Comparison.NOT_EQUAL, zero);
        return dy.mul(y).mul(Where.apply(notZero, unlessInfinite, unlessZero).log());
    }
}
