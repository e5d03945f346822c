package org.alborz.nn;

import org.alborz.backend.UnaryOp;
import org.alborz.ops.BatchNormInference;
import org.alborz.ops.Engine;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;

/**
 * What comes after a layer in evaluation, so that the layer may do it while it stores its result:
 * {@code y = activation((result − mean) · scale + shift + addend)}.
 *
 * @param mean {@code [C]}, for each channel, or null; with it {@code scale} and {@code shift}, float32 where results are of 16 bits
 * @param addend of a shape that broadcasts with the result's, or null
 */
record Epilogue(Tensor mean, Tensor scale, Tensor shift, Tensor addend, Activation activation) {
    static final Epilogue NONE = new Epilogue(null, null, null, null, Activation.NONE);

    /** Returns a subtraction, a multiplication and an addition for each channel. */
    static Epilogue normalization(Tensor mean, Tensor scale, Tensor shift) {
        return new Epilogue(mean, scale, shift, null, Activation.NONE);
    }

    /** Returns what ends a residual block. */
    static Epilogue addAndRectify(Tensor addend) {
        return new Epilogue(null, null, null, addend, Activation.RELU);
    }

    /** Returns this with a layer's evaluation behind it, or null where that is not of this form. */
    Epilogue followedBy(Layer layer, Pass pass) {
        if (this == NONE && layer instanceof BatchNorm norm) {
            return norm.epilogue(pass);
        }
        boolean rectifies = layer instanceof Activations.Function function && function.op() == UnaryOp.RELU;
        return rectifies && activation == Activation.NONE
                ? new Epilogue(mean, scale, shift, addend, Activation.RELU)
                : null;
    }

    /** Returns this with an addition and an activation behind it, or null where that is not of this form. */
    Epilogue followedBy(Epilogue next) {
        if (this == NONE) {
            return next;
        }
        boolean fits = activation == Activation.NONE && addend == null && next.scale == null;
        return fits ? new Epilogue(mean, scale, shift, next.addend, next.activation) : null;
    }

    /** Returns the part that goes by channels. */
    Epilogue normalizingPart() {
        return normalization(mean, scale, shift);
    }

    /** Returns this for results from which a bias was left out. */
    Epilogue withoutBias(Tensor bias) {
        return new Epilogue(mean.sub(bias.to(mean.dtype())), scale, shift, addend, activation);
    }

    /** Returns what comes after that part. */
    Epilogue rest() {
        return new Epilogue(null, null, null, addend, activation);
    }

    /** Does it to a layer's result; where there is nothing to do, returns the result itself. */
    Tensor apply(Tensor result) {
        Tensor y = result;
        if (mean != null) {
            BatchNorm.requireInput(result.shape(), mean.shape().size(0));
            boolean whole = addend == null || addend.shape().equals(result.shape());
            y = Engine.apply(
                    new BatchNormInference(whole ? activation : Activation.NONE),
                    result,
                    mean,
                    scale,
                    shift,
                    whole ? addend : null);
            if (whole) {
                return y;
            }
        }
        if (addend != null) {
            y = replace(y, y.add(addend), result);
        }
        return activation == Activation.NONE ? y : replace(y, y.relu(), result);
    }

    /** Returns the next value of a chain and closes the one before, unless that is where the chain began, or the same. */
    static Tensor replace(Tensor value, Tensor next, Tensor first) {
        if (value != first && value != next) {
            value.close();
        }
        return next;
    }
}
