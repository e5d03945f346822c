package org.alborz.cuda.dnn;

/** The three products that a convolution consists of. */
public enum ConvolutionPass {
    FORWARD,
    BACKWARD_DATA,
    BACKWARD_FILTER
}
