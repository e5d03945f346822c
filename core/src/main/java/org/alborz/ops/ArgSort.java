package org.alborz.ops;

import org.alborz.backend.Backend;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * The indices, int32, of the elements along an axis in ascending or descending order, and of equal ones in their own order. NaN is larger than
 * all numbers.
 *
 * @param count how many of them, from the first on
 */
public record ArgSort(int axis, boolean descending, int count) implements Op {
    @Override
    public String name() {
        return "argSort";
    }

    @Override
    public void infer(Call call) {
        call.comparable(0);
        Shape x = call.shape(0);
        int at = x.axis(axis);
        if (count < 0 || count > x.size(at)) {
            throw new IllegalArgumentException("argSort expects 0 to " + x.size(at) + " indices along axis " + axis
                    + " of " + call.describe(0) + ", got " + count);
        }
        call.result(DType.INT32, Layout.rowMajor(x.with(at, count)));
    }

    @Override
    public void compute(Backend backend, Call call) {
        backend.indexing().argSort(call.shape(0).axis(axis), descending, call.in(0), call.out(0));
    }

    @Override
    public int gradients() {
        return 0;
    }
}
