package org.alborz.tck.golden.generator;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;

/** The basic residual block (He et al. 2016): conv, bn, relu, conv, bn, plus the input, relu. */
final class ResidualCases {
    private static final int CHANNELS = 4;

    private ResidualCases() {}

    static List<GoldenCase> all() {
        return List.of(block("residual-block-training", true), block("residual-block-evaluation", false));
    }

    private static GoldenCase block(String name, boolean training) {
        Inputs inputs = new Inputs(name);
        GoldenCase golden = GoldenCase.of(name, "BasicBlock", "composed of conv2d, batch_norm, relu and add")
                .parameter("channels", CHANNELS)
                .parameter("kernel_size", new long[] {3, 3})
                .parameter("padding", new long[] {1, 1})
                .parameter("training", training)
                .parameter("momentum", BatchNormCases.MOMENTUM)
                .parameter("eps", BatchNormCases.EPSILON)
                .variable("input", inputs.uniform(2, CHANNELS, 4, 5))
                .variable("conv1_weight", inputs.scaled(0.5, CHANNELS, CHANNELS, 3, 3));
        BatchNormCases.addLayer(golden, "bn1_", inputs, CHANNELS);
        golden.variable("conv2_weight", inputs.scaled(0.5, CHANNELS, CHANNELS, 3, 3));
        BatchNormCases.addLayer(golden, "bn2_", inputs, CHANNELS);
        return golden.run(t -> {
            NDArray hidden = Torch.relu(convAndNorm(t, t.get("input"), "1", training));
            return Torch.relu(convAndNorm(t, hidden, "2", training).add(t.get("input")));
        });
    }

    private static NDArray convAndNorm(Map<String, NDArray> t, NDArray x, String number, boolean training) {
        NDArray y = Torch.conv2d(x, t.get("conv" + number + "_weight"), null, Window.of(1, 1, 1, 1));
        BatchNormTensors layer = BatchNormTensors.of(t, "bn" + number + "_");
        return Torch.batchNorm(y, layer, training, BatchNormCases.MOMENTUM, BatchNormCases.EPSILON);
    }
}
