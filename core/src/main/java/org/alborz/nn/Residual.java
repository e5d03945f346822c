package org.alborz.nn;

import org.alborz.ops.Lookahead;
import org.alborz.ops.Relu6;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.Activation;

/**
 * A residual block (He et al. 2016): {@code relu(body(x) + shortcut(x))}, or with another {@linkplain #activation(Activation) activation}.
 * In evaluation a convolution that ends the body adds and rectifies while it stores its results.
 */
public final class Residual implements Fresh {
    private final Layer body;
    private final Layer shortcut;
    private final Activation activation;

    /** Makes a block that adds its input unchanged. */
    public Residual(Layer body) {
        this(body, null);
    }

    /** Makes a block whose input passes through {@code shortcut}, such as a 1×1 convolution where the channels change. */
    public Residual(Layer body, Layer shortcut) {
        this(body, shortcut, Activation.RELU);
    }

    private Residual(Layer body, Layer shortcut, Activation activation) {
        this.body = Given.value(body, "Residual", "a body");
        this.shortcut = shortcut;
        this.activation = Given.value(activation, "Residual", "an activation");
    }

    /** Returns this block with another activation of the sum; the default is a rectifier. */
    public Residual activation(Activation function) {
        return new Residual(body, shortcut, function);
    }

    /** Adds up what body and shortcut make of the input, which has one shape. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        try (Lookahead.Window window = x.session().engine().lookahead().open(pass.isTraining())) {
            if (pass.isTraining()) {
                Tensor main = body(x, pass);
                return join(main, side(x, pass), x);
            }
            Tensor side = side(x, pass); // first, so that what ends the body is followed by the addition
            return join(body(x, pass), side, x);
        }
    }

    private Tensor join(Tensor main, Tensor side, Tensor x) {
        Tensor sum = main.add(side);
        closeOwn(body, main, x);
        closeOwn(shortcut, side, x);
        if (activation == Activation.NONE) {
            return sum;
        }
        Tensor y = activation == Activation.RELU6 ? Relu6.apply(sum) : sum.relu();
        sum.close();
        return y;
    }

    private Tensor body(Tensor x, Pass pass) {
        return Results.of(pass.run(body, x), body, "Residual", "the body");
    }

    private Tensor side(Tensor x, Pass pass) {
        return shortcut == null ? x : Results.of(pass.run(shortcut, x), shortcut, "Residual", "the shortcut");
    }

    /** Closes what a part made of the input, unless the part may keep it. */
    private static void closeOwn(Layer part, Tensor result, Tensor input) {
        if (result != input && Fresh.is(part)) {
            result.close();
        }
    }

    @Override
    public boolean isFresh() {
        return Fresh.is(body) && (shortcut == null || Fresh.is(shortcut));
    }

    @Override
    public void describe(Structure structure) {
        structure.module("body", body);
        if (shortcut != null) {
            structure.module("shortcut", shortcut);
        }
    }

    /** Returns what the parts do not tell, in words; empty for a rectifier. */
    String settings() {
        return activation == Activation.RELU ? "" : " with activation " + activation;
    }

    /** Returns the layers to print, a line each. */
    @Override
    public String toString() {
        return Architecture.tree(this);
    }
}
