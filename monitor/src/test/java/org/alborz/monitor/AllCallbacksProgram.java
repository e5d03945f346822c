package org.alborz.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.alborz.checkpoint.BackupAndRestore;
import org.alborz.checkpoint.ModelCheckpoint;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.data.RandomCrop;
import org.alborz.data.RandomHorizontalFlip;
import org.alborz.monitor.Records.Message;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Dropout;
import org.alborz.nn.Flatten;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.MaxPool2d;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.train.CSVLogger;
import org.alborz.train.Callback;
import org.alborz.train.EarlyStopping;
import org.alborz.train.LambdaCallback;
import org.alborz.train.LearningRateScheduler;
import org.alborz.train.Monitor;
import org.alborz.train.ProgbarLogger;
import org.alborz.train.ReduceLROnPlateau;
import org.alborz.train.RemoteMonitor;
import org.alborz.train.SwapEMAWeights;
import org.alborz.train.TerminateOnNaN;
import org.alborz.train.Trainer;

/** A training under all callbacks together, which goes on by itself when it is started again. */
final class AllCallbacksProgram {
    private static final String TENSORBOARD = "tensorboard";

    private AllCallbacksProgram() {}

    /** Trains in a folder for a number of epochs, and writes to a file what it came to. */
    public static void main(String[] args) throws IOException {
        Map<String, String> left = start(Path.of(args[0]), Integer.parseInt(args[1]), new Callback() {}, new Random(1));
        Files.write(
                Path.of(args[2]),
                left.entrySet().stream().map(Map.Entry::toString).toList());
    }

    /** All callbacks, with the one that fails at a random place among them. */
    private static List<Callback> callbacks(Path folder, Callback failing, Random random) {
        PrintStream out = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        List<Callback> all = new ArrayList<>(List.of(
                new BackupAndRestore(folder.resolve("backup")).every(3),
                new LearningRateScheduler((epoch, rate) -> epoch == 0 ? rate : rate * 0.9),
                new ReduceLROnPlateau(Monitor.max("loss"), 0)
                        .factor(0.7)
                        .cooldown(1)
                        .minLr(1e-3),
                new EarlyStopping(Monitor.max("val_loss"), 99)
                        .baseline(0.1)
                        .startFromEpoch(1)
                        .restoreBestWeights(),
                new SwapEMAWeights(),
                new ModelCheckpoint(folder.resolve("best")).monitor(Monitor.min("val_loss")),
                new ModelCheckpoint(folder.resolve("weights"))
                        .weightsOnly()
                        .fileName("epoch-{epoch:02d}-{val_loss:.6f}"),
                new CSVLogger(folder.resolve("run.csv")),
                new TerminateOnNaN(2),
                new TensorBoard(folder.resolve(TENSORBOARD))
                        .histogramFreq(1)
                        .writeImages(true)
                        .updateFreq(2)
                        .hyperParameters(Map.of("optimizer", "adam")),
                new RemoteMonitor(URI.create("http://127.0.0.1:9")).closeTimeout(Duration.ZERO),
                new ProgbarLogger(out).every(Duration.ZERO),
                new LambdaCallback().onStepEnd(trainer -> {
                    if (trainer.metrics().samples() < 0) {
                        trainer.stop("never");
                    }
                })));
        all.add(random.nextInt(all.size() + 1), failing);
        return all;
    }

    private static Layer net() {
        return new Sequential(
                new Conv2d(3, 6, 3).stride(2).padding(1),
                new BatchNorm(6),
                new MaxPool2d(4),
                new Flatten(),
                new Dropout(0.3),
                new Linear(6 * 4 * 4, 10));
    }

    /** Starts the program once; returns what it came to, or null where it was killed. */
    static Map<String, String> start(Path folder, int epochs, Callback failing, Random random) throws IOException {
        DataLoader data = DataLoader.of(GeneratedImages.train(3, 60), 16)
                .shuffle(true)
                .seed(5)
                .transform(new RandomHorizontalFlip())
                .transform(new RandomCrop(4))
                .build();
        DataLoader validation = DataLoader.of(GeneratedImages.train(3, 24), 24).build();
        try (Session session = Session.open("cpu-vector");
                Model model = Model.create(session, net(), 11)) {
            Trainer.Builder builder = Trainer.classifier(model, new Adam(1e-2))
                    .seed(13)
                    .gradientAccumulation(2)
                    .ema(0.8)
                    .verbose(false);
            callbacks(folder, failing, random).forEach(builder::callback);
            Trainer trainer = builder.build();
            try {
                trainer.fit(data, validation, epochs);
            } catch (IllegalStateException e) {
                assertThat(e).hasMessageStartingWith("killed at ");
                return null;
            }
            Map<String, String> left = new LinkedHashMap<>();
            model.parameters().forEach((name, parameter) -> left.put(name, text(parameter.value())));
            left.put("trained", text(trainer.trainedValues()));
            trainer.parameterStates().forEach((name, tensor) -> left.put(name, text(tensor)));
            trainer.optimizer().state().forEach((name, tensor) -> left.put("adam." + name, text(tensor)));
            for (Callback callback : trainer.callbacks()) {
                String state = new TreeMap<>(callback.state()).toString();
                left.merge("state of " + callback.name(), state, String::concat);
            }
            left.put("step", trainer.step() + " " + trainer.epoch() + " " + trainer.learningRate());
            left.put("files", files(folder).toString());
            for (String run : List.of("train", "validation")) {
                left.put(
                        TENSORBOARD + " " + run,
                        events(folder.resolve(TENSORBOARD).resolve(run)).toString());
            }
            return left;
        }
    }

    private static String text(Tensor tensor) {
        return Arrays.toString(tensor.toDoubles());
    }

    /** Returns the content of the files that say nothing of the time they were written at; of the others the names. */
    private static Map<String, String> files(Path folder) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile)
                    .filter(file -> !file.startsWith(folder.resolve(TENSORBOARD)))
                    .toList()) {
                boolean dated = file.getParent().endsWith("best");
                files.put(
                        folder.relativize(file).toString(),
                        dated ? "" : Integer.toString(Arrays.hashCode(Files.readAllBytes(file))));
            }
        }
        return files;
    }

    /** Returns by step what TensorBoard shows of a run: a hash of each record, which holds its tag and its values. */
    private static Set<String> events(Path run) throws IOException {
        Set<String> events = new TreeSet<>(); // a run that is killed before its first backup starts again at step 0
        for (Message event : TensorBoardTest.Runs.events(run)) {
            if (event.has(5)) {
                long step = event.has(2) ? event.get(2).integer() : 0;
                events.add(step + ":" + Arrays.hashCode(event.get(5).bytes()));
            }
        }
        return events;
    }
}
