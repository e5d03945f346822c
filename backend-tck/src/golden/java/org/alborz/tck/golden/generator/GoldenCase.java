package org.alborz.tck.golden.generator;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** One reference case: what goes into PyTorch, and what comes out. */
final class GoldenCase {
    private final String name;
    private final String layer;
    private final String madeBy;
    private final Map<String, Object> parameters = new LinkedHashMap<>();
    private final Map<String, Values> tensors = new LinkedHashMap<>();
    private final Set<String> variables = new LinkedHashSet<>();
    private final Set<String> states = new LinkedHashSet<>();

    private GoldenCase(String name, String layer, String madeBy) {
        this.name = name;
        this.layer = layer;
        this.madeBy = madeBy;
    }

    /** @param layer PyTorch's name of what is computed */
    static GoldenCase of(String name, String layer) {
        return new GoldenCase(name, layer, Torch.versions());
    }

    /** @param how how PyTorch was used, where the case is not one call of the function that it names */
    static GoldenCase of(String name, String layer, String how) {
        return new GoldenCase(name, layer, Torch.versions() + ", " + how);
    }

    /** @param value a number, a truth value, a text, or an array, list or map of them */
    GoldenCase parameter(String key, Object value) {
        parameters.put(key, value);
        return this;
    }

    /** Adds an input that gets no gradient, or a result. */
    GoldenCase tensor(String key, Values values) {
        tensors.put(key, values);
        return this;
    }

    /** Adds an input whose gradient is part of the case, as {@code <key>_gradient}. */
    GoldenCase variable(String key, Values values) {
        variables.add(key);
        return tensor(key, values);
    }

    /** Adds an input that the function changes in place, and is recorded again as {@code <key>_after}. */
    GoldenCase state(String key, Values values) {
        states.add(key);
        return tensor(key, values);
    }

    /**
     * Runs a function of the tensors added so far, and records its output and every variable's gradient of
     * {@code sum(output · output_gradient)}; the output's gradient is 1 for a loss and random for all else.
     */
    GoldenCase run(Function<Map<String, NDArray>, NDArray> function) {
        try (NDManager manager = Torch.newManager();
                GradientCollector collector = Torch.newGradientCollector()) {
            Map<String, NDArray> arrays = new LinkedHashMap<>();
            tensors.forEach((key, values) -> arrays.put(key, values.toArray(manager)));
            variables.forEach(key -> arrays.get(key).setRequiresGradient(true));
            NDArray output = function.apply(arrays);
            Values outputGradient = outputGradient(output);
            collector.backward(output.mul(outputGradient.toArray(manager)).sum());
            states.forEach(key -> tensor(key + "_after", Values.copyOf(arrays.get(key))));
            tensor("output", Values.copyOf(output));
            tensor("output_gradient", outputGradient);
            variables.forEach(key -> tensor(key + "_gradient", Values.copyOf(arrays.get(key).getGradient())));
        }
        return this;
    }

    String name() {
        return name;
    }

    /** Renders the case as the JSON that the README describes, a line for each tensor. */
    String toJson() {
        return "{\n"
                + "  \"case\": " + Json.of(name) + ",\n"
                + "  \"layer\": " + Json.of(layer) + ",\n"
                + "  \"made_by\": " + Json.of(madeBy) + ",\n"
                + "  \"dtype\": \"float64\",\n"
                + "  \"parameters\": " + Json.of(parameters) + ",\n"
                + "  \"tensors\": {\n" + Json.lines("    ", tensors) + "\n  }\n"
                + "}\n";
    }

    private Values outputGradient(NDArray output) {
        return output.getShape().isScalar()
                ? Values.of(new double[] {1})
                : new Inputs(name + " output_gradient").uniform(output.getShape().getShape());
    }
}
