package org.alborz.tck.golden.generator;

import java.util.List;

/** Batch normalisation; the running variance moves toward the unbiased variance, the output uses the biased one. */
final class BatchNormCases {
    static final double MOMENTUM = 0.1;
    static final double EPSILON = 1e-5;

    private BatchNormCases() {}

    static List<GoldenCase> all() {
        return List.of(
                batchNorm("batchnorm2d-training", "BatchNorm2d", true, 3, 4, 3, 5),
                batchNorm("batchnorm2d-evaluation", "BatchNorm2d", false, 3, 4, 3, 5),
                batchNorm("batchnorm1d-training", "BatchNorm1d", true, 6, 5),
                batchNorm("batchnorm1d-evaluation", "BatchNorm1d", false, 6, 5));
    }

    private static GoldenCase batchNorm(String name, String layer, boolean training, long... shape) {
        Inputs inputs = new Inputs(name);
        GoldenCase golden = GoldenCase.of(name, layer)
                .parameter("num_features", (int) shape[1])
                .parameter("training", training)
                .parameter("momentum", MOMENTUM)
                .parameter("eps", EPSILON)
                .variable("input", inputs.uniform(shape));
        addLayer(golden, "", inputs, shape[1]);
        return golden.run(
                t -> Torch.batchNorm(t.get("input"), BatchNormTensors.of(t, ""), training, MOMENTUM, EPSILON));
    }

    /** Adds a layer's parameters and statistics, their names prefixed. */
    static void addLayer(GoldenCase golden, String prefix, Inputs inputs, long channels) {
        golden.variable(prefix + "weight", inputs.positive(channels))
                .variable(prefix + "bias", inputs.uniform(channels))
                .state(prefix + "running_mean", inputs.uniform(channels))
                .state(prefix + "running_var", inputs.positive(channels));
    }
}
