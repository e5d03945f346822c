package org.alborz.nn;

import java.util.Locale;
import java.util.function.UnaryOperator;
import org.alborz.backend.UnaryOp;
import org.alborz.ops.Relu6;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.Shape;

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

    /** Returns the hyperbolic tangent, (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ). */
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

    /** Returns λ·x where positive, else λ·α·(eˣ − 1), with λ ≈ 1.0507 and α ≈ 1.6733 (Klambauer et al. 2017). */
    public static Layer selu() {
        return new Function(UnaryOp.SELU, 0);
    }

    /** Returns x·sigmoid(x), also called swish (Elfwing et al. 2018). */
    public static Layer silu() {
        return new Function(UnaryOp.SILU, 0);
    }

    /** Returns x·tanh(ln(1 + eˣ)) (Misra 2019). */
    public static Layer mish() {
        return new Function(UnaryOp.MISH, 0);
    }

    /** Returns (x + 3) / 6, but not below 0 nor above 1. */
    public static Layer hardSigmoid() {
        return new Function(UnaryOp.HARD_SIGMOID, 0);
    }

    /** Returns x·hardSigmoid(x) (Howard et al. 2019, MobileNetV3). */
    public static Layer hardSwish() {
        return new Function(UnaryOp.HARD_SWISH, 0);
    }

    /** Returns min(max(x, 0), 6) (Krizhevsky 2010), whose gradient is 0 at 0 and at 6. */
    public static Layer relu6() {
        return new Composed("relu6", Relu6::apply);
    }

    /** Returns the nearest number of [least, most], {@code max(least, min(most, x))}; −1 and 1 are usual. */
    public static Layer hardTanh(double least, double most) {
        if (!(finite("hardTanh", "least", least) <= finite("hardTanh", "most", most))) {
            throw new IllegalArgumentException(
                    "hardTanh expects a lower bound not above the upper one, got " + least + " and " + most);
        }
        return new Composed("hardTanh(" + least + ", " + most + ")", x -> x.clamp(least, most));
    }

    /** Returns ln(1 / (1 + e⁻ˣ)), without overflow. */
    public static Layer logSigmoid() {
        return new Composed("logSigmoid", x -> x.neg().softplus().neg());
    }

    /** Returns x / (1 + |x|) (Bergstra et al. 2009). */
    public static Layer softsign() {
        return new Composed("softsign", x -> x.div(x.abs().add(1)));
    }

    /** Returns x where positive, else w·x, with a learned w for all channels that starts at 0.25; {@link PRelu} has more settings. */
    public static Layer prelu() {
        return new PRelu(1);
    }

    /**
     * Returns a·sigmoid(b) with the halves a and b of the last axis, whose size is even (Dauphin et al. 2017).
     */
    public static Layer glu() {
        return new Composed("glu", x -> halves("glu", x, b -> b.sigmoid(), false));
    }

    /** Returns silu(a)·b with the halves a and b of the last axis, whose size is even (Shazeer 2020). */
    public static Layer swiglu() {
        return new Composed("swiglu", x -> halves("swiglu", x, a -> a.silu(), true));
    }

    /**
     * Returns the largest of each {@code pieces} neighbouring channels, of axis 1 (Goodfellow et al. 2013): {@code [N, C·pieces, …]} give
     * {@code [N, C, …]}.
     */
    public static Layer maxout(int pieces) {
        if (pieces < 1) {
            throw new IllegalArgumentException("maxout expects at least 1 piece, got " + pieces);
        }
        return new Composed("maxout(" + pieces + ")", x -> maxout(pieces, x));
    }

    /** Returns the softmax over the last axis, eˣ / Σ eˣ. */
    public static Layer softmax() {
        return new Composed("softmax", Tensor::softmax);
    }

    /** Returns the logarithm of the softmax over the last axis, x − ln Σ eˣ, without overflow. */
    public static Layer logSoftmax() {
        return new Composed("logSoftmax", Tensor::logSoftmax);
    }

    private static Tensor halves(String function, Tensor x, UnaryOperator<Tensor> gate, boolean isFirstGated) {
        int size = x.shape().rank() == 0 ? 1 : x.shape().size(-1);
        if (size % 2 == 1) {
            throw new IllegalArgumentException(
                    function + " expects a last axis of even size, got " + x.shape() + "; it is divided into halves");
        }
        Tensor a = x.narrow(-1, 0, size / 2);
        Tensor b = x.narrow(-1, size / 2, size / 2);
        return isFirstGated ? gate.apply(a).mul(b) : a.mul(gate.apply(b));
    }

    private static Tensor maxout(int pieces, Tensor x) {
        Shape shape = x.shape();
        if (shape.rank() < 2 || shape.size(1) % pieces != 0) {
            throw new IllegalArgumentException(
                    "maxout(" + pieces + ") expects input [N, C·" + pieces + ", ...], got " + shape);
        }
        Shape apart = shape.with(1, shape.size(1) / pieces).insert(2, pieces);
        return x.reshape(apart).max(2);
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

    /** A function of tensors with its name, as a layer. */
    private record Composed(String name, UnaryOperator<Tensor> function) implements Fresh {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            try (Scope scope = x.session().scope(name)) {
                return scope.keep(function.apply(x));
            }
        }

        @Override
        public String toString() {
            return name;
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
