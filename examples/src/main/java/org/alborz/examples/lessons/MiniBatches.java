package org.alborz.examples.lessons;

import java.io.IOException;
import java.util.stream.DoubleStream;
import org.alborz.data.BatchIterator;
import org.alborz.data.Dataset;
import org.alborz.data.Subset;
import org.alborz.examples.drawing.Plot;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.nn.TrainingStep;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.train.Batches;

/** Gradients of mini-batches against that of the full batch, and what a pass over the data brings with each. */
final class MiniBatches implements Lesson {
    /** Runs the lesson alone. */
    public static void main(String[] args) throws IOException {
        Course.main(new MiniBatches(), args);
    }

    @Override
    public String name() {
        return "batch-size";
    }

    @Override
    public String title() {
        return "Mini-batches against the full batch";
    }

    @Override
    public void run(Notebook notebook) throws IOException {
        Dataset data = notebook.data().train(notebook.size(1_024, 4_096, 16_384));
        gradients(notebook, Subset.first(data, notebook.size(512, 2_048, 8_192)));

        // The same passes over the data: the smaller the batches, the more steps a pass has.
        int epochs = notebook.size(4, 10, 10);
        Plot plot = new Plot("Loss by passes over the data", "epoch", "mean training loss");
        double[] losses = new double[3];
        int[] sizes = {32, 256, data.size()};
        for (int i = 0; i < 3; i++) {
            Sequential net = TwoLayerNet.standard(50);
            TrainingRun run = TwoLayerNet.train(notebook, net, new Sgd(0.01), data, sizes[i], epochs);
            int steps = epochs * (data.size() / sizes[i]);
            losses[i] = run.last("loss");
            notebook.say("  batches of %4d: %5d steps, %5.1f s, loss %.3f", sizes[i], steps, run.seconds(), losses[i]);
            plot.line("batches of " + sizes[i], run.each("loss"));
        }
        notebook.picture("loss", plot.draw());
        notebook.claim("after as many passes the loss is lower with batches of 32", losses[0] < losses[2] - 0.2);
        notebook.claim("and those of 256 are between", losses[0] < losses[1] && losses[1] < losses[2]);
    }

    /** The gradient of a mini-batch is that of the full batch and noise, whose deviation falls as 1 / sqrt(batch size). */
    private static void gradients(Notebook notebook, Dataset data) throws IOException {
        int n = data.size();
        double[] sizes = {8, 32, 128};
        double[] noise = new double[3];
        try (Model model = Model.create(notebook.session(), TwoLayerNet.standard(50), notebook.seed());
                BatchIterator batches = notebook.data().shuffled(data, n).epoch(0)) {
            BatchTensors all = Batches.upload(notebook.session(), batches.next());
            Tensor full = gradient(model, all, 0, n, 1);
            Tensor mean = notebook.session().zerosLike(full);
            for (int i = 0; i < 3; i++) {
                int size = (int) sizes[i];
                mean.fill(0);
                for (int from = 0; from < n; from += size) {
                    try (Scope scope = notebook.session().scope("mini-batch")) {
                        Tensor g = gradient(model, all, from, size, 1);
                        mean.addInPlace(g.mul((double) size / n));
                        noise[i] += g.sub(full).norm().item() * size / n;
                    }
                }
                noise[i] /= full.norm().item();
                notebook.say("  batches of %3d: |g - full| is %.2f of |full| on average", size, noise[i]);
            }
            notebook.claim(
                    "the mean of all mini-batches' gradients is the full one",
                    mean.sub(full).norm().item() < 1e-4 * full.norm().item());
            notebook.claim(
                    "four times the batch, half the noise", noise[0] / noise[1] > 1.6 && noise[0] / noise[1] < 2.4);
            Tensor accumulated = gradient(model, all, 0, 256, 4);
            Tensor one = gradient(model, all, 0, 256, 1);
            notebook.claim(
                    "four batches of 64 added up are one of 256",
                    accumulated.sub(one).norm().item() < 1e-4 * one.norm().item());
        }
        double[] root = DoubleStream.of(sizes)
                .map(size -> noise[0] * Math.sqrt(sizes[0] / size))
                .toArray();
        Plot plot = new Plot("Noise of a mini-batch's gradient", "batch size", "|g - full| / |full|");
        plot.line("measured", sizes, noise).line("as 1 / sqrt(size)", sizes, root);
        notebook.picture("noise", plot.draw());
    }

    /** Returns the gradient of the mean loss of some samples, as the sum of that of so many equal parts. */
    private static Tensor gradient(Model model, BatchTensors all, int from, int count, int parts) {
        try (TrainingStep step = model.step(1, 1).microBatches(parts)) {
            int size = count / parts;
            for (int part = 0; part < parts; part++) {
                Tensor images = all.get(0).narrow(0, from + part * size, size);
                Tensor labels = all.get(1).narrow(0, from + part * size, size);
                step.backward(
                        Loss.crossEntropy().of(step.forward(images), labels).div(parts));
            }
        }
        return model.gradients().mul(1); // a copy: the next step overwrites them
    }
}
