package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.UnaryOp;
import org.alborz.tensor.Tensor;

/** A function of one number, applied to each element. */
public final class Unary implements Op {
    private static final double TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);
    private static final double ROOT_HALF = Math.sqrt(0.5);
    private static final double ROOT_TWO_PI = Math.sqrt(2 * Math.PI);

    private final UnaryOp op;
    private final double p;
    private final Tensor x;
    private final Tensor y;

    private Unary(UnaryOp op, double p, Tensor x, Tensor y) {
        this.op = op;
        this.p = p;
        this.x = x;
        this.y = y;
    }

    /** Computes {@code op(x)}; {@code p} is the parameter of those that have one. */
    public static Tensor apply(UnaryOp op, double p, Tensor x) {
        Operands.requireFloating(op.name(), x);
        Tensor y = Operands.result(x, Operands.dense(x));
        x.session().backend().elementwise().unary(op, p, x, y);
        Node node = Node.record(y, x);
        if (node != null) {
            node.complete(new Unary(op, p, needsX(op) ? node.save(x) : null, needsY(op) ? node.save(y) : null));
        }
        return y;
    }

    private static boolean needsX(UnaryOp op) {
        return switch (op) {
            case ABS, SQUARE, LOG, SIN, COS, ERF, POWER, MAXIMUM, MINIMUM, LEAKY_RELU, ELU, GELU -> true;
            case NEGATE, SIGN, STEP, SQRT, RECIPROCAL, EXP, TANH, SIGMOID, RELU, ADD, MULTIPLY -> false;
        };
    }

    private static boolean needsY(UnaryOp op) {
        return switch (op) {
            case SQRT, RECIPROCAL, EXP, TANH, SIGMOID, RELU, ELU -> true;
            case NEGATE, ABS, SIGN, STEP, SQUARE, LOG, SIN, COS, ERF, ADD, MULTIPLY, POWER -> false;
            case MAXIMUM, MINIMUM, LEAKY_RELU, GELU -> false;
        };
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        Tensor dx = derivative(dy);
        if (dx == dy) {
            inputs.add(0, dy);
        } else if (dx != null) {
            inputs.give(0, dx);
        }
    }

    /** Returns dy times the derivative, or null where that is 0 everywhere. */
    private Tensor derivative(Tensor dy) {
        return switch (op) {
            case NEGATE -> dy.neg();
            case ABS -> dy.mul(x.apply(UnaryOp.SIGN));
            case SIGN, STEP -> null;
            case SQUARE -> dy.mul(x).mul(2);
            case SQRT -> dy.mul(0.5).div(y);
            case RECIPROCAL -> dy.mul(y.square()).neg();
            case EXP -> dy.mul(y);
            case LOG -> dy.div(x);
            case SIN -> dy.mul(x.apply(UnaryOp.COS));
            case COS -> dy.mul(x.apply(UnaryOp.SIN)).neg();
            case TANH -> dy.mul(y.square().neg().add(1));
            case SIGMOID -> dy.mul(y).mul(y.neg().add(1));
            case ERF -> dy.mul(x.square().neg().exp()).mul(TWO_OVER_ROOT_PI);
            case RELU -> y.apply(BinaryOp.GATE, dy);
            case ADD -> dy;
            case MULTIPLY -> dy.mul(p);
            case POWER -> dy.mul(x.pow(p - 1)).mul(p);
            case MAXIMUM -> x.add(-p).apply(BinaryOp.GATE, dy);
            case MINIMUM -> x.neg().add(p).apply(BinaryOp.GATE, dy);
            case LEAKY_RELU -> x.apply(BinaryOp.GATE, dy).mul(1 - p).add(dy.mul(p));
            case ELU -> Where.apply(x.apply(UnaryOp.STEP), dy, dy.mul(y.add(p)));
            case GELU -> dy.mul(normalDistribution().add(x.mul(normalDensity())));
        };
    }

    private Tensor normalDistribution() {
        return x.mul(ROOT_HALF).apply(UnaryOp.ERF).add(1).mul(0.5);
    }

    private Tensor normalDensity() {
        return x.square().mul(-0.5).exp().mul(1 / ROOT_TWO_PI);
    }
}
