package org.alborz.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.alborz.data.ChannelNormalization;
import org.alborz.data.DataException;
import org.alborz.data.Images;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.text.Quoted;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what a trained net sees in image files, or makes of the rows of a table. */
@Command(
        name = "predict",
        description =
                "Says what a trained net sees in image files, or makes of the rows of a table: the three likeliest classes, or the"
                        + " number.",
        footer = {
            "",
            "Examples:",
            "  ./alborz predict runs/NAME/best.safetensors cat.png dog.png",
            "  ./alborz predict runs/NAME/best.safetensors houses-without-price.csv"
        })
final class PredictCommand implements Callable<Integer> {
    private static final int TOP = 3;

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "CHECKPOINT", description = "Such as runs/NAME/best.safetensors.")
    private Path checkpoint;

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "FILE",
            description =
                    "Images, PNG, JPEG, GIF or BMP, each resized as those that the net was trained on; or CSV files with the columns of"
                            + " the table that the net was trained on, with or without the one to predict.")
    private List<Path> files;

    @Mixin
    private BackendOption backend;

    @Mixin
    private JsonOption json;

    /** A class and how likely it is, from 0 to 1. */
    record Guess(String label, double probability) {}

    /**
     * What is seen in a file or made of a row, or why that could not be done.
     *
     * @param line of the file that a row begins in; null of images
     * @param top the likeliest classes first; null of numbers
     * @param value null of classes
     */
    record Prediction(String file, Long line, List<Guess> top, Double value, String error) {
        static Prediction failed(Path file, Long line, String error) {
            return new Prediction(file.toString(), line, null, null, error);
        }

        static Prediction of(Path file, Long line, SavedModel saved, float[] outputs) {
            return saved.signature().task() == Task.REGRESSION
                    ? new Prediction(file.toString(), line, null, (double) outputs[0], null)
                    : new Prediction(file.toString(), line, PredictCommand.top(saved.classes(), outputs), null, null);
        }
    }

    @Override
    public Integer call() {
        backend.check();
        json.check();
        json.requireNone(RunFolder.filesBeside(checkpoint));
        json.requireNone(files);
        SavedModel saved = SavedModel.read(checkpoint);
        saved.requireNoText("predict");
        boolean isTable = TableSource.isAt(saved.settings().data());
        requireKind(isTable);
        TableRows rows = isTable ? new TableRows(saved) : null;
        if (isTable) {
            json.requireNone(List.of(rows.file()));
        }
        List<Prediction> predictions = new ArrayList<>();
        try (Session session = backend.open();
                Model model = saved.open(session)) {
            if (isTable) {
                for (Path file : files) {
                    List<Prediction> some = rows.predict(model, file, Screen.besideResult(spec));
                    some.forEach(this::print);
                    predictions.addAll(some);
                }
            } else {
                predictImages(model, saved, predictions);
            }
        }
        json.write(predictions);
        return predictions.stream().allMatch(p -> p.error() == null) ? ExitCodes.OK : ExitCodes.DATA;
    }

    private void predictImages(Model model, SavedModel saved, List<Prediction> into) {
        try (Progress progress = Progress.start(Screen.besideResult(spec), "predicting", "images", files.size())) {
            for (Path file : files) {
                Prediction prediction = predict(model, saved, file);
                into.add(prediction);
                progress.result(() -> print(prediction), into.size());
            }
        }
    }

    /** Refuses images for a net of tables, and tables for one of images. */
    private void requireKind(boolean isTable) {
        for (Path file : files) {
            if (TableSource.isAt(file.toString()) != isTable) {
                throw CommandFailure.usage(checkpoint + " is a model of " + (isTable ? "tables" : "images")
                        + ", and FILE expects " + (isTable ? "CSV files" : "images") + ", got '" + file + "'");
            }
        }
    }

    private static Prediction predict(Model model, SavedModel saved, Path image) {
        int size = saved.settings().imageSize();
        Shape shape = Shape.of(3, size, size);
        float[] pixels;
        try {
            pixels = Images.load(image, shape, ChannelNormalization.CIFAR10);
        } catch (DataException e) {
            return Prediction.failed(image, null, e.getMessage());
        } catch (OutOfMemoryError e) { // of this image; the next may well be smaller
            return Prediction.failed(image, null, image + ": " + Alborz.outOfMemory(e.getMessage()));
        }
        try (Scope scope = model.session().scope("prediction")) {
            Tensor input = model.session().empty(model.session().dtype(), Layout.channelsLast(shape.insert(0, 1)));
            model.session().write(pixels, input);
            float[] probabilities =
                    model.forward(input, Pass.evaluation()).softmax().toFloats();
            return Prediction.of(image, null, saved, probabilities);
        }
    }

    private static List<Guess> top(List<String> classes, float[] probabilities) {
        return IntStream.range(0, probabilities.length)
                .mapToObj(i -> new Guess(classes.get(i), probabilities[i]))
                .sorted(Comparator.comparingDouble(Guess::probability).reversed())
                .limit(TOP)
                .toList();
    }

    private void print(Prediction prediction) {
        if (prediction.error() != null) {
            PrintWriter err = spec.commandLine().getErr();
            err.println("alborz: " + Quoted.printable(prediction.error()));
            err.flush();
            return;
        }
        String place =
                prediction.line() == null ? prediction.file() : prediction.file() + ", line " + prediction.line();
        Screen.of(spec).line(place + ": " + words(prediction));
    }

    private static String words(Prediction prediction) {
        return prediction.value() != null
                ? String.format(Locale.ROOT, "%.6g", prediction.value())
                : prediction.top().stream()
                        .map(guess ->
                                String.format(Locale.ROOT, "%s %.1f %%", guess.label(), 100 * guess.probability()))
                        .collect(Collectors.joining(", "));
    }
}
