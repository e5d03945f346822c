package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.tensor.Tensor;

/** A recorded operation, as far as its gradient needs it. The permitted classes are the engine's differentiable operations. */
public sealed interface Op
        permits AveragePooling,
                AveragePoolingBackward,
                BatchNormalization,
                Binary,
                Concatenate,
                Convert,
                Convolution2d,
                Convolution2dData,
                Convolution2dFilter,
                CrossEntropy,
                CustomOp,
                Dropout,
                Expand,
                Extremum,
                FixedNormalization,
                Gather,
                Linear,
                MatrixProduct,
                MaxPooling,
                MaxPoolingBackward,
                MaxPoolingGather,
                Mean,
                Narrow,
                Pad,
                Permute,
                Reshape,
                ScatterAdd,
                Softmax,
                Sum,
                Unary,
                Where {
    /**
     * Gives each wanted input its gradient.
     *
     * @param dy the gradient of the result, of its shape, in any layout
     */
    void gradient(Tensor dy, GradientSink inputs);
}
