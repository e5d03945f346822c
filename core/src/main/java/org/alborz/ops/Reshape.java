package org.alborz.ops;

import java.util.Arrays;
import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** The same elements, read in row-major order, in another shape. */
public final class Reshape implements Op {
    private final Shape from;

    private Reshape(Shape from) {
        this.from = from;
    }

    /** Returns a view where the memory allows it, and a copy otherwise. */
    public static Tensor apply(Tensor x, Shape shape) {
        Layout layout = x.layout().reshape(shape);
        Tensor y;
        if (layout != null) {
            y = x.view(layout, ViewAccess.GRANTED);
        } else {
            Tensor ordered = Operands.copy(x, Layout.rowMajor(x.shape()));
            y = ordered.view(Layout.rowMajor(shape), ViewAccess.GRANTED);
            ordered.close();
        }
        Node node = Node.record(y, x);
        if (node != null) {
            node.complete(new Reshape(x.shape()));
        }
        return y;
    }

    /** Returns the shape in which a size of -1 is worked out from the number of elements. */
    public static Shape infer(Shape from, int... sizes) {
        int[] inferred = sizes.clone();
        int unknown = -1;
        for (int i = 0; i < sizes.length; i++) {
            if (sizes[i] < -1 || sizes[i] == -1 && unknown >= 0) {
                throw new IllegalArgumentException("reshape expects sizes of at least 0 and at most one -1, got "
                        + Arrays.toString(sizes) + " for shape " + from);
            }
            if (sizes[i] == -1) {
                unknown = i;
                inferred[i] = 1;
            }
        }
        Shape known = Shape.of(inferred);
        if (unknown < 0) {
            return known;
        }
        long left = known.elements() == 0 ? -1 : from.elements() / known.elements();
        if (left * known.elements() != from.elements() || left < 0 || left > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("reshape cannot work out -1 in " + Arrays.toString(sizes) + " for "
                    + from.elements() + " elements of shape " + from);
        }
        return known.with(unknown, (int) left);
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        inputs.add(0, apply(dy, from));
    }
}
