package org.alborz.examples;

import org.alborz.nn.Activations;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.Lbfgs;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;

/**
 * Fits a small net to a curve by L-BFGS, each step over all data.
 *
 * <p>Prints the loss before each step and in the end {@code loss 0.000012 after 30 steps, 306 evaluations}, or about that.
 */
public final class FullBatch {
    private FullBatch() {}

    /** Does thirty steps; takes a backend's name, and {@code auto} without. */
    public static void main(String[] args) {
        train(args.length == 0 ? "auto" : args[0], 30);
    }

    /** Returns the loss before the last step. */
    static double train(String backend, int steps) {
        int samples = 64;
        float[][] x = new float[samples][1];
        float[][] y = new float[samples][1];
        for (int i = 0; i < samples; i++) {
            x[i][0] = 4f * i / samples - 2;
            y[i][0] = (float) Math.sin(2 * x[i][0]);
        }
        Sequential net = new Sequential(new Linear(1, 16), Activations.tanh(), new Linear(16, 1));
        try (Session session = Session.open(backend);
                Model model = Model.create(session, net, 1);
                Lbfgs lbfgs = new Lbfgs(model)) {
            Tensor inputs = session.tensor(x);
            Tensor targets = session.tensor(y);
            double loss = 0;
            for (int i = 1; i <= steps; i++) {
                loss = lbfgs.step(step -> Loss.mse().of(step.forward(inputs), targets));
                System.out.printf("step %d: loss %.6f%n", i, loss);
            }
            System.out.printf("loss %.6f after %d steps, %d evaluations%n", loss, steps, lbfgs.evaluations());
            return loss;
        }
    }
}
