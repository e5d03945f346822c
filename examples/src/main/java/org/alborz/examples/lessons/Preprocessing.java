package org.alborz.examples.lessons;

import java.io.IOException;
import org.alborz.data.ArrayDataset;
import org.alborz.data.Dataset;
import org.alborz.data.MeanImage;
import org.alborz.data.Subset;
import org.alborz.data.Whitening;
import org.alborz.examples.drawing.ImageGrid;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** What is done to inputs before a net sees them. */
final class Preprocessing implements Lesson {
    private static final double EPSILON = 1e-5;

    /** Runs the lesson by itself; takes a backend's name, and {@code auto} without. */
    public static void main(String[] args) throws IOException {
        Course.main(new Preprocessing(), args);
    }

    @Override
    public String name() {
        return "preprocessing";
    }

    @Override
    public String title() {
        return "Preprocessing: zero mean, unit variance, decorrelation and whitening";
    }

    @Override
    public void run(Notebook notebook) throws IOException {
        plane(notebook);
        images(notebook);
    }

    /** Points of a plane, which are correlated, far from the origin and wider along one axis. */
    private static void plane(Notebook notebook) throws IOException {
        Session session = notebook.session();
        Tensor normal = session.normal(Shape.of(400, 2), notebook.seed());
        Tensor x = normal.matmul(session.tensor(new float[][] {{2, 1}, {0, 0.6f}}))
                .add(session.tensor(new float[] {3, 2}));
        Tensor centred = x.sub(x.mean(true, 0)); // X -= mean(X)
        Tensor normalized = centred.div(centred.std(0, true, 0)); // X /= std(X)
        // cov = U S U^T; decorrelated X U, whitened X U / sqrt(S). The fitted mapping gives X U / sqrt(S + eps), and S.
        ArrayDataset data = ArrayDataset.of(x.toRows(), new int[400]);
        Whitening pca = Whitening.pca(data, 2, EPSILON);
        Tensor whitened = session.tensor(Points.rows(pca.apply(data)));
        Tensor decorrelated =
                whitened.mul(session.tensor(pca.variances()).add(EPSILON).sqrt());
        notebook.say("Covariance of 400 points of a plane");
        say(notebook, "original", x);
        say(notebook, "zero-centred and normalised", normalized);
        double[] turned = say(notebook, "decorrelated: X U", decorrelated);
        double[] white = say(notebook, "whitened: X U / sqrt(S)", whitened);
        notebook.claim(
                "zero-centred: the mean is 0", centred.mean(0).abs().max().item() < 1e-5);
        notebook.claim("decorrelated: the covariance is diagonal", Math.abs(turned[1]) < 1e-3);
        notebook.claim("its diagonal are the variances along U", Math.abs(turned[0] - pca.variances()[0]) < 1e-3);
        double apart = Math.max(Math.abs(white[1]), Math.max(Math.abs(white[0] - 1), Math.abs(white[3] - 1)));
        notebook.claim("whitened: the covariance is the identity", apart < 1e-3);
        ImageGrid grid = new ImageGrid(3, 1);
        grid.add("original", Points.scatter(x)).add("zero-centred", Points.scatter(centred));
        grid.add("normalised", Points.scatter(normalized)).add("decorrelated", Points.scatter(decorrelated));
        grid.add("whitened", Points.scatter(whitened));
        notebook.picture("plane", grid.draw());
    }

    /** Prints a covariance X^T X / N of centred points and returns its four numbers. */
    private static double[] say(Notebook notebook, String what, Tensor points) {
        double[] c = Points.covariance(points).toDoubles();
        notebook.say("  %-28s [%7.4f %7.4f; %7.4f %7.4f]", what, c[0], c[1], c[2], c[3]);
        return c;
    }

    /** Subtracts the mean image (AlexNet) or the channels' means (VGG), and whitens small images. */
    private static void images(Notebook notebook) throws IOException {
        Dataset data = notebook.data().train(notebook.size(400, 3_000, 50_000));
        Tensor pixels = Pixels.of(notebook.session(), data).images();
        Tensor mean = pixels.mean(0);
        double[] channels = pixels.reshape(data.size(), 3, -1).mean(0, 2).toDoubles();
        notebook.say(
                "%n%,d images: a mean image of 3,072 numbers, or three channel means %.1f %.1f %.1f",
                data.size(), channels[0], channels[1], channels[2]);
        float[] left = MeanImage.of(MeanImage.of(data).apply(data)).values();
        notebook.claim(
                "MeanImage leaves a mean image of 0",
                notebook.session().tensor(left).abs().max().item() < 1e-4);
        int side = notebook.size(8, 16, 16);
        Tensor small = pixels.reshape(-1, 3, 32, 32)
                .avgPool2d(32 / side)
                .reshape(data.size(), -1)
                .div(255);
        Dataset vectors = ArrayDataset.of(small.toRows(), new int[data.size()]);
        Whitening pca = Whitening.pca(vectors, 3 * side * side, 1e-3);
        double[] diagonal = Points.covariance(notebook.session().tensor(Points.rows(pca.apply(vectors))))
                .diagonal()
                .toDoubles();
        double apart = 0;
        for (int k = 0; k < diagonal.length; k++) {
            apart = Math.max(apart, Math.abs(diagonal[k] - pca.variances()[k] / (pca.variances()[k] + 1e-3)));
        }
        notebook.claim("whitened images: variances S / (S + epsilon)", apart < 1e-2);
        ImageGrid grid = new ImageGrid(8, 64 / side);
        float[][] zca = Points.rows(Subset.first(Whitening.zca(vectors, 1e-3).apply(vectors), 8));
        float[][] from = small.narrow(0, 0, 8).toRows();
        float[][] minus = small.sub(small.mean(true, 0)).narrow(0, 0, 8).toRows();
        for (float[][] row : new float[][][] {from, minus, zca}) {
            for (float[] image : row) {
                grid.add("", image, side, side);
            }
        }
        notebook.picture("images", grid.draw());
        ImageGrid single = new ImageGrid(1, 4).add("mean image", mean.toFloats(), 32, 32, 0, 255);
        notebook.picture("mean-image", single.draw());
    }
}
