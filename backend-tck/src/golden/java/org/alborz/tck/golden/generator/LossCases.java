package org.alborz.tck.golden.generator;

import java.util.List;

/** Losses, each the mean. */
final class LossCases {
    private LossCases() {}

    static List<GoldenCase> all() {
        return List.of(crossEntropy("cross-entropy", 0.0), crossEntropy("cross-entropy-label-smoothing", 0.1), mse());
    }

    private static GoldenCase crossEntropy(String name, double labelSmoothing) {
        Inputs inputs = new Inputs(name);
        return GoldenCase.of(name, "CrossEntropyLoss", "composed of log_softmax, gather, sum and mean")
                .parameter("label_smoothing", labelSmoothing)
                .parameter("reduction", "mean")
                .variable("input", inputs.scaled(4, 6, 5))
                .tensor("labels", inputs.labels(6, 5))
                .run(t -> Torch.crossEntropy(t.get("input"), t.get("labels"), labelSmoothing));
    }

    private static GoldenCase mse() {
        Inputs inputs = new Inputs("mse-loss");
        return GoldenCase.of("mse-loss", "MSELoss", "composed of sub, square and mean")
                .parameter("reduction", "mean")
                .variable("input", inputs.uniform(4, 3))
                .variable("target", inputs.uniform(4, 3))
                .run(t -> Torch.mseLoss(t.get("input"), t.get("target")));
    }
}
