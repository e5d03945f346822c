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
            y = x.view(layout);
        } else {
            Tensor ordered = Operands.copy(x, Layout.rowMajor(x.shape()));
            y = ordered.view(Layout.rowMajor(shape));
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
        long known = 1;
        for (int i = 0; i < sizes.length; i++) {
            if (sizes[i] == -1 && unknown < 0) {
                unknown = i;
            } else {
                known *= sizes[i];
            }
        }
        if (unknown >= 0) {
            if (known <= 0 || from.elements() % known != 0) {
                throw new IllegalArgumentException("reshape cannot work out -1 in " + Arrays.toString(sizes) + " for "
                        + from.elements() + " elements of shape " + from);
            }
            inferred[unknown] = Math.toIntExact(from.elements() / known);
        }
        return Shape.of(inferred);
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        inputs.add(0, apply(dy, from));
    }
}
