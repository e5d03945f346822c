package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.backend.Operand;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * The slices at given indices along an axis, whose place the axes of the indices take: {@code y[…, i, …] = x[…, indices[i], …]} for each
 * index i into the indices. Inputs are x, of any type, and indices, int32 or int64 of any number of axes.
 */
public record Gather(int axis) implements Op {
    @Override
    public String name() {
        return "gather";
    }

    @Override
    public void infer(Call call) {
        Shape x = call.shape(0);
        int at = x.axis(axis);
        call.indices(1, x.size(at));
        call.flat(1);
        call.result(IndexedAxes.insert(x.remove(at), at, call.shape(1)));
    }

    @Override
    public void compute(Backend backend, Call call) {
        int at = call.shape(0).axis(axis);
        int count = (int) call.shape(1).elements();
        Operand y = call.shape(1).rank() == 1
                ? call.out(0)
                : call.out(0, Layout.rowMajor(call.shape(0).with(at, count)));
        backend.indexing().gather(at, call.in(0), call.in(1), y);
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
        int at = inputs.shape(0).axis(axis);
        inputs.add(0, Engine.apply(new ScatterAdd(at, inputs.shape(0).size(at)), dy, inputs.input(1)));
    }
}
