package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.backend.Activation;
import org.alborz.backend.BinaryOp;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** A fully connected layer in one product: {@code activation(x·wᵀ + bias)}. */
public final class Linear implements Op {
    private final Tensor x;
    private final Tensor w;
    private final Tensor rectified;

    private Linear(Tensor x, Tensor w, Tensor rectified) {
        this.x = x;
        this.w = w;
        this.rectified = rectified;
    }

    /**
     * Computes {@code activation(x·wᵀ + bias)}.
     *
     * @param x {@code [N, in]}
     * @param w {@code [out, in]}
     * @param bias {@code [out]} or null
     */
    public static Tensor apply(Tensor x, Tensor w, Tensor bias, Activation activation) {
        Operands.requireAlike("Linear", x, w);
        Operands.requireRank("Linear", "weight", w, 2, "[out, in]");
        if (x.shape().rank() != 2 || x.shape().size(1) != w.shape().size(1)) {
            throw new IllegalArgumentException(
                    "Linear expects input [N, " + w.shape().size(1) + "], got " + x.shape());
        }
        Bias.require("Linear", bias, w);
        Tensor input = MatrixProduct.matrix(x);
        Tensor weight = MatrixProduct.matrix(w);
        Tensor transposed = weight.view(weight.layout().transpose(0, 1), ViewAccess.GRANTED);
        Tensor y = Operands.result(x, Shape.of(x.shape().size(0), w.shape().size(0)));
        x.session().backend().matMul().multiply(input, transposed, bias, activation, y);
        transposed.close();
        Operands.closeCopy(input, x);
        Operands.closeCopy(weight, w);
        Node node = Node.record(y, x, w, bias);
        if (node != null) {
            node.complete(new Linear(node.save(x), node.save(w), activation == Activation.RELU ? node.save(y) : null));
        }
        return y;
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        Tensor dz = rectified == null ? dy : rectified.apply(BinaryOp.RELU_BACKWARD, dy);
        if (inputs.wants(0)) {
            inputs.add(0, dz.matmul(w));
        }
        if (inputs.wants(1)) {
            inputs.add(1, dz.transpose(0, 1).matmul(x));
        }
        Bias.gradient(dz, inputs, 0);
    }
}
