package org.alborz.nn;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.backend.UnaryOp;
import org.alborz.ops.BatchNormBackward;
import org.alborz.ops.BatchNormInference;
import org.alborz.ops.Call;
import org.alborz.ops.CustomOp;
import org.alborz.ops.Engine;
import org.alborz.ops.Op;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * Normalisation by the statistics of all ranks, which are functions of the input to its gradient: with x̂ = (x − μ)/σ and means over all ranks'
 * values, dx = (γ/σ)·(dy − mean(dy) − x̂·mean(dy·x̂)). The gradients of gamma and beta are those of this rank's values.
 *
 * <p>Inputs are x, gamma, beta, the mean and the biased variance, and the mean of this rank's values, {@code [C]}; the last three are of the type
 * of sums. The engine's gradient of batch norm takes off what is left of the mean of the values that it is given, so it gets this rank's mean, and
 * what the distance of the two means adds is added after it.
 *
 * <p>The second result is 0 and ties a loss to the normalisation: a loss of it alone has the gradient 0 in this rank's normalised values, and takes
 * part in the exchange.
 *
 * @param sync the ranks
 * @param count how many values of all ranks a channel has
 */
record SyncNormalization(SyncBatchNorm sync, double epsilon, double count) implements CustomOp {
    private static final BatchNormInference NORMALIZATION = new BatchNormInference(Activation.NONE);
    private static final int X = 0;
    private static final int GAMMA = 1;
    private static final int BETA = 2;
    private static final int MEAN = 3;
    private static final int VARIANCE = 4;
    private static final int OWN_MEAN = 5;

    @Override
    public String name() {
        return "SyncBatchNorm";
    }

    @Override
    public void infer(Call call) {
        call.channelsLast(X);
        call.result(call.layout(X).compact());
        call.result(call.dtype(MEAN), Layout.rowMajor(Shape.scalar()));
    }

    @Override
    public void compute(Backend backend, Call call) {
        Tensor variance = call.tensor(VARIANCE);
        Tensor inverse = inverseDeviation(variance);
        Tensor scale = call.tensor(GAMMA).to(variance.dtype()).mul(inverse);
        Tensor shift = call.tensor(BETA).to(variance.dtype());
        call.give(0, Engine.apply(NORMALIZATION, call.tensor(X), call.tensor(MEAN), scale, shift, null));
        call.give(
                1,
                variance.session()
                        .empty(variance.dtype(), Layout.rowMajor(Shape.scalar()))
                        .fill(0));
    }

    private Tensor inverseDeviation(Tensor variance) {
        return variance.add(epsilon).apply(UnaryOp.SQRT).reciprocal();
    }

    @Override
    public int gradients() {
        return 2;
    }

    @Override
    public int saves() {
        return Op.input(X) | Op.input(GAMMA) | Op.input(MEAN) | Op.input(VARIANCE) | Op.input(OWN_MEAN);
    }

    @Override
    public boolean differentiable(int input) {
        return input <= BETA;
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        if (inputs.differentiable()) {
            throw new UnsupportedOperationException("Synchronised batch norm has no second derivative;"
                    + " compute differentiable gradients without SyncBatchNorm");
        }
        Tensor x = inputs.input(X);
        Tensor mean = inputs.input(OWN_MEAN);
        Tensor variance = inputs.input(VARIANCE);
        // In the type of sums, which sums of gradients come in gamma's.
        Tensor gamma = inputs.input(GAMMA).to(variance.dtype());
        Tensor[] own = Engine.applyAll(
                new BatchNormBackward(epsilon, Activation.NONE, false), 3, x, gamma, mean, variance, dy, null);
        try (Scope scope = x.session().scope("synchronised gradient")) {
            Tensor inverse = inverseDeviation(variance);
            Tensor offset = mean.sub(inputs.input(MEAN)).mul(inverse);
            Tensor sum = own[BETA];
            Tensor centred = own[GAMMA];
            Tensor projected = centred.add(offset.mul(sum));
            if (inputs.needs(X)) {
                SyncBatchNorm.Means all = sync.means(sum, projected, count);
                Tensor ofGradient = SyncBatchNorm.tensor(mean, all.gradient());
                Tensor ofProjected = SyncBatchNorm.tensor(mean, all.projected());
                double values = (double) x.shape().elements() / mean.shape().elements();
                Tensor factor = gamma.mul(inverse);
                Tensor scale = centred.div(values).sub(ofProjected).mul(factor).mul(inverse);
                Tensor shift = sum.div(values)
                        .sub(ofGradient)
                        .sub(offset.mul(ofProjected))
                        .mul(factor);
                inputs.add(X, Engine.apply(NORMALIZATION, x, mean, scale, shift, own[X]));
            }
            if (inputs.needs(GAMMA)) {
                inputs.add(GAMMA, projected.to(inputs.dtype(GAMMA)));
            }
            if (inputs.needs(BETA)) {
                inputs.add(BETA, sum.to(inputs.dtype(BETA)));
            }
        }
        own[X].close();
        own[GAMMA].close();
        own[BETA].close();
    }
}
