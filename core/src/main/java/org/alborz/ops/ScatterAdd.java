package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.tensor.Tensor;

/** Slices added into zeros at given indices along an axis. */
public final class ScatterAdd implements Op {
    private final int axis;
    private final Tensor indices;

    private ScatterAdd(int axis, Tensor indices) {
        this.axis = axis;
        this.indices = indices;
    }

    /** Adds {@code x[…, k, …]} to {@code y[…, indices[k], …]} of {@code size} along the axis; {@code indices} is int32 {@code [K]}. */
    public static Tensor apply(Tensor x, int axis, Tensor indices, int size) {
        Operands.requireFloating("scatterAdd", x);
        Operands.requireIndices("scatterAdd", x, indices);
        int at = x.shape().axis(axis);
        if (x.shape().size(at) != indices.shape().size(0)) {
            throw new IllegalArgumentException("scatterAdd expects one index for each of "
                    + x.shape().size(at) + " slices along axis " + axis + ", got " + indices.describe());
        }
        if (size < 0) {
            throw new IllegalArgumentException("scatterAdd expects a size of at least 0, got " + size);
        }
        Operands.requireAny("scatterAdd", indices, size);
        Tensor y = Operands.result(x, x.shape().with(at, size));
        Tensor contiguous = Operands.rowMajor(indices);
        x.session().backend().indexing().scatterAdd(at, x, contiguous, y);
        Node node = Node.record(y, x);
        if (node != null) {
            node.complete(new ScatterAdd(at, node.save(contiguous)));
        }
        Operands.closeCopy(contiguous, indices);
        return y;
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        inputs.add(0, Gather.apply(dy, axis, indices));
    }
}
