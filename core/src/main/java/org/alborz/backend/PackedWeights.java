package org.alborz.backend;

import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Shape;

/**
 * Convolutions and products with weights that were packed before: brought into the order in which a backend's kernels read them, or
 * transformed for its algorithm. {@link Convolution#forward} and {@link MatMul#multiply} do that each time; evaluation does it once and keeps
 * the result until the weights change. Results have the same bits either way.
 */
public non-sealed interface PackedWeights extends EngineFusion {
    /**
     * How weights are packed. Equal forms of the same weights hold the same numbers.
     *
     * @param name tells the forms of a backend apart
     * @param elements how many numbers, of the weights' type
     */
    record Form(String name, long elements) {}

    /**
     * Returns how a convolution of images x to y packs its weights, or null where it reads them as they are.
     *
     * @param w the weights, as {@link Convolution#forward} takes them
     */
    Form form(Conv2dParameters p, Shape x, Operand w, Shape y);

    /**
     * Packs the weights of a convolution that has a {@link #form}.
     *
     * @param packed as many elements as the form says, contiguous
     */
    void pack(Conv2dParameters p, Shape x, Operand w, Shape y, Operand packed);

    /** Computes what {@link Convolution#forward} does, with weights that were also packed for images of these shapes. */
    void convolve(
            Conv2dParameters p,
            Operand x,
            Operand w,
            Operand packed,
            Operand bias,
            Operand addend,
            Activation activation,
            Operand y);

    /**
     * Returns how a product of a matrix of a shape with a right one packs the latter, or null where it reads it as it is.
     *
     * @param b {@code [K, N]}, as {@link MatMul#multiply} takes it
     */
    Form form(Shape a, Operand b);

    /**
     * Packs the right matrix of a product that has a {@link #form(Shape, Operand)}.
     *
     * @param packed as many elements as the form says, contiguous
     */
    void pack(Operand b, Operand packed);

    /** Computes what {@link MatMul#multiply} does of matrices, with a right one that was also packed. */
    void multiply(Operand a, Operand b, Operand packed, Operand bias, Activation activation, Operand y);
}
