package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.backend.BinaryOp;
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
                    op == BinaryOp.POWER ? node.save(y) : null,
                    a.shape(),
                    b.shape()));
        }
        return y;
    }

    private static boolean needsA(BinaryOp op) {
        return switch (op) {
            case MULTIPLY, DIVIDE, POWER, MAXIMUM, MINIMUM, GATE -> true;
            case ADD, SUBTRACT, EQUAL, GREATER, GREATER_EQUAL -> false;
        };
    }

    private static boolean needsB(BinaryOp op) {
        return switch (op) {
            case MULTIPLY, DIVIDE, POWER, MAXIMUM, MINIMUM -> true;
            case ADD, SUBTRACT, EQUAL, GREATER, GREATER_EQUAL, GATE -> false;
        };
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

    /** Returns dy times the derivative by a, or null where that is 0 everywhere; ties of the extremes count for a. */
    private Tensor gradientOfA(Tensor dy) {
        return switch (op) {
            case ADD, SUBTRACT -> dy;
            case MULTIPLY -> dy.mul(b);
            case DIVIDE -> dy.div(b);
            case POWER -> dy.mul(b).mul(a.apply(BinaryOp.POWER, b.add(-1)));
            case MAXIMUM -> dy.mul(a.apply(BinaryOp.GREATER_EQUAL, b));
            case MINIMUM -> dy.mul(b.apply(BinaryOp.GREATER_EQUAL, a));
            case EQUAL, GREATER, GREATER_EQUAL, GATE -> null;
        };
    }

    private Tensor gradientOfB(Tensor dy) {
        return switch (op) {
            case ADD -> dy;
            case SUBTRACT -> dy.neg();
            case MULTIPLY -> dy.mul(a);
            case DIVIDE -> dy.mul(a).div(b.square()).neg();
            case POWER -> dy.mul(y).mul(a.log());
            case MAXIMUM -> dy.mul(b.apply(BinaryOp.GREATER, a));
            case MINIMUM -> dy.mul(a.apply(BinaryOp.GREATER, b));
            case GATE -> a.apply(BinaryOp.GATE, dy);
            case EQUAL, GREATER, GREATER_EQUAL -> null;
        };
    }
}
