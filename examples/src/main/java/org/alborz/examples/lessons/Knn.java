package org.alborz.examples.lessons;

import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.alborz.data.Dataset;
import org.alborz.data.KFold;
import org.alborz.examples.drawing.Plot;
import org.alborz.explain.NearestNeighbours;
import org.alborz.explain.NearestNeighbours.Distance;
import org.alborz.explain.NearestNeighbours.Neighbour;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;

/** Classification by the images that look most alike. */
final class Knn implements Lesson {
    private static final int[] KS = {1, 3, 5, 8, 10, 12, 15, 20, 50, 100};

    /** Runs the lesson by itself; takes a backend's name, and {@code auto} without. */
    public static void main(String[] args) throws IOException {
        Course.main(new Knn(), args);
    }

    @Override
    public String name() {
        return "knn";
    }

    @Override
    public String title() {
        return "Nearest neighbours: L1 and L2, and the choice of k by validation";
    }

    @Override
    public void run(Notebook notebook) throws IOException {
        Session session = notebook.session();
        Dataset data = notebook.data().train(notebook.size(300, 5_000, 50_000));
        Pixels train = Pixels.of(session, data);
        Pixels test = Pixels.of(session, notebook.data().test(notebook.size(50, 200, 10_000)));

        // d(a, b) = sum |a - b|: the distances of one image from all others, as the notes write it.
        int byHand;
        try (Scope scope = session.scope("by hand")) {
            Tensor image = test.images().narrow(0, 0, 1);
            byHand = (int) train.images().sub(image).abs().sum(1).argMin().item();
        }
        notebook.say("%,d training images, %,d test images; chance is 10 %%", train.size(), test.size());
        var l1 = new NearestNeighbourClassifier(train, Distance.L1);
        var l2 = new NearestNeighbourClassifier(train, Distance.L2);
        Neighbour[][] byL1 = l1.find(test.images(), 10);
        Neighbour[][] byL2 = l2.find(test.images(), KS[KS.length - 1]);
        notebook.say("  nearest by L1 = sum |a - b|         %.1f %% right", 100 * test.accuracy(l1.vote(byL1, 1)));
        notebook.say("  nearest by L2 = sqrt sum (a - b)^2  %.1f %% right", 100 * test.accuracy(l2.vote(byL2, 1)));
        notebook.say("  ten nearest by L1                   %.1f %% right", 100 * test.accuracy(l1.vote(byL1, 10)));
        notebook.claim("one neighbour is better than chance", test.accuracy(l1.vote(byL1, 1)) > 0.15);
        notebook.claim("the nearest image by L1 is that of the sum by hand", byL1[0][0].index() == byHand);
        Neighbour self = l1.find(train.images().narrow(0, 7, 1), 1)[0][0];
        notebook.claim("an image that was kept is at distance 0", self.index() == 7 && self.distance() == 0);
        notebook.picture("neighbours", l1.picture(test, byL1, data.classes()));
        int k = crossValidation(notebook, data);
        double right = test.accuracy(l2.vote(byL2, k));
        notebook.say("Test images, looked at once, with that k: %.1f %% right", 100 * right);
        time(notebook, train, test);
    }

    /** Returns the k that is best on average where each fifth of the training images was held out once; the test set is not touched. */
    private static int crossValidation(Notebook notebook, Dataset data) throws IOException {
        var folds = KFold.stratified(data, 5, notebook.seed());
        Plot plot = new Plot("Five-fold cross-validation of k", "k", "% right");
        double[] mean = new double[KS.length];
        double[] ks = Arrays.stream(KS).asDoubleStream().toArray();
        for (int fold = 0; fold < folds.size(); fold++) {
            try (Scope scope = notebook.session().scope("fold")) {
                Pixels first = Pixels.of(notebook.session(), folds.get(fold).first());
                Pixels held = Pixels.of(notebook.session(), folds.get(fold).second());
                double[] right = new double[KS.length];
                var classifier = new NearestNeighbourClassifier(first, Distance.L2);
                Neighbour[][] found = classifier.find(held.images(), KS[KS.length - 1]);
                for (int i = 0; i < KS.length; i++) {
                    right[i] = 100 * held.accuracy(classifier.vote(found, KS[i]));
                    mean[i] += right[i] / folds.size();
                }
                plot.points("fold " + (fold + 1), ks, right);
            }
        }
        int best = IntStream.range(0, KS.length)
                .boxed()
                .max(Comparator.comparingDouble(i -> mean[i]))
                .orElseThrow();
        notebook.say(
                "%nCross-validation: k = %d is best, %.1f %% right on average (k = 1: %.1f %%)",
                KS[best], mean[best], mean[0]);
        notebook.picture("cross-validation", plot.line("mean", ks, mean).draw());
        return KS[best];
    }

    /** Training copies the images; each prediction computes a distance from every one of them. */
    private static void time(Notebook notebook, Pixels train, Pixels test) {
        Tensor queries = test.images().narrow(0, 0, 50);
        double[] milliseconds = new double[3];
        for (int i = 2; i >= 0; i--) { // the longest first, so that the others find the code compiled
            int count = train.size() >> (2 - i);
            try (var index = NearestNeighbours.of(train.images().narrow(0, 0, count), Distance.L1)) {
                milliseconds[i] = Double.POSITIVE_INFINITY;
                for (int trial = 0; trial < 3; trial++) {
                    long start = System.nanoTime();
                    index.find(queries, 1);
                    milliseconds[i] = Math.min(milliseconds[i], (System.nanoTime() - start) / 1e6);
                }
                notebook.say("Prediction of 50 images with %,6d kept: %.0f ms", count, milliseconds[i]);
            }
        }
        // A measurement, and no claim: of few images, or on a GPU, most of the time is that of starting the work.
        notebook.say("Four times the images took %.1f times the time", milliseconds[2] / milliseconds[0]);
    }
}
