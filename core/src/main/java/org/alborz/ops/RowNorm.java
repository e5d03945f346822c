package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * Normalisation along the last axis: layer normalisation (Ba, Kiros and Hinton 2016),
 * {@code y = (x − mean) / √(variance + ε)·gamma + beta}, or not centred root mean square normalisation (Zhang and Sennrich 2019),
 * {@code y = x / √(mean of x² + ε)·gamma + beta}.
 *
 * <p>Inputs are x {@code [..., D]}; gamma {@code [D]} or null; and beta {@code [D]}, or null, as it is without gamma. Both are of x's type
 * or both of its {@link DType#accumulator}: then x of 16 bits is normalised in float32 and rounded once.
 *
 * @param centred whether the mean of a row is taken off
 */
public record RowNorm(boolean centred, double epsilon) implements Op {
    private static final int X = 0;
    private static final int GAMMA = 1;
    private static final int BETA = 2;

    public RowNorm {
        if (!(epsilon >= 0) || Double.isInfinite(epsilon)) {
            throw new IllegalArgumentException(
                    name(centred) + " expects a finite epsilon of at least 0, got " + epsilon);
        }
    }

    static String name(boolean centred) {
        return centred ? "LayerNorm" : "RMSNorm";
    }

    @Override
    public String name() {
        return name(centred);
    }

    @Override
    public void infer(Call call) {
        requireRows(call, GAMMA);
        if (call.has(BETA)) {
            if (!call.has(GAMMA)) {
                throw new IllegalArgumentException(call.name() + " expects beta beside gamma only, got beta "
                        + call.describe(BETA) + " alone; add it to the result");
            }
            requireOfRow(call, BETA, "beta", call.dtype(GAMMA));
        }
        call.rowMajor(X);
        call.result(call.shape(X));
    }

    @Override
    public void compute(Backend backend, Call call) {
        backend.rowNormalization().rowNorm(centred, epsilon, call.in(X), call.in(GAMMA), call.in(BETA), call.out(0));
    }

    @Override
    public int saves() {
        return Op.input(X) | Op.input(GAMMA);
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        if (inputs.differentiable()) {
            composed(dy, inputs);
            return;
        }
        Tensor gamma = inputs.input(GAMMA);
        RowNormBackward operation = new RowNormBackward(centred, epsilon, inputs.needs(BETA));
        int results = RowNormBackward.results(gamma != null, inputs.needs(BETA));
        Tensor x = inputs.input(X);
        Tensor sum = inputs.sum(X, Layout.rowMajor(x.shape()));
        Tensor[] gradients = Engine.applyAll(operation, results, x, dy, gamma, sum);
        for (int i = sum == null ? 0 : 1; i < results; i++) {
            inputs.give(i, gradients[i]);
        }
    }

    /** Refuses x without an axis, and a gamma that does not fit it. */
    static void requireRows(Call call, int gamma) {
        call.floating(X);
        if (call.shape(X).rank() == 0) {
            throw new IllegalArgumentException(call.name() + " expects input [..., D], got a scalar");
        }
        if (call.has(gamma)) {
            DType type = call.dtype(gamma);
            requireOfRow(call, gamma, "gamma", type == call.dtype(X).accumulator() ? type : call.dtype(X));
        }
    }

    private static void requireOfRow(Call call, int input, String argument, DType dtype) {
        Shape row = Shape.of(call.shape(X).size(-1));
        if (call.dtype(input) != dtype
                || !call.shape(input).equals(row)
                || !call.layout(input).isDense()) {
            throw new IllegalArgumentException(call.name() + " of input " + call.describe(X) + " expects a contiguous "
                    + argument + " " + row + " of " + dtype + ", got " + call.layout(input) + " of "
                    + call.dtype(input));
        }
    }

    /** Every part a function of x, in the type of sums; the mean is taken off twice, since the first is rounded. */
    private void composed(Tensor dy, GradientSink inputs) {
        Tensor x = inputs.input(X);
        Tensor gamma = inputs.input(GAMMA);
        DType wide = x.dtype().accumulator();
        Tensor given = dy.to(wide);
        Tensor slope = gamma == null ? given : given.mul(gamma.to(wide));
        Tensor deviation = x.to(wide);
        if (centred) {
            deviation = deviation.sub(deviation.mean(true, -1));
            deviation = deviation.sub(deviation.mean(true, -1));
        }
        Tensor inverse = deviation.square().mean(true, -1).add(epsilon).pow(-0.5);
        Tensor normalised = deviation.mul(inverse);
        Tensor spread = slope.sub(normalised.mul(slope.mul(normalised).mean(true, -1)));
        spread = centred ? spread.sub(slope.mean(true, -1)) : spread;
        inputs.add(X, spread.mul(inverse).to(x.dtype()));
        if (inputs.needs(GAMMA)) {
            inputs.add(GAMMA, overRows(given.mul(normalised)).to(inputs.dtype(GAMMA)));
        }
        if (inputs.needs(BETA)) {
            inputs.add(BETA, overRows(given).to(inputs.dtype(BETA)));
        }
    }

    private static Tensor overRows(Tensor x) {
        int[] axes = new int[x.shape().rank() - 1];
        for (int i = 0; i < axes.length; i++) {
            axes[i] = i;
        }
        return axes.length == 0 ? x : x.sum(false, axes);
    }
}
