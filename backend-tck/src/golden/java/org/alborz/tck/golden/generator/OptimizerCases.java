package org.alborz.tck.golden.generator;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;

/** Five steps of each optimizer on one vector, with given gradients. */
final class OptimizerCases {
    private static final int STEPS = 5;
    private static final int SIZE = 6;

    private OptimizerCases() {}

    static List<GoldenCase> all() {
        return List.of(
                steps("sgd", new Sgd.Settings(0.1, 0, false, 0)),
                steps("sgd-momentum", new Sgd.Settings(0.1, 0.9, false, 0)),
                steps("sgd-nesterov", new Sgd.Settings(0.1, 0.9, true, 0)),
                steps("sgd-weight-decay", new Sgd.Settings(0.1, 0, false, 0.01)),
                steps("sgd-nesterov-weight-decay", new Sgd.Settings(0.1, 0.9, true, 0.01)),
                steps("adam", new Adam.Settings(1e-3, 0.9, 0.999, 1e-8, 0, false)),
                steps("adam-weight-decay", new Adam.Settings(1e-3, 0.9, 0.999, 1e-8, 0.1, false)),
                steps("adam-large-epsilon", new Adam.Settings(0.05, 0.8, 0.9, 0.1, 0, false)),
                steps("adamw", new Adam.Settings(1e-3, 0.9, 0.999, 1e-8, 0.01, true)),
                steps("adamw-large-decay", new Adam.Settings(0.05, 0.9, 0.999, 1e-8, 0.5, true)));
    }

    private static GoldenCase steps(String name, Optimizer.Settings settings) {
        Inputs inputs = new Inputs(name);
        Values initial = inputs.uniform(SIZE);
        Values gradients = inputs.uniform(STEPS, SIZE);
        GoldenCase golden = GoldenCase.of("optimizer-" + name, settings.torchName(), Optimizer.HOW)
                .tensor("initial", initial)
                .tensor("gradients", gradients);
        settings.parameters().forEach(golden::parameter);
        double[] values = new double[STEPS * SIZE];
        try (NDManager manager = Torch.newManager()) {
            Optimizer optimizer = settings.create();
            NDArray value = initial.toArray(manager);
            NDArray gradient = gradients.toArray(manager);
            for (int step = 0; step < STEPS; step++) {
                value = optimizer.step(value, gradient.get(step));
                System.arraycopy(value.toDoubleArray(), 0, values, step * SIZE, SIZE);
            }
        }
        return golden.tensor("values", Values.of(values, STEPS, SIZE));
    }
}
