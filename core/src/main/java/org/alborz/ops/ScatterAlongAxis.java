package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.backend.Comparison;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * A copy of x in which elements at given places along an axis are others: {@code y[…, indices[…, i, …], …] = values[…, i, …]}, the last one
 * of those with the same place. Inputs are x, indices, int32 or int64, of x's shape but for the axis, and values of the indices' shape and
 * x's type.
 */
public record ScatterAlongAxis(int axis) implements Op {
    @Override
    public String name() {
        return "scatterAlongAxis";
    }

    @Override
    public void infer(Call call) {
        Shape x = call.shape(0);
        int at = x.axis(axis);
        call.indices(1, x.size(at));
        IndexedAxes.requireAlong(call, at, 0, 1);
        call.sameType(0, 2);
        if (!call.shape(2).equals(call.shape(1))) {
            throw new IllegalArgumentException("scatterAlongAxis expects an index for each value, got values "
                    + call.describe(2) + " and indices " + call.describe(1));
        }
        call.rowMajor(2);
        call.result(x);
    }

    @Override
    public void compute(Backend backend, Call call) {
        backend.elementwise().copy(call.in(0), call.out(0));
        backend.indexing().scatterAlongAxis(call.shape(0).axis(axis), call.in(2), call.in(1), call.out(0));
    }

    @Override
    public int saves() {
        return Op.input(1);
    }

    @Override
    public boolean differentiable(int input) {
        return input != 1;
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        Tensor indices = inputs.input(1);
        if (inputs.needs(0)) {
            Tensor nothing = Full.like(dy, 0).expand(indices.shape());
            inputs.add(0, Engine.apply(this, dy, indices, nothing));
        }
        if (inputs.needs(2)) {
            Tensor taken = Engine.apply(new TakeAlongAxis(axis), dy, indices);
            inputs.add(2, Where.apply(written(dy, indices), taken, Full.like(dy, 0)));
        }
    }

    /** Tells which values were the last ones of their places: their numbers are those that are found there. */
    private Tensor written(Tensor dy, Tensor indices) {
        Tensor numbers =
                dy.session().arange(Math.toIntExact(indices.shape().elements())).reshape(indices.shape());
        Tensor nobody = Full.like(numbers, -1).expand(dy.shape());
        Tensor last = Engine.apply(this, nobody, indices, numbers);
        return Engine.apply(new TakeAlongAxis(axis), last, indices).apply(Comparison.EQUAL, numbers);
    }
}
