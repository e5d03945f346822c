package org.alborz.ops;

import org.alborz.backend.BinaryOp;
import org.alborz.backend.UnaryOp;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Shape;

/**
 * A convolution, product or normalisation and what follows it, done while its results are stored: {@code y = relu((f(x) − mean) · scale +
 * shift + addend)}, any part of which may be missing.
 *
 * <p>A normalisation after a convolution is folded into it, {@code (w·scale) ∗ x + (b − mean)·scale + shift}, which costs nothing for each
 * pixel; but for 16 bits, where scaled weights lose digits and the new bias may be too large.
 */
final class FusedChain {
    private static final String FOLDED_WEIGHTS = "weights with a normalisation's scale";
    private static final String FOLDED_BIAS = "bias with a normalisation's mean, scale and shift";

    private final Op first;
    private final Tensor[] inputs;
    private Tensor mean;
    private Tensor scale;
    private Tensor shift;
    private Tensor addend;
    private boolean rectified;

    FusedChain(Op first, Tensor[] inputs) {
        this.first = first;
        this.inputs = inputs;
    }

    /** Tells whether a call's operation can do something that follows it. */
    static boolean beginsWith(Call call) {
        Op op = call.op();
        return op instanceof Conv2dOp convolution && convolution.activation() == Activation.NONE && !call.has(3)
                || op instanceof BatchNormInference norm && norm.activation() == Activation.NONE && !call.has(4)
                || op instanceof LinearOp product && product.activation() == Activation.NONE;
    }

    /** Tells whether a call that reads the result so far can be done with it. */
    boolean fits(Call call, int reading) {
        Op op = call.op();
        if (rectified) {
            return false;
        }
        if (op instanceof Unary function) {
            return function.op() == UnaryOp.RELU;
        }
        if (addend != null) {
            return false;
        }
        if (op instanceof Binary function) {
            return function.op() == BinaryOp.ADD
                    && !(first instanceof LinearOp)
                    && call.shape(1 - reading).equals(call.shape(reading));
        }
        return op instanceof BatchNormInference && first instanceof Conv2dOp && scale == null && reading == 0;
    }

    /** Adds an operation that fits. */
    void add(Op op, Tensor[] operands, int reading) {
        if (op instanceof Unary) {
            rectified = true;
        } else if (op instanceof Binary) {
            addend = operands[1 - reading];
        } else if (op instanceof BatchNormInference norm) {
            mean = operands[1];
            scale = operands[2];
            shift = operands[3];
            addend = operand(operands, 4);
            rectified = norm.activation() == Activation.RELU;
        }
    }

    private static Tensor operand(Tensor[] operands, int i) {
        return i < operands.length ? operands[i] : null;
    }

    /** Computes the result into a deferred tensor. */
    void compute(Tensor result) {
        Activation activation = rectified ? Activation.RELU : Activation.NONE;
        if (first instanceof Conv2dOp convolution) {
            convolve(convolution.p(), activation, result);
        } else if (first instanceof BatchNormInference) {
            normalize(inputs[0], inputs[1], inputs[2], inputs[3], activation, result);
        } else {
            Engine.fulfil(result, new LinearOp(activation), inputs);
        }
    }

    private void convolve(Conv2dParameters p, Activation activation, Tensor result) {
        Conv2dOp operation = new Conv2dOp(p, activation);
        Tensor x = inputs[0];
        Tensor w = inputs[1];
        Tensor bias = operand(inputs, 2);
        if (scale == null) {
            Engine.fulfil(result, operation, x, w, bias, addend);
        } else if (scale.dtype() == w.dtype()) {
            Engine.fulfil(result, operation, x, scaled(w), offset(bias), addend);
        } else {
            Tensor y = Engine.apply(new Conv2dOp(p, Activation.NONE), x, w, null, null);
            Tensor center = bias == null ? mean : mean.sub(bias.to(mean.dtype()));
            normalize(y, center, scale, shift, activation, result);
        }
    }

    private Tensor scaled(Tensor w) {
        KeptResults kept = w.session().engine().kept();
        Tensor found = kept.find(FOLDED_WEIGHTS, w, scale);
        return found != null
                ? found
                : kept.keep(
                        FOLDED_WEIGHTS, w.mul(scale.reshape(Shape.of(w.shape().size(0), 1, 1, 1))), w, scale);
    }

    private Tensor offset(Tensor bias) {
        KeptResults kept = mean.session().engine().kept();
        Tensor found = kept.find(FOLDED_BIAS, bias, mean, scale, shift);
        if (found != null) {
            return found;
        }
        Tensor offset = bias == null ? mean.neg() : bias.sub(mean);
        return kept.keep(FOLDED_BIAS, offset.mul(scale).add(shift), bias, mean, scale, shift);
    }

    private void normalize(Tensor x, Tensor center, Tensor factor, Tensor term, Activation activation, Tensor result) {
        Engine.fulfil(result, new BatchNormInference(activation), x, center, factor, term, addend);
    }
}
