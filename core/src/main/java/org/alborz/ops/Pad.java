package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * Zeros of {@code size} along an axis with a tensor at every {@code step}-th place from {@code start}: padding, and the gradient of
 * {@link Narrow}.
 */
public record Pad(int axis, int start, int step, int size) implements Op {
    @Override
    public String name() {
        return "pad";
    }

    @Override
    public void infer(Call call) {
        Shape x = call.shape(0);
        int count = x.size(axis);
        if (start < 0 || step < 1 || size < 0 || count > 0 && start + (count - 1L) * step >= size) {
            throw new IllegalArgumentException("pad expects " + count + " places inside the size " + size
                    + ", the first of at least 0 and a step of at least 1, got start " + start + ", step " + step
                    + " for axis " + axis + " of shape " + x);
        }
        call.result(x.with(axis, size));
    }

    @Override
    public void compute(Backend backend, Call call) {
        Layout whole = call.out(0).layout();
        backend.elementwise().fill(0, call.out(0));
        backend.elementwise()
                .copy(
                        call.in(0),
                        call.out(0, whole.narrow(axis, start, call.shape(0).size(axis), step)));
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        inputs.add(0, Engine.apply(new Narrow(axis, start, inputs.shape(0).size(axis), step), dy));
    }
}
