package org.alborz.cuda.dnn.graph;

import org.alborz.type.Conv2dParameters;

/** An operation of a graph, which reads tensors and makes others. */
sealed interface GraphOperation {

    /** Convolves images x with filters w. */
    record Convolve(Conv2dParameters parameters, GraphTensor x, GraphTensor w, GraphTensor y)
            implements GraphOperation {}

    /** Computes the gradient dx of the images of a convolution with filters w from that of its result, dy. */
    record ConvolveBack(Conv2dParameters parameters, GraphTensor dy, GraphTensor w, GraphTensor dx)
            implements GraphOperation {}

    /** Computes {@code y = x * b}, of the same shape. */
    record Multiply(GraphTensor x, GraphTensor b, GraphTensor y) implements GraphOperation {}

    /** Computes dx, which is dy where {@code 0 < y < upper}, and 0 elsewhere. */
    record Gate(GraphTensor dy, GraphTensor y, float upper, GraphTensor dx) implements GraphOperation {}

    /** Adds up the numbers of each channel in float32. */
    record Sum(GraphTensor x, GraphTensor sum) implements GraphOperation {}

    /** Computes {@code y = x + b}; b is of x's shape or has one number a channel. */
    record Add(GraphTensor x, GraphTensor b, GraphTensor y) implements GraphOperation {}

    /** Computes {@code y = min(max(x, 0), upper)}, which propagates NaN. */
    record Rectify(GraphTensor x, float upper, GraphTensor y) implements GraphOperation {}

    /** Converts x to the type of y. */
    record Convert(GraphTensor x, GraphTensor y) implements GraphOperation {}

    /** Adds up the numbers of each channel, and their squares, in float32. */
    record Statistics(GraphTensor x, GraphTensor sum, GraphTensor squares) implements GraphOperation {}
}
