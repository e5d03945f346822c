package org.alborz.tck.golden.generator;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.function.UnaryOperator;

/** Activations. The first row of an elementwise function's input holds 0 and numbers that saturate. */
final class ActivationCases {
    private static final double[] EDGES = {0, 0.5, -0.5, 0.0009765625, 8, -8, 40, -40};
    private static final double SLOPE = 0.01;
    private static final double ALPHA = 1.0;

    private ActivationCases() {}

    static List<GoldenCase> all() {
        return List.of(
                elementwise(GoldenCase.of("relu", "ReLU"), Torch::relu),
                elementwise(
                        GoldenCase.of("leaky-relu", "LeakyReLU").parameter("negative_slope", SLOPE),
                        x -> Torch.leakyRelu(x, SLOPE)),
                elementwise(GoldenCase.of("elu", "ELU").parameter("alpha", ALPHA), x -> Torch.elu(x, ALPHA)),
                elementwise(GoldenCase.of("sigmoid", "Sigmoid"), Torch::sigmoid),
                elementwise(GoldenCase.of("tanh", "Tanh"), Torch::tanh),
                elementwise(GoldenCase.of("gelu", "GELU").parameter("approximate", "none"), Torch::gelu),
                rows(GoldenCase.of("softmax", "Softmax"), x -> Torch.softmax(x, 1)),
                rows(GoldenCase.of("log-softmax", "LogSoftmax"), x -> Torch.logSoftmax(x, 1)));
    }

    private static GoldenCase elementwise(GoldenCase golden, UnaryOperator<NDArray> function) {
        Values input = new Inputs(golden.name()).scaled(4, 4, EDGES.length);
        System.arraycopy(EDGES, 0, input.elements(), 0, EDGES.length);
        return golden.variable("input", input).run(t -> function.apply(t.get("input")));
    }

    /** Works on rows; the first is so large that exponentials not shifted by the maximum overflow. */
    private static GoldenCase rows(GoldenCase golden, UnaryOperator<NDArray> function) {
        Values input = new Inputs(golden.name()).scaled(4, 4, 5);
        for (int i = 0; i < 5; i++) {
            input.elements()[i] += 1000;
        }
        return golden.parameter("dim", 1).variable("input", input).run(t -> function.apply(t.get("input")));
    }
}
