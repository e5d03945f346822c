package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * The slices along an axis, each a result of its own, without the axis. They are copies: the gradient of all of them is put together once,
 * where views would each have one of the whole tensor's size.
 *
 * @param size of the axis, at least 1
 */
public record Unbind(int axis, int size) implements Op {
    @Override
    public String name() {
        return "unbind";
    }

    @Override
    public void infer(Call call) {
        Shape x = call.shape(0);
        int at = x.axis(axis);
        if (size < 1 || x.size(at) != size) {
            throw new IllegalArgumentException("unbind along axis " + axis + " expects at least one slice and " + size
                    + ", got " + call.describe(0));
        }
        Layout slice = Layout.rowMajor(x.remove(at));
        for (int i = 0; i < size; i++) {
            call.result(call.dtype(0), slice);
        }
    }

    @Override
    public void compute(Backend backend, Call call) {
        Shape x = call.shape(0);
        int at = x.axis(axis);
        Layout whole = call.in(0).layout();
        Layout kept = Layout.rowMajor(x.with(at, 1));
        for (int i = 0; i < size; i++) {
            backend.elementwise().copy(call.in(0, whole.narrow(at, i, 1, 1)), call.out(i, kept));
        }
    }

    @Override
    public int gradients() {
        return size;
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        int at = inputs.shape(0).axis(axis);
        Tensor[] slices = new Tensor[size];
        Tensor zero = null;
        for (int i = 0; i < size; i++) {
            Tensor slice = i == 0 ? dy : inputs.gradientOf(i);
            if (slice == null) {
                zero = zero == null ? Full.like(dy, 0) : zero;
                slice = zero;
            }
            slices[i] = slice.unsqueeze(at);
        }
        inputs.add(0, Tensor.concat(at, slices));
    }
}
