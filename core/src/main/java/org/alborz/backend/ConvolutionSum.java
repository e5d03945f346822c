package org.alborz.backend;

import org.alborz.type.Conv2dParameters;

/** Gradients of convolutions that are added to others in the same pass, as where images are read by two of them. */
public non-sealed interface ConvolutionSum extends EngineFusion {
    /**
     * Adds what {@link Convolution#backwardData} computes to {@code dx}. The sum may be rounded once or after the gradient was.
     *
     * @param dx dense and channels-last, shares no memory with the others
     */
    void addBackwardData(Conv2dParameters p, Operand dy, Operand w, Operand dx);
}
