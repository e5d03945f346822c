package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.tensor.Tensor;

/** The slices at given indices along an axis. */
public final class Gather implements Op {
    private final int axis;
    private final int size;
    private final Tensor indices;

    private Gather(int axis, int size, Tensor indices) {
        this.axis = axis;
        this.size = size;
        this.indices = indices;
    }

    /** Computes {@code y[…, k, …] = x[…, indices[k], …]}; {@code indices} is int32 {@code [K]}. */
    public static Tensor apply(Tensor x, int axis, Tensor indices) {
        Operands.requireFloating("gather", x);
        Operands.requireIndices("gather", x, indices);
        int at = x.shape().axis(axis);
        Operands.requireAny("gather", indices, x.shape().size(at));
        Tensor y = Operands.result(x, x.shape().with(at, indices.shape().size(0)));
        Tensor contiguous = Operands.rowMajor(indices);
        x.session().backend().indexing().gather(at, x, contiguous, y);
        Node node = Node.record(y, x);
        if (node != null) {
            node.complete(new Gather(at, x.shape().size(at), node.save(contiguous)));
        }
        Operands.closeCopy(contiguous, indices);
        return y;
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        inputs.add(0, ScatterAdd.apply(dy, axis, indices, size));
    }
}
