package org.alborz.cli;

import org.alborz.graph.Graph;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.TrainingStep;
import org.alborz.random.RandomKey;
import org.alborz.random.RandomStream;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * What a classifier computes of random images and labels, as graphs.
 *
 * @param input {@code [N, 3, H, W]}
 */
record Bisection(Model model, Shape input, long seed) {
    /** What is computed. */
    enum Step {
        EVALUATION,
        TRAINING
    }

    Graph graph(Step step) {
        Session session = model.session();
        try (Scope scope = session.scope("bisect")) {
            Tensor images = session.normal(new RandomKey(seed, 0, 0), input).named("images");
            return step == Step.EVALUATION ? Graph.trace(model, images) : training(images);
        }
    }

    /** The gradients of a training step, which are what is left of the backward walk. */
    private Graph training(Tensor images) {
        int classes = model.predict(images).shape().size(1);
        int[] labels = new int[input.size(0)];
        RandomStream random = new RandomStream(seed, 1);
        for (int i = 0; i < labels.length; i++) {
            labels[i] = random.nextInt(classes);
        }
        Tensor targets = model.session().tensor(labels, Shape.of(labels.length)).named("labels");
        return Graph.trace(
                model,
                () -> {
                    try (TrainingStep step = model.step(seed, 1)) {
                        step.backward(Loss.crossEntropy().of(step.forward(images), targets));
                    }
                    return model.gradients();
                },
                images,
                targets);
    }
}
