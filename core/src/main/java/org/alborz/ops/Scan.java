package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * The linear recurrence {@code y[i] = a[i]·y[i − 1] + x[i]} along an axis, with {@code y[0] = x[0]}; in reverse, from the last element to the
 * first. Inputs are x and optionally a, of one shape and type; without it, as if it were 1, this is the cumulative sum, of int64 as well.
 */
public record Scan(int axis, boolean reverse) implements Op {
    @Override
    public String name() {
        return "scan";
    }

    @Override
    public void infer(Call call) {
        Shape x = call.shape(0);
        x.axis(axis);
        if (call.has(1)) {
            call.alike(0, 1);
            if (!call.shape(1).equals(x)) {
                throw new IllegalArgumentException("scan expects a factor for each element, got x " + call.describe(0)
                        + " and factors " + call.describe(1));
            }
        } else if (call.dtype(0) != DType.INT64) {
            call.floating(0);
        }
        call.result(x);
    }

    @Override
    public void compute(Backend backend, Call call) {
        backend.reductions().scan(call.shape(0).axis(axis), reverse, call.in(1), call.in(0), call.out(0));
    }

    @Override
    public int saves() {
        return Op.input(1) | Op.result(0);
    }

    /** With g[i] = dy[i] + a[i + 1]·g[i + 1], the gradients are g of x, and g[i]·y[i − 1] of a. */
    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        Tensor a = inputs.input(1);
        Tensor factors = a == null ? null : shifted(a, !reverse);
        Tensor g = Engine.apply(new Scan(axis, !reverse), dy, factors);
        inputs.add(0, g);
        if (a != null && inputs.needs(1)) {
            inputs.add(1, g.mul(shifted(inputs.result(0), reverse)));
        }
    }

    /** Returns each element at its neighbour's place, to the front or to the back, and 0 at the place that is left. */
    private Tensor shifted(Tensor x, boolean toFront) {
        int size = x.shape().size(axis);
        if (size == 0) {
            return x;
        }
        Tensor kept = x.narrow(axis, toFront ? 1 : 0, size - 1);
        return Engine.apply(new Pad(x.shape().axis(axis), toFront ? 0 : 1, 1, size), kept);
    }
}
