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

/**
 * A function of one number, applied to each element.
 *
 * @param p the parameter of those that have one, rounded to float32 unless the tensor is of float64: 16 bits are computed in float32
 */
public record Unary(UnaryOp op, double p) implements Op {
    private static final double TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);
    private static final double ROOT_HALF = Math.sqrt(0.5);
    private static final double ROOT_TWO_PI = Math.sqrt(2 * Math.PI);
    private static final double NORMAL_BOUND = 40;
    private static final Unary[] WITHOUT_PARAMETER =
            Arrays.stream(UnaryOp.values()).map(op -> new Unary(op, 0)).toArray(Unary[]::new);

    /** Returns the operation; without a parameter, always the same one. */
    public static Unary of(UnaryOp op, double p) {
        Given.value(op, "apply", "a function of one number");
        // Not p == 0, which holds for -0.0 too.
        return Double.doubleToRawLongBits(p) == 0 ? WITHOUT_PARAMETER[op.ordinal()] : new Unary(op, p);
    }

    @Override
    public String name() {
        return FunctionNames.of(op);
    }

    @Override
    public void infer(Call call) {
        call.floating(0);
        call.result(Layouts.dense(call.layout(0)));
    }

    @Override
    public void compute(Backend backend, Call call) {
        backend.elementwise().unary(op, parameter(call.dtype(0)), call.in(0), call.out(0));
    }

    @Override
    public int saves() {
        return (needsX(op) ? Op.input(0) : 0) | (needsY(op, p) ? Op.result(0) : 0);
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        Tensor dx = derivative(dy, inputs);
        if (dx == dy) {
            inputs.add(0, dy);
        } else if (dx != null) {
            inputs.give(0, dx);
        }
    }

    private double parameter(DType dtype) {
        return dtype == DType.FLOAT64 ? p : (float) p;
    }

    private static boolean needsX(UnaryOp op) {
        return switch (op) {
            case ABS, SQUARE, LOG, SIN, COS, ERF, POWER, MAXIMUM, MINIMUM, LEAKY_RELU, ELU, GELU, SOFTPLUS -> true;
            case NEGATE, SIGN, SQRT, RECIPROCAL, EXP, TANH, SIGMOID, RELU, ADD, MULTIPLY -> false;
        };
    }

    private static boolean needsY(UnaryOp op, double p) {
        return switch (op) {
            case SQRT, RECIPROCAL, EXP, TANH, SIGMOID, RELU, MAXIMUM, MINIMUM -> true;
            case POWER -> p < 0;
            case NEGATE, ABS, SIGN, SQUARE, LOG, SIN, COS, ERF, ADD, MULTIPLY, LEAKY_RELU, ELU, GELU, SOFTPLUS -> false;
        };
    }

    /**
     * Returns dy times the derivative, or null where that is 0 everywhere. Factors are ordered so that no product overflows or is 0·∞
     * where the result is neither, and what is chosen between is never multiplied by a mask.
     */
    private Tensor derivative(Tensor dy, GradientSink inputs) {
        double p = parameter(dy.dtype());
        Tensor x = needsX(op) ? inputs.input(0) : null;
        Tensor y = needsY(op, p) ? inputs.result(0) : null;
        return switch (op) {
            case NEGATE -> dy.neg();
            case ABS -> dy.mul(x.apply(UnaryOp.SIGN));
            case SIGN -> null;
            case SQUARE -> dy.mul(x).mul(2);
            case SQRT -> dy.mul(0.5).div(y);
            case RECIPROCAL -> dy.mul(y).mul(y).neg();
            case EXP -> dy.mul(y);
            case LOG -> dy.div(x);
            case SIN -> dy.mul(x.apply(UnaryOp.COS));
            case COS -> dy.mul(x.apply(UnaryOp.SIN)).neg();
            case TANH -> dy.mul(y.square().neg().add(1));
            case SIGMOID -> dy.mul(y).mul(y.neg().add(1));
            case ERF -> dy.mul(bounded(x).square().neg().exp()).mul(TWO_OVER_ROOT_PI);
            case RELU -> y.apply(BinaryOp.RELU_BACKWARD, dy);
            case ADD -> dy;
            case MULTIPLY -> dy.mul(p);
            case POWER -> power(p, x, y, dy);
            case MAXIMUM, MINIMUM -> Where.apply(x.apply(Comparison.EQUAL, y), dy, Full.like(dy, 0));
            case LEAKY_RELU -> Where.apply(positive(x), dy, dy.mul(p));
            case ELU -> Where.apply(positive(x), dy, dy.mul(minimum(x, 0).exp().mul(p)));
            case GELU -> gelu(dy, bounded(x));
            case SOFTPLUS -> dy.mul(x.apply(UnaryOp.SIGMOID));
        };
    }

    /**
     * By xᵖ / x for a negative p, as xᵖ⁻¹ overflows long before xᵖ. A large p comes after the power, and a small one before it, so that
     * what overflows is no factor of a result that does not.
     */
    private static Tensor power(double p, Tensor x, Tensor y, Tensor dy) {
        if (p == 0) {
            // 0 even where dy or x is infinite, and a function of x for gradients of higher order.
            return x.pow(0).add(-1);
        }
        Tensor power = p < 0 ? y : x.pow(p - 1);
        Tensor product = Math.abs(p) < 1 ? dy.mul(p).mul(power) : dy.mul(power).mul(p);
        return p < 0 ? product.div(x) : product;
    }

    /** Returns x, or the nearest number of [−40, 40], beyond which exp(−x²/2) is 0 in every type, so that x·exp(−x²/2) is never ∞·0. */
    private static Tensor bounded(Tensor x) {
        return minimum(x.apply(UnaryOp.MAXIMUM, -NORMAL_BOUND), NORMAL_BOUND);
    }

    private static Tensor positive(Tensor x) {
        return Compare.apply(Comparison.GREATER, x, 0);
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
