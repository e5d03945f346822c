package org.alborz.cuda.dnn.graph;

import org.alborz.cuda.dnn.ConvolutionKey;
import org.alborz.cuda.dnn.ConvolutionPass;
import org.alborz.type.Shape;

/**
 * All that a plan for a convolution and what follows it depends on.
 *
 * @param convolution of the forward pass, or with {@link Following.GateSums} of that of the images' gradient
 */
public record FusionKey(ConvolutionKey convolution, Following following) {
    /** Tells whether it is the gradient of the images. */
    boolean isGradient() {
        return convolution.pass() == ConvolutionPass.BACKWARD_DATA;
    }

    /** Returns the shape of what the convolution makes. */
    Shape result() {
        return isGradient() ? convolution.x() : convolution.y();
    }

    /** Returns it in words. */
    String text() {
        return (isGradient() ? "the gradient of a convolution's images with " : "a convolution with ")
                + following.text() + ", " + convolution.dtype() + ", " + convolution.x() + " by " + convolution.w();
    }
}
