package org.alborz.cuda.ops;

import org.alborz.backend.Elementwise;
import org.alborz.backend.MatMul;
import org.alborz.backend.Operand;
import org.alborz.cuda.blas.Blas;
import org.alborz.type.Activation;
import org.alborz.type.Shape;

/** Products by cuBLAS; the bias and the activation by a kernel of our own over the result. */
final class CudaMatMul implements MatMul {
    private final Blas blas;
    private final BiasActivation biasActivation;
    private final Elementwise elementwise;

    CudaMatMul(Blas blas, BiasActivation biasActivation, Elementwise elementwise) {
        this.blas = blas;
        this.biasActivation = biasActivation;
        this.elementwise = elementwise;
    }

    @Override
    public void multiply(Operand a, Operand b, Operand bias, Activation activation, Operand y) {
        Shape result = y.shape();
        if (result.elements() == 0) {
            return;
        }
        if (a.shape().size(-1) == 0) {
            elementwise.fill(0, y);
        } else {
            blas.multiply(a, b, y);
        }
        biasActivation.apply(bias, null, activation, y, result.elements() / result.size(-1), result.size(-1));
    }
}
