package org.alborz.examples.lessons;

import java.io.IOException;
import java.util.Locale;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.alborz.data.ArrayDataset;
import org.alborz.data.DataLoader;
import org.alborz.data.Dataset;
import org.alborz.data.Whitening;
import org.alborz.examples.drawing.ImageGrid;
import org.alborz.examples.drawing.Plot;
import org.alborz.explain.NearestNeighbours;
import org.alborz.explain.NearestNeighbours.Neighbour;
import org.alborz.nn.Model;
import org.alborz.optim.Adam;
import org.alborz.tensor.Tensor;
import org.alborz.train.Trainer;

/** Finds the images that are nearest to one, once by their pixels and once by what a net makes of them. */
final class ImageSearch implements Lesson {
    /** The layer whose results are the features: 64 numbers behind a rectifier. */
    private static final String LAYER = "7";

    private static final int FOUND = 6;
    private static final double EPSILON = 1e-3;

    public static void main(String[] args) throws IOException {
        Course.main(new ImageSearch(), args);
    }

    @Override
    public String name() {
        return "image-search";
    }

    @Override
    public String title() {
        return "Image search: query by example in the features of a net";
    }

    @Override
    public void run(Notebook notebook) throws IOException {
        DataLoader train = notebook.data().shuffled(notebook.data().train(notebook.size(300, 6_000, 50_000)), 50);
        Dataset images = notebook.data().test(notebook.size(200, 1_000, 10_000));
        try (Model model = Model.create(notebook.session(), ConvNets.of(2, 2, 1, 16, 64), notebook.seed())) {
            Trainer.classifier(model, new Adam(1e-3)).build().fit(train, notebook.size(6, 5, 10));
            Tensor pixels = LessonData.tensors(notebook.session(), images).get(0); // [N, 3, 32, 32]
            Tensor features = model.features(LAYER, pixels); // [N, 64]
            notebook.say(
                    "  an image is %d numbers of pixels, or %d features",
                    3 * 32 * 32, features.shape().size(1));
            plane(notebook, images, features);
            double byPixels = search(notebook, "by pixels", images, pixels, pixels.reshape(images.size(), 3 * 32 * 32));
            double byFeatures = search(notebook, "by features", images, pixels, features);
            notebook.claim("features find more of the query's class than pixels", byFeatures > byPixels);
        }
    }

    /** The two directions in which features differ most: X U, with the covariance U S U^T. */
    private static void plane(Notebook notebook, Dataset images, Tensor features) throws IOException {
        int n = images.size();
        ArrayDataset vectors = ArrayDataset.of(features.toRows(), new int[n]);
        Whitening pca = Whitening.pca(vectors, features.shape().size(1), EPSILON); // gives X U / sqrt(S + epsilon)
        double[] s = pca.variances();
        double share = 100 * (s[0] + s[1]) / DoubleStream.of(s).sum();
        notebook.say("  two principal components have %.0f %% of the features' variance", share);
        float[][] rows = Points.rows(pca.apply(vectors));
        Plot plot = new Plot("Features of test images", "first component", "second component");
        for (int c : new int[] {1, 5, 6, 8}) { // of ten classes four: automobiles, dogs, frogs and ships of CIFAR-10
            int[] members = IntStream.range(0, n)
                    .filter(i -> images.label(i) == c)
                    .limit(100)
                    .toArray();
            double[][] xy = new double[2][];
            for (int axis = 0; axis < 2; axis++) {
                int k = axis;
                double length = Math.sqrt(s[k] + EPSILON);
                xy[k] = IntStream.of(members)
                        .mapToDouble(i -> rows[i][k] * length)
                        .toArray();
            }
            plot.points(images.classes().get(c), xy[0], xy[1]);
        }
        notebook.picture("plane", plot.draw());
    }

    /** distance(a, b) = sqrt(sum over i of (a[i] - b[i])^2); returns how often the nearest but the query itself are of its class. */
    private static double search(Notebook notebook, String name, Dataset images, Tensor pixels, Tensor vectors)
            throws IOException {
        try (NearestNeighbours index = NearestNeighbours.of(vectors, NearestNeighbours.Distance.L2)) {
            Neighbour[][] found = index.find(vectors, FOUND);
            int itself = 0;
            int right = 0;
            for (int query = 0; query < found.length; query++) {
                itself += found[query][0].index() == query && found[query][0].distance() == 0 ? 1 : 0;
                for (int k = 1; k < FOUND; k++) {
                    right += images.label(found[query][k].index()) == images.label(query) ? 1 : 0;
                }
            }
            double share = right / (FOUND - 1.0) / found.length;
            notebook.claim(name + ": each query finds itself first, at distance 0", itself == found.length);
            notebook.say("  %s: %.1f %% of the next five are of the query's class", name, 100 * share);
            ImageGrid grid = new ImageGrid(FOUND, 3);
            for (int query = 10; query < 15; query++) {
                StringBuilder line = new StringBuilder();
                for (Neighbour near : found[query]) {
                    String caption = String.format(
                            Locale.ROOT, "%s %.2f", images.classes().get(images.label(near.index())), near.distance());
                    LessonData.add(grid, pixels.narrow(0, near.index(), 1), caption);
                    line.append("  ").append(caption);
                }
                notebook.say("  query %d: %s", query, line);
            }
            notebook.picture(name.replace(' ', '-'), grid.draw());
            return share;
        }
    }
}
