package org.alborz.ops;

import org.alborz.backend.BinaryOp;
import org.alborz.backend.UnaryOp;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Shape;

/**
 * A convolution, product or normalisation and what follows it, done while its results are stored: {@code y = activation((f(x) − mean) · scale
 * + shift + addend)}, any part of which may be missing. Training has {@code y = activation(norm(x) + addend)}, its gradient in one pass as well.
 *
 * <p>A normalisation after a convolution is folded into it, {@code (w·scale) ∗ x + (b − mean)·scale + shift}, which costs nothing for each
 * pixel; but for 16 bits, where scaled weights lose digits and the new bias may be too large.
 */
final class FusedChain {
    private static final String FOLDED_WEIGHTS = "weights with a normalisation's scale";
    private static final String FOLDED_BIAS = "bias with a normalisation's mean, scale and shift";

    private Link first;
    private Tensor mean;
    private Tensor scale;
    private Tensor shift;
    private Tensor addend;
    private Activation activation;

    /** Kept, as most are alike. */
    private BatchNormOp activatedNorm;

    /** Starts again with an operation. */
    void begin(Link link) {
        first = link;
        mean = null;
        scale = null;
        shift = null;
        addend = null;
        activation = Activation.NONE;
        if (link.op() instanceof Conv2dOp convolution) {
            activation = convolution.activation();
        } else if (link.op() instanceof LinearOp product) {
            activation = product.activation();
        }
    }

    /** Tells whether a call's operation can do something that follows it, or is done with packed weights. */
    static boolean beginsWith(Call call) {
        Op op = call.op();
        return op instanceof Conv2dOp && !call.has(3)
                || op instanceof BatchNormInference norm && norm.activation() == Activation.NONE && !call.has(4)
                || op instanceof LinearOp;
    }

    /** Tells whether a call's operation is of training and can do something that follows it. */
    static boolean beginsTraining(Call call) {
        return call.op() instanceof BatchNormOp norm
                && norm.activation() == Activation.NONE
                && !call.has(BatchNormOp.ADDEND);
    }

    /** Tells whether this is a chain of training. */
    boolean trains() {
        return first.op() instanceof BatchNormOp;
    }

    /** Tells whether a call that reads the result so far can be done with it. */
    boolean fits(Call call, int reading) {
        Op op = call.op();
        if (activation != Activation.NONE) {
            return false;
        }
        if (op instanceof Relu6) {
            return true;
        }
        if (op instanceof Unary function) {
            return function.op() == UnaryOp.RELU;
        }
        if (addend != null) {
            return false;
        }
        if (op instanceof Binary function) {
            return function.op() == BinaryOp.ADD
                    && !(first.op() instanceof LinearOp)
                    && call.shape(1 - reading).equals(call.shape(reading));
        }
        return op instanceof BatchNormInference && first.op() instanceof Conv2dOp && scale == null && reading == 0;
    }

    /** Adds an operation that fits. */
    void add(Link link) {
        if (link.op() instanceof Unary) {
            activation = Activation.RELU;
        } else if (link.op() instanceof Relu6) {
            activation = Activation.RELU6;
        } else if (link.op() instanceof Binary) {
            addend = link.input(1 - link.reading());
        } else if (link.op() instanceof BatchNormInference norm) {
            mean = link.input(1);
            scale = link.input(2);
            shift = link.input(3);
            addend = link.input(4);
            activation = norm.activation();
        }
    }

    /** Computes the result into a deferred tensor. */
    void compute(Tensor result) {
        Tensor x = first.input(0);
        if (first.op() instanceof Conv2dOp convolution) {
            convolve(convolution.p(), result);
        } else if (first.op() instanceof BatchNormInference) {
            normalize(x, first.input(1), first.input(2), first.input(3), result);
        } else if (first.op() instanceof BatchNormOp norm) {
            Op whole = activation == Activation.NONE ? norm : activated(norm);
            Tensor gamma = first.input(1);
            Tensor beta = first.input(2);
            Engine.fulfilAll(result, first.handle(1), first.handle(2), whole, x, gamma, beta, addend);
        } else {
            Tensor w = first.input(1);
            Engine.fulfil(result, new LinearOp(activation), x, w, first.input(2), KeptWeights.ofProduct(x, w));
        }
    }

    private Op activated(BatchNormOp norm) {
        if (activatedNorm == null
                || activatedNorm.epsilon() != norm.epsilon()
                || activatedNorm.activation() != activation) {
            activatedNorm = new BatchNormOp(norm.epsilon(), activation);
        }
        return activatedNorm;
    }

    private void convolve(Conv2dParameters p, Tensor result) {
        Conv2dOp operation = new Conv2dOp(p, activation);
        Tensor x = first.input(0);
        Tensor w = first.input(1);
        Tensor bias = first.input(2);
        if (scale == null) {
            Engine.fulfil(result, operation, x, w, bias, addend, KeptWeights.ofConvolution(p, x, w, result));
        } else if (scale.dtype() == w.dtype()) {
            Tensor folded = scaled(w);
            Tensor packed = KeptWeights.ofConvolution(p, x, folded, result);
            Engine.fulfil(result, operation, x, folded, offset(bias), addend, packed);
        } else {
            Tensor y = Engine.apply(new Conv2dOp(p, Activation.NONE), x, w, null, null);
            Tensor center = bias == null ? mean : mean.sub(bias.to(mean.dtype()));
            normalize(y, center, scale, shift, result);
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

    private void normalize(Tensor x, Tensor center, Tensor factor, Tensor term, Tensor result) {
        Engine.fulfil(result, new BatchNormInference(activation), x, center, factor, term, addend);
    }
}
