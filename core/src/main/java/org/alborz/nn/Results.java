package org.alborz.nn;

import org.alborz.tensor.Tensor;
import org.alborz.text.Described;

/** Runs parts of a module and looks at what comes back. */
final class Results {
    private Results() {}

    /** Returns the result of a part; refuses null. */
    static Tensor of(Tensor result, Module part, String whole, String name) {
        if (result == null) {
            throw isNull(part, " (" + name + " of a " + whole + ")");
        }
        return result;
    }

    /** Returns the result of a layer of a {@link Sequential}; refuses null. */
    static Tensor of(Tensor result, Module layer, int index) {
        if (result == null) {
            throw isNull(layer, " (layer " + index + " of a Sequential)");
        }
        return result;
    }

    /** Returns the output of a model's module; refuses null. */
    static Tensor of(Tensor result, Module module) {
        if (result == null) {
            throw isNull(module, "");
        }
        return result;
    }

    private static IllegalStateException isNull(Module module, String place) {
        return new IllegalStateException(
                "The module " + Described.className(module) + place + " returned null from forward; return a tensor");
    }
}
