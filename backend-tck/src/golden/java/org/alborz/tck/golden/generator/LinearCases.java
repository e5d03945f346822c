package org.alborz.tck.golden.generator;

import java.util.List;

/** Linear layers, and the flattening in front of them. */
final class LinearCases {
    private LinearCases() {}

    static List<GoldenCase> all() {
        return List.of(linear("linear", 4, 5, 3, true), linear("linear-no-bias", 3, 7, 17, false), flatten());
    }

    private static GoldenCase linear(String name, int n, int in, int out, boolean bias) {
        Inputs inputs = new Inputs(name);
        GoldenCase golden = GoldenCase.of(name, "Linear")
                .parameter("in_features", in)
                .parameter("out_features", out)
                .parameter("bias", bias)
                .variable("input", inputs.uniform(n, in))
                .variable("weight", inputs.uniform(out, in));
        if (bias) {
            golden.variable("bias", inputs.uniform(out));
        }
        return golden.run(t -> Torch.linear(t.get("input"), t.get("weight"), t.get("bias")));
    }

    private static GoldenCase flatten() {
        Values input = new Inputs("flatten").uniform(2, 3, 2, 4);
        return GoldenCase.of("flatten", "Flatten").variable("input", input).run(t -> Torch.flatten(t.get("input")));
    }
}
