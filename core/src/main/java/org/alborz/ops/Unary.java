package org.alborz.ops;

import java.util.Arrays;
import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.Comparison;
import org.alborz.backend.Selu;
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

    /** Beyond ±1000 a sigmoid is 0 or 1 in every type, so that x times its distance from them is never ∞·0. */
    private static final double LOGISTIC_BOUND = 1000;

    /** From here on √(1 + x²) is |x| in every type. */
    private static final double ROOT_BOUND = 1e10;

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
            case LOG1P, EXPM1, ASIN, ACOS, ATAN, SINH, COSH, ASINH, ACOSH, ATANH -> true;
            case SILU, HARD_SIGMOID, HARD_SWISH, MISH, SELU -> true;
            case NEGATE, SIGN, SQRT, RECIPROCAL, EXP, TAN, TANH, SIGMOID, RELU, ADD, MULTIPLY -> false;
            case FLOOR, CEIL, ROUND, TRUNC -> false;
        };
    }

    private static boolean needsY(UnaryOp op, double p) {
        return switch (op) {
            case SQRT, RECIPROCAL, EXP, TAN, TANH, SIGMOID, RELU, MAXIMUM, MINIMUM -> true;
            case POWER -> p < 0;
            default -> false;
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
            case SIGN, FLOOR, CEIL, ROUND, TRUNC -> null;
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
            case GELU -> inputs.differentiable() ? gelu(dy, x) : Engine.apply(GeluBackward.INSTANCE, dy, x);
            case SOFTPLUS -> dy.mul(x.apply(UnaryOp.SIGMOID));
            case LOG1P -> dy.div(x.add(1));
            case EXPM1 -> dy.mul(x.exp());
            case TAN -> dy.mul(y.square().add(1));
            case ASIN -> dy.div(rootOfOneMinusSquare(x));
            case ACOS -> dy.div(rootOfOneMinusSquare(x)).neg();
            case ATAN -> dy.div(Finite.of(x).square().add(1));
            case SINH -> dy.mul(x.apply(UnaryOp.COSH));
            case COSH -> dy.mul(x.apply(UnaryOp.SINH));
            case ASINH -> dy.div(rootOfOnePlusSquare(x));
            // By two roots, as their product's argument would overflow and be positive below −1.
            case ACOSH -> dy.div(x.add(-1).sqrt()).div(x.add(1).sqrt());
            case ATANH -> dy.div(x.neg().add(1)).div(x.add(1));
            case SILU -> silu(dy, within(x, LOGISTIC_BOUND));
            case HARD_SIGMOID -> Where.apply(inside(x, 3), dy.mul(1.0 / 6), Full.like(dy, 0));
            case HARD_SWISH -> hardSwish(dy, x);
            case MISH -> mish(dy, within(x, LOGISTIC_BOUND));
            case SELU -> {
                Tensor below = minimum(x, 0).exp().mul(Selu.LAMBDA * Selu.ALPHA);
                yield Where.apply(positive(x), dy.mul(Selu.LAMBDA), dy.mul(below));
            }
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
        return within(x, NORMAL_BOUND);
    }

    private static Tensor within(Tensor x, double bound) {
        return Engine.apply(new Clamp(-bound, bound), x);
    }

    private static Tensor inside(Tensor x, double bound) {
        return Compare.apply(Comparison.LESS, x.apply(UnaryOp.ABS), bound);
    }

    /** Returns √(1 − x²), by factors, whose digits do not cancel near ±1. */
    private static Tensor rootOfOneMinusSquare(Tensor x) {
        return x.neg().add(1).mul(x.add(1)).sqrt();
    }

    /** Returns √(1 + x²), which is |x| where x² might overflow. */
    private static Tensor rootOfOnePlusSquare(Tensor x) {
        Tensor root = within(x, ROOT_BOUND).square().add(1).sqrt();
        return Where.apply(inside(x, ROOT_BOUND), root, x.apply(UnaryOp.ABS));
    }

    /** Returns dy·σ·(1 + x·(1 − σ)) with σ = sigmoid(x), for an x of {@link #LOGISTIC_BOUND}. */
    private static Tensor silu(Tensor dy, Tensor x) {
        Tensor sigmoid = x.apply(UnaryOp.SIGMOID);
        return dy.mul(sigmoid).mul(x.mul(sigmoid.neg().add(1)).add(1));
    }

    /** Returns dy·(t + x·σ·(1 − t²)) with t = tanh(softplus(x)) and σ = sigmoid(x), for an x of {@link #LOGISTIC_BOUND}. */
    private static Tensor mish(Tensor dy, Tensor x) {
        Tensor t = x.apply(UnaryOp.SOFTPLUS).apply(UnaryOp.TANH);
        Tensor slope = x.apply(UnaryOp.SIGMOID).mul(t.square().neg().add(1));
        return dy.mul(t.add(x.mul(slope)));
    }

    /** Returns 0 up to −3, dy·(x/3 + 1/2) up to 3, then dy, and dy where x is NaN, as in PyTorch. */
    private static Tensor hardSwish(Tensor dy, Tensor x) {
        Tensor between = dy.mul(within(x, 3).mul(1.0 / 3).add(0.5));
        Tensor above = Where.apply(Compare.apply(Comparison.LESS_EQUAL, x, -3), Full.like(dy, 0), dy);
        return Where.apply(inside(x, 3), between, above);
    }

    private static Tensor positive(Tensor x) {
        return Compare.apply(Comparison.GREATER, x, 0);
    }

    private static Tensor minimum(Tensor x, double bound) {
        return x.apply(UnaryOp.MINIMUM, bound);
    }

    /** Returns dy·(Φ(x) + x·φ(x)) for the distribution Φ and its density φ. */
    static Tensor gelu(Tensor dy, Tensor unbounded) {
        Tensor x = bounded(unbounded);
        Tensor distribution = x.mul(ROOT_HALF).apply(UnaryOp.ERF).add(1).mul(0.5);
        Tensor density = x.square().mul(-0.5).exp().mul(1 / ROOT_TWO_PI);
        return dy.mul(distribution.add(x.mul(density)));
    }
}
