package org.alborz.examples.lessons;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.alborz.data.DataLoader;
import org.alborz.data.Dataset;
import org.alborz.data.RandomCrop;
import org.alborz.data.RandomHorizontalFlip;
import org.alborz.data.RandomRotation;
import org.alborz.data.Subset;
import org.alborz.examples.drawing.Bars;
import org.alborz.examples.drawing.ImageGrid;
import org.alborz.models.Models;
import org.alborz.nn.Model;
import org.alborz.optim.Adam;
import org.alborz.tensor.Tensor;
import org.alborz.train.EpochResult;
import org.alborz.train.Evaluation;
import org.alborz.train.Trainer;

/** Trains the CNN of the Keras example on images that are changed at random, and looks at each class. */
final class CifarCnn implements Lesson {
    public static void main(String[] args) throws IOException {
        Course.main(new CifarCnn(), args);
    }

    @Override
    public String name() {
        return "cifar-cnn";
    }

    @Override
    public String title() {
        return "A CNN for CIFAR-10 with flips, crops and rotations; accuracy of each class";
    }

    @Override
    public void run(Notebook notebook) throws IOException {
        Dataset images = notebook.data().train(notebook.size(320, 8_000, 50_000));
        augmented(notebook, images);
        DataLoader train = augmenting(notebook, images, 64);
        try (Model model = Model.create(notebook.session(), Models.cifarCnn(10), notebook.seed())) {
            Trainer trainer = Trainer.classifier(model, new Adam(1e-3)).build();
            List<EpochResult> epochs = trainer.fit(train, 2);
            notebook.claim(
                    "the loss falls", epochs.get(1).loss() < epochs.get(0).loss());
            ImageGrid filters =
                    new ImageGrid(16, 12); // of the first convolution: w[k] is [3, 3, 3], an image in colour
            Tensor w = model.parameter("0.weight").value();
            for (int k = 0; k < w.shape().size(0); k++) {
                filters.add("", w.select(0, k).toFloats(), 3, 3);
            }
            notebook.picture("filters", filters.draw());
            Dataset test = notebook.data().test(notebook.size(100, 1_000, 10_000));
            byClass(notebook, images.classes(), evaluate(trainer, images), evaluate(trainer, test));
        }
    }

    /** In each epoch an image is mirrored or not, rotated by up to 10 degrees and moved by up to 4 pixels; tests take it as it is. */
    private static DataLoader augmenting(Notebook notebook, Dataset images, int batchSize) {
        return DataLoader.of(images, batchSize)
                .shuffle(true)
                .seed(notebook.seed())
                .transform(new RandomHorizontalFlip())
                .transform(new RandomRotation(10))
                .transform(new RandomCrop(4))
                .build();
    }

    private static void augmented(Notebook notebook, Dataset images) throws IOException {
        Dataset same = new Subset(images, 7, 7, 7, 7, 7, 7, 7, 7);
        Tensor eight = LessonData.tensors(notebook.session(), augmenting(notebook, same, 8))
                .get(0);
        notebook.picture(
                "one-image-eight-times",
                LessonData.add(new ImageGrid(8, 3), eight).draw());
        notebook.claim(
                "the same image is never twice the same",
                eight.select(0, 0).sub(eight.select(0, 1)).abs().max().item() > 0.1);
    }

    private static Evaluation evaluate(Trainer trainer, Dataset images) {
        return trainer.evaluate(DataLoader.of(images, 100).build());
    }

    private static void byClass(Notebook notebook, List<String> classes, Evaluation train, Evaluation test)
            throws IOException {
        double[] ofTrain = new double[classes.size()];
        double[] ofTest = new double[classes.size()];
        notebook.say("  %-20s %8s %8s", "class", "training", "test");
        for (int i = 0; i < classes.size(); i++) {
            ofTrain[i] = 100 * train.confusion().accuracy(i);
            ofTest[i] = 100 * test.confusion().accuracy(i);
            notebook.say("  %-20s %7.1f%% %7.1f%%", classes.get(i), ofTrain[i], ofTest[i]);
        }
        notebook.aboutInFull("accuracy on training images, percent", 100 * train.accuracy(), 58, 8);
        notebook.aboutInFull("accuracy on test images, percent", 100 * test.accuracy(), 56, 8);
        double mean = Arrays.stream(ofTest).average().orElseThrow();
        notebook.claim(
                "the mean over the classes is the accuracy, but for their sizes",
                Math.abs(mean - 100 * test.accuracy()) < 2);
        if (notebook.data().isCifar10() && !notebook.isQuick()) { // the notes' best two classes, and their worst two
            double best = ofTest[classes.indexOf("automobile")] + ofTest[classes.indexOf("airplane")];
            double worst = ofTest[classes.indexOf("cat")] + ofTest[classes.indexOf("bird")];
            notebook.claim("automobiles and airplanes are easier than cats and birds", best > worst);
        }
        notebook.picture(
                "accuracy-by-class",
                new Bars("Accuracy by class", "percent", classes)
                        .add("training", ofTrain)
                        .add("test", ofTest)
                        .draw());
        notebook.say(
                "%n  Rows are true classes, columns predicted ones, in the order of the table above:%n%s",
                test.confusion());
    }
}
