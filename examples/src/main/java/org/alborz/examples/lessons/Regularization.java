package org.alborz.examples.lessons;

import java.io.IOException;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import org.alborz.examples.drawing.Plot;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.TrainingStep;
import org.alborz.optim.ParameterGroup;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** Penalties on weights. */
final class Regularization implements Lesson {
    /** Runs the lesson by itself; takes a backend's name, and {@code auto} without. */
    public static void main(String[] args) throws IOException {
        Course.main(new Regularization(), args);
    }

    @Override
    public String name() {
        return "regularization";
    }

    @Override
    public String title() {
        return "Regularization: L2, L1 and the elastic net";
    }

    @Override
    public void run(Notebook notebook) throws IOException {
        Tensor w1 = notebook.session().tensor(new float[] {1, 0, 0, 0});
        Tensor w2 = notebook.session().tensor(new float[] {0.25f, 0.25f, 0.25f, 0.25f});
        notebook.say("w1 = (1, 0, 0, 0) and w2 = (1/4, 1/4, 1/4, 1/4) give x = (1, 1, 1, 1) the same score");
        double[] l2 = {w1.square().sum().item(), w2.square().sum().item()};
        double[] l1 = {w1.abs().sum().item(), w2.abs().sum().item()};
        double[] net = {l2[0] / 2 + l1[0], l2[1] / 2 + l1[1]};
        notebook.claim("R = sum w^2 prefers w2: 1 against 0.25", l2[0] == 1 && l2[1] == 0.25);
        notebook.claim("R = sum |w| has no preference: 1 and 1", l1[0] == 1 && l1[1] == 1);
        notebook.claim("R = sum (w^2 / 2 + |w|) prefers w2: 1.5, 1.125", net[0] == 1.5 && net[1] == 1.125);
        decay(notebook);
        sparseness(notebook);
    }

    /** With a data term of gradient 0 the penalty alone moves the weight: w <- w - rate lambda dR/dw, here with lambda 0.5. */
    private static void decay(Notebook notebook) throws IOException {
        notebook.say("%nw = 1.02, a data term of gradient 0, rate 0.1, lambda 0.5, beta 0.5:");
        Plot plot = new Plot("A weight under its penalty alone", "step", "weight");
        alone(notebook, plot, "L2", ParameterGroup.all().weightDecay(1), w -> 2 * w);
        alone(notebook, plot, "L1", ParameterGroup.all().l1(0.5), Math::signum);
        // Of lambda (beta w^2 + |w|) the engine takes the factors of |w| and of w^2 / 2.
        alone(notebook, plot, "elastic net", ParameterGroup.all().elasticNet(0.5, 0.5), w -> w + Math.signum(w));
        notebook.picture("decay", plot.draw());
    }

    private static void alone(Notebook notebook, Plot plot, String name, ParameterGroup r, DoubleUnaryOperator slope) {
        double[] ours = new double[40];
        double formula = 1.02;
        double apart = 0;
        try (Model model = Model.create(notebook.session(), new Linear(1, 1).bias(false), 1)) {
            Tensor w = model.parameter("weight").value().fill(formula);
            Sgd sgd = new Sgd(0.1).groups(r);
            for (int k = 0; k < ours.length; k++) {
                ours[k] = w.item();
                apart = Math.max(apart, Math.abs(ours[k] - formula));
                formula -= 0.1 * 0.5 * slope.applyAsDouble(formula);
                try (TrainingStep step = model.step(1, k + 1)) {
                    step.backward(step.forward(w).sum().mul(0));
                    sgd.step(step);
                }
            }
        }
        notebook.claim(name + ": the weight decays as the formula says", apart < 1e-5);
        plot.line(name, ours);
    }

    /** Of twenty inputs only the first three matter, and thirty noisy samples are few for twenty weights. */
    private static void sparseness(Notebook notebook) throws IOException {
        notebook.say("%nRegression on 30 noisy samples of 20 inputs, of which 3 matter, and the error on unseen ones:");
        Plot plot = new Plot("Weights of a regression with 20 inputs", "input", "weight");
        double[] none = regression(notebook, plot, "none", ParameterGroup.all());
        double[] second = regression(notebook, plot, "L2", ParameterGroup.all().weightDecay(0.5));
        double[] first = regression(notebook, plot, "L1", ParameterGroup.all().l1(0.4));
        regression(notebook, plot, "elastic net", ParameterGroup.all().elasticNet(0.4, 0.2));
        notebook.claim("L2 makes the weights smaller", second[1] < none[1]);
        notebook.claim("L1 makes more of them 0 than L2", first[0] > second[0] + 3);
        notebook.claim("L1 predicts unseen samples better than no penalty", first[2] < none[2]);
        notebook.picture("weights", plot.draw());
    }

    /** Returns how many weights are nearly 0, the sum of their squares, and the error on unseen samples. */
    private static double[] regression(Notebook notebook, Plot plot, String name, ParameterGroup penalty) {
        Session session = notebook.session();
        try (Model model = Model.create(session, new Linear(20, 1).bias(false), notebook.seed())) {
            Tensor truth = session.tensor(new float[][] {{2}, {-3}, {1}}).pad(0, 0, 17); // [20, 1]
            Tensor x = session.normal(Shape.of(30, 20), notebook.seed());
            Tensor y = x.matmul(truth).add(session.normal(Shape.of(30, 1), notebook.seed() + 1));
            Sgd sgd = new Sgd(0.04).groups(penalty);
            for (int k = 1; k <= 500; k++) {
                try (TrainingStep step = model.step(1, k)) {
                    step.backward(Loss.mse().of(step.forward(x), y));
                    sgd.step(step);
                }
            }
            Tensor unseen = session.normal(Shape.of(1000, 20), notebook.seed() + 2);
            Tensor wrong = model.predict(unseen).sub(unseen.matmul(truth));
            double error = wrong.square().mean().item();
            double[] w = model.parameter("weight").value().toDoubles();
            plot.points(name, w);
            double small = DoubleStream.of(w).filter(v -> Math.abs(v) < 0.03).count();
            double square = DoubleStream.of(w).map(v -> v * v).sum();
            notebook.say("  %-12s %2.0f weights near 0, |w|^2 %5.2f, error %.2f", name, small, square, error);
            return new double[] {small, square, error};
        }
    }
}
