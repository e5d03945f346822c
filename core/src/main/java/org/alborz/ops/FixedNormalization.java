package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.backend.Activation;
import org.alborz.backend.BinaryOp;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * Batch normalisation with given statistics, as in evaluation: {@code activation((x − mean)·scale + shift + addend)} in one pass. The
 * mean is taken off before anything is multiplied, so that a large one costs no digits.
 */
public final class FixedNormalization implements Op {
    private static final int ADDEND = 3;

    private final Tensor x;
    private final Tensor mean;
    private final Tensor scale;
    private final Tensor rectified;

    private FixedNormalization(Tensor x, Tensor mean, Tensor scale, Tensor rectified) {
        this.x = x;
        this.mean = mean;
        this.scale = scale;
        this.rectified = rectified;
    }

    /**
     * Normalises each channel.
     *
     * @param x {@code [N, C]} or {@code [N, C, H, W]}
     * @param mean {@code [C]}, float32 where x is of 16 bits; a constant to the gradient
     * @param scale gamma / √(variance + ε), of the mean's shape and type
     * @param shift beta, likewise
     * @param addend of x's shape, or null
     */
    public static Tensor apply(
            Tensor x, Tensor mean, Tensor scale, Tensor shift, Tensor addend, Activation activation) {
        Operands.requireFloating("BatchNorm", x);
        requirePerChannel("mean", mean, x);
        requirePerChannel("scale", scale, x);
        requirePerChannel("shift", shift, x);
        if (addend != null) {
            Operands.requireAlike("BatchNorm", x, addend);
            if (!addend.shape().equals(x.shape())) {
                throw new IllegalArgumentException(
                        "BatchNorm expects an addend of the input's shape " + x.shape() + ", got " + addend.describe());
            }
        }
        Tensor input = Operands.channelsLast(x);
        Tensor more = addend == null ? null : Operands.channelsLast(addend);
        Tensor y = Operands.result(x, input.layout().compact());
        x.session().backend().normalization().normalize(input, mean, scale, shift, more, activation, y);
        Node node = Node.record(y, x, scale, shift, addend);
        if (node != null) {
            node.complete(new FixedNormalization(
                    node.save(input, x),
                    node.save(mean),
                    node.save(scale),
                    activation == Activation.RELU ? node.save(y) : null));
        }
        Operands.closeCopy(input, x);
        Operands.closeCopy(more, addend);
        return y;
    }

    private static void requirePerChannel(String argument, Tensor tensor, Tensor x) {
        DType wide = x.dtype().accumulator();
        int rank = x.shape().rank();
        boolean fits = (rank == 2 || rank == 4)
                && tensor.session() == x.session()
                && tensor.dtype() == wide
                && tensor.shape().rank() == 1
                && tensor.shape().size(0) == x.shape().size(1)
                && tensor.layout().isDense();
        if (!fits) {
            throw new IllegalArgumentException("BatchNorm expects input [N, C] or [N, C, H, W] and a contiguous "
                    + argument + " [C] of " + wide + " in one session, got " + x.describe() + " and "
                    + tensor.describe());
        }
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        Tensor dz = rectified == null ? dy : rectified.apply(BinaryOp.RELU_BACKWARD, dy);
        int[] over = BatchNormalization.pixels(x.shape());
        Shape perChannel = Reduction.of(x.shape(), over).kept();
        Tensor slope = dz.to(scale.dtype());
        if (inputs.wants(0)) {
            inputs.add(0, slope.mul(scale.reshape(perChannel)).to(x.dtype()));
        }
        if (inputs.wants(1)) {
            Tensor centred = x.to(scale.dtype()).sub(mean.reshape(perChannel));
            inputs.add(1, slope.mul(centred).sum(false, over));
        }
        if (inputs.wants(2)) {
            inputs.add(2, slope.sum(false, over));
        }
        if (inputs.wants(ADDEND)) {
            inputs.add(ADDEND, dz);
        }
    }
}
