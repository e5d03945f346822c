package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * Tensors side by side along an axis.
 *
 * @param lengths the size of each along it
 */
public record Concat(int axis, IntTuple lengths) implements Op {
    @Override
    public String name() {
        return "concat";
    }

    @Override
    public void infer(Call call) {
        Shape first = call.shape(0);
        long size = 0;
        for (int i = 0; i < call.count(); i++) {
            call.sameType(0, i);
            Shape part = call.shape(i);
            if (part.rank() != first.rank() || !part.with(axis, 1).equals(first.with(axis, 1))) {
                throw new IllegalArgumentException("concat along axis " + axis
                        + " expects shapes equal in every other axis, got " + first + " and " + part);
            }
            if (lengths.size() != call.count() || part.size(axis) != lengths.get(i)) {
                throw new IllegalArgumentException(
                        "concat expects " + lengths + " along axis " + axis + ", got " + part + " as input " + i);
            }
            size += part.size(axis);
        }
        if (size > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("concat along axis " + axis + " expects a size of at most "
                    + Integer.MAX_VALUE + " in all, got " + size + " from " + call.count() + " tensors");
        }
        call.result(first.with(axis, (int) size));
    }

    @Override
    public void compute(Backend backend, Call call) {
        Layout whole = call.out(0).layout();
        int start = 0;
        for (int i = 0; i < lengths.size(); i++) {
            backend.elementwise().copy(call.in(i), call.out(0, whole.narrow(axis, start, lengths.get(i), 1)));
            start += lengths.get(i);
        }
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        int start = 0;
        for (int i = 0; i < lengths.size(); i++) {
            if (inputs.needs(i)) {
                inputs.add(i, Engine.apply(new Narrow(axis, start, lengths.get(i), 1), dy));
            }
            start += lengths.get(i);
        }
    }
}
