package org.alborz.ops;

import org.alborz.backend.Backend;
import org.alborz.backend.BatchNormGate;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.alborz.type.Layout;

/**
 * The fused gradient of {@link BatchNormOp}: of x, gamma, mean, variance, dy and, where there was an activation, y or the bits that stand for
 * it ({@link BatchNormGate}), it makes dx of x's type, and dgamma and dbeta of gamma's. Where beta and y are given beside these bits, dy may be used
 * up: it holds nothing that is defined afterwards.
 *
 * @param addend whether the gradient of what was added before the activation is a fourth result
 */
public record BatchNormBackward(double epsilon, Activation activation, boolean addend) implements Op {
    private static final int X = 0;
    private static final int GAMMA = 1;
    private static final int MEAN = 2;
    private static final int VARIANCE = 3;
    private static final int DY = 4;
    private static final int Y = 5;
    private static final int GATE = 6;
    private static final int BETA = 7;

    /** Returns the number of results. */
    int results() {
        return addend ? 4 : 3;
    }

    @Override
    public void infer(Call call) {
        BatchNormOp.requireChannels(call);
        DType wide = call.dtype(X).accumulator();
        BatchNormOp.requirePerChannel(call, MEAN, "mean", wide);
        BatchNormOp.requirePerChannel(call, VARIANCE, "variance", wide);
        call.alike(X, DY);
        if (!call.shape(DY).equals(call.shape(X))) {
            throw new IllegalArgumentException(
                    "BatchNorm's gradient expects dy " + call.shape(X) + ", got " + call.describe(DY));
        }
        if (addend && activation == Activation.NONE) {
            throw new IllegalArgumentException(
                    "BatchNorm's gradient expects an activation where it makes that of an addend, got NONE, with which it is dy");
        }
        call.channelsLast(X);
        call.order(DY, call.layout(X));
        if (call.has(GATE)) {
            requireGate(call);
            if (call.has(BETA)) {
                BatchNormOp.requireLike(call, X, Y, "a result");
                call.channelsLast(Y);
                BatchNormOp.requirePerChannel(call, BETA, "beta", call.dtype(GAMMA));
            }
        } else if (call.has(Y) || addend) {
            BatchNormOp.requireLike(call, X, Y, "a result");
            call.channelsLast(Y);
        }
        call.result(call.layout(X).compact());
        Layout perChannel = Layout.rowMajor(call.shape(GAMMA));
        call.result(call.dtype(GAMMA), perChannel);
        call.result(call.dtype(GAMMA), perChannel);
        if (addend) {
            call.result(call.layout(X).compact());
        }
    }

    private static void requireGate(Call call) {
        long bytes = BatchNormOp.gateBytes(call);
        if (call.has(Y) != call.has(BETA)
                || bytes == 0
                || call.dtype(GATE) != DType.UINT8
                || call.shape(GATE).elements() != bytes
                || !call.layout(GATE).isDense()) {
            throw new IllegalArgumentException("BatchNorm's gradient expects a result or the " + bytes
                    + " bytes that the backend stores in its place, got " + call.describe(GATE));
        }
    }

    @Override
    public void compute(Backend backend, Call call) {
        if (call.has(GATE)) {
            backend.fusion(BatchNormGate.class)
                    .orElseThrow()
                    .batchNormBackward(
                            epsilon,
                            call.in(X),
                            call.in(GAMMA),
                            call.in(MEAN),
                            call.in(VARIANCE),
                            call.in(GATE),
                            origin(call),
                            call.in(DY),
                            call.out(0),
                            call.out(1),
                            call.out(2),
                            addend ? call.out(3) : null);
            return;
        }
        backend.normalization()
                .batchNormBackward(
                        epsilon,
                        call.in(X),
                        call.in(GAMMA),
                        call.in(MEAN),
                        call.in(VARIANCE),
                        activation,
                        call.in(Y),
                        call.in(DY),
                        call.out(0),
                        call.out(1),
                        call.out(2),
                        addend ? call.out(3) : null);
    }

    private BatchNormGate.Origin origin(Call call) {
        return call.has(BETA) ? new BatchNormGate.Origin(call.in(BETA), addend, activation, call.in(Y)) : null;
    }

    @Override
    public int gradients() {
        return 0;
    }
}
