package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.backend.BatchNormGate;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * Batch normalisation with the batch's own statistics (Ioffe and Szegedy 2015), and an addition and an activation after it: {@code y =
 * activation(norm(x) + addend)}, with the bits of one operation after the other.
 *
 * <p>Inputs are x, {@code [N, C]} or {@code [N, C, H, W]} with at least two values a channel, gamma {@code [C]} and beta {@code [C]}, both of
 * x's type or both of its {@link DType#accumulator}: then x of 16 bits is normalised in float32 and rounded once; and an addend of x's
 * shape and type, or null. Results are y of x's shape and type, and the mean and the biased variance, {@code [C]}, of the accumulator;
 * only y has a gradient. With an activation there may be a fourth, the bits of a {@link BatchNormGate}, where the backend stores them.
 */
public record BatchNormOp(double epsilon, Activation activation) implements Op {
    static final int ADDEND = 3;
    private static final int X = 0;
    private static final int GAMMA = 1;
    private static final int BETA = 2;
    static final int MEAN = 1;
    static final int VARIANCE = 2;
    private static final int GATE = 3;

    public BatchNormOp {
        if (!(epsilon >= 0) || Double.isInfinite(epsilon)) {
            throw new IllegalArgumentException("BatchNorm expects a finite epsilon of at least 0, got " + epsilon);
        }
    }

    /** Makes the operation without an activation. */
    public BatchNormOp(double epsilon) {
        this(epsilon, Activation.NONE);
    }

    @Override
    public String name() {
        return "BatchNorm";
    }

    @Override
    public void infer(Call call) {
        requireChannels(call);
        requirePerChannel(call, BETA, "beta", call.dtype(GAMMA));
        call.channelsLast(X);
        if (call.has(ADDEND)) {
            requireLike(call, X, ADDEND, "an addend");
            call.channelsLast(ADDEND);
        }
        call.result(call.layout(X).compact());
        DType wide = call.dtype(X).accumulator();
        Layout perChannel = Layout.rowMajor(call.shape(GAMMA));
        call.result(wide, perChannel);
        call.result(wide, perChannel);
        long bytes = activation == Activation.NONE ? 0 : gateBytes(call);
        if (bytes > 0) {
            call.result(DType.UINT8, Layout.rowMajor(Shape.of(Math.toIntExact(bytes))));
        }
    }

    /** Returns how many bytes the backend stores of which results pass their gradient, in place of the results; 0 where it stores none. */
    static long gateBytes(Call call) {
        return call.fusion(BatchNormGate.class)
                .map(fusion -> fusion.bytes(call.dtype(X), call.shape(X)))
                .orElse(0L);
    }

    @Override
    public void compute(Backend backend, Call call) {
        if (call.resultCount() > GATE) {
            backend.fusion(BatchNormGate.class)
                    .orElseThrow()
                    .batchNorm(
                            epsilon,
                            call.in(X),
                            call.in(GAMMA),
                            call.in(BETA),
                            call.in(ADDEND),
                            activation,
                            call.out(0),
                            call.out(MEAN),
                            call.out(VARIANCE),
                            call.out(GATE));
            return;
        }
        backend.normalization()
                .batchNorm(
                        epsilon,
                        call.in(X),
                        call.in(GAMMA),
                        call.in(BETA),
                        call.in(ADDEND),
                        activation,
                        call.out(0),
                        call.out(MEAN),
                        call.out(VARIANCE));
    }

    @Override
    public int saves() {
        int activated = ActivationGradient.saves(activation);
        int gate = activated == 0 ? 0 : Op.result(GATE);
        int beta = activated == 0 ? 0 : Op.input(BETA);
        return Op.input(X) | Op.input(GAMMA) | beta | Op.result(MEAN) | Op.result(VARIANCE) | activated | gate;
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        Tensor y = activation == Activation.NONE ? null : inputs.result(0);
        boolean normalizes = inputs.needs(X) || inputs.needs(GAMMA) || inputs.needs(BETA);
        if (inputs.differentiable() || !normalizes) {
            Tensor sum = ActivationGradient.of(activation, y, dy);
            inputs.add(ADDEND, sum);
            if (normalizes) {
                composed(sum, inputs);
            }
            return;
        }
        boolean adds = inputs.needs(ADDEND);
        BatchNormBackward operation = new BatchNormBackward(epsilon, activation, y != null && adds);
        Tensor gate = y == null ? null : inputs.result(GATE);
        boolean usesUp = gate != null && inputs.usesUp() && adds == inputs.has(ADDEND);
        Tensor[] gradients = Engine.applyAll(
                operation,
                operation.results(),
                inputs.input(X),
                inputs.input(GAMMA),
                inputs.result(MEAN),
                inputs.result(VARIANCE),
                dy,
                gate == null || usesUp ? y : null,
                gate,
                usesUp ? inputs.input(BETA) : null);
        if (operation.addend()) {
            inputs.give(ADDEND, gradients[ADDEND]);
        } else if (adds) {
            inputs.add(ADDEND, dy);
        }
        for (int i = X; i <= BETA; i++) {
            inputs.give(i, gradients[i]);
        }
    }

    /** Refuses an input that is not of another's shape and type. */
    static void requireLike(Call call, int x, int input, String argument) {
        if (call.dtype(input) != call.dtype(x) || !call.shape(input).equals(call.shape(x))) {
            throw new IllegalArgumentException("BatchNorm expects " + argument + " " + call.shape(x) + " of "
                    + call.dtype(x) + ", as the input is, got " + call.describe(input));
        }
    }

    /** Refuses an input and a gamma that do not fit, and too few values a channel. */
    static void requireChannels(Call call) {
        call.floating(X);
        call.rank(GAMMA, "gamma", 1, "[C]");
        if (call.dtype(GAMMA) != call.dtype(X).accumulator()) {
            call.sameType(X, GAMMA);
        }
        requirePerChannel(call, GAMMA, "gamma", call.dtype(GAMMA));
        int channels = call.shape(GAMMA).size(0);
        Shape x = call.shape(X);
        if (x.rank() != 2 && x.rank() != 4 || x.size(1) != channels) {
            throw new IllegalArgumentException(
                    "BatchNorm expects input [N, " + channels + "] or [N, " + channels + ", H, W], got " + x);
        }
        if (x.elements() / Math.max(1, channels) < 2) {
            throw new IllegalArgumentException("BatchNorm in training expects at least two values a channel, got input "
                    + x + "; use a larger batch (DataLoader's dropLast leaves out a last batch of one)");
        }
    }

    /** Refuses an input that is not contiguous, of gamma's shape, and of a type. */
    static void requirePerChannel(Call call, int input, String argument, DType dtype) {
        if (call.dtype(input) != dtype
                || !call.shape(input).equals(call.shape(GAMMA))
                || !call.layout(input).isDense()) {
            throw new IllegalArgumentException("BatchNorm expects a contiguous " + argument + " " + call.shape(GAMMA)
                    + " of " + dtype + ", got " + call.layout(input) + " of " + call.dtype(input));
        }
    }

    /** Returns the axes that a channel's numbers are found along. */
    static int[] pixels(Shape x) {
        return x.rank() == 4 ? new int[] {0, 2, 3} : new int[] {0};
    }

    /**
     * With x̂ = (x − μ)/σ: dx = (γ/σ)·(dy − mean(dy) − x̂·mean(dy·x̂)), every part a function of x; computed in the type of sums, as
     * the square of a number of 16 bits may not be one. The mean is taken off twice: the first is rounded.
     */
    private void composed(Tensor dy, GradientSink inputs) {
        Tensor x = inputs.input(X);
        int[] over = pixels(x.shape());
        Shape perChannel = Reduction.of(x.shape(), over).kept();
        DType wide = inputs.result(MEAN).dtype();
        Tensor slope = dy.to(wide);
        Tensor input = x.to(wide);
        Tensor nearly = input.sub(input.mean(true, over));
        Tensor centred = nearly.sub(nearly.mean(true, over));
        Tensor inverse = centred.square().mean(true, over).add(epsilon).pow(-0.5);
        Tensor normalised = centred.mul(inverse);
        Tensor projected = slope.mul(normalised);
        Tensor spread = slope.sub(slope.mean(true, over)).sub(normalised.mul(projected.mean(true, over)));
        Tensor dx = spread.mul(inverse).mul(inputs.input(GAMMA).to(wide).reshape(perChannel));
        inputs.add(X, dx.to(x.dtype()));
        if (inputs.needs(GAMMA)) {
            inputs.add(GAMMA, projected.sum(false, over).to(inputs.dtype(GAMMA)));
        }
        if (inputs.needs(BETA)) {
            inputs.add(BETA, slope.sum(false, over).to(inputs.dtype(BETA)));
        }
    }
}
