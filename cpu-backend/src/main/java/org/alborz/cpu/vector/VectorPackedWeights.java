package org.alborz.cpu.vector;

import org.alborz.backend.Operand;
import org.alborz.backend.PackedWeights;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Shape;

/** Convolutions and products of float32 with weights that were packed before. */
final class VectorPackedWeights implements PackedWeights {
    private final VectorConvolution convolution;
    private final VectorMatMul matMul;

    VectorPackedWeights(VectorConvolution convolution, VectorMatMul matMul) {
        this.convolution = convolution;
        this.matMul = matMul;
    }

    @Override
    public Form form(Conv2dParameters p, Shape x, Operand w, Shape y) {
        return convolution.form(p, x, w, y);
    }

    @Override
    public void pack(Conv2dParameters p, Shape x, Operand w, Shape y, Operand packed) {
        convolution.pack(p, x, w, y, packed);
    }

    @Override
    public void convolve(
            Conv2dParameters p,
            Operand x,
            Operand w,
            Operand packed,
            Operand bias,
            Operand addend,
            Activation activation,
            Operand y) {
        convolution.forward(p, x, w, packed, bias, addend, activation, y);
    }

    @Override
    public Form form(Shape a, Operand b) {
        return matMul.form(a, b);
    }

    @Override
    public void pack(Operand b, Operand packed) {
        matMul.pack(b, packed);
    }

    @Override
    public void multiply(Operand a, Operand b, Operand packed, Operand bias, Activation activation, Operand y) {
        matMul.multiply(a, b, packed, bias, activation, y);
    }
}
