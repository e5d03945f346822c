package org.alborz.examples.lessons;

import java.io.IOException;
import org.alborz.examples.drawing.Plot;
import org.alborz.nn.Loss;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** How far one gets without gradients. */
final class RandomSearch implements Lesson {
    private static final int CLASSES = 10;
    /** So many matrices are multiplied at once; a divisor of the number of tries. */
    private static final int TOGETHER = 50;

    /** Runs the lesson by itself; takes a backend's name, and {@code auto} without. */
    public static void main(String[] args) throws IOException {
        Course.main(new RandomSearch(), args);
    }

    @Override
    public String name() {
        return "random-search";
    }

    @Override
    public String title() {
        return "Optimization without gradients: random search and random local search";
    }

    /** Images with a 1 behind each, so that the last column of W is the bias: f = W x. */
    private record Images(Tensor x, Pixels pixels) {
        static Images of(Pixels pixels, Tensor mean) {
            Tensor ones = mean.session().ones(Shape.of(pixels.size(), 1));
            return new Images(Tensor.concat(1, pixels.images().sub(mean), ones), pixels);
        }

        /** The mean over the images of sum max(0, s_j - s_y + 1). */
        double loss(Tensor scores) {
            return Loss.multiMargin().overClasses().of(scores, pixels.labels()).item();
        }

        double percentRight(Tensor w) {
            return 100 * pixels.accuracy(x.matmul(w.mT()).argMax(1).toInts());
        }
    }

    @Override
    public void run(Notebook notebook) throws IOException {
        Session session = notebook.session();
        Pixels pixels = Pixels.of(session, notebook.data().train(notebook.size(200, 5_000, 50_000)));
        Tensor mean = pixels.images().mean(true, 0);
        Images train = Images.of(pixels, mean);
        Images test = Images.of(Pixels.of(session, notebook.data().test(notebook.size(200, 2_000, 10_000))), mean);
        int tries = notebook.size(100, 1_000, 1_000);
        Tensor w = session.zeros(Shape.of(CLASSES, Pixels.SIZE + 1));
        double[] random = new double[tries];
        double[] local = new double[tries];
        double average = search(train, w, random, 10_000 * notebook.seed());
        double first = test.percentRight(w);
        notebook.say("1. %,d random W of scale 1e-4: loss %.2f, on average %.2f", tries, random[tries - 1], average);
        notebook.aboutInFull("test accuracy of random search, %", first, 15.5, 2.5);
        climb(train, w, local, 10_000 * notebook.seed() + tries);
        double second = test.percentRight(w);
        notebook.say("2. %,d random steps of scale 1e-4 from the best: loss %.2f", tries, local[tries - 1]);
        notebook.aboutInFull("test accuracy of local search, %", second, 21.4, 3);
        notebook.claim("the best of the random W is better than their average", random[tries - 1] < average);
        if (notebook.data().isCifar10() || notebook.isQuick()) { // many generated images have nothing linear to find
            notebook.claim("local search lowers the loss further", local[tries - 1] < random[tries - 1]);
        }
        if (notebook.data().isCifar10()) {
            notebook.claim("both classify better than chance", Math.min(first, second) > 11);
        }
        Plot plot = new Plot("The least loss so far", "W tried", "hinge loss").line("random search", random);
        notebook.picture("loss", plot.line("local search after it", local).draw());
    }

    /**
     * Draws matrices, many at a time: one product of [N, D] and [D, 10 K] gives the scores of K of them. Leaves the best in {@code best} and
     * the least loss so far in {@code least}; returns the mean loss.
     */
    private static double search(Images train, Tensor best, double[] least, long seed) {
        double sum = 0;
        for (int first = 0; first < least.length; first += TOGETHER) {
            try (Scope scope = best.session().scope("matrices")) {
                Shape shape = Shape.of(TOGETHER, CLASSES, Pixels.SIZE + 1);
                Tensor w = best.session().normal(shape, seed + first).mul(1e-4);
                Tensor scores =
                        train.x().matmul(w.reshape(TOGETHER * CLASSES, -1).mT());
                for (int k = 0; k < TOGETHER; k++) {
                    int at = first + k;
                    double loss = train.loss(scores.narrow(1, k * CLASSES, CLASSES));
                    if (at == 0 || loss < least[at - 1]) {
                        best.assign(w.select(0, k));
                    }
                    least[at] = at == 0 ? loss : Math.min(loss, least[at - 1]);
                    sum += loss;
                }
            }
        }
        return sum / least.length;
    }

    /** Moves W by a random matrix where that makes the loss smaller. */
    private static void climb(Images train, Tensor w, double[] least, long seed) {
        double now = train.loss(train.x().matmul(w.mT()));
        for (int at = 0; at < least.length; at++) {
            try (Scope scope = w.session().scope("try")) {
                Tensor tried = w.add(w.session().normal(w.shape(), seed + at).mul(1e-4));
                double loss = train.loss(train.x().matmul(tried.mT()));
                if (loss < now) {
                    w.assign(tried);
                }
                now = Math.min(now, loss);
                least[at] = now;
            }
        }
    }
}
