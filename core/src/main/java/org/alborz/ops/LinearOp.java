package org.alborz.ops;

import java.util.List;
import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.backend.PackedWeights;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.Shape;

/**
 * A fully connected layer in one product: {@code activation(x·wᵀ + bias)}. Inputs are x {@code [N, in]}, w {@code [out, in]} and a bias
 * {@code [out]} or null. Evaluation may also give w as the backend packed it.
 */
public record LinearOp(Activation activation) implements Op {
    private static final int X = 0;
    private static final int W = 1;
    private static final int BIAS = 2;
    private static final int PACKED = 3;

    @Override
    public void infer(Call call) {
        call.alike(X, W);
        call.rank(W, "weight", 2, "[out, in]");
        Shape x = call.shape(X);
        Shape w = call.shape(W);
        if (x.rank() != 2 || x.size(1) != w.size(1)) {
            throw new IllegalArgumentException("Linear expects input [N, " + w.size(1) + "], got " + x);
        }
        Bias.require(call);
        call.matrix(X);
        call.matrix(W);
        call.read(W, call.layout(W).transpose(0, 1));
        call.result(Shape.of(x.size(0), w.size(0)));
    }

    @Override
    public void compute(Backend backend, Call call) {
        if (call.has(PACKED)) {
            backend.fusion(PackedWeights.class)
                    .orElseThrow()
                    .multiply(call.in(X), call.in(W), call.in(PACKED), call.in(BIAS), activation, call.out(0));
            return;
        }
        backend.matMul().multiply(call.in(X), call.in(W), call.in(BIAS), activation, call.out(0));
    }

    @Override
    public long multiplyAdds(List<TensorSpec> inputs, List<TensorSpec> results) {
        return results.get(0).shape().elements() * inputs.get(X).shape().size(1);
    }

    @Override
    public int saves() {
        return Op.input(X) | Op.input(W) | ActivationGradient.saves(activation);
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        Tensor dz = Bias.gradient(activation, dy, inputs);
        if (inputs.needs(X)) {
            inputs.add(X, dz.matmul(inputs.input(W)));
        }
        if (inputs.needs(W)) {
            inputs.add(W, dz.transpose(0, 1).matmul(inputs.input(X)));
        }
    }
}
