package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.UnaryOp;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** A function of two numbers, applied to each pair of elements; both tensors broadcast. */
public final class Binary implements Op {
    private final BinaryOp op;
    private final Tensor a;
    private final Tensor b;
    private final Tensor y;
    private final Shape shapeA;
    private final Shape shapeB;

    private Binary(BinaryOp op, Tensor a, Tensor b, Tensor y, Shape shapeA, Shape shapeB) {
        this.op = op;
        this.a = a;
        this.b = b;
        this.y = y;
        this.shapeA = shapeA;
        this.shapeB = shapeB;
    }

    /** Computes {@code op(a, b)}. */
    public static Tensor apply(BinaryOp op, Tensor a, Tensor b) {
        Operands.requireAlike(op.name(), a, b);
        Shape shape = Shape.broadcast(a.shape(), b.shape());
        Tensor y = Operands.result(a, Operands.dense(shape, a, b));
        Tensor left = a.shape().equals(shape) ? a : a.view(a.layout().expand(shape), ViewAccess.GRANTED);
        Tensor right = b.shape().equals(shape) ? b : b.view(b.layout().expand(shape), ViewAccess.GRANTED);
        a.session().backend().elementwise().binary(op, left, right, y);
        Operands.closeCopy(left, a);
        Operands.closeCopy(right, b);
        Node node = Node.record(y, a, b);
        if (node != null) {
            node.complete(new Binary(
                    op,
                    needsA(op) ? node.save(a) : null,
                    needsB(op) ? node.save(b) : null,
                    needsY(op) ? node.save(y) : null,
                    a.shape(),
                    b.shape()));
        }
        return y;
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

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        if (inputs.wants(0)) {
            Tensor da = gradientOfA(dy);
            if (da != null) {
                inputs.add(0, Operands.sumTo(da, shapeA));
            }
        }
        if (inputs.wants(1)) {
            Tensor db = gradientOfB(dy);
            if (db != null) {
                inputs.add(1, Operands.sumTo(db, shapeB));
            }
        }
    }

    /** Returns dy times the derivative by a, or null where that is 0 everywhere; see {@link Unary} on the order of factors. */
    private Tensor gradientOfA(Tensor dy) {
        return switch (op) {
            case ADD, SUBTRACT -> dy;
            case MULTIPLY -> dy.mul(b);
            case DIVIDE -> dy.div(b);
            case POWER -> powerByBase(dy);
            case MAXIMUM -> unlessLess(a, b, dy);
            case MINIMUM -> unlessLess(b, a, dy);
            case EQUAL, GREATER, GREATER_EQUAL, RELU_BACKWARD -> null;
        };
    }

    private Tensor gradientOfB(Tensor dy) {
        return switch (op) {
            case ADD -> dy;
            case SUBTRACT -> dy.neg();
            case MULTIPLY -> dy.mul(a);
            case DIVIDE -> quotientByDivisor(dy);
            case POWER -> powerByExponent(dy);
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
    private Tensor quotientByDivisor(Tensor dy) {
        Tensor one = Operands.scalar(dy, 1);
        Tensor large = y.apply(UnaryOp.ABS).apply(BinaryOp.GREATER_EQUAL, one);
        Tensor alike = b.apply(UnaryOp.ABS).apply(BinaryOp.GREATER_EQUAL, one).apply(BinaryOp.EQUAL, large);
        Tensor first = Where.apply(alike, b, one);
        Tensor last = Where.apply(alike, one, b);
        return dy.mul(y.div(first)).div(last).neg();
    }

    /** Returns dy where left &gt; right or one is NaN, half of it where they are equal, else 0. */
    private static Tensor unlessLess(Tensor left, Tensor right, Tensor dy) {
        Tensor shared = Where.apply(left.apply(BinaryOp.EQUAL, right), dy.mul(0.5), dy);
        return Where.apply(right.apply(BinaryOp.GREATER, left), Operands.scalar(dy, 0), shared);
    }

    /** Returns dy·aᵇ⁻¹·b, by aᵇ / a where b ≤ 0, as aᵇ⁻¹ overflows long before aᵇ; 0 where b = 0, whatever a and dy. */
    private Tensor powerByBase(Tensor dy) {
        Tensor zero = Operands.scalar(dy, 0);
        Tensor one = Operands.scalar(dy, 1);
        Tensor finite = Where.apply(dy.mul(0).apply(BinaryOp.EQUAL, zero), dy, zero);
        Tensor positive = b.apply(UnaryOp.STEP);
        Tensor power = a.apply(BinaryOp.POWER, b.sub(positive));
        Tensor number = Where.apply(a.apply(UnaryOp.ABS).apply(UnaryOp.STEP), a, one);
        Tensor divisor = Where.apply(b, a, number);
        return Where.apply(b, dy, finite).mul(power).mul(b).div(Where.apply(positive, one, divisor));
    }

    /** Returns dy·aᵇ·ln a, or its limit 0 where a = 0 ≤ b, at b = 0 as PyTorch, and where a = ∞ and b &lt; 0. */
    private Tensor powerByExponent(Tensor dy) {
        Tensor one = Operands.scalar(dy, 1);
        Tensor negative = b.neg().apply(UnaryOp.STEP);
        Tensor infinite = a.apply(BinaryOp.EQUAL, Operands.scalar(dy, Double.POSITIVE_INFINITY));
        Tensor unlessInfinite = Where.apply(infinite.mul(negative), one, a);
        Tensor unlessZero = Where.apply(negative, a, one);
        return dy.mul(y).mul(Where.apply(a, unlessInfinite, unlessZero).log());
    }
}
