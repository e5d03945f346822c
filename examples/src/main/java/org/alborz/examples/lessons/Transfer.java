package org.alborz.examples.lessons;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.alborz.checkpoint.LoadOptions;
import org.alborz.checkpoint.Weights;
import org.alborz.data.DataLoader;
import org.alborz.data.Dataset;
import org.alborz.data.Subset;
import org.alborz.examples.drawing.Bars;
import org.alborz.nn.Model;
import org.alborz.optim.Adam;
import org.alborz.optim.ParameterGroup;
import org.alborz.train.Trainer;

/** Trains a net on six classes, and uses its layers for four others, of which there are few images. */
final class Transfer implements Lesson {
    /** The last layer of the net, which gives the scores. */
    private static final String HEAD = "5.";

    public static void main(String[] args) throws IOException {
        Course.main(new Transfer(), args);
    }

    @Override
    public String name() {
        return "transfer";
    }

    @Override
    public String title() {
        return "Transfer: what a net learned of some classes helps with others";
    }

    @Override
    public void run(Notebook notebook) throws IOException {
        Dataset all = notebook.data().train(notebook.size(300, 8_000, 50_000));
        DataLoader old = notebook.data().shuffled(ofClasses(all, 0, 6, all.size()), 50);
        DataLoader few = notebook.data().shuffled(ofClasses(all, 6, 10, 80), 20);
        Dataset tests = ofClasses(notebook.data().test(notebook.size(100, 2_000, 10_000)), 6, 10, 10_000);
        Path weights = notebook.folder().resolve("six-classes.safetensors");
        try (Model model = Model.create(notebook.session(), ConvNets.of(1, 2, 0, 32, 0), notebook.seed())) {
            Trainer.classifier(model, new Adam(1e-3)).build().fit(old, notebook.size(2, 5, 20));
            Weights.save(weights, model);
        }
        DataLoader test = DataLoader.of(tests, 100).build();
        notebook.say(
                "  %d images of four new classes to learn from, %d to test:",
                few.dataset().size(), tests.size());
        double scratch = train(notebook, "from the beginning", null, Way.ALL, few, test);
        double head = train(notebook, "a new head, the rest frozen", weights, Way.HEAD_ALONE, few, test);
        double fine = train(notebook, "all, the rest ten times slower", weights, Way.FINE_TUNED, few, test);
        if (notebook.data().isCifar10() && !notebook.isQuick()) { // generated images need no help
            notebook.claim("transfer beats a beginning without it", Math.max(head, fine) > scratch);
        }
        notebook.picture(
                "accuracy",
                new Bars(
                                "Accuracy on four new classes",
                                "accuracy",
                                List.of("from the beginning", "new head", "fine-tuned"))
                        .add("test", scratch, head, fine)
                        .draw());
    }

    private enum Way {
        ALL,
        HEAD_ALONE,
        FINE_TUNED
    }

    /** Returns the images of the classes from one up to before another, at most so many. */
    private static Dataset ofClasses(Dataset images, int from, int to, int most) {
        return new Subset(
                images,
                IntStream.range(0, images.size())
                        .filter(i -> images.label(i) >= from && images.label(i) < to)
                        .limit(most)
                        .toArray());
    }

    private static double train(Notebook notebook, String name, Path weights, Way way, DataLoader few, DataLoader test)
            throws IOException {
        try (Model model = Model.create(notebook.session(), ConvNets.of(1, 2, 0, 32, 0), notebook.seed() + 1)) {
            if (weights != null) {
                Weights.load(weights, model, LoadOptions.partial().only(path -> !path.startsWith(HEAD)));
            }
            Adam adam = new Adam(1e-3);
            if (way == Way.HEAD_ALONE) {
                model.freeze(path -> !path.startsWith(HEAD));
            } else if (way == Way.FINE_TUNED) {
                adam = adam.groups(
                        ParameterGroup.named(path -> !path.startsWith(HEAD)).rateFactor(0.1));
            }
            float[] before = model.parameter("0.weight").value().toFloats();
            Trainer trainer = Trainer.classifier(model, adam).build();
            trainer.fit(few, notebook.size(2, 20, 20));
            boolean same =
                    Arrays.equals(before, model.parameter("0.weight").value().toFloats());
            notebook.claim(
                    name + ": the first layer " + (way == Way.HEAD_ALONE ? "stays" : "learns"),
                    same == (way == Way.HEAD_ALONE));
            double accuracy = trainer.evaluate(test).accuracy();
            notebook.say("  %-32s test accuracy %.3f", name, accuracy);
            return accuracy;
        }
    }
}
