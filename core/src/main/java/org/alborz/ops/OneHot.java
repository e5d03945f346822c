package org.alborz.ops;

import org.alborz.backend.Backend;
import org.alborz.backend.Operand;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** {@code [..., classes]} with 1 at each index of the input, int32 or int64 {@code [...]}, and 0 elsewhere; of any type. */
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
        call.flat(0);
        Shape indices = call.shape(0);
        call.result(dtype, Layout.rowMajor(IndexedAxes.insert(indices, indices.rank(), Shape.of(classes))));
    }

    @Override
    public void compute(Backend backend, Call call) {
        Shape indices = call.shape(0);
        Operand y = indices.rank() == 1
                ? call.out(0)
                : call.out(0, Layout.rowMajor(Shape.of((int) indices.elements(), classes)));
        backend.indexing().oneHot(call.in(0), y);
    }

    @Override
    public int gradients() {
        return 0;
    }
}
