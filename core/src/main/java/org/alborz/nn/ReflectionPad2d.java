package org.alborz.nn;

import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.Padding2d;

/**
 * Images mirrored at their borders, whose own pixels are not repeated, as PyTorch's {@code ReflectionPad2d}: {@code y[i, j] = x[r(i − top), r(j − left)]}, where
 * {@code r(k)} is {@code |k|} up to the last index, and {@code 2·last − k} beyond it.
 */
public final class ReflectionPad2d implements Fresh {
    private final Padding2d padding;

    /** Makes a layer with the same on all four sides. */
    public ReflectionPad2d(int padding) {
        this(Padding2d.of(padding));
    }

    public ReflectionPad2d(Padding2d padding) {
        this.padding = Given.value(padding, "ReflectionPad2d", "a padding");
    }

    /** Pads {@code [N, C, H, W]} to {@code [N, C, top + H + bottom, left + W + right]}; each side is less than the image's size. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        try (Scope scope = x.session().scope("ReflectionPad2d")) {
            return scope.keep(x.reflectionPad2d(padding));
        }
    }

    @Override
    public String toString() {
        return "ReflectionPad2d(" + padding + ")";
    }
}
