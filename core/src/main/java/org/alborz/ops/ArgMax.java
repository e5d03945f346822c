package org.alborz.ops;

import org.alborz.backend.Backend;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** The index of the largest element along an axis, int32, without that axis: the first of equals, and the first NaN. */
public record ArgMax(int axis) implements Op {
    @Override
    public String name() {
        return "argMax";
    }

    @Override
    public void infer(Call call) {
        call.comparable(0);
        Shape x = call.shape(0);
        int at = x.axis(axis);
        call.elements(0, at);
        call.result(DType.INT32, Layout.rowMajor(x.remove(at)));
    }

    @Override
    public void compute(Backend backend, Call call) {
        Shape x = call.shape(0);
        int at = x.axis(axis);
        backend.reductions().argMax(at, call.in(0), call.out(0, Layout.rowMajor(x.with(at, 1))));
    }

    @Override
    public int gradients() {
        return 0;
    }
}
