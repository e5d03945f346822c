package org.alborz.nn;

import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.Padding2d;

/** Zeros added around images: {@code y[i, j] = x[i − top, j − left]} within the image, and 0 outside of it. */
public final class ZeroPad2d implements Fresh {
    private final Padding2d padding;

    /** Makes a layer with the same on all four sides. */
    public ZeroPad2d(int padding) {
        this(Padding2d.of(padding));
    }

    public ZeroPad2d(Padding2d padding) {
        this.padding = Given.value(padding, "ZeroPad2d", "a padding");
    }

    /** Pads {@code [N, C, H, W]} to {@code [N, C, top + H + bottom, left + W + right]}. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        if (x.shape().rank() != 4) {
            throw new IllegalArgumentException("ZeroPad2d expects input [N, C, H, W], got " + x.describe());
        }
        try (Scope scope = x.session().scope("ZeroPad2d")) {
            // In the order in which images are stored.
            return scope.keep(x.permute(0, 2, 3, 1)
                    .pad(1, padding.top(), padding.bottom())
                    .pad(2, padding.left(), padding.right())
                    .permute(0, 3, 1, 2));
        }
    }

    @Override
    public String toString() {
        return "ZeroPad2d(" + padding + ")";
    }
}
