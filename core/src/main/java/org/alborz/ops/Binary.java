package org.alborz.ops;

import java.util.Arrays;
import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.UnaryOp;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** A function of two numbers, applied to each pair of elements; both tensors broadcast. */
public record Binary(BinaryOp op) implements Op {
    private static final Binary[] ALL =
            Arrays.stream(BinaryOp.values()).map(Binary::new).toArray(Binary[]::new);

    /** Returns the operation, always the same one. */
    public static Binary of(BinaryOp op) {
        return ALL[op.ordinal()];
    }

    @Override
    public String name() {
        return op.name();
    }

    @Override
    public void infer(Call call) {
        call.alike(0, 1);
        Shape shape = Shape.broadcast(call.shape(0), call.shape(1));
        call.result(Layouts.dense(shape, call.layout(0), call.layout(1)));
        call.broadcast(0, shape);
        call.broadcast(1, shape);
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
        if (inputs.wants(0)) {
            Tensor da = gradientOfA(dy, inputs);
            if (da != null) {
                inputs.add(0, Reduction.sumTo(da, inputs.shape(0)));
            }
        }
        if (inputs.wants(1)) {
            Tensor db = gradientOfB(dy, inputs);
            if (db != null) {
                inputs.add(1, Reduction.sumTo(db, inputs.shape(1)));
            }
        }
    }

    private static boolean needsA(BinaryOp op) {
        return switch (op) {
            case MULTIPLY, POWER, MAXIMUM, MINIMUM, RELU_BACKWARD -> true;
            case ADD, SUBTRACT, DIVIDE, EQUAL, GREATER, GREATER_EQUAL -> false;
        };
    }

    private static boolean needsB(BinaryOp op) {
        return switch (op) {
            case MULTIPLY, DIVIDE, POWER, MAXIMUM, MINIMUM -> true;
            case ADD, SUBTRACT, EQUAL, GREATER, GREATER_EQUAL, RELU_BACKWARD -> false;
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
            case ADD, SUBTRACT -> dy;
            case MULTIPLY -> dy.mul(b);
            case DIVIDE -> dy.div(b);
            case POWER -> powerByBase(a, b, dy);
            case MAXIMUM -> unlessLess(a, b, dy);
            case MINIMUM -> unlessLess(b, a, dy);
            case EQUAL, GREATER, GREATER_EQUAL, RELU_BACKWARD -> null;
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
            case EQUAL, GREATER, GREATER_EQUAL -> null;
        };
    }

    /**
     * Returns −dy·y / b, which divides first where y and b are both large or both small, so that no product overflows or underflows
     * where the result does not.
     */
    private static Tensor quotientByDivisor(Tensor b, Tensor y, Tensor dy) {
        Tensor one = Full.like(dy, 1);
        Tensor large = y.apply(UnaryOp.ABS).apply(BinaryOp.GREATER_EQUAL, one);
        Tensor alike = b.apply(UnaryOp.ABS).apply(BinaryOp.GREATER_EQUAL, one).apply(BinaryOp.EQUAL, large);
        Tensor first = Engine.apply(Where.INSTANCE, alike, b, one);
        Tensor last = Engine.apply(Where.INSTANCE, alike, one, b);
        return dy.mul(y.div(first)).div(last).neg();
    }

    /** Returns dy where left &gt; right or one is NaN, half of it where they are equal, else 0. */
    private static Tensor unlessLess(Tensor left, Tensor right, Tensor dy) {
        Tensor shared = Engine.apply(Where.INSTANCE, left.apply(BinaryOp.EQUAL, right), dy.mul(0.5), dy);
        return Engine.apply(Where.INSTANCE, right.apply(BinaryOp.GREATER, left), Full.like(dy, 0), shared);
    }

    /** Returns dy·aᵇ⁻¹·b, by aᵇ / a where b ≤ 0, as aᵇ⁻¹ overflows long before aᵇ; 0 where b = 0, whatever a and dy. */
    private static Tensor powerByBase(Tensor a, Tensor b, Tensor dy) {
        Tensor zero = Full.like(dy, 0);
        Tensor one = Full.like(dy, 1);
        Tensor finite = Engine.apply(Where.INSTANCE, dy.mul(0).apply(BinaryOp.EQUAL, zero), dy, zero);
        Tensor positive = b.apply(UnaryOp.STEP);
        Tensor power = a.apply(BinaryOp.POWER, b.sub(positive));
        Tensor number = Engine.apply(Where.INSTANCE, a.apply(UnaryOp.ABS).apply(UnaryOp.STEP), a, one);
        Tensor divisor = Engine.apply(Where.INSTANCE, b, a, number);
        return Engine.apply(Where.INSTANCE, b, dy, finite)
                .mul(power)
                .mul(b)
                .div(Engine.apply(Where.INSTANCE, positive, one, divisor));
    }

    /** Returns dy·aᵇ·ln a, or its limit 0 where a = 0 ≤ b, at b = 0 as PyTorch, and where a = ∞ and b &lt; 0. */
    private static Tensor powerByExponent(Tensor a, Tensor b, Tensor y, Tensor dy) {
        Tensor one = Full.like(dy, 1);
        Tensor negative = b.neg().apply(UnaryOp.STEP);
        Tensor infinite = a.apply(BinaryOp.EQUAL, Full.like(dy, Double.POSITIVE_INFINITY));
        Tensor unlessInfinite = Engine.apply(Where.INSTANCE, infinite.mul(negative), one, a);
        Tensor unlessZero = Engine.apply(Where.INSTANCE, negative, a, one);
        return dy.mul(y)
                .mul(Engine.apply(Where.INSTANCE, a, unlessInfinite, unlessZero).log());
    }
}
