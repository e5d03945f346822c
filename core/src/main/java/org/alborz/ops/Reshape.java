package org.alborz.ops;

import java.util.Arrays;
import org.alborz.autograd.GradientSink;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** The same elements, read in row-major order, in another shape: a view where the memory allows it, and a copy otherwise. */
public record Reshape(Shape to) implements Op {
    @Override
    public String name() {
        return "reshape";
    }

    @Override
    public void infer(Call call) {
        Layout layout = call.layout(0).reshape(to);
        if (layout == null) {
            call.rowMajor(0);
            layout = Layout.rowMajor(to);
        }
        call.view(0, layout);
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        inputs.add(0, dy.reshape(inputs.shape(0)));
    }

    /** Returns the shape in which a size of -1 is worked out from the number of elements. */
    public static Shape shape(Shape from, int... sizes) {
        int[] inferred = Given.value(sizes, "reshape", "sizes").clone();
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
}
