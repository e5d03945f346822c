package org.alborz.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.alborz.data.DataLoader;
import org.alborz.data.Dataset;
import org.alborz.metrics.ConfusionMatrix;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.train.Evaluation;
import org.alborz.train.Trainer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says how good a trained net is on test images. */
@Command(
        name = "evaluate",
        description =
                "Measures a trained net on test data: loss, accuracy, accuracy per class and confusion matrix of a classifier;"
                        + " loss and metrics of others.")
final class EvaluateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "CHECKPOINT", description = "Such as runs/NAME/best.safetensors.")
    private Path checkpoint;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "Other data than those it was trained on, as train's --data (default: those, of which a part was held out).")
    private String data;

    @Option(names = "--limit", paramLabel = "N", description = "Use only the first N test samples.")
    private Integer limit;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            defaultValue = "256",
            description = "Samples at once (default: 256).")
    private int batchSize;

    @Mixin
    private BackendOption backend;

    @Mixin
    private JsonOption json;

    /**
     * What {@code --json} holds.
     *
     * @param accuracyPerClass by class; null where the data have none of that class
     * @param confusion counts, a row for each true class, a column for each predicted one
     */
    record Report(
            String checkpoint,
            String model,
            String data,
            String backend,
            String device,
            long images,
            double loss,
            double accuracy,
            Map<String, Double> accuracyPerClass,
            List<String> classes,
            long[][] confusion,
            double seconds) {}

    /**
     * What {@code --json} holds of what is no classifier.
     *
     * @param metrics by name
     */
    record Figures(
            String checkpoint,
            String model,
            String data,
            String backend,
            String device,
            long samples,
            double loss,
            Map<String, Double> metrics,
            double seconds) {}

    @Override
    public Integer call() {
        backend.check();
        json.check();
        OptionChecks.count("--batch-size", batchSize);
        int images = limit == null ? 0 : OptionChecks.count("--limit", limit);
        json.requireNone(RunFolder.filesBeside(checkpoint));
        SavedModel saved = SavedModel.read(checkpoint);
        DataSource source = saved.source(data, images);
        json.requireNoneOf(source);
        Dataset test = source.test();
        saved.requireSameClasses(test);
        try (Session session = backend.open();
                Model model = saved.open(session)) {
            if (saved.signature().task() == Task.CLASSIFICATION) {
                Report report = evaluate(saved, source.describe(test), test, session, model);
                print(Screen.of(spec), report, source.unit());
                json.write(report);
            } else {
                Figures figures = figures(saved, source.describe(test), test, session, model);
                print(Screen.of(spec), figures, source.unit());
                json.write(figures);
            }
        }
        return ExitCodes.OK;
    }

    private Figures figures(SavedModel saved, String described, Dataset test, Session session, Model model) {
        long start = System.nanoTime();
        try (Trainer trainer =
                saved.signature().task().trainer(model, new Sgd(1)).build()) {
            DataLoader loader = DataLoader.of(test, batchSize).build();
            Evaluation evaluation;
            try (Progress progress = progress(loader)) {
                evaluation = trainer.evaluate(loader, progress::to);
            }
            return new Figures(
                    checkpoint.toString(),
                    saved.settings().model(),
                    described,
                    session.backend().name(),
                    session.backend().device(),
                    evaluation.samples(),
                    evaluation.loss(),
                    evaluation.values(),
                    (System.nanoTime() - start) * 1e-9);
        }
    }

    private Report evaluate(SavedModel saved, String described, Dataset test, Session session, Model model) {
        long start = System.nanoTime();
        DataLoader loader = DataLoader.of(test, batchSize).build();
        Evaluation evaluation;
        try (Progress progress = progress(loader)) {
            evaluation = Evaluation.of(model, Loss.crossEntropy(), loader, progress::to);
        }
        ConfusionMatrix confusion = evaluation.confusion();
        return new Report(
                checkpoint.toString(),
                saved.settings().model(),
                described,
                session.backend().name(),
                session.backend().device(),
                confusion.total(),
                evaluation.loss(),
                evaluation.accuracy(),
                accuracies(saved.classes(), confusion),
                saved.classes(),
                confusion.toArray(),
                (System.nanoTime() - start) * 1e-9);
    }

    private Progress progress(DataLoader loader) {
        return Progress.start(Screen.of(spec), "evaluating", "batches", loader.batchesPerEpoch());
    }

    private static Map<String, Double> accuracies(List<String> classes, ConfusionMatrix confusion) {
        Map<String, Double> accuracies = new LinkedHashMap<>();
        for (int i = 0; i < classes.size(); i++) {
            double accuracy = confusion.accuracy(i);
            accuracies.put(classes.get(i), Double.isNaN(accuracy) ? null : accuracy);
        }
        return accuracies;
    }

    private static void print(Screen screen, Report report, String unit) {
        screen.field("Checkpoint", report.checkpoint() + " (" + report.model() + ")");
        screen.field("Data", report.data());
        screen.field("Backend", report.backend() + " (" + report.device() + ")");
        screen.line("%-11s %.4f", "Loss", report.loss());
        screen.line("%-11s %.2f %% of %,d %s", "Accuracy", 100 * report.accuracy(), report.images(), unit);
        screen.line("");
        ConfusionTable.lines(report.classes(), report.confusion()).forEach(screen::line);
    }

    private static void print(Screen screen, Figures figures, String unit) {
        screen.field("Checkpoint", figures.checkpoint() + " (" + figures.model() + ")");
        screen.field("Data", figures.data());
        screen.field("Backend", figures.backend() + " (" + figures.device() + ")");
        screen.line("%-11s %.4f of %,d %s", "Loss", figures.loss(), figures.samples(), unit);
        figures.metrics().forEach((name, value) -> screen.line("%-11s %.4f", name, value));
    }
}
