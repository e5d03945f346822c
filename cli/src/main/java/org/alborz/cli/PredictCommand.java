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

/** Says what a trained net sees in image files. */
@Command(
        name = "predict",
        description = "Says what a trained net sees in image files: the three likeliest classes of each.")
final class PredictCommand implements Callable<Integer> {
    private static final int TOP = 3;

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "CHECKPOINT", description = "Such as runs/NAME/best.safetensors.")
    private Path checkpoint;

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "IMAGE",
            description = "PNG, JPEG, GIF or BMP files; each is resized as those that the net was trained on.")
    private List<Path> images;

    @Mixin
    private BackendOption backend;

    @Mixin
    private JsonOption json;

    /** A class and how likely it is, from 0 to 1. */
    record Guess(String label, double probability) {}

    /** What is seen in a file, the likeliest first; or why it could not be read. */
    record Prediction(String file, List<Guess> top, String error) {}

    @Override
    public Integer call() {
        backend.check();
        json.check();
        json.requireNone(RunFolder.filesBeside(checkpoint));
        json.requireNone(images);
        SavedModel saved = SavedModel.read(checkpoint);
        saved.requireImages("predict", "measure it with ./alborz evaluate --data FILE.csv");
        List<Prediction> predictions = new ArrayList<>();
        try (Session session = backend.open();
                Model model = saved.open(session)) {
            for (Path image : images) {
                Prediction prediction = predict(model, saved, image);
                print(prediction);
                predictions.add(prediction);
            }
        }
        json.write(predictions);
        return predictions.stream().allMatch(p -> p.error() == null) ? ExitCodes.OK : ExitCodes.DATA;
    }

    private static Prediction predict(Model model, SavedModel saved, Path image) {
        int size = saved.settings().imageSize();
        Shape shape = Shape.of(3, size, size);
        float[] pixels;
        try {
            pixels = Images.load(image, shape, ChannelNormalization.CIFAR10);
        } catch (DataException e) {
            return new Prediction(image.toString(), null, e.getMessage());
        } catch (OutOfMemoryError e) { // of this image; the next may well be smaller
            return new Prediction(image.toString(), null, image + ": " + Alborz.outOfMemory(e.getMessage()));
        }
        try (Scope scope = model.session().scope("prediction")) {
            Tensor input = model.session().empty(model.session().dtype(), Layout.channelsLast(shape.insert(0, 1)));
            model.session().write(pixels, input);
            float[] probabilities =
                    model.forward(input, Pass.evaluation()).softmax().toFloats();
            return new Prediction(image.toString(), top(saved.classes(), probabilities), null);
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
        Screen.of(spec)
                .line(prediction.file() + ": "
                        + prediction.top().stream()
                                .map(guess -> String.format(
                                        Locale.ROOT, "%s %.1f %%", guess.label(), 100 * guess.probability()))
                                .collect(Collectors.joining(", ")));
    }
}
