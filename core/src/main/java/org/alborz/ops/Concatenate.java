package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** Tensors side by side along an axis. */
public final class Concatenate implements Op {
    private final int axis;
    private final int[] lengths;

    private Concatenate(int axis, int[] lengths) {
        this.axis = axis;
        this.lengths = lengths;
    }

    /** Joins tensors that agree in every other axis. */
    public static Tensor apply(int axis, Tensor... parts) {
        if (parts.length == 0) {
            throw new IllegalArgumentException("concatenate expects at least one tensor");
        }
        int[] lengths = new int[parts.length];
        long size = 0;
        Shape first = parts[0].shape();
        for (int i = 0; i < parts.length; i++) {
            Operands.requireAlike("concatenate", parts[0], parts[i]);
            if (parts[i].shape().rank() != first.rank()
                    || !parts[i].shape().with(axis, 1).equals(first.with(axis, 1))) {
                throw new IllegalArgumentException("concatenate along axis " + axis
                        + " expects shapes equal in every other axis," + " got " + first + " and " + parts[i].shape());
            }
            lengths[i] = parts[i].shape().size(axis);
            size += lengths[i];
        }
        if (size > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("concatenate along axis " + axis + " expects a size of at most "
                    + Integer.MAX_VALUE + " in all, got " + size + " from " + parts.length + " tensors");
        }
        Tensor y = Operands.result(parts[0], Layout.rowMajor(first.with(axis, (int) size)));
        int start = 0;
        for (int i = 0; i < parts.length; i++) {
            Tensor range = y.view(y.layout().narrow(axis, start, lengths[i], 1), ViewAccess.GRANTED);
            y.session().backend().elementwise().copy(parts[i], range);
            range.close();
            start += lengths[i];
        }
        Node node = Node.record(y, parts);
        if (node != null) {
            node.complete(new Concatenate(axis, lengths));
        }
        return y;
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        int start = 0;
        for (int i = 0; i < lengths.length; i++) {
            if (inputs.wants(i)) {
                inputs.add(i, Narrow.apply(dy, axis, start, lengths[i], 1));
            }
            start += lengths[i];
        }
    }
}
