package org.alborz.benchmarks.peers.torch;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.alborz.benchmarks.peers.Net;

/**
 * Writes the forward pass of a net, line by line, and notes which weights and states it takes. {@link NetScripts} has the nets.
 *
 * <p>Rectifiers and sums are in place, as PyTorch's own models have them. For inference there is a second form, in which each batch normalisation is folded into the convolution
 * before it, once, as {@code torch.jit.freeze} does.
 */
final class ForwardScript {
    private final Mode mode;
    private final StringBuilder folding = new StringBuilder();
    private final StringBuilder lines = new StringBuilder();
    private final List<Shape> weights = new ArrayList<>();
    private final List<Shape> states = new ArrayList<>();
    private String value = "x";
    private int values;
    private int folded;

    /** What the pass is for. */
    enum Mode {
        TRAINING,
        EVALUATION,
        /** Evaluation with weights that were folded before. */
        FOLDED
    }

    private ForwardScript(Mode mode) {
        this.mode = mode;
    }

    static ForwardScript of(Net net, Mode mode) {
        ForwardScript script = new ForwardScript(mode);
        NetScripts.write(net, script);
        return script;
    }

    /** Returns the shapes of what is learned, the names {@code w0}, {@code w1}, … in the exchange. */
    List<Shape> weights() {
        return weights;
    }

    /** Returns the shapes of the running means and variances. */
    List<Shape> states() {
        return states;
    }

    /** Returns the body of a method with the argument {@code x}, which returns the output. */
    String body() {
        return "    w = self.w\n    s = self.s\n    f = self.f\n" + lines + "    return " + value + "\n";
    }

    /** Returns the body of a method that folds the weights of {@link Mode#FOLDED}. */
    String foldingBody() {
        return "    w = self.w\n    s = self.s\n    f = annotate(List[Tensor], [])\n" + folding
                + "    self.f = f\n    return True\n";
    }

    /** Tells whether there is anything to fold. */
    boolean folds() {
        return folded > 0;
    }

    /** Returns the name of the value that the next line continues. */
    String value() {
        return value;
    }

    /** Continues with another value. */
    void continueWith(String other) {
        value = other;
    }

    /** A square filter, and the padding that keeps the size. */
    record Filter(int in, int out, int kernel, int stride, int groups) {
        static Filter of(int in, int out, int kernel, int stride) {
            return new Filter(in, out, kernel, stride, 1);
        }

        private long[] shape() {
            return new long[] {out, in / groups, kernel, kernel};
        }

        private String convolution(String weight, String bias) {
            return "torch.conv2d(%s, " + weight + ", " + bias + ", " + pair(stride) + ", " + pair(kernel / 2)
                    + ", [1, 1], " + groups + ")";
        }
    }

    void convolution(Filter filter) {
        let(filter.convolution(weight(filter.shape()), weight(filter.out())));
    }

    void normalizedConvolution(Filter filter) {
        int out = filter.out();
        String weight = weight(filter.shape());
        if (mode != Mode.FOLDED) {
            let(filter.convolution(weight, "None"));
            batchNorm(out);
            return;
        }
        String gamma = weight(out);
        String beta = weight(out);
        String mean = state(out);
        String variance = state(out);
        String scale = "scale" + folded;
        line(folding, scale + " = torch.mul(" + gamma + ", torch.rsqrt(torch.add(" + variance + ", 1e-05)))");
        append("torch.mul(" + weight + ", torch.reshape(" + scale + ", [-1, 1, 1, 1]))");
        append("torch.sub(" + beta + ", torch.mul(" + mean + ", " + scale + "))");
        let(filter.convolution("f[" + (folded - 2) + "]", "f[" + (folded - 1) + "]"));
    }

    private void append(String expression) {
        line(folding, "_" + folded++ + " = torch.append(f, torch.detach(" + expression + "))");
    }

    private void batchNorm(int channels) {
        String arguments = weight(channels) + ", " + weight(channels) + ", " + state(channels) + ", " + state(channels);
        String training = mode == Mode.TRAINING ? "True" : "False";
        let("torch.batch_norm(%s, " + arguments + ", " + training + ", 0.1, 1e-05, False)");
    }

    void linear(int in, int out) {
        let("torch.linear(%s, " + weight(out, in) + ", " + weight(out) + ")");
    }

    void relu() {
        let("torch.relu_(%s)");
    }

    void dropout(double rate) {
        if (mode == Mode.TRAINING) {
            let("torch.dropout(%s, " + rate + ", True)");
        }
    }

    /** Tells whether the pass is one of training. */
    boolean isTraining() {
        return mode == Mode.TRAINING;
    }

    /** Applies an expression, in which {@code %s} stands for the value so far. */
    void let(String expression) {
        String name = "v" + values++;
        line(lines, name + " = " + expression.replace("%s", value));
        value = name;
    }

    /** Applies an expression that gives several values, and continues with the first of them. */
    void letFirst(int count, String expression) {
        String name = "v" + values++;
        StringBuilder names = new StringBuilder(name + ", ");
        for (int i = 1; i < count; i++) {
            names.append("v").append(values++).append(", ");
        }
        line(lines, names + "= " + expression);
        value = name;
    }

    private static void line(StringBuilder body, String statement) {
        body.append("    ").append(statement).append('\n');
    }

    /** Adds a weight of the next number and returns its name. */
    String weight(long... sizes) {
        weights.add(new Shape(sizes));
        return "w[" + (weights.size() - 1) + "]";
    }

    private String state(long size) {
        states.add(new Shape(size));
        return "s[" + (states.size() - 1) + "]";
    }

    private static String pair(int n) {
        return "[" + n + ", " + n + "]";
    }
}
