package org.alborz.ops;

import java.util.List;
import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.backend.PackedWeights;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * Two-dimensional convolution with bias, addend and activation.
 *
 * <p>Inputs are images {@code [N, C, H, W]}; filters {@code [O, C/groups, KH, KW]}; a bias {@code [O]} or null; and an addend of the
 * result's shape or null, which is added before the activation, such as a shortcut. The result is {@code [N, O, OH, OW]} with OH = ⌊(H + P
 * − D(KH − 1) − 1) / S⌋ + 1 where P zeros are on both sides together, stored channels-last. Evaluation may also give the filters as the backend
 * packed them.
 */
public record Conv2dOp(Conv2dParameters p, Activation activation) implements Op {
    private static final int X = 0;
    private static final int W = 1;
    private static final int BIAS = 2;
    private static final int ADDEND = 3;
    private static final int PACKED = 4;

    @Override
    public String name() {
        return "Conv2d";
    }

    @Override
    public void infer(Call call) {
        call.alike(X, W);
        Shape shape = resultShape(call.shape(X), call.shape(W), p);
        Bias.require(call);
        call.channelsLast(X);
        call.convolutionWeights(W);
        if (call.has(ADDEND)) {
            call.alike(X, ADDEND);
            if (!call.shape(ADDEND).equals(shape)) {
                throw new IllegalArgumentException(
                        "Conv2d expects an addend of the result's shape " + shape + ", got " + call.describe(ADDEND));
            }
            call.channelsLast(ADDEND);
        }
        call.result(Layout.channelsLast(shape));
    }

    @Override
    public void compute(Backend backend, Call call) {
        if (call.has(PACKED)) {
            backend.fusion(PackedWeights.class)
                    .orElseThrow()
                    .convolve(
                            p,
                            call.in(X),
                            call.in(W),
                            call.in(PACKED),
                            call.in(BIAS),
                            call.in(ADDEND),
                            activation,
                            call.out(0));
            return;
        }
        backend.convolution()
                .forward(p, call.in(X), call.in(W), call.in(BIAS), call.in(ADDEND), activation, call.out(0));
    }

    @Override
    public long multiplyAdds(List<TensorSpec> inputs, List<TensorSpec> results) {
        return multiplyAdds(inputs.get(W).shape(), results.get(0).shape());
    }

    @Override
    public int saves() {
        return Op.input(X) | Op.input(W) | ActivationGradient.saves(activation);
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        Tensor x = inputs.input(X);
        Tensor w = inputs.input(W);
        Tensor dz = Bias.gradient(activation, dy, inputs).to(Layout.channelsLast(dy.shape()));
        if (inputs.needs(ADDEND)) {
            inputs.add(ADDEND, dz);
        }
        if (inputs.needs(W)) {
            inputs.give(W, Engine.apply(new Conv2dBackwardFilter(p, w.shape()), x, dz));
        }
        // Last, so that a backend can do it together with the gradient of what made the images.
        if (inputs.needs(X)) {
            Tensor sum = inputs.sum(X, Layout.channelsLast(x.shape()));
            Conv2dBackwardData backward = new Conv2dBackwardData(p, x.shape());
            if (sum == null) {
                inputs.give(X, Engine.apply(backward, dz, w));
            } else {
                Engine.applyAll(backward, 0, dz, w, sum);
            }
        }
    }

    /**
     * Returns the shape of the result.
     *
     * @throws IllegalArgumentException where images of shape x cannot be convolved with weights of shape w
     */
    public static Shape resultShape(Shape x, Shape w, Conv2dParameters p) {
        requireChannels(x, w, p);
        int h = p.outputH(x.size(2), w.size(2));
        int wide = p.outputW(x.size(3), w.size(3));
        requireSpace(h, wide, x, w, p);
        boolean same = w.size(0) == x.size(1) && h == x.size(2) && wide == x.size(3);
        return same ? x : Shape.of(x.size(0), w.size(0), h, wide);
    }

    /** Returns how many products a convolution to y with weights w adds up. */
    static long multiplyAdds(Shape w, Shape y) {
        return y.elements() * w.size(1) * w.size(2) * w.size(3);
    }

    /** Refuses a gradient that is not of the result's shape of a convolution of images x with weights w. */
    static void requireGradient(Shape dy, Shape x, Shape w, Conv2dParameters p) {
        requireChannels(x, w, p);
        int h = p.outputH(x.size(2), w.size(2));
        int wide = p.outputW(x.size(3), w.size(3));
        requireSpace(h, wide, x, w, p);
        boolean fits = dy.rank() == 4
                && dy.size(0) == x.size(0)
                && dy.size(1) == w.size(0)
                && dy.size(2) == h
                && dy.size(3) == wide;
        if (!fits) {
            throw new IllegalArgumentException("Conv2d's gradient expects dy " + resultShape(x, w, p) + " for images "
                    + x + " and weights " + w + " with " + p + ", got " + dy);
        }
    }

    private static void requireChannels(Shape x, Shape w, Conv2dParameters p) {
        if (w.rank() != 4) {
            throw new IllegalArgumentException("Conv2d expects weight [O, C/groups, KH, KW], got " + w);
        }
        long channels = (long) w.size(1) * p.groups();
        if (x.rank() != 4 || x.size(1) != channels) {
            throw new IllegalArgumentException("Conv2d expects input [N, " + channels + ", H, W], got " + x);
        }
        if (w.size(0) % p.groups() != 0) {
            throw new IllegalArgumentException(
                    "Conv2d expects out channels divisible by " + p.groups() + " groups, got " + w.size(0));
        }
    }

    private static void requireSpace(int h, int wide, Shape x, Shape w, Conv2dParameters p) {
        if (h < 1 || wide < 1) {
            throw new IllegalArgumentException("Conv2d's kernel " + w.size(2) + "x" + w.size(3) + " with " + p
                    + " does not fit into input " + x + "; use a larger input or padding");
        }
    }
}
