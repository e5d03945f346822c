package org.alborz.examples.lessons;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import org.alborz.data.DataLoader;
import org.alborz.data.Dataset;
import org.alborz.examples.drawing.ImageGrid;
import org.alborz.examples.drawing.Plot;
import org.alborz.monitor.Report;
import org.alborz.monitor.StepLog;
import org.alborz.monitor.TensorBoard;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.train.LambdaCallback;
import org.alborz.train.Trainer;

/** What to watch while a net trains: loss, accuracies, the ratio of updates to weights, and the weights of the first layer. */
final class MonitoringTraining implements Lesson {
    private static final double RATE = 1e-2;

    /** Runs the lesson alone. */
    public static void main(String[] args) throws IOException {
        Course.main(new MonitoringTraining(), args);
    }

    @Override
    public String name() {
        return "monitoring";
    }

    @Override
    public String title() {
        return "Monitoring: loss, accuracy, update ratios, first-layer weights";
    }

    @Override
    public void run(Notebook notebook) throws IOException {
        Dataset images = notebook.data().train(notebook.size(1_000, 4_000, 48_000));
        DataLoader validation = TwoLayerNet.inOrder(notebook.data().test(notebook.size(300, 1_000, 10_000)));
        DataLoader train = notebook.data().shuffled(images, 50);
        int epochs = notebook.size(4, 8, 10);
        Path steps = notebook.folder().resolve("steps.csv");
        double[] hand = new double[epochs * train.batchesPerEpoch() + 1]; // the ratio of each step, from 1
        try (Model model = Model.create(notebook.session(), TwoLayerNet.of(50, 1e-2), notebook.seed())) {
            grid(notebook, "weights-before", model.parameter("1.weight"));
            Trainer trainer = Trainer.classifier(model, new Sgd(RATE))
                    .callback(new StepLog(steps)) // loss, rate and ratios of some fifty steps an epoch
                    .callback(new TensorBoard(notebook.folder()).histogramFreq(1))
                    .callback(new LambdaCallback().onStepEnd(t -> hand[(int) t.step()] = ratio(t.model(), "1.weight")))
                    .verbose(false)
                    .build();
            TrainingRun run = new TrainingRun(trainer.fit(train, validation, epochs), trainer.stopReason());
            run.say(notebook, "training");
            grid(notebook, "weights-after", model.parameter("1.weight"));
            Plot accuracies = run.plot("Training and validation", "accuracy");
            notebook.picture("accuracy", accuracies.draw());
        }
        Report.Steps log = StepLog.read(steps);
        double[] epoch = array(log.epoch());
        Plot plot = new Plot("Training loss, the mean since the logged step before", "epoch", "loss");
        notebook.picture("loss", plot.line("training", epoch, array(log.loss())).draw());
        Plot ratios = new Plot("Update to weight, by layer", "epoch", "ratio").logarithmic();
        log.updateRatios().forEach((name, values) -> ratios.line(name, epoch, array(values)));
        notebook.picture("ratios", ratios.draw());
        double[] first = array(log.updateRatios().get("1.weight"));
        double median = DoubleStream.of(first).sorted().toArray()[first.length / 2];
        double last = hand[(int) Math.round(epoch[epoch.length - 1] * train.batchesPerEpoch())]; // of the last line
        notebook.say("  update / weight of the first layer: median %.1e, in the end %.1e", median, last);
        notebook.about("log10 of that median; the notes: about 1e-3", Math.log10(median), -3, 1);
        notebook.claim("and by hand it is the same", Math.abs(last / first[first.length - 1] - 1) < 0.01);
        notebook.claim("TensorBoard's event files are written", notebook.hasFile("tfevents"));
        rates(notebook, images, epochs);
    }

    /** The notes' lines: update = -rate * dW; |update| / |W|. */
    private static double ratio(Model model, String name) {
        Tensor weight = model.parameter(name).value();
        try (Scope scope = model.session().scope("ratio")) {
            Tensor update = model.part(model.gradients(), model.parameter(name)).mul(-RATE);
            return update.norm().div(weight.norm()).item();
        }
    }

    /** The weights of each hidden unit as an image, [3, 32, 32]. */
    private static void grid(Notebook notebook, String title, Parameter weight) throws IOException {
        ImageGrid grid = new ImageGrid(10, 2);
        float[] values = weight.value().toFloats(); // [50, 3 * 32 * 32]
        for (int unit = 0; unit < 50; unit++) {
            grid.add("", Arrays.copyOfRange(values, unit * 3072, (unit + 1) * 3072), 32, 32);
        }
        notebook.picture(title, grid.draw());
    }

    private static double[] array(List<Double> values) {
        return values.stream()
                .mapToDouble(value -> value == null ? Double.NaN : value)
                .toArray();
    }

    /** With a low rate the loss falls in a straight line; rates that are too high are in the lesson on sanity checks. */
    private static void rates(Notebook notebook, Dataset images, int epochs) throws IOException {
        Plot plot = new Plot("Loss by learning rate", "epoch", "training loss");
        double[] rates = {1e-5, 1e-3, 1e-2};
        double[] last = new double[3];
        for (int i = 0; i < 3; i++) {
            Sgd sgd = new Sgd(rates[i]);
            TrainingRun run = TwoLayerNet.train(notebook, TwoLayerNet.standard(50), sgd, images, 50, epochs);
            plot.line("rate " + (float) rates[i], run.each("loss"));
            last[i] = run.last("loss");
        }
        notebook.picture("rates", plot.draw());
        notebook.claim("the lower the rate, the less it learns", last[0] > last[1] && last[1] > last[2]);
    }
}
