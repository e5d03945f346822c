package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * Batch normalisation with given statistics, as in evaluation: {@code activation((x − mean)·scale + shift + addend)} in one pass. The
 * mean is taken off before anything is multiplied, so that a large one costs no digits.
 *
 * <p>Inputs are x, {@code [N, C]} or {@code [N, C, H, W]}; the mean {@code [C]}, a constant to the gradient; the scale, gamma / √(variance
 * + ε); the shift, beta; and an addend of x's shape, or null. The three in the middle are of the {@link DType#accumulator} of x's type.
 */
public record BatchNormInference(Activation activation) implements Op {
    private static final int X = 0;
    private static final int MEAN = 1;
    private static final int SCALE = 2;
    private static final int SHIFT = 3;
    private static final int ADDEND = 4;

    @Override
    public String name() {
        return "BatchNorm";
    }

    @Override
    public void infer(Call call) {
        call.floating(X);
        requirePerChannel(call, MEAN, "mean");
        requirePerChannel(call, SCALE, "scale");
        requirePerChannel(call, SHIFT, "shift");
        call.channelsLast(X);
        if (call.has(ADDEND)) {
            call.alike(X, ADDEND);
            if (!call.shape(ADDEND).equals(call.shape(X))) {
                throw new IllegalArgumentException("BatchNorm expects an addend of the input's shape " + call.shape(X)
                        + ", got " + call.describe(ADDEND));
            }
            call.channelsLast(ADDEND);
        }
        call.result(call.layout(X).compact());
    }

    @Override
    public void compute(Backend backend, Call call) {
        backend.normalization()
                .normalize(
                        call.in(X),
                        call.in(MEAN),
                        call.in(SCALE),
                        call.in(SHIFT),
                        call.in(ADDEND),
                        activation,
                        call.out(0));
    }

    @Override
    public int saves() {
        return Op.input(X) | Op.input(MEAN) | Op.input(SCALE) | ActivationGradient.saves(activation);
    }

    @Override
    public boolean differentiable(int input) {
        return input != MEAN;
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        Tensor x = inputs.input(X);
        Tensor scale = inputs.input(SCALE);
        Tensor dz = activation == Activation.NONE ? dy : ActivationGradient.of(activation, inputs.result(0), dy);
        int[] over = BatchNormOp.pixels(x.shape());
        Shape perChannel = Reduction.of(x.shape(), over).kept();
        Tensor slope = dz.to(scale.dtype());
        if (inputs.needs(X)) {
            inputs.add(X, slope.mul(scale.reshape(perChannel)).to(x.dtype()));
        }
        if (inputs.needs(SCALE)) {
            Tensor centred = x.to(scale.dtype()).sub(inputs.input(MEAN).reshape(perChannel));
            inputs.add(SCALE, slope.mul(centred).sum(false, over));
        }
        if (inputs.needs(SHIFT)) {
            inputs.add(SHIFT, slope.sum(false, over));
        }
        if (inputs.needs(ADDEND)) {
            inputs.add(ADDEND, dz);
        }
    }

    private static void requirePerChannel(Call call, int input, String argument) {
        DType wide = call.dtype(X).accumulator();
        int rank = call.shape(X).rank();
        boolean fits = (rank == 2 || rank == 4)
                && call.dtype(input) == wide
                && call.shape(input).rank() == 1
                && call.shape(input).size(0) == call.shape(X).size(1)
                && call.layout(input).isDense();
        if (!fits) {
            throw new IllegalArgumentException("BatchNorm expects input [N, C] or [N, C, H, W] and a contiguous "
                    + argument + " [C] of " + wide + ", got " + call.describe(X) + " and " + call.describe(input));
        }
    }
}
