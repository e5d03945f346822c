package org.alborz.examples.lessons;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.DoubleStream;
import org.alborz.checkpoint.ModelCheckpoint;
import org.alborz.data.DataLoader;
import org.alborz.data.Split;
import org.alborz.monitor.TensorBoard;
import org.alborz.nn.Model;
import org.alborz.optim.Adam;
import org.alborz.train.CSVLogger;
import org.alborz.train.Callback;
import org.alborz.train.EarlyStopping;
import org.alborz.train.EpochResult;
import org.alborz.train.LambdaCallback;
import org.alborz.train.LearningRateScheduler;
import org.alborz.train.Monitor;
import org.alborz.train.ProgbarLogger;
import org.alborz.train.ReduceLROnPlateau;
import org.alborz.train.RemoteMonitor;
import org.alborz.train.TerminateOnNaN;
import org.alborz.train.Trainer;

/** The ten callbacks of the notes in one training, and one of one's own. */
final class EveryCallback implements Lesson {
    /** Runs the lesson alone. */
    public static void main(String[] args) throws IOException {
        Course.main(new EveryCallback(), args);
    }

    @Override
    public String name() {
        return "callbacks";
    }

    @Override
    public String title() {
        return "Callbacks: ten of them in one training, and one of one's own";
    }

    /** One's own: remembers the epoch in which training was furthest ahead of validation. */
    private static final class WidestGap implements Callback {
        private int epoch;
        private double gap = Double.NEGATIVE_INFINITY;

        @Override
        public void onEpochEnd(Trainer trainer, EpochResult result) {
            double now = result.accuracy() - result.value("val_accuracy");
            if (now > gap) {
                gap = now;
                epoch = result.epoch();
            }
        }
    }

    @Override
    public void run(Notebook notebook) throws IOException {
        DataLoader train = notebook.data().shuffled(notebook.data().train(notebook.size(150, 150, 5_000)), 50);
        DataLoader validation = TwoLayerNet.inOrder(notebook.data().test(notebook.size(100, 500, 1_000)));
        Path folder = notebook.folder();
        Monitor loss = Monitor.min("val_loss");
        ByteArrayOutputStream screen = new ByteArrayOutputStream();
        AtomicInteger steps = new AtomicInteger();
        WidestGap own = new WidestGap();
        ReduceLROnPlateau plateau = new ReduceLROnPlateau(loss, 1).factor(0.5);
        try (FigureServer server = new FigureServer();
                Model model = Model.create(notebook.session(), TwoLayerNet.standard(50), notebook.seed())) {
            Trainer trainer = Trainer.classifier(model, new Adam(3e-3))
                    .callback(new ModelCheckpoint(folder).monitor(loss).bestOnly())
                    .callback(new TensorBoard(folder.resolve("logs")))
                    .callback(new EarlyStopping(loss, 3).restoreBestWeights())
                    .callback(new LearningRateScheduler((epoch, rate) -> epoch < 3 ? rate : 0.95 * rate))
                    .callback(plateau)
                    .callback(new RemoteMonitor(server.address()))
                    .callback(new LambdaCallback().onStepEnd(t -> steps.incrementAndGet()))
                    .callback(new TerminateOnNaN())
                    .callback(new CSVLogger(folder.resolve("figures.csv")))
                    .callback(new ProgbarLogger(new PrintStream(screen, true, UTF_8)))
                    .callback(own)
                    .verbose(false)
                    .build();
            TrainingRun run = new TrainingRun(trainer.fit(train, validation, 40), trainer.stopReason());
            int epochs = run.epochs().size();
            List<String> figures = Files.readAllLines(folder.resolve("figures.csv"));
            double best = DoubleStream.of(run.each("val_loss")).min().orElseThrow();
            double rate = 3e-3 * Math.pow(0.95, epochs - 3) * plateau.learningRateFactor();
            double restored = trainer.evaluate(validation).loss();
            notebook.say("  stopped after %d of 40 epochs: %s", epochs, run.stopped());
            notebook.say("  figures.csv, first epoch: %s", figures.get(1));
            List<String> sent = server.received();
            notebook.say("  sent to the server, first epoch: %s", sent.isEmpty() ? "nothing" : sent.get(0));
            notebook.say("  one's own: the accuracies were furthest apart, by %.2f, in epoch %d", own.gap, own.epoch);
            notebook.claim("ModelCheckpoint has saved the best weights", notebook.hasFile("best.safetensors"));
            notebook.claim("TensorBoard has written its event files", notebook.hasFile("tfevents"));
            notebook.claim("EarlyStopping has ended the training", epochs < 40 && run.stopped() != null);
            notebook.claim("and has brought the best weights back", Math.abs(restored - best) < 1e-4);
            notebook.claim("ReduceLROnPlateau has met a plateau", plateau.learningRateFactor() < 1);
            notebook.claim("the schedule and it make the rate", Math.abs(trainer.learningRate() - rate) < 1e-9);
            notebook.claim("RemoteMonitor has sent each epoch", sent.size() == epochs);
            notebook.claim("LambdaCallback was called after each step", steps.get() == trainer.step());
            notebook.claim("CSVLogger has a line an epoch", figures.size() == epochs + 1);
            notebook.claim(
                    "ProgbarLogger has shown the epochs", screen.toString(UTF_8).contains("val_"));
            notebook.claim("one's own was called", own.epoch > 0);
        }
        Split pixels = notebook.data().centred(500, 100);
        String stopped =
                TwoLayerNet.train(notebook, pixels.first(), 100, 1e6, 0, 2).stopped();
        notebook.claim("TerminateOnNaN stops a training at a rate of 1e6", stopped != null && stopped.contains("NaN"));
    }
}
