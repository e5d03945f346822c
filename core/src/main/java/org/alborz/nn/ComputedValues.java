package org.alborz.nn;

import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.tensor.TensorAccess;
import org.alborz.type.DType;
import org.alborz.type.Layout;

/** The copy of a model's values that its layers compute with, in another type; made again when the values have changed. */
final class ComputedValues {
    private final Scope scope;
    private final Tensor values;
    private final Tensor copy;

    /** A handle on the values from when the copy was made, which tells whether they have changed since; null at first. */
    private Tensor copied;

    /**
     * Makes a copy without content.
     *
     * @param scope owns it
     */
    ComputedValues(Scope scope, Tensor values, DType dtype) {
        this.scope = scope;
        this.values = values;
        this.copy = scope.hold(values.session().empty(dtype, Layout.rowMajor(values.shape())))
                .named("parameters in " + dtype);
    }

    /** Returns the copy as it was made last. */
    Tensor flat() {
        return copy;
    }

    /** Makes the copy again if the values have changed. */
    void update() {
        if (copied != null && !TensorAccess.isStale(copied)) {
            return;
        }
        copy();
        noteCopied();
    }

    /** Notes that the copy is that of the values as they are now, such as after a captured copy was repeated. */
    void noteCopied() {
        if (copied != null) {
            copied.close();
        }
        copied = scope.adopt(values.detach());
    }

    /** Makes the copy again, whether or not the values have changed; does not note that it is done, as a captured copy may never be. */
    void copy() {
        copy.assign(values);
    }
}
