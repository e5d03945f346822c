package org.alborz.examples.lessons;

import java.io.IOException;
import java.util.Locale;
import org.alborz.data.BatchIterator;
import org.alborz.data.DataLoader;
import org.alborz.data.Dataset;
import org.alborz.data.Split;
import org.alborz.data.Subset;
import org.alborz.examples.drawing.Plot;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.TrainingStep;
import org.alborz.tensor.Tensor;
import org.alborz.train.Batches;

/** What to look at before a long training: the first loss, a few images that are overfitted, rates far too small and too large. */
final class SanityChecks implements Lesson {
    /** Runs the lesson alone. */
    public static void main(String[] args) throws IOException {
        Course.main(new SanityChecks(), args);
    }

    @Override
    public String name() {
        return "sanity";
    }

    @Override
    public String title() {
        return "Sanity checks before training";
    }

    @Override
    public void run(Notebook notebook) throws IOException {
        Split data = notebook.data().centred(notebook.size(500, 5_000, 49_000), 100);
        // Ten classes and scores near 0: every class has probability 1/10, so the loss is -ln 0.1 = 2.3026.
        double first = firstLoss(notebook, data.first(), 0); // the small weights move it a little
        notebook.about("first loss, no regularization", first, 2.3026, 0.0005);
        notebook.claim("which is ln 10", Math.abs(first - Math.log(10)) < 0.0005);
        // With ½ λ Σ W² and λ = 1e3 it goes up: 154,100 weights of 1e-4 N(0, 1) have Σ W² = 0.00154.
        notebook.about("first loss, regularization of 1e3", firstLoss(notebook, data.first(), 1e3), 3.07, 0.015);

        // A net that cannot overfit 20 images has a fault. All 20 are one batch, without regularization.
        Dataset twenty = Subset.first(data.first(), 20);
        TrainingRun overfit = TwoLayerNet.train(notebook, twenty, 20, 1e-3, 0, 200);
        notebook.about("of 20 images right after 200 epochs", Math.round(20 * overfit.last("accuracy")), 20, 0);
        notebook.aboutInFull("loss after 200 epochs of 20 images", overfit.last("loss"), 0.0026, 0.004);
        notebook.picture(
                "overfit",
                new Plot("20 images, rate 1e-3", "epoch", "loss")
                        .logarithmic()
                        .line("training loss", overfit.each("loss"))
                        .draw());

        // Three rates on more images, with a little regularization.
        int epochs = notebook.size(12, 10, 10);
        TrainingRun low = TwoLayerNet.train(notebook, data.first(), 100, 1e-6, 1e-6, epochs);
        notebook.about("loss after " + epochs + " epochs, rate 1e-6", low.last("loss"), 2.3026, 0.01);
        notebook.claim("rate 1e-6 barely moves the loss", Math.abs(low.last("loss") - Math.log(10)) < 0.01);
        TrainingRun high = TwoLayerNet.train(notebook, data.first(), 100, 1e6, 1e-6, epochs);
        notebook.say("  rate 1e6 was stopped: %s", high.stopped().replace("; ", ";\n    "));
        notebook.claim("rate 1e6 gives NaN and is caught", high.stopped().contains("NaN"));
        TrainingRun still = TwoLayerNet.train(notebook, data.first(), 100, 3e-3, 1e-6, 3 * epochs); // or until NaN
        notebook.say("  rate 3e-3: losses%s%s", text(still.each("loss")), still.stopped() == null ? "" : ", stopped");
        notebook.claim("rate 3e-3 explodes", still.stopped() != null || still.last("loss") > 3 * Math.log(10));
        TrainingRun good = TwoLayerNet.train(notebook, data.first(), 100, 1e-3, 1e-6, epochs);
        notebook.say("  rate 1e-3: losses%s", text(good.each("loss")));
        notebook.claim("a rate between them learns", good.last("loss") < low.last("loss") - 0.05);
        notebook.picture(
                "rates",
                new Plot("Loss by learning rate", "epoch", "loss")
                        .line("1e-6", low.each("loss"))
                        .line("1e-3", good.each("loss"))
                        .line("3e-3 (up to 5)", still.below("loss", 5))
                        .draw());
    }

    private static String text(double... losses) {
        StringBuilder text = new StringBuilder();
        for (double loss : losses) {
            text.append(String.format(Locale.ROOT, " %.4g", loss));
        }
        return text.toString();
    }

    private static double firstLoss(Notebook notebook, Dataset data, double lambda) {
        try (Model model = Model.create(notebook.session(), TwoLayerNet.of(50), notebook.seed());
                TrainingStep step = model.step(notebook.seed(), 1);
                BatchIterator batches = DataLoader.of(data, 100).build().epoch(0)) {
            var batch = Batches.upload(notebook.session(), batches.next());
            Tensor scores = step.forward(batch.get(0));
            return Loss.crossEntropy().of(scores, batch.get(1)).item() + TwoLayerNet.penalty(model, lambda);
        }
    }
}
