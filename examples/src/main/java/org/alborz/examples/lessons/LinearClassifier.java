package org.alborz.examples.lessons;

import java.io.IOException;
import java.util.List;
import org.alborz.data.DataLoader;
import org.alborz.data.Dataset;
import org.alborz.examples.drawing.ImageGrid;
import org.alborz.examples.drawing.Plot;
import org.alborz.nn.Flatten;
import org.alborz.nn.Initializer;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.MultiMarginLoss;
import org.alborz.nn.Sequential;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.train.EpochResult;
import org.alborz.train.Trainer;

/** Scores that are linear in the pixels, and losses of them. */
final class LinearClassifier implements Lesson {
    /** Runs the lesson by itself; takes a backend's name, and {@code auto} without. */
    public static void main(String[] args) throws IOException {
        Course.main(new LinearClassifier(), args);
    }

    @Override
    public String name() {
        return "linear";
    }

    @Override
    public String title() {
        return "Linear classification: scores, hinge and softmax loss, templates";
    }

    @Override
    public void run(Notebook notebook) throws IOException {
        scores(notebook);
        losses(notebook);
        templates(notebook);
    }

    /** f(x) = W x + b: an image of four pixels and three classes. */
    private static void scores(Notebook notebook) {
        Session session = notebook.session();
        notebook.say("f = W x + b");
        float[][] rows = {{0.2f, -0.5f, 0.1f, 2.0f}, {1.5f, 1.3f, 2.1f, 0}, {0, 0.25f, 0.2f, -0.3f}};
        Tensor w = session.tensor(rows);
        Tensor x = session.tensor(new float[][] {{56, 231, 24, 2}});
        Tensor b = session.tensor(new float[] {1.1f, 3.2f, -1.2f});
        double[] f = x.linear(w, b).toDoubles();
        notebook.exactly("score of class 0, cat", f[0], "-96.8");
        notebook.exactly("score of class 1, dog", f[1], "437.9");
        // The notes print 61.95 for the last one: that is W x, with its bias of -1.2 left out.
        notebook.exactly("score of class 2, ship", f[2], "60.75");
        notebook.exactly("the notes' score of ship, without b", f[2] - b.toDoubles()[2], "61.95");
    }

    /** Hinge loss sum max(0, s_j - s_y + 1), its square, and softmax loss -ln(e^s_y / sum e^s_j). */
    private static void losses(Notebook notebook) {
        Session session = notebook.session();
        Tensor s = session.tensor(new float[][] {{3.2f, 5.1f, -1.7f}, {1.3f, 4.9f, 2.0f}, {2.2f, 2.5f, -3.1f}});
        Tensor y = session.tensor(new int[] {0, 1, 2});
        MultiMarginLoss hinge = Loss.multiMargin().overClasses();
        double[] terms = hinge.terms(s, y).toDoubles();
        notebook.say("%nScores of three images of the classes 0, 1 and 2");
        notebook.exactly("hinge loss of image 1", terms[0], "2.9");
        notebook.exactly("hinge loss of image 2", terms[1], "0");
        notebook.exactly("hinge loss of image 3", terms[2], "12.9");
        notebook.exactly("mean hinge loss", hinge.of(s, y).item(), "5.27");
        double squared = hinge.squared().terms(s, y).toDoubles()[0];
        notebook.claim("squared hinge loss of image 1 is 2.9^2", Math.abs(squared - 2.9 * 2.9) < 1e-4);
        double softmax = Loss.crossEntropy().terms(s, y).toDoubles()[0];
        double byHand = -Math.log(Math.exp(3.2) / (Math.exp(3.2) + Math.exp(5.1) + Math.exp(-1.7)));
        notebook.claim("softmax loss of image 1 is -ln(e^3.2 / sum)", Math.abs(softmax - byHand) < 1e-4);
        Tensor zeros = session.tensor(new float[3][10]);
        notebook.exactly("hinge loss of scores 0, C - 1", hinge.of(zeros, y).item(), "9");
        double none = Loss.crossEntropy().of(zeros, y).item();
        notebook.exactly("softmax loss of scores 0, ln C", none, "2.3026");
    }

    /** Trains both losses by stochastic gradient descent, and draws each class's row of W as an image. */
    private static void templates(Notebook notebook) throws IOException {
        Dataset data = notebook.data().train(notebook.size(500, 10_000, 50_000));
        Plot plot = new Plot("Training a linear classifier", "epoch", "% of training images right");
        notebook.say("%nA linear classifier of %,d images, by stochastic gradient descent", data.size());
        train(notebook, plot, "hinge", Loss.multiMargin().overClasses(), data);
        train(notebook, plot, "softmax", Loss.crossEntropy(), data);
        notebook.picture("accuracy", plot.draw());
    }

    private static void train(Notebook notebook, Plot plot, String name, Loss loss, Dataset data) throws IOException {
        Sequential net = new Sequential(new Flatten(), new Linear(3072, 10).weight(Initializer.normal(1e-4)));
        try (Model model = Model.create(notebook.session(), net, notebook.seed())) {
            DataLoader batches = notebook.data().shuffled(data, 100);
            Dataset test = notebook.data().test(notebook.size(200, 2_000, 10_000));
            Sgd sgd = new Sgd(3e-4).weightDecay(0.3);
            Trainer trainer =
                    Trainer.classifier(model, sgd, loss).verbose(false).build();
            List<EpochResult> epochs = trainer.fit(batches, notebook.size(6, 15, 30));
            double first = epochs.get(0).loss();
            double last = epochs.get(epochs.size() - 1).loss();
            double accuracy = trainer.evaluate(DataLoader.of(test, 100).build()).accuracy();
            String line = "  %-8s loss %.3f in the first epoch, %.3f in the last; %.1f %% of unseen images right";
            notebook.say(line, name, first, last, 100 * accuracy);
            notebook.claim(name + " loss falls", last < first);
            notebook.claim(name + " loss: better than chance", accuracy > 0.13);
            plot.line(name, epochs.stream().mapToDouble(e -> 100 * e.accuracy()).toArray());
            ImageGrid grid = new ImageGrid(5, 3);
            float[][] rows = model.parameter("1.weight").value().toRows(); // [10, 3072]
            for (int c = 0; c < rows.length; c++) {
                grid.add(data.classes().get(c), rows[c], 32, 32);
            }
            notebook.picture("templates-" + name, grid.draw());
        }
    }
}
