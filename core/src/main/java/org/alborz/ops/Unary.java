package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.UnaryOp;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;

/** A function of one number, applied to each element. */
public final class Unary implements Op {
    private static final double TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);
    private static final double ROOT_HALF = Math.sqrt(0.5);
    private static final double ROOT_TWO_PI = Math.sqrt(2 * Math.PI);
    private static final double NORMAL_BOUND = 40;

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

    /** Computes {@code op(x)}; {@code parameter} is that of those that have one, rounded as by {@link #parameter}. */
    public static Tensor apply(UnaryOp op, double parameter, Tensor x) {
        Operands.requireFloating(op.name(), x);
        double p = parameter(parameter, x.dtype());
        Tensor y = Operands.result(x, Operands.dense(x));
        x.session().backend().elementwise().unary(op, p, x, y);
        Node node = Node.record(y, x);
        if (node != null) {
            node.complete(new Unary(op, p, needsX(op) ? node.save(x) : null, needsY(op, p) ? node.save(y) : null));
        }
        return y;
    }

    /** Returns a parameter as it counts for a tensor of the given type: rounded to float32, which 16 bits compute in, unless it is float64. */
    public static double parameter(double p, DType dtype) {
        return dtype == DType.FLOAT64 ? p : (float) p;
    }

    private static boolean needsX(UnaryOp op) {
        return switch (op) {
            case ABS, SQUARE, LOG, SIN, COS, ERF, POWER, MAXIMUM, MINIMUM, LEAKY_RELU, ELU, GELU -> true;
            case NEGATE, SIGN, STEP, SQRT, RECIPROCAL, EXP, TANH, SIGMOID, RELU, ADD, MULTIPLY -> false;
        };
    }

    private static boolean needsY(UnaryOp op, double p) {
        return switch (op) {
            case SQRT, RECIPROCAL, EXP, TANH, SIGMOID, RELU, MAXIMUM, MINIMUM -> true;
            case POWER -> p < 0;
            case NEGATE, ABS, SIGN, STEP, SQUARE, LOG, SIN, COS, ERF, ADD, MULTIPLY, LEAKY_RELU, ELU, GELU -> false;
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

    /**
     * Returns dy times the derivative, or null where that is 0 everywhere. Factors are ordered so that no product overflows or is 0·∞
     * where the result is neither, and what is chosen between is never multiplied by a mask.
     */
    private Tensor derivative(Tensor dy) {
        return switch (op) {
            case NEGATE -> dy.neg();
            case ABS -> dy.mul(x.apply(UnaryOp.SIGN));
            case SIGN, STEP -> null;
            case SQUARE -> dy.mul(x).mul(2);
            case SQRT -> dy.mul(0.5).div(y);
            case RECIPROCAL -> dy.mul(y).mul(y).neg();
            case EXP -> dy.mul(y);
            case LOG -> dy.div(x);
            case SIN -> dy.mul(x.apply(UnaryOp.COS));
            case COS -> dy.mul(x.apply(UnaryOp.SIN)).neg();
            case TANH -> dy.mul(y.square().neg().add(1));
            case SIGMOID -> dy.mul(y).mul(y.neg().add(1));
            case ERF -> dy.mul(bounded().square().neg().exp()).mul(TWO_OVER_ROOT_PI);
            case RELU -> y.apply(BinaryOp.RELU_BACKWARD, dy);
            case ADD -> dy;
            case MULTIPLY -> dy.mul(p);
            case POWER -> power(dy);
            case MAXIMUM, MINIMUM -> x.apply(BinaryOp.EQUAL, y).apply(BinaryOp.RELU_BACKWARD, dy);
            case LEAKY_RELU -> Where.apply(x.apply(UnaryOp.STEP), dy, dy.mul(p));
            case ELU ->
                Where.apply(
                        x.apply(UnaryOp.STEP), dy, dy.mul(minimum(x, 0).exp().mul(p)));
            case GELU -> gelu(dy, bounded());
        };
    }

    /**
     * By xᵖ / x for a negative p, as xᵖ⁻¹ overflows long before xᵖ. A large p comes after the power, and a small one before it, so that
     * what overflows is no factor of a result that does not.
     */
    private Tensor power(Tensor dy) {
        if (p == 0) {
            // 0 even where dy or x is infinite, and a function of x for gradients of higher order.
            return x.pow(0).add(-1);
        }
        Tensor power = p < 0 ? y : x.pow(p - 1);
        Tensor product = Math.abs(p) < 1 ? dy.mul(p).mul(power) : dy.mul(power).mul(p);
        return p < 0 ? product.div(x) : product;
    }

    /** Returns x, or the nearest number of [−40, 40], beyond which exp(−x²/2) is 0 in every type, so that x·exp(−x²/2) is never ∞·0. */
    private Tensor bounded() {
        return minimum(x.apply(UnaryOp.MAXIMUM, -NORMAL_BOUND), NORMAL_BOUND);
    }

    private static Tensor minimum(Tensor x, double bound) {
        return x.apply(UnaryOp.MINIMUM, bound);
    }

    private static Tensor gelu(Tensor dy, Tensor x) {
        Tensor distribution = x.mul(ROOT_HALF).apply(UnaryOp.ERF).add(1).mul(0.5);
        Tensor density = x.square().mul(-0.5).exp().mul(1 / ROOT_TWO_PI);
        return dy.mul(distribution.add(x.mul(density)));
    }
}
