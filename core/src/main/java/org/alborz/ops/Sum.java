package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.backend.ReduceOp;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * The sum along some axes; 0 of no elements, and a copy along no axis. Of integers and of truth values, which count as 1 and 0, it is
 * int64.
 *
 * @param keepDims whether the axes stay, with size 1
 */
public record Sum(boolean keepDims, IntTuple axes) implements Op {
    @Override
    public String name() {
        return "sum";
    }

    @Override
    public void infer(Call call) {
        DType dtype = call.dtype(0);
        Shape shape = Reduction.of(call.shape(0), axes).shape(keepDims);
        call.result(dtype.isFloating() ? dtype : dtype.accumulator(), Layout.rowMajor(shape));
    }

    @Override
    public void compute(Backend backend, Call call) {
        Reduction.of(call.shape(0), axes).compute(ReduceOp.SUM, backend, call, keepDims);
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        inputs.add(0, Reduction.of(inputs.shape(0), axes).spread(dy));
    }
}
