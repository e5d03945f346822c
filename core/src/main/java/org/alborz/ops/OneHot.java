package org.alborz.ops;

import org.alborz.backend.Backend;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** {@code [K, classes]} with 1 at each index of the input, int32 {@code [K]}, and 0 elsewhere. */
public record OneHot(int classes, DType dtype) implements Op {
    public OneHot {
        if (classes < 0) {
            throw new IllegalArgumentException("oneHot expects a number of classes of at least 0, got " + classes);
        }
    }

    @Override
    public String name() {
        return "oneHot";
    }

    @Override
    public void infer(Call call) {
        call.indices(0, classes);
        call.rowMajor(0);
        call.result(dtype, Layout.rowMajor(Shape.of(call.shape(0).size(0), classes)));
    }

    @Override
    public void compute(Backend backend, Call call) {
        backend.indexing().oneHot(call.in(0), call.out(0));
    }

    @Override
    public int gradients() {
        return 0;
    }
}
