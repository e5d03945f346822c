package org.alborz.benchmarks.peers.torch;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes the forward pass of a net, line by line, and notes which weights and states it takes.
 *
 * <p>The nets are those of {@link org.alborz.models.Models}, their weights in the same order. Rectifiers and sums are in place, as
 * PyTorch's own models have them. For inference there is a second form, in which each batch normalisation is folded into the convolution
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

    static ForwardScript of(String model, Mode mode) {
        ForwardScript script = new ForwardScript(mode);
        switch (model) {
            case "cifar-cnn" -> script.cifarCnn();
            case "resnet20" -> script.resnet20();
            default -> throw new IllegalArgumentException(
                    "PyTorch has the models cifar-cnn and resnet20 here, got '" + model + "'");
        }
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

    /** Returns the body of a method with the argument {@code x}, which returns the logits. */
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

    private void cifarCnn() {
        block(3, 32);
        block(32, 64);
        let("torch.flatten(%s, 1)");
        linear(64 * 8 * 8, 512);
        relu();
        dropout(0.5);
        linear(512, 10);
    }

    private void block(int in, int out) {
        convolution(in, out, 3, 1, true);
        relu();
        convolution(out, out, 3, 1, true);
        relu();
        let("torch.max_pool2d(%s, [2, 2], [2, 2])");
        dropout(0.25);
    }

    private void resnet20() {
        normalizedConvolution(3, 16, 3, 1);
        relu();
        int in = 16;
        for (int out : new int[] {16, 32, 64}) {
            for (int block = 0; block < 3; block++) {
                residual(in, out);
                in = out;
            }
        }
        let("torch.flatten(torch.adaptive_avg_pool2d(%s, [1, 1]), 1)");
        linear(64, 10);
    }

    private void residual(int in, int out) {
        String input = value;
        int stride = in == out ? 1 : 2;
        normalizedConvolution(in, out, 3, stride);
        relu();
        normalizedConvolution(out, out, 3, 1);
        String main = value;
        value = input;
        if (in != out) {
            normalizedConvolution(in, out, 1, stride);
        }
        String side = value;
        value = main;
        let("torch.add_(%s, " + side + ")");
        relu();
    }

    private void convolution(int in, int out, int kernel, int stride, boolean bias) {
        String weight = weight(out, in, kernel, kernel);
        String shift = bias ? weight(out) : "None";
        let("torch.conv2d(%s, " + weight + ", " + shift + ", " + pair(stride) + ", " + pair(kernel / 2) + ")");
    }

    private void normalizedConvolution(int in, int out, int kernel, int stride) {
        if (mode != Mode.FOLDED) {
            convolution(in, out, kernel, stride, false);
            batchNorm(out);
            return;
        }
        String weight = weight(out, in, kernel, kernel);
        String gamma = weight(out);
        String beta = weight(out);
        String mean = state(out);
        String variance = state(out);
        String scale = "scale" + folded;
        line(folding, scale + " = torch.mul(" + gamma + ", torch.rsqrt(torch.add(" + variance + ", 1e-05)))");
        append("torch.mul(" + weight + ", torch.reshape(" + scale + ", [-1, 1, 1, 1]))");
        append("torch.sub(" + beta + ", torch.mul(" + mean + ", " + scale + "))");
        let("torch.conv2d(%s, f[" + (folded - 2) + "], f[" + (folded - 1) + "], " + pair(stride) + ", "
                + pair(kernel / 2) + ")");
    }

    private void append(String expression) {
        line(folding, "_" + folded++ + " = torch.append(f, torch.detach(" + expression + "))");
    }

    private void batchNorm(int channels) {
        String arguments = weight(channels) + ", " + weight(channels) + ", " + state(channels) + ", " + state(channels);
        String training = mode == Mode.TRAINING ? "True" : "False";
        let("torch.batch_norm(%s, " + arguments + ", " + training + ", 0.1, 1e-05, False)");
    }

    private void linear(int in, int out) {
        let("torch.linear(%s, " + weight(out, in) + ", " + weight(out) + ")");
    }

    private void relu() {
        let("torch.relu_(%s)");
    }

    private void dropout(double rate) {
        if (mode == Mode.TRAINING) {
            let("torch.dropout(%s, " + rate + ", True)");
        }
    }

    private void let(String expression) {
        String name = "v" + values++;
        line(lines, name + " = " + expression.replace("%s", value));
        value = name;
    }

    private static void line(StringBuilder body, String statement) {
        body.append("    ").append(statement).append('\n');
    }

    private String weight(long... sizes) {
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
