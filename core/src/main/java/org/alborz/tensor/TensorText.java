package org.alborz.tensor;

import java.util.Arrays;
import org.alborz.text.ArrayText;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** Writes what a tensor is and its values, of which it reads only those that are written. */
final class TensorText {
    private final Tensor tensor;
    private final Shape shown;
    private final boolean shortened;

    private TensorText(Tensor tensor) {
        this.tensor = tensor;
        Shape shape = tensor.shape();
        this.shortened = ArrayText.isShortened(shape.elements());
        this.shown = shortened
                ? Shape.of(Arrays.stream(shape.toArray()).map(ArrayText::shown).toArray())
                : shape;
    }

    /** Never fails: where the values cannot be read, it says why in their place. */
    static String of(Tensor tensor) {
        String head = "Tensor " + tensor.describe();
        if (tensor.isClosed()) {
            return head + " (closed)";
        }
        if (!tensor.session().isOwnedByThisThread()) {
            return head + " (of another thread)";
        }
        try {
            return head + (tensor.shape().rank() == 0 ? " " : "\n") + new TensorText(tensor).values();
        } catch (RuntimeException e) {
            return head + " (not readable: " + e.getMessage() + ")";
        }
    }

    private String values() {
        tensor.session().engine().lookahead().settle(); // before a kernel begins that reads it
        tensor.buffer();
        Tensor read = tensor.session().empty(tensor.dtype(), Layout.rowMajor(shown));
        try {
            copy(0, tensor.layout(), read.layout(), read);
            int[] sizes = tensor.shape().toArray();
            return tensor.dtype().isFloating()
                    ? ArrayText.ofFractions(sizes, read.toDoubles())
                    : ArrayText.ofWords(
                            sizes,
                            Arrays.stream(read.toLongs()).mapToObj(this::word).toArray(String[]::new));
        } finally {
            read.close();
        }
    }

    private String word(long value) {
        return tensor.dtype() == DType.BOOL ? Boolean.toString(value != 0) : Long.toString(value);
    }

    /** Copies the blocks that are shown of this axis and those after it: the whole axis, or its first and last elements. */
    private void copy(int axis, Layout from, Layout to, Tensor target) {
        if (axis == shown.rank()) {
            copy(from, to, target);
            return;
        }
        int size = from.shape().size(axis);
        if (shown.size(axis) == size) {
            copy(axis + 1, from, to, target);
            return;
        }
        int edge = ArrayText.EDGE;
        copy(axis + 1, from.narrow(axis, 0, edge, 1), to.narrow(axis, 0, edge, 1), target);
        copy(axis + 1, from.narrow(axis, size - edge, edge, 1), to.narrow(axis, edge, edge, 1), target);
    }

    /** Past the engine, so that no tape and no listener sees it. */
    private void copy(Layout from, Layout to, Tensor target) {
        Tensor source = tensor.alias(from);
        Tensor block = target.alias(to);
        try {
            tensor.session().backend().elementwise().copy(source, block);
        } finally {
            source.close();
            block.close();
        }
    }
}
