package org.alborz.ops;

import org.alborz.backend.Backend;
import org.alborz.backend.BiasGradient;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.Layout;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.Shape;

/**
 * The gradients before a bias and an activation that need no gradients themselves: of the activation's result {@code [N, C]} or {@code [N, C, H,
 * W]} and its gradient it makes that of what the bias was added to, of the same shape, and that of the bias, {@code [C]}.
 *
 * @param pooling a max pooling of the result, null for none: the second input is the gradient of what it gave then, and the third that itself
 */
public record BiasBackward(Activation activation, Pool2dParameters pooling) implements Op {
    private static final int Y = 0;
    private static final int DY = 1;
    private static final int POOLED = 2;

    @Override
    public void infer(Call call) {
        call.alike(Y, DY);
        Shape shape = call.shape(Y);
        boolean isImages = shape.rank() == 4;
        if (!isImages && (shape.rank() != 2 || pooling != null)) {
            throw new IllegalArgumentException("The gradient of a bias expects a result "
                    + (pooling == null ? "[N, C] or " : "") + "[N, C, H, W], got " + call.describe(Y));
        }
        if (pooling != null) {
            call.alike(Y, POOLED);
            MaxPool2dOp.requirePooled(call, DY, shape, pooling);
            MaxPool2dOp.requirePooled(call, POOLED, shape, pooling);
        } else if (!call.shape(DY).equals(shape)) {
            throw new IllegalArgumentException(
                    "The gradient of a bias expects dy " + shape + ", got " + call.describe(DY));
        }
        for (int i = 0; i < (pooling == null ? 2 : 3); i++) {
            if (isImages) {
                call.channelsLast(i);
            } else {
                call.rowMajor(i);
            }
        }
        call.result(isImages ? Layout.channelsLast(shape) : Layout.rowMajor(shape));
        call.result(Shape.of(shape.size(1)));
    }

    @Override
    public void compute(Backend backend, Call call) {
        BiasGradient fusion = backend.fusion(BiasGradient.class).orElse(null);
        if (fusion == null) {
            Tensor dz = composed(call.tensor(Y), call.tensor(DY), call.tensor(POOLED));
            call.give(0, dz);
            call.give(1, sum(dz));
        } else if (pooling == null) {
            fusion.apply(activation, call.in(Y), call.in(DY), call.out(0), call.out(1));
        } else {
            fusion.afterPooling(
                    activation, pooling, call.in(Y), call.in(POOLED), call.in(DY), call.out(0), call.out(1));
        }
    }

    /** Computes the first result from single operations; what a backend's fusion is checked against. */
    public Tensor composed(Tensor y, Tensor dy, Tensor pooled) {
        Tensor ofResult = pooling == null ? dy : Engine.apply(new MaxPool2dBackward(pooling), y, pooled, dy);
        return ActivationGradient.of(activation, y, ofResult);
    }

    /** Returns the gradient of a bias that was added to what has the gradient dz. */
    static Tensor sum(Tensor dz) {
        return dz.sum(false, BatchNormOp.pixels(dz.shape()));
    }

    @Override
    public int gradients() {
        return 0;
    }
}
