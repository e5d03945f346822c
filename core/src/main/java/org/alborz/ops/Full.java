package org.alborz.ops;

import org.alborz.backend.Backend;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** One value, as often as the layout has elements. */
public record Full(DType dtype, Layout layout, double value) implements Op {
    /** Returns a number as a tensor of the same type as another, which broadcasts to any shape. */
    public static Tensor like(Tensor other, double value) {
        return other.session().engine().create(new Full(other.dtype(), Layout.rowMajor(Shape.scalar()), value));
    }

    @Override
    public String name() {
        return "fill";
    }

    @Override
    public void infer(Call call) {
        call.result(dtype, layout);
    }

    @Override
    public void compute(Backend backend, Call call) {
        backend.elementwise().fill(value, call.out(0));
    }

    @Override
    public int gradients() {
        return 0;
    }
}
