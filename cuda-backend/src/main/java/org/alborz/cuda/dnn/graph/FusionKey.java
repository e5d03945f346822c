package org.alborz.cuda.dnn.graph;

import org.alborz.cuda.dnn.ConvolutionKey;

/**
 * All that a plan for a convolution and what follows it depends on.
 *
 * @param convolution of the forward pass
 */
public record FusionKey(ConvolutionKey convolution, Following following) {
    /** Returns it in words. */
    String text() {
        return "a convolution with " + following.text() + ", " + convolution.dtype() + ", " + convolution.x() + " by "
                + convolution.w();
    }
}
