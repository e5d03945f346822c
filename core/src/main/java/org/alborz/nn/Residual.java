package org.alborz.nn;

import org.alborz.tensor.Tensor;

/**
 * A residual block (He et al. 2016): {@code relu(body(x) + shortcut(x))}. In evaluation a convolution that ends the body adds and
 * rectifies while it stores its results.
 */
public final class Residual implements Module {
    private final Module body;
    private final Module shortcut;

    /** Makes a block that adds its input unchanged. */
    public Residual(Module body) {
        this(body, null);
    }

    /** Makes a block whose input passes through {@code shortcut}, such as a 1×1 convolution where the channels change. */
    public Residual(Module body, Module shortcut) {
        this.body = body;
        this.shortcut = shortcut;
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        if (!pass.isTraining() && body instanceof Fusible fusible) {
            Tensor side = side(x, pass);
            Tensor y = fusible.forwardWith(Epilogue.addAndRectify(side), x, pass);
            closeUnless(x, side);
            return y;
        }
        Tensor main = body.forward(x, pass);
        Tensor side = side(x, pass);
        Tensor sum = main.add(side);
        closeUnless(x, main);
        closeUnless(x, side);
        Tensor y = sum.relu();
        sum.close();
        return y;
    }

    private Tensor side(Tensor x, Pass pass) {
        return shortcut == null ? x : shortcut.forward(x, pass);
    }

    private static void closeUnless(Tensor input, Tensor value) {
        if (value != input) {
            value.close();
        }
    }

    @Override
    public void describe(Structure structure) {
        structure.module("body", body);
        if (shortcut != null) {
            structure.module("shortcut", shortcut);
        }
    }
}
