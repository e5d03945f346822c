package org.alborz.tck.golden.generator;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The first ten losses of a small CNN, the same batch each step.
 *
 * <p>Loss i is taken before update i, so the first belongs to the initial weights; the sums are taken after the tenth
 * update.
 */
final class TrainingCases {
    private static final int STEPS = 10;
    private static final int BATCH = 16;
    private static final int CLASSES = 10;
    private static final String NETWORK = "conv1 3 to 8 channels, 3x3, padding 1; relu; maxpool 2x2; "
            + "conv2 8 to 16 channels, 3x3, padding 1; relu; maxpool 2x2; flatten; linear 64 to 10; "
            + "cross-entropy, mean";

    private TrainingCases() {}

    static List<GoldenCase> all() {
        return List.of(
                training("training-small-cnn-sgd", new Sgd.Settings(0.05, 0.9, false, 0)),
                training("training-small-cnn-adam", new Adam.Settings(1e-2, 0.9, 0.999, 1e-8, 0, false)));
    }

    private static GoldenCase training(String name, Optimizer.Settings settings) {
        // One seed for all runs: they share weights, inputs and labels.
        Inputs inputs = new Inputs("training-small-cnn");
        Values input = inputs.scaled(1, BATCH, 3, 8, 8);
        Values labels = inputs.labels(BATCH, CLASSES);
        Map<String, Values> weights = initialWeights(inputs);
        GoldenCase golden = GoldenCase.of(name, "training", "autograd by PyTorch, " + Optimizer.HOW)
                .parameter("network", NETWORK)
                .parameter("optimizer", settings.torchName())
                .parameter("steps", STEPS)
                .tensor("input", input)
                .tensor("labels", labels);
        settings.parameters().forEach(golden::parameter);
        weights.forEach(golden::tensor);
        Map<String, Values> trained = new LinkedHashMap<>(weights);
        double[] losses = new double[STEPS];
        try (NDManager manager = Torch.newManager()) {
            Map<String, Optimizer> optimizers = new LinkedHashMap<>();
            weights.keySet().forEach(key -> optimizers.put(key, settings.create()));
            NDArray x = input.toArray(manager);
            NDArray y = labels.toArray(manager);
            for (int step = 0; step < STEPS; step++) {
                losses[step] = step(manager, x, y, trained, optimizers);
            }
        }
        golden.tensor("losses", Values.of(losses, STEPS));
        trained.forEach((key, values) -> golden.tensor(key + "_final_sum", sum(values)));
        return golden;
    }

    private static Map<String, Values> initialWeights(Inputs inputs) {
        Map<String, Values> weights = new LinkedHashMap<>();
        weights.put("conv1_weight", inputs.scaled(0.25, 8, 3, 3, 3));
        weights.put("conv1_bias", inputs.scaled(0.125, 8));
        weights.put("conv2_weight", inputs.scaled(0.125, 16, 8, 3, 3));
        weights.put("conv2_bias", inputs.scaled(0.125, 16));
        weights.put("linear_weight", inputs.scaled(0.125, CLASSES, 64));
        weights.put("linear_bias", inputs.scaled(0.125, CLASSES));
        return weights;
    }

    /** Takes one step and returns the loss before it. */
    private static double step(
            NDManager manager, NDArray x, NDArray y, Map<String, Values> weights, Map<String, Optimizer> optimizers) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        weights.forEach((key, values) -> arrays.put(key, values.toArray(manager)));
        NDArray loss;
        try (GradientCollector collector = Torch.newGradientCollector()) {
            arrays.values().forEach(array -> array.setRequiresGradient(true));
            loss = Torch.crossEntropy(forward(arrays, x), y, 0);
            collector.backward(loss);
        }
        arrays.forEach((key, value) -> {
            NDArray updated = optimizers.get(key).step(value.stopGradient(), value.getGradient());
            weights.put(key, Values.copyOf(updated));
        });
        return loss.getDouble();
    }

    private static NDArray forward(Map<String, NDArray> t, NDArray x) {
        Window padded = Window.of(1, 1, 1, 1);
        NDArray first = Torch.relu(Torch.conv2d(x, t.get("conv1_weight"), t.get("conv1_bias"), padded));
        NDArray pooled = Torch.maxPool2d(first, 2, 2, 0);
        NDArray second = Torch.relu(Torch.conv2d(pooled, t.get("conv2_weight"), t.get("conv2_bias"), padded));
        NDArray flat = Torch.flatten(Torch.maxPool2d(second, 2, 2, 0));
        return Torch.linear(flat, t.get("linear_weight"), t.get("linear_bias"));
    }

    private static Values sum(Values values) {
        return Values.of(new double[] {Arrays.stream(values.elements()).sum()});
    }
}
