package org.alborz.examples.lessons;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.alborz.data.Split;
import org.alborz.examples.drawing.Histograms;
import org.alborz.examples.drawing.Plot;
import org.alborz.nn.Dropout;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.nn.Sequential;
import org.alborz.nn.TrainingStep;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** Vanilla and inverted dropout in a net of three layers, p = 0.5, and what dropout does to a net that overfits. */
final class DropoutByHand implements Lesson {
    private static final double P = 0.5; // the probability of keeping a unit

    /** Runs the lesson alone. */
    public static void main(String[] args) throws IOException {
        Course.main(new DropoutByHand(), args);
    }

    @Override
    public String name() {
        return "dropout";
    }

    @Override
    public String title() {
        return "Dropout: vanilla and inverted";
    }

    @Override
    public void run(Notebook notebook) throws IOException {
        Session session = notebook.session();
        AtomicLong draw = new AtomicLong(notebook.seed() * 1_000);
        UnaryOperator<Tensor> mask =
                h -> session.uniform(h.shape(), draw.incrementAndGet()).lt(P).to(h.dtype()); // U = rand < p
        UnaryOperator<Tensor> vanilla = h -> h.mul(mask.apply(h));
        UnaryOperator<Tensor> vanillaTest = h -> h.mul(P); // the test has to scale
        UnaryOperator<Tensor> inverted = h -> h.mul(mask.apply(h)).div(P); // U = (rand < p) / p
        UnaryOperator<Tensor> invertedTest = h -> h; // the test does nothing

        // One input in many rows, so that each row is another draw of the masks.
        int rows = notebook.size(4_000, 20_000, 20_000);
        Tensor x = session.normal(Shape.of(1, 50), notebook.seed()).expand(Shape.of(rows, 50));
        DropoutNet net = DropoutNet.of(session, 10_000 * notebook.seed());
        Tensor h = x.matmul(net.w1()).relu(); // the first layer, and the mean of what the second makes of it
        Tensor w = net.w2();
        double one = compare(
                notebook,
                "layer, vanilla",
                vanilla.apply(h).matmul(w),
                vanillaTest.apply(h).matmul(w));
        double other = compare(notebook, "layer, inverted", inverted.apply(h).matmul(w), h.matmul(w));
        notebook.claim("vanilla: the mean in training is the output of the test", one < 0.05);
        notebook.claim("inverted: the mean in training is the output of the test", other < 0.05);
        Tensor scores = net.forward(x, inverted);
        double three = compare(notebook, "net, inverted", scores, net.forward(x, invertedTest));
        notebook.claim("through ReLU it holds only roughly: E relu(h) > relu(E h)", three > 0.05 && three < 1);
        Histograms histograms = new Histograms(2);
        for (int i = 0; i < 2; i++) {
            histograms.add(
                    "score " + i + " over the masks", scores.narrow(1, i, 1).toFloats(), -12, 12);
        }
        notebook.picture("scores", histograms.draw());
        Sequential engine = new Sequential(new Dropout(1 - P), new Linear(100, 10)); // its rate is what is dropped
        try (Model model = Model.create(session, engine, notebook.seed());
                TrainingStep step = model.step(notebook.seed(), 1)) {
            double same = compare(notebook, "Dropout", step.forward(h), model.forward(h, Pass.evaluation()));
            notebook.claim("and so it is with the engine's layer, Dropout", same < 0.05);
        }
        overfitting(notebook);
    }

    /** Returns the distance of the mean of outputs over the masks from the output of the test, as a share of its size. */
    private static double compare(Notebook notebook, String what, Tensor training, Tensor test) {
        Tensor expected = test.narrow(0, 0, 1).reshape(-1);
        double distance =
                training.mean(0).sub(expected).norm().div(expected.norm()).item();
        double single = training.narrow(0, 0, 1)
                .sub(expected)
                .norm()
                .div(expected.norm())
                .item();
        notebook.say(
                "  %-15s one output is %3.0f %% away from the test's, their mean %.1f %%",
                what, 100 * single, 100 * distance);
        return distance;
    }

    /** Few images and a large net: the gap between training and validation accuracy, without dropout and with it. */
    private static void overfitting(Notebook notebook) throws IOException {
        Split data = new Split(
                notebook.data().train(notebook.size(200, 1_000, 5_000)),
                notebook.data().test(notebook.size(200, 1_000, 10_000)));
        Plot plot = new Plot("Accuracy in training and validation", "epoch", "accuracy");
        double[] losses = new double[2];
        for (double rate : new double[] {0, 1 - P}) {
            Sequential net = DropoutNet.layers(rate);
            TrainingRun run = TwoLayerNet.train(notebook, net, new Adam(1e-3), data, 50, notebook.size(10, 20, 20));
            String name = rate == 0 ? "none" : "dropout";
            run.say(notebook, name);
            plot.line(name + ", training", run.each("accuracy")).line(name + ", validation", run.each("val_accuracy"));
            losses[rate == 0 ? 0 : 1] = run.last("val_loss") - run.last("loss");
        }
        notebook.picture("overfitting", plot.draw());
        notebook.claim("the gap between the losses is smaller with dropout", losses[1] < losses[0]);
    }
}
