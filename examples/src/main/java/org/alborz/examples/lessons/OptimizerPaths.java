package org.alborz.examples.lessons;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.alborz.examples.drawing.Plot;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.optim.Adagrad;
import org.alborz.optim.Adam;
import org.alborz.optim.Lbfgs;
import org.alborz.optim.Optimizer;
import org.alborz.optim.RmsProp;
import org.alborz.optim.Schedule;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Tensor;

/** Optimizers on a bowl that is shallow along x and steep along y, each beside the notes' equation, and decays of the learning rate. */
final class OptimizerPaths implements Lesson {
    private static final int STEPS = 60;

    /** Runs the lesson alone. */
    public static void main(String[] args) throws IOException {
        Course.main(new OptimizerPaths(), args);
    }

    @Override
    public String name() {
        return "optimizers";
    }

    @Override
    public String title() {
        return "Optimizers: paths on a steep and shallow bowl";
    }

    @Override
    public void run(Notebook notebook) throws IOException {
        Plot plot = new Plot("Paths of " + STEPS + " steps on (x² + 20 y²) / 2", "x", "y");
        for (double level : new double[] {1, 5, 15, 30, 50}) {
            double[][] contour = Bowl.contour(level);
            plot.background(contour[0], contour[1]);
        }
        double[][] sgd = show(notebook, plot, "SGD", new Sgd(0.09), UpdateRule.sgd(0.09));
        Optimizer momentum = new Sgd(0.02).momentum(0.9);
        double[][] heavy = show(notebook, plot, "momentum", momentum, UpdateRule.momentum(0.02, 0.9));
        Optimizer nesterov = new Sgd(0.02).momentum(0.9).nesterov();
        double[][] ahead = show(notebook, plot, "Nesterov", nesterov, UpdateRule.nesterov(0.02, 0.9));
        double[][] adagrad = show(notebook, plot, "AdaGrad", new Adagrad(1), UpdateRule.adagrad(1));
        show(notebook, plot, "RMSProp", new RmsProp(0.3).alpha(0.9), UpdateRule.rmsprop(0.3, 0.9));
        double[][] adam = show(notebook, plot, "Adam", new Adam(0.3), UpdateRule.adam(0.3, 0.9, 0.999));
        notebook.picture("paths", plot.draw());

        boolean zigzag = IntStream.range(0, 20).allMatch(t -> sgd[1][t] * sgd[1][t + 1] < 0);
        notebook.claim("SGD zigzags: y changes its sign at every step", zigzag);
        notebook.claim("momentum rolls past the minimum", max(heavy[0]) > 0);
        notebook.claim("Nesterov, which looks ahead, overshoots less", max(ahead[0]) < max(heavy[0]));
        notebook.claim("AdaGrad's steps along x become shorter", length(adagrad, STEPS) < length(adagrad, 1) / 2);
        notebook.claim(
                "Adam's first step is its rate of 0.3 along both axes",
                Math.abs(adam[0][1] - adam[0][0] - 0.3) < 1e-5 && Math.abs(adam[1][0] - adam[1][1] - 0.3) < 1e-5);
        secondOrder(notebook);
        decays(notebook);
    }

    private static double max(double... values) {
        return DoubleStream.of(values).max().orElseThrow();
    }

    private static double length(double[][] path, int step) {
        return Math.abs(path[0][step] - path[0][step - 1]);
    }

    /** Lets the engine's optimizer go down the bowl, and the notes' equation beside it. */
    private static double[][] show(Notebook notebook, Plot plot, String name, Optimizer optimizer, UpdateRule rule) {
        double[][] path = Bowl.path(notebook.session(), optimizer, STEPS);
        double x = path[0][STEPS];
        double y = path[1][STEPS];
        notebook.say("  %-9s ends at (%8.4f, %8.4f), f = %.2g", name, x, y, Bowl.f(x, y));
        notebook.claim(name + ": the equation by hand takes the same path", rule.distance(path) < 1e-3);
        plot.line(name, path[0], path[1]);
        return path;
    }

    /** L-BFGS learns the curvature from changes of the gradient; it needs the full batch, since noise would corrupt these. */
    private static void secondOrder(Notebook notebook) {
        try (Model model = Model.create(notebook.session(), new Bowl(), 1);
                Lbfgs lbfgs = new Lbfgs(model)) {
            Tensor factors = Bowl.factors(notebook.session());
            lbfgs.step(step -> step.forward(factors));
            double f = model.forward(factors, Pass.evaluation()).item();
            notebook.say("  L-BFGS    after %d evaluations: f = %.2g", lbfgs.evaluations(), f);
            notebook.claim("L-BFGS finds the minimum in 25 evaluations at most", f < 1e-6 && lbfgs.evaluations() <= 25);
        }
    }

    /** By step, exponential e^(-k t), and 1 / (1 + k t). */
    private static void decays(Notebook notebook) throws IOException {
        Map<String, Schedule> schedules = new LinkedHashMap<>();
        schedules.put("half every 25 steps", Schedule.stepDecay(25, 0.5));
        schedules.put("exp(-0.03 t)", Schedule.exponential(0.03));
        schedules.put("1 / (1 + 0.03 t)", Schedule.inverseTime(0.03));
        Plot plot = new Plot("Decay of the learning rate", "step", "factor");
        schedules.forEach((name, schedule) -> plot.line(
                name,
                LongStream.rangeClosed(1, 100).mapToDouble(schedule::factor).toArray()));
        notebook.picture("decay", plot.draw());
        notebook.claim(
                "after 50 steps: 1/4, e^-1.5 and 1/2.5",
                Math.abs(schedules.get("half every 25 steps").factor(51) - 0.25) < 1e-9
                        && Math.abs(schedules.get("exp(-0.03 t)").factor(51) - Math.exp(-1.5)) < 1e-9
                        && Math.abs(schedules.get("1 / (1 + 0.03 t)").factor(51) - 1 / 2.5) < 1e-9);
    }
}
