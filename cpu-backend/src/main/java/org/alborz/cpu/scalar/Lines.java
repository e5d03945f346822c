package org.alborz.cpu.scalar;

import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** The lines of operands along one axis, by numbers: where each begins, and how far apart its elements are. */
public final class Lines {
    private final int axis;
    private final Layout[] layouts;
    private final long count;

    /** @param layouts of one shape but for the axis */
    public Lines(int axis, Layout... layouts) {
        this.axis = axis;
        this.layouts = layouts;
        Shape shape = layouts[0].shape();
        long lines = 1;
        for (int i = 0; i < shape.rank(); i++) {
            lines *= i == axis ? 1 : shape.size(i);
        }
        count = lines;
    }

    /** Returns how many lines there are. */
    public long count() {
        return count;
    }

    /** Returns how many elements the lines of an operand have. */
    public int length(int operand) {
        return layouts[operand].shape().size(axis);
    }

    /** Returns the distance between the elements of a line. */
    public int step(int operand) {
        return (int) layouts[operand].stride(axis);
    }

    /** Returns where a line begins. */
    public int at(int operand, long line) {
        Layout layout = layouts[operand];
        long rest = line;
        long at = layout.offset();
        for (int i = layout.shape().rank() - 1; i >= 0; i--) {
            if (i != axis) {
                int size = layout.shape().size(i);
                at += rest % size * layout.stride(i);
                rest /= size;
            }
        }
        return (int) at;
    }
}
