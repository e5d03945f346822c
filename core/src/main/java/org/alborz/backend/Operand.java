package org.alborz.backend;

import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** An argument of a backend's operation: a buffer and where the elements are in it. */
public interface Operand {
    Buffer buffer();

    Layout layout();

    default DType dtype() {
        return buffer().dtype();
    }

    default Shape shape() {
        return layout().shape();
    }
}
