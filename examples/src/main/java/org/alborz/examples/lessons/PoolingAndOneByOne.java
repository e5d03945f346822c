package org.alborz.examples.lessons;

import java.io.IOException;
import java.util.Arrays;
import org.alborz.autograd.Tape;
import org.alborz.data.DataLoader;
import org.alborz.examples.drawing.ImageGrid;
import org.alborz.nn.AvgPool2d;
import org.alborz.nn.Conv2d;
import org.alborz.nn.GlobalAvgPool2d;
import org.alborz.nn.Layer;
import org.alborz.nn.Model;
import org.alborz.nn.ModelSummary;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.train.Trainer;
import org.alborz.type.Interpolation;
import org.alborz.type.Shape;

/** Pooling makes maps smaller, a convolution of 1 x 1 makes them fewer; a net without dense layers is made of both. */
final class PoolingAndOneByOne implements Lesson {
    public static void main(String[] args) throws IOException {
        Course.main(new PoolingAndOneByOne(), args);
    }

    @Override
    public String name() {
        return "pooling-and-1x1";
    }

    @Override
    public String title() {
        return "Pooling, 1 x 1 convolutions, bottlenecks and nets without dense layers";
    }

    @Override
    public void run(Notebook notebook) throws IOException {
        pooling(notebook, notebook.session());
        oneByOne(notebook, notebook.session());
        bottleneck(notebook);
        nets(notebook);
    }

    /** Pooling by 2 x 2 with stride 2 keeps of four numbers the largest, or their mean. */
    private static void pooling(Notebook notebook, Session session) {
        float[][] map = {{1, 1, 2, 4}, {5, 6, 7, 8}, {3, 2, 1, 0}, {1, 2, 3, 4}};
        try (Tape tape = new Tape(session)) {
            Tensor x = tape.watch(session.tensor(map).reshape(1, 1, 4, 4));
            Tensor max = x.maxPool2d(2);
            notebook.claim("the largest: 6, 8, 3, 4", Arrays.equals(max.toFloats(), new float[] {6, 8, 3, 4}));
            float[] means = x.avgPool2d(2).toFloats();
            notebook.claim("the means: 3.25, 5.25, 2, 2", Arrays.equals(means, new float[] {3.25f, 5.25f, 2, 2}));
            float[] gradient = tape.gradients(max.sum(), x).of(x).toFloats();
            float[] largest = {0, 0, 0, 0, 0, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1}; // 1 where a window has its largest
            notebook.claim("the gradient goes to the largest alone", Arrays.equals(gradient, largest));
        }
    }

    /** A 1 x 1 convolution is a dense layer at each pixel: y[k, row, column] = sum over c of w[k, c] * x[c, row, column]. */
    private static void oneByOne(Notebook notebook, Session session) throws IOException {
        Tensor image = notebook.data().image(session);
        Tensor weight = session.tensor(new float[][] {{0.299f, 0.587f, 0.114f}, {1, -1, 0}}); // grey, red against green
        Tensor maps = image.conv2d(weight.reshape(2, 3, 1, 1)); // [1, 2, 32, 32]
        Tensor pixels = image.permute(0, 2, 3, 1).reshape(1024, 3).linear(weight, null); // [1024, 2]
        double difference =
                maps.reshape(2, 1024).sub(pixels.transpose(0, 1)).abs().max().item();
        notebook.claim("1 x 1 convolution = a dense layer at each pixel", difference < 1e-5);
        ImageGrid grid = new ImageGrid(5, 5).add("image", LessonData.pixels(image), 32, 32, 0, 1);
        grid.add("grey, by 1 x 1", maps.select(1, 0).toFloats(), 32, 32);
        Tensor pooled =
                image.maxPool2d(4).interpolate(32, 32, Interpolation.NEAREST); // 8 x 8, drawn as large as the image
        grid.add("maximum of 4 x 4", LessonData.pixels(pooled), 32, 32, 0, 1);
        notebook.picture("pooled", grid.draw());
    }

    /** Fewer maps before the costly 3 x 3 convolution, and more of them after it. */
    private static void bottleneck(Notebook notebook) {
        Shape maps = Shape.of(1, 256, 56, 56);
        ModelSummary wide = ModelSummary.of(new Conv2d(256, 256, 3).padding(1), maps);
        Layer[] narrow = {new Conv2d(256, 64, 1), new Conv2d(64, 64, 3).padding(1), new Conv2d(64, 256, 1)};
        ModelSummary cheap = ModelSummary.of(new Sequential(narrow), maps);
        notebook.say("  3 x 3: %,d parameters, %,d multiply-adds", wide.parameters(), wide.multiplyAdds());
        notebook.say("  1 x 1, 3 x 3, 1 x 1: %,d and %,d", cheap.parameters(), cheap.multiplyAdds());
        notebook.claim("the bottleneck computes an eighth", 8 * cheap.multiplyAdds() < wide.multiplyAdds());
    }

    /** The same net with two ways to halve the maps, and one that ends with 1 x 1 convolutions and the mean over all pixels. */
    private static void nets(Notebook notebook) {
        Sequential mean =
                ConvNets.of(1, 2, 0, 32, 0).replace(1, new AvgPool2d(2)).replace(3, new AvgPool2d(2));
        Sequential noDense = ConvNets.of(1, 2, 0, 32, 0)
                .slice(0, 4) // conv, pool, conv, pool
                .append(ConvNets.conv(32, 64, 3))
                .append(new Conv2d(64, 10, 1))
                .append(new GlobalAvgPool2d());
        train(notebook, "max pooling", ConvNets.of(1, 2, 0, 32, 0));
        train(notebook, "mean pooling", mean);
        train(notebook, "no dense layers", noDense);
        Shape output =
                ModelSummary.of(noDense, Shape.of(1, 3, 48, 40)).layer("6").output();
        notebook.claim("without dense layers images of 48 x 40 fit as well", output.equals(Shape.of(1, 10)));
    }

    private static void train(Notebook notebook, String name, Sequential net) {
        DataLoader train = notebook.data().shuffled(notebook.data().train(notebook.size(100, 4_000, 50_000)), 50);
        DataLoader test = notebook.data().shuffled(notebook.data().test(notebook.size(100, 1_000, 10_000)), 100);
        try (Model model = Model.create(notebook.session(), net, notebook.seed())) {
            Trainer trainer = Trainer.classifier(model, new Adam(1e-3)).build();
            var epochs = trainer.fit(train, 4);
            double accuracy = trainer.evaluate(test).accuracy();
            notebook.say("%n  %s: %,d parameters, test accuracy %.3f", name, model.parameterCount(), accuracy);
            notebook.claim(
                    name + ": the loss falls",
                    epochs.get(3).loss() < epochs.get(0).loss());
        }
    }
}
