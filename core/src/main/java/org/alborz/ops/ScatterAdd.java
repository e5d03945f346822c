package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * Slices added into zeros at given indices along an axis, in the order of the indices: adds {@code x[…, i, …]} to
 * {@code y[…, indices[i], …]} for each index i into the indices. Inputs are x, in which the axes of the indices stand where the axis
 * stands in the result, and indices, int32 or int64 of any number of axes.
 *
 * @param axis of the result
 * @param size of the axis in the result
 */
public record ScatterAdd(int axis, int size) implements Op {
    @Override
    public String name() {
        return "scatterAdd";
    }

    @Override
    public void infer(Call call) {
        call.floating(0);
        if (size < 0) {
            throw new IllegalArgumentException("scatterAdd expects a size of at least 0, got " + size);
        }
        call.indices(1, size);
        Shape x = call.shape(0);
        Shape indices = call.shape(1);
        int at = axisIn(x, indices);
        for (int i = 0; i < indices.rank(); i++) {
            if (x.size(at + i) != indices.size(i)) {
                throw new IllegalArgumentException("scatterAdd along axis " + axis
                        + " expects one index for each slice, the indices' axes being x's from " + at + " on, got x "
                        + call.describe(0) + " and indices " + call.describe(1));
            }
        }
        if (indices.rank() != 1) {
            call.flat(1);
            Shape flat = IndexedAxes.replace(x, at, indices.rank(), (int) indices.elements());
            if (call.layout(0).reshape(flat) == null) {
                call.rowMajor(0);
            }
            call.read(0, call.layout(0).reshape(flat));
        }
        call.result(IndexedAxes.replace(x, at, indices.rank(), size));
    }

    /** Returns the number of the axis, counted from the start; in x the axes of the indices begin there. */
    private int axisIn(Shape x, Shape indices) {
        int rank = x.rank() - indices.rank() + 1;
        int at = axis < 0 ? axis + rank : axis;
        if (at < 0 || at >= rank) {
            throw new IllegalArgumentException("scatterAdd along axis " + axis
                    + " expects x with the axes of the indices " + indices + " there, got " + x);
        }
        return at;
    }

    @Override
    public void compute(Backend backend, Call call) {
        backend.indexing().scatterAdd(axisIn(call.shape(0), call.shape(1)), call.in(0), call.in(1), call.out(0));
    }

    @Override
    public int saves() {
        return Op.input(1);
    }

    @Override
    public boolean differentiable(int input) {
        return input == 0;
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        inputs.add(0, Engine.apply(new Gather(axis), dy, inputs.input(1)));
    }
}
