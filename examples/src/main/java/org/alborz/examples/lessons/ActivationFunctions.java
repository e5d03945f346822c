package org.alborz.examples.lessons;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.alborz.autograd.Tape;
import org.alborz.examples.drawing.Histograms;
import org.alborz.examples.drawing.Plot;
import org.alborz.nn.Activations;
import org.alborz.nn.Pass;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** Sigmoid, tanh, ReLU, leaky ReLU, ELU and maxout: their values, their gradients, and units that no longer learn. */
final class ActivationFunctions implements Lesson {
    /** Runs the lesson alone. */
    public static void main(String[] args) throws IOException {
        Course.main(new ActivationFunctions(), args);
    }

    @Override
    public String name() {
        return "activations";
    }

    @Override
    public String title() {
        return "Activation functions, saturated units and dead units";
    }

    private static Map<String, UnaryOperator<Tensor>> functions() {
        Map<String, UnaryOperator<Tensor>> functions = new LinkedHashMap<>();
        functions.put("sigmoid", Tensor::sigmoid); // 1 / (1 + e^-x)
        functions.put("tanh", Tensor::tanh);
        functions.put("ReLU", Tensor::relu); // max(0, x)
        functions.put("leaky ReLU", x -> x.leakyRelu(0.01)); // max(0.01 x, x)
        functions.put("ELU", x -> x.elu(1)); // x where x > 0, else e^x - 1
        functions.put("maxout", ActivationFunctions::maxout);
        return functions;
    }

    /** max(w1 x + b1, w2 x + b2), here max(-x, x). */
    private static Tensor maxout(Tensor x) {
        Tensor pieces = Tensor.concat(1, x.neg().reshape(-1, 1), x.reshape(-1, 1)); // [N, 2]
        return Activations.maxout(2).forward(pieces, Pass.evaluation()).reshape(-1);
    }

    /** The gradient of the sum of f(x), which is df/dx at each x. */
    private static Tensor gradient(UnaryOperator<Tensor> function, Tensor x) {
        try (Tape tape = new Tape(x.session())) {
            Tensor watched = tape.watch(x);
            return tape.gradients(function.apply(watched).sum(), watched).of(watched);
        }
    }

    @Override
    public void run(Notebook notebook) throws IOException {
        Tensor x = notebook.session().tensor(new float[] {-10, 0, 10});
        Tensor range = notebook.session().linspace(-4, 4, 161);
        double[] axis = range.toDoubles();
        Plot values = new Plot("Activation functions", "x", "f(x)");
        Plot gradients = new Plot("Gradients of activation functions", "x", "df/dx");
        notebook.say("  %-10s %29s %31s", "", "f(x) at -10, 0, 10", "df/dx at -10, 0, 10");
        functions().forEach((name, function) -> {
            float[] y = function.apply(x).toFloats();
            float[] g = gradient(function, x).toFloats();
            notebook.say("  %-10s %9.5f %9.4f %9.5f %11.2e %9.4f %9.2e", name, y[0], y[1], y[2], g[0], g[1], g[2]);
            values.line(name, axis, function.apply(range).toDoubles());
            gradients.line(name, axis, gradient(function, range).toDoubles());
        });
        notebook.picture("functions", values.draw());
        notebook.picture("gradients", gradients.draw());
        float[] sigmoid = gradient(Tensor::sigmoid, x).toFloats();
        float[] tanh = gradient(Tensor::tanh, x).toFloats();
        float[] relu = gradient(Tensor::relu, x).toFloats();
        notebook.exactly("gradient of sigmoid at 0, its largest", sigmoid[1], "0.25");
        notebook.exactly("gradient of tanh at 0, its largest", tanh[1], "1");
        notebook.claim("sigmoid saturates: gradient below 1e-4 at -10 and 10", sigmoid[0] < 1e-4 && sigmoid[2] < 1e-4);
        notebook.claim("ReLU passes all of the gradient at 10, none at -10", relu[2] == 1 && relu[0] == 0);
        saturated(notebook);
        dead(notebook);
    }

    /** Weights that are too large push tanh to -1 and 1, where its gradient 1 - y^2 is nearly 0. */
    private static void saturated(Notebook notebook) throws IOException {
        Tensor x = notebook.session().normal(Shape.of(500, 100), notebook.seed()); // [N, D]
        Tensor w = notebook.session().normal(Shape.of(100, 50), notebook.seed() + 1); // into 50 units
        Histograms histograms = new Histograms(3);
        double[] shares = new double[3];
        for (int i = 0; i < 3; i++) {
            double scale = Math.pow(10, -i);
            Tensor y = x.matmul(w.mul(scale)).tanh();
            shares[i] = y.square().rsub(1).lt(0.01).to(x.dtype()).mean().item(); // where 1 - y^2 < 0.01
            notebook.say("  tanh, weights of %.2f N(0, 1): %4.1f %% of outputs saturated", scale, 100 * shares[i]);
            histograms.add("weights of " + scale + " N(0, 1)", y.toFloats(), -1, 1);
        }
        notebook.picture("saturated", histograms.draw());
        notebook.claim("weights of N(0, 1) saturate over half of the outputs", shares[0] > 0.5 && shares[2] == 0);
    }

    /** A step too long leaves x w < 0 for all samples: the gradient of ReLU is 0 there, and no step changes w again. */
    private static void dead(Notebook notebook) {
        Tensor x = notebook.session().uniform(Shape.of(500, 100), notebook.seed()); // positive, as pixels are
        Tensor w = notebook.session().normal(Shape.of(100, 50), notebook.seed() + 1);
        for (boolean dies : new boolean[] {true, false}) {
            String name = dies ? "ReLU" : "leaky ReLU";
            UnaryOperator<Tensor> f = functions().get(name);
            UnaryOperator<Tensor> mean = v -> f.apply(x.matmul(v)).div(500); // to be made small
            long[] dead = new long[2];
            for (int i = 0; i < 2; i++) {
                Tensor next = w.sub(gradient(mean, w).mul(i == 0 ? 0.01 : 100)); // a step of gradient descent
                dead[i] = gradient(mean, next).abs().max(0).eq(0).sum().toLongs()[0];
            }
            notebook.say("  %-10s dead of 50 units: %d after a step of 0.01, %d of 100", name, dead[0], dead[1]);
            notebook.claim(name + (dies ? " dies of a long step" : " never dies"), dead[1] > 0 == dies);
        }
    }
}
