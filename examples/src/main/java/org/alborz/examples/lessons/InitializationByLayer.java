package org.alborz.examples.lessons;

import java.io.IOException;
import org.alborz.examples.drawing.Histograms;
import org.alborz.examples.drawing.Plot;
import org.alborz.nn.Activations;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Initializer;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.nn.TrainingStep;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** Ten layers of 500 units, and what becomes of unit Gaussian inputs on their way through, for five scales of the first weights. */
final class InitializationByLayer implements Lesson {
    private static final int LAYERS = 10;
    private static final int UNITS = 500;

    /** Runs the lesson alone. */
    public static void main(String[] args) throws IOException {
        Course.main(new InitializationByLayer(), args);
    }

    @Override
    public String name() {
        return "initialization";
    }

    @Override
    public String title() {
        return "First weights: activations by layer, Xavier and He";
    }

    @Override
    public void run(Notebook notebook) throws IOException {
        Plot plot =
                new Plot("Standard deviation of the activations by layer", "layer", "standard deviation").logarithmic();
        double[] small = deviations(notebook, plot, "tanh 0.01", Initializer.normal(0.01), Activations.tanh());
        notebook.about("tanh, 0.01 N(0, 1): std of layer 1", small[1], 0.213, 0.005);
        notebook.about("tanh, 0.01 N(0, 1): std of layer 2", small[2], 0.048, 0.002);
        notebook.about("tanh, 0.01 N(0, 1): std of layer 3", small[3], 0.011, 0.001);
        notebook.claim("and it goes to 0: below 1e-6 at layer 10", small[LAYERS] < 1e-6);

        double[] large = deviations(notebook, plot, "tanh 1.0", Initializer.normal(1), Activations.tanh());
        notebook.about("tanh, 1.0 N(0, 1): std of layer 1", large[1], 0.98, 0.01);
        notebook.about("tanh, 1.0 N(0, 1): std of layer 10", large[LAYERS], 0.98, 0.01);

        // Xavier (Glorot and Bengio 2010) as the notes write it, N(0, 1) / sqrt(fan-in):
        // the variance stays where f(x) is about x.
        double[] xavier = deviations(notebook, plot, "tanh Xavier", Initializer.lecunNormal(), Activations.tanh());
        notebook.about("tanh, Xavier: std of layer 1", xavier[1], 0.628, 0.01);
        notebook.about("tanh, Xavier: std of layer 10", xavier[LAYERS], 0.228, 0.02);

        // ReLU sets half of its inputs to 0 and so halves the variance in each layer ...
        double[] rectified = deviations(notebook, plot, "ReLU Xavier", Initializer.lecunNormal(), Activations.relu());
        notebook.about("ReLU, Xavier: std of layer 1", rectified[1], 0.582, 0.01);
        notebook.about("ReLU, Xavier: std of layer 10", rectified[LAYERS], 0.026, 0.013);

        // ... which N(0, 1) * sqrt(2 / fan-in) makes up for (He et al. 2015).
        double[] he = deviations(notebook, plot, "ReLU He", Initializer.heNormal(), Activations.relu());
        notebook.about("ReLU, He: std of layer 1", he[1], 0.825, 0.015);
        notebook.about("ReLU, He: std of layer 10", he[LAYERS], 0.845, 0.4);

        Layer[] normalised = {new BatchNorm(UNITS), Activations.tanh()}; // batch norm before the function
        double[] norm = deviations(notebook, plot, "tanh 0.01 batch norm", Initializer.normal(0.01), normalised);
        notebook.claim("batch norm keeps it from vanishing, whatever the weights", norm[LAYERS] > 0.5);
        notebook.picture("deviations", plot.draw());
    }

    /** Returns the standard deviations of the input and of the activations of each layer. */
    private static double[] deviations(
            Notebook notebook, Plot plot, String setting, Initializer weights, Layer... function) throws IOException {
        Sequential net = new Sequential();
        for (int i = 0; i < LAYERS; i++) {
            net = net.append(new Linear(UNITS, UNITS).bias(false).weight(weights));
            for (Layer layer : function) {
                net = net.append(layer instanceof BatchNorm ? new BatchNorm(UNITS) : layer);
            }
        }
        double[] deviations = new double[LAYERS + 1];
        Histograms histograms = new Histograms(5);
        try (Model model = Model.create(notebook.session(), net, notebook.seed());
                TrainingStep step = model.step(notebook.seed(), 1)) {
            Tensor h = notebook.session().normal(Shape.of(1000, UNITS), notebook.seed());
            deviations[0] = h.std().item();
            notebook.say("%s", setting);
            int number = 0;
            for (Layer layer : net) {
                h = layer.forward(h, step.pass());
                if (layer == function[function.length - 1]) {
                    deviations[++number] = h.std().item();
                    histograms.add(
                            "layer " + number,
                            h.toFloats(),
                            setting.startsWith("tanh") ? -1 : 0,
                            setting.startsWith("tanh") ? 1 : 3);
                    notebook.say(
                            "  layer %2d: mean %9.6f, std %.3g",
                            number, h.mean().item(), deviations[number]);
                }
            }
        }
        notebook.picture(setting.replace(' ', '-').replace(".", ""), histograms.draw());
        plot.line(setting, deviations);
        return deviations;
    }
}
