package org.alborz.nn;

import org.alborz.tensor.Tensor;

/** A residual block (He et al. 2016): {@code relu(body(x) + shortcut(x))}. */
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
        Tensor side = shortcut == null ? x : shortcut.forward(x, pass);
        if (!pass.isTraining() && body instanceof Fusible fusible) {
            Tensor y = fusible.forward(x, Epilogue.addAndRectify(side), pass);
            closeUnless(x, side);
            return y;
        }
        Tensor main = body.forward(x, pass);
        Tensor sum = main.add(side);
        closeUnless(x, main);
        closeUnless(x, side);
        Tensor y = sum.relu();
        sum.close();
        return y;
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
