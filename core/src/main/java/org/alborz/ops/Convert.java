package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;

/**
 * The same numbers in another data type or another order in memory; a dense copy.
 *
 * @param order the order of the copy where it is dense, which is row-major otherwise
 */
public record Convert(DType dtype, Layout order) implements Op {
    @Override
    public String name() {
        return "copy";
    }

    @Override
    public void infer(Call call) {
        if (!order.shape().equals(call.shape(0))) {
            throw new IllegalArgumentException("copy expects a layout of shape " + call.shape(0) + ", got " + order);
        }
        call.result(dtype, Layouts.dense(order));
    }

    @Override
    public void compute(Backend backend, Call call) {
        backend.elementwise().copy(call.in(0), call.out(0));
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        inputs.add(0, dy.to(inputs.dtype(0)));
    }
}
