package org.alborz.nn;

import java.util.Locale;
import org.alborz.backend.UnaryOp;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;

/** Functions applied element by element, as layers. */
public final class Activations {
    private Activations() {}

    /** Returns max(x, 0). */
    public static Layer relu() {
        return new Function(UnaryOp.RELU, 0);
    }

    /** Returns x where positive, else {@code slope·x}; 0.01 is usual. */
    public static Layer leakyRelu(double slope) {
        return new Function(UnaryOp.LEAKY_RELU, finite("leakyRelu", "slope", slope));
    }

    /** Returns x where positive, else {@code alpha·(eˣ − 1)} (Clevert et al. 2016); 1 is usual. */
    public static Layer elu(double alpha) {
        return new Function(UnaryOp.ELU, finite("elu", "alpha", alpha));
    }

    /** Returns 1 / (1 + e⁻ˣ). */
    public static Layer sigmoid() {
        return new Function(UnaryOp.SIGMOID, 0);
    }

    /** Returns the hyperbolic tangent. */
    public static Layer tanh() {
        return new Function(UnaryOp.TANH, 0);
    }

    /** Returns x·Φ(x), exactly, by the error function (Hendrycks and Gimpel 2016). */
    public static Layer gelu() {
        return new Function(UnaryOp.GELU, 0);
    }

    /** Returns ln(1 + eˣ), a smooth rectifier (Dugas et al. 2001). */
    public static Layer softplus() {
        return new Function(UnaryOp.SOFTPLUS, 0);
    }

    /** Returns the softmax over the last axis. */
    public static Layer softmax() {
        return new Softmax();
    }

    /** Returns an activation within a layer in words, after a comma; nothing where there is none. */
    static String text(Activation activation) {
        return activation == Activation.NONE ? "" : ", " + activation.name().toLowerCase(Locale.ROOT);
    }

    private static double finite(String function, String name, double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(function + " expects a finite " + name + ", got " + value);
        }
        return value;
    }

    /** The softmax over the last axis, as a layer. */
    private record Softmax() implements Fresh {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return x.softmax();
        }

        @Override
        public String toString() {
            return "softmax";
        }
    }

    /** A function with its parameter, as a layer. */
    record Function(UnaryOp op, double p) implements Fresh {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return x.apply(op, p);
        }

        @Override
        public String toString() {
            return op.name().toLowerCase(Locale.ROOT) + (p == 0 ? "" : "(" + p + ")");
        }
    }
}
