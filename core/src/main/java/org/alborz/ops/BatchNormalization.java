package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** Batch normalisation with the batch's own statistics (Ioffe and Szegedy 2015). */
public final class BatchNormalization implements Op {
    private final double epsilon;
    private final Tensor x;
    private final Tensor gamma;
    private final Tensor mean;
    private final Tensor variance;

    private BatchNormalization(double epsilon, Tensor x, Tensor gamma, Tensor mean, Tensor variance) {
        this.epsilon = epsilon;
        this.x = x;
        this.gamma = gamma;
        this.mean = mean;
        this.variance = variance;
    }

    /**
     * A normalised batch and what it was normalised with.
     *
     * @param y of the shape of the input
     * @param mean {@code [C]}, float32 where the batch is of 16 bits; not recorded
     * @param variance likewise, over the count of elements
     */
    public record Result(Tensor y, Tensor mean, Tensor variance) {}

    /**
     * Normalises each channel over the batch.
     *
     * @param x {@code [N, C]} or {@code [N, C, H, W]} with at least two values a channel
     * @param gamma {@code [C]}
     * @param beta {@code [C]}
     */
    public static Result apply(Tensor x, Tensor gamma, Tensor beta, double epsilon) {
        Operands.requireAlike("BatchNorm", x, gamma);
        Operands.requireAlike("BatchNorm", x, beta);
        Operands.requireRank("BatchNorm", "gamma", gamma, 1, "[C]");
        int channels = gamma.shape().size(0);
        requirePerChannel("gamma", gamma, channels);
        requirePerChannel("beta", beta, channels);
        if (!(epsilon >= 0) || Double.isInfinite(epsilon)) {
            throw new IllegalArgumentException("BatchNorm expects a finite epsilon of at least 0, got " + epsilon);
        }
        if (x.shape().rank() != 2 && x.shape().rank() != 4 || x.shape().size(1) != channels) {
            throw new IllegalArgumentException(
                    "BatchNorm expects input [N, " + channels + "] or [N, " + channels + ", H, W], got " + x.shape());
        }
        if (x.shape().elements() / Math.max(1, channels) < 2) {
            throw new IllegalArgumentException("BatchNorm in training expects at least two values a channel, got input "
                    + x.shape() + "; use a larger batch (DataLoader's dropLast leaves out a last batch of one)");
        }
        Tensor input = Operands.channelsLast(x);
        Tensor y = Operands.result(x, input.layout().compact());
        DType wide = x.dtype().accumulator();
        Tensor mean = x.session().empty(wide, Layout.rowMajor(gamma.shape()));
        Tensor variance = x.session().empty(wide, Layout.rowMajor(gamma.shape()));
        x.session().backend().normalization().batchNorm(epsilon, input, gamma, beta, y, mean, variance);
        Node node = Node.record(y, x, gamma, beta);
        if (node != null) {
            node.complete(new BatchNormalization(
                    epsilon, node.save(input, x), node.save(gamma), node.save(mean), node.save(variance)));
        }
        Operands.closeCopy(input, x);
        return new Result(y, mean, variance);
    }

    private static void requirePerChannel(String argument, Tensor tensor, int channels) {
        if (tensor.shape().rank() != 1
                || tensor.shape().size(0) != channels
                || !tensor.layout().isDense()) {
            throw new IllegalArgumentException(
                    "BatchNorm expects a contiguous " + argument + " [" + channels + "], got " + tensor.layout());
        }
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        if (inputs.differentiable()) {
            composed(dy, inputs);
        } else {
            fused(dy, inputs);
        }
    }

    private void fused(Tensor dy, GradientSink inputs) {
        Tensor gradient = dy.to(x.layout());
        Tensor dx = Operands.result(x, x.layout().compact());
        Tensor dgamma = Operands.result(gamma, gamma.shape());
        Tensor dbeta = Operands.result(gamma, gamma.shape());
        x.session()
                .backend()
                .normalization()
                .batchNormBackward(epsilon, x, gamma, mean, variance, gradient, dx, dgamma, dbeta);
        inputs.give(0, dx);
        inputs.give(1, dgamma);
        inputs.give(2, dbeta);
    }

    /** Returns the axes that a channel's numbers lie along. */
    static int[] pixels(Shape x) {
        return x.rank() == 4 ? new int[] {0, 2, 3} : new int[] {0};
    }

    /**
     * With x̂ = (x − μ)/σ: dx = (γ/σ)·(dy − mean(dy) − x̂·mean(dy·x̂)), every part a function of x; computed in the type of sums, as
     * the square of a number of 16 bits may not be one. The mean is taken off twice: the first is rounded.
     */
    private void composed(Tensor dy, GradientSink inputs) {
        int[] over = pixels(x.shape());
        Shape perChannel = Reduction.of(x.shape(), over).kept();
        DType wide = mean.dtype();
        Tensor slope = dy.to(wide);
        Tensor input = x.to(wide);
        Tensor nearly = input.sub(input.mean(true, over));
        Tensor centred = nearly.sub(nearly.mean(true, over));
        Tensor inverse = centred.square().mean(true, over).add(epsilon).pow(-0.5);
        Tensor normalised = centred.mul(inverse);
        Tensor projected = slope.mul(normalised);
        Tensor spread = slope.sub(slope.mean(true, over)).sub(normalised.mul(projected.mean(true, over)));
        Tensor dx = spread.mul(inverse).mul(gamma.to(wide).reshape(perChannel));
        inputs.add(0, dx.to(x.dtype()));
        inputs.add(1, projected.sum(false, over).to(x.dtype()));
        inputs.add(2, slope.sum(false, over).to(x.dtype()));
    }
}
