package org.alborz.ops;

import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** Layouts of results. */
final class Layouts {
    private Layouts() {}

    /** Returns the order of a layout where it is dense, row-major otherwise. */
    static Layout dense(Layout x) {
        return x.isDense() ? x.compact() : Layout.rowMajor(x.shape());
    }

    /** Returns the order for a result that two operands broadcast to: that of the first dense one of its shape. */
    static Layout dense(Shape shape, Layout a, Layout b) {
        if (a.isDense() && a.shape().equals(shape)) {
            return a.compact();
        }
        if (b.isDense() && b.shape().equals(shape)) {
            return b.compact();
        }
        return Layout.rowMajor(shape);
    }
}
