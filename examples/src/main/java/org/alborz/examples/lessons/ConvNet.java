package org.alborz.examples.lessons;

import java.io.IOException;
import org.alborz.data.DataLoader;
import org.alborz.examples.drawing.ImageGrid;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.ModelSummary;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.train.EpochResult;
import org.alborz.train.Trainer;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Shape;

/** What a convolution computes, how large its output is, what it costs, and the net that is made of it. */
final class ConvNet implements Lesson {
    private static final Shape IMAGE = Shape.of(1, 3, 32, 32);
    private static final Conv2dParameters PLAIN = Conv2dParameters.defaults();

    public static void main(String[] args) throws IOException {
        Course.main(new ConvNet(), args);
    }

    @Override
    public String name() {
        return "convnet";
    }

    @Override
    public String title() {
        return "Convolutional networks: filters, output sizes, parameters";
    }

    @Override
    public void run(Notebook notebook) throws IOException {
        outputSizes(notebook, notebook.session());
        filters(notebook, notebook.session());
        costs(notebook);
        try (Model model = Model.create(notebook.session(), ConvNets.of(2, 2, 1, 16, 64), notebook.seed())) {
            train(notebook, model);
        }
    }

    /** output = (N - F + 2P) / S + 1: N pixels a side, filters of F, stride S, P zeros around the image. */
    private static void outputSizes(Notebook notebook, Session session) {
        Tensor image = session.uniform(Shape.of(1, 1, 7, 7), notebook.seed());
        Tensor filter = session.uniform(Shape.of(1, 1, 3, 3), notebook.seed() + 1);
        Conv2dParameters by3 = PLAIN.withStride(3);
        notebook.exactly("7, F 3, S 1", side(image.conv2d(filter)), "5");
        notebook.exactly("7, F 3, S 2", side(image.conv2d(filter, null, PLAIN.withStride(2))), "3");
        notebook.exactly("7, F 3, S 1, P 1", side(image.conv2d(filter, null, PLAIN.withPadding(1))), "7");
        notebook.exactly("7, F 3, S 3, by the formula", (7 - 3 + 2 * 0) / 3.0 + 1, "2.33");
        notebook.say(
                "  The notes refuse that. The engine rounds down, as PyTorch does, and leaves the rest of the image out:");
        Tensor without = image.narrow(2, 0, 6).narrow(3, 0, 6); // the last row and column
        double change = difference(image.conv2d(filter, null, by3), without.conv2d(filter, null, by3));
        notebook.claim("stride 3 makes 2 of 7 and never reads the last pixels", change == 0);
    }

    /** A filter slides over the image: y[row, column] = sum over c, i, j of w[c, i, j] * x[c, row + i, column + j]. */
    private static void filters(Notebook notebook, Session session) throws IOException {
        float[][] gauss = {{1 / 16f, 2 / 16f, 1 / 16f}, {2 / 16f, 4 / 16f, 2 / 16f}, {1 / 16f, 2 / 16f, 1 / 16f}};
        float[][] patch = {{178, 174, 177}, {179, 178, 179}, {168, 171, 178}};
        Tensor gaussian = session.tensor(gauss).reshape(1, 1, 3, 3);
        Tensor blurred = session.tensor(patch).reshape(1, 1, 3, 3).conv2d(gaussian);
        notebook.about("the 3 x 3 Gaussian over the patch", blurred.item(), 176, 0.5); // which is rounded

        Tensor edges = session.tensor(new float[][] {{-1, 0, 1}, {-2, 0, 2}, {-1, 0, 1}})
                .reshape(1, 1, 3, 3);
        Tensor three = Tensor.concat(0, gaussian, edges, edges.transpose(2, 3)); // [3, 1, 3, 3]
        Tensor grey = notebook.data().image(notebook.session()).mean(true, 1); // [1, 1, 32, 32]
        Tensor filtered = grey.conv2d(three, null, PLAIN.withPadding(1)); // [1, 3, 32, 32]
        Tensor windows = grey.unfold(3, 3, PLAIN.withPadding(1)).squeeze(0); // [9, 1024]
        Tensor product = three.reshape(3, 9).matmul(windows).reshape(1, 3, 32, 32);
        notebook.claim("convolution = filters x windows, a matrix product", difference(filtered, product) < 1e-5);
        ImageGrid grid = new ImageGrid(4, 5).addEach(grey.toFloats(), 32, 32);
        notebook.picture(
                "blurred-and-edges", grid.addEach(filtered.toFloats(), 32, 32).draw());
    }

    /** Filters are the same at every place: F * F * channels weights and a bias each, whatever the size of the image. */
    private static void costs(Notebook notebook) {
        ModelSummary ten = ModelSummary.of(new Conv2d(3, 10, 5).padding(2), IMAGE);
        notebook.claim(
                "ten 5 x 5, P 2, over 32 x 32 x 3 make 32 x 32 x 10",
                ten.layer("").output().equals(Shape.of(1, 10, 32, 32)));
        notebook.exactly("their parameters", ten.parameters(), "760");
        ModelSummary dense = ModelSummary.of(new Linear(3 * 32 * 32, 10 * 32 * 32), Shape.of(1, 3 * 32 * 32));
        notebook.say("  A dense layer with as many outputs has %,d.%n", dense.parameters());
    }

    /** The usual net is [(conv-relu)*N-pool]*M-(fc-relu)*K-softmax, here with N = M = 2 and K = 1. */
    private static void train(Notebook notebook, Model model) throws IOException {
        notebook.say("[(conv-relu)*2-pool]*2-(fc-relu)*1-softmax:%n%s%n", model.summary(IMAGE));
        DataLoader train = notebook.data().shuffled(notebook.data().train(notebook.size(200, 5_000, 50_000)), 50);
        DataLoader test = notebook.data().shuffled(notebook.data().test(notebook.size(100, 1_000, 10_000)), 100);
        var epochs = Trainer.classifier(model, new Adam(1e-3)).build().fit(train, test, 4);
        for (EpochResult epoch : epochs) {
            notebook.say(
                    "  epoch %d: loss %.3f, test accuracy %.3f",
                    epoch.epoch(), epoch.loss(), epoch.value("val_accuracy"));
        }
        notebook.claim("the loss falls", epochs.get(3).loss() < epochs.get(0).loss());
        Tensor maps = model.features("1", notebook.data().image(notebook.session())); // [1, 16, 32, 32]
        notebook.picture(
                "maps-of-layer-2",
                new ImageGrid(8, 3).addEach(maps.toFloats(), 32, 32).draw());
    }

    private static int side(Tensor images) {
        return images.shape().size(2);
    }

    private static double difference(Tensor a, Tensor b) {
        return a.sub(b).abs().max().item();
    }
}
