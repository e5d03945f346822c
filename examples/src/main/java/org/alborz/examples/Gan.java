package org.alborz.examples;

import org.alborz.nn.Activations;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.nn.TrainingStep;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * Trains a generator and a discriminator against each other (Goodfellow et al. 2014), each with an optimizer of its own: the generator
 * learns to draw numbers from a normal distribution of mean 4.
 *
 * <p>Prints the mean of what it draws: {@code mean 4.0}, or close to it.
 */
public final class Gan {
    private Gan() {}

    /** Trains for 1,500 steps; takes a backend's name, and {@code auto} without. */
    public static void main(String[] args) {
        System.out.printf("mean %.1f%n", train(args.length == 0 ? "auto" : args[0], 1_500));
    }

    static double train(String backend, int steps) {
        Shape column = Shape.of(64, 1);
        try (Session session = Session.open(backend);
                Model generator = Model.create(session, net(), 1);
                Model discriminator = Model.create(session, net(), 2)) {
            Adam generatorAdam = new Adam(2e-3).betas(0.5, 0.999);
            Adam discriminatorAdam = new Adam(2e-3).betas(0.5, 0.999);
            Loss loss = Loss.binaryCrossEntropy();
            Tensor ones = session.ones(column);
            Tensor zeros = session.zeros(column);
            for (int n = 1; n <= steps; n++) {
                try (TrainingStep step = discriminator.step(1, n)) {
                    Tensor real = session.normal(column, 2L * n).add(4);
                    Tensor fake = generator.predict(session.normal(column, 2L * n + 1));
                    step.backward(loss.of(step.forward(real), ones).add(loss.of(step.forward(fake), zeros)));
                    discriminatorAdam.step(step);
                }
                try (TrainingStep step = generator.step(2, n)) {
                    Tensor fake = step.forward(session.normal(column, -n));
                    step.backward(loss.of(discriminator.forward(fake, step.pass()), ones));
                    generatorAdam.step(step);
                }
            }
            Tensor drawn = generator.predict(session.normal(Shape.of(1_000, 1), 0));
            return drawn.mean().item();
        }
    }

    private static Sequential net() {
        return new Sequential(new Linear(1, 16), Activations.relu(), new Linear(16, 1));
    }
}
