package org.alborz.examples.lessons;

import java.io.IOException;
import org.alborz.examples.drawing.Plot;
import org.alborz.inspect.GradientCheck;
import org.alborz.inspect.GradientCheckReport;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/** The gradient by differences against the analytic one. */
final class GradientChecking implements Lesson {
    private static final int SMALLEST = 11;

    /** Runs the lesson by itself; takes a backend's name, and {@code auto} without. */
    public static void main(String[] args) throws IOException {
        Course.main(new GradientChecking(), args);
    }

    @Override
    public String name() {
        return "gradient-check";
    }

    @Override
    public String title() {
        return "Gradients by differences and by the chain rule";
    }

    @Override
    public void run(Notebook notebook) throws IOException {
        Session session = notebook.session();
        Tensor x = session.normal(Shape.of(5, 4), notebook.seed());
        Tensor w = session.normal(Shape.of(3, 4), notebook.seed() + 1);
        Tensor labels = session.tensor(new int[] {0, 1, 2, 1, 0});
        SoftmaxLoss loss = new SoftmaxLoss(x.to(DType.FLOAT64), labels);
        Tensor wide = w.to(DType.FLOAT64);
        Tensor gradient = loss.gradient(wide);
        double[] analytic = gradient.toDoubles();
        notebook.say(
                "dL/dw[0][0]: analytic %.9f, (f(w + h) - f(w)) / h with h = 1e-5 %.9f",
                analytic[0], loss.difference(wide, 1e-5, 0)[0]);
        double forward = SoftmaxLoss.error(analytic, loss.difference(wide, 1e-5, 0));
        double central = SoftmaxLoss.error(analytic, loss.difference(wide, 1e-5, 1e-5));
        notebook.say("Relative error of all: forward %.1e, central (f(w + h) - f(w - h)) / 2h %.1e", forward, central);
        notebook.claim("forward differences of 1e-5 agree to 1e-4", forward < 1e-4);
        notebook.claim("central differences are a hundred times better", central < forward / 100);
        SoftmaxLoss narrow = new SoftmaxLoss(x, labels);
        double[][] errors = new double[3][SMALLEST];
        double[] exponents = new double[SMALLEST];
        for (int k = 0; k < SMALLEST; k++) {
            double h = Math.pow(10, -1 - k);
            exponents[k] = -1 - k;
            errors[0][k] = SoftmaxLoss.error(analytic, loss.difference(wide, h, 0));
            errors[1][k] = SoftmaxLoss.error(analytic, loss.difference(wide, h, h));
            errors[2][k] = SoftmaxLoss.error(analytic, narrow.difference(wide, h, h));
        }
        notebook.claim("in float32 the same central difference is off by 1e-3", errors[2][4] > 1e-3);
        notebook.claim("a smaller h is not always better", errors[1][10] > errors[1][4]);
        Plot plot = new Plot("Error of differences", "log10 of h", "relative error").logarithmic();
        plot.line("forward, float64", exponents, errors[0]).line("central, float64", exponents, errors[1]);
        notebook.picture(
                "error-by-step",
                plot.line("central, float32", exponents, errors[2]).draw());
        checker(notebook, loss, wide);
        descend(notebook, loss, wide, gradient);
    }

    private static void checker(Notebook notebook, SoftmaxLoss loss, Tensor w) {
        notebook.say("");
        notebook.say("The engine's checker, central differences in float64:");
        GradientCheckReport report = GradientCheck.of(t -> loss.of(t[0]), w).run();
        notebook.say("%s", report.toString().strip());
        notebook.claim("its largest error is below 1e-6", report.error() < 1e-6);
        // f = w * w with the second factor cut off the tape: the gradient is w instead of 2 w.
        GradientCheckReport wrong =
                GradientCheck.of(t -> t[0].mul(t[0].detach()), w).run();
        notebook.claim("it notices a gradient that is half of the right one", Math.abs(wrong.error() - 0.5) < 1e-3);
        GradientCheckReport kink = GradientCheck.of(t -> t[0].relu(), w.mul(0)).run();
        notebook.claim("max(0, x) has no slope at 0: a kink, and no error", kink.kinks() == 12 && kink.error() == 0);
    }

    /** w - a dL/dw lowers the loss by a |dL/dw|^2 if a is small. */
    private static void descend(Notebook notebook, SoftmaxLoss loss, Tensor w, Tensor gradient) {
        double before = loss.of(w).item();
        double square = gradient.square().sum().item();
        notebook.say("");
        notebook.say("Loss %.4f; after one step of the rate", before);
        double[] after = new double[6];
        for (int k = 0; k < after.length; k++) {
            double rate = Math.pow(10, k - 3);
            after[k] = loss.of(w.sub(gradient.mul(rate))).item();
            notebook.say("  %7.3f  %.4f", rate, after[k]);
        }
        double promised = (before - after[0]) / (1e-3 * square);
        notebook.claim("a small step lowers the loss as the gradient says", Math.abs(promised - 1) < 0.01);
        notebook.claim(
                "a step of rate 100 lowers it by far less, or raises it", before - after[5] < 0.5 * 100 * square);
    }
}
