package org.alborz.examples;

import java.nio.file.Path;
import org.alborz.data.DataLoader;
import org.alborz.data.ImageFolder;
import org.alborz.data.RandomHorizontalFlip;
import org.alborz.data.Split;
import org.alborz.nn.Activations;
import org.alborz.nn.Conv2d;
import org.alborz.nn.GlobalAvgPool2d;
import org.alborz.nn.Linear;
import org.alborz.nn.MaxPool2d;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.alborz.train.Trainer;

/**
 * Trains on image files, in one folder for each class: {@code flowers/rose/1.jpg}. They are decoded by all of the loader's workers, and
 * stay bytes until they are on the device.
 *
 * <p>Prints a line an epoch and the accuracy on a fifth of the images, which was not trained on.
 */
public final class ImageFolderTraining {
    private ImageFolderTraining() {}

    /** Takes the folder that holds a folder of images for each class and, unless it is {@code auto}, a backend's name. */
    public static void main(String[] args) {
        double accuracy = train(args.length == 1 ? "auto" : args[1], Path.of(args[0]), 10);
        System.out.printf("accuracy %.1f %%%n", 100 * accuracy);
    }

    static double train(String backend, Path folder, int epochs) {
        ImageFolder images = ImageFolder.of(folder, 32, 32);
        Split split = Split.fraction(images, 0.8, 1);
        DataLoader train = DataLoader.of(split.first(), 16)
                .shuffle(true)
                .transform(new RandomHorizontalFlip())
                .build();
        DataLoader test = DataLoader.of(split.second(), 16).build();
        Sequential net = new Sequential(
                new Conv2d(3, 16, 3).padding(1),
                Activations.relu(),
                new MaxPool2d(2),
                new Conv2d(16, 32, 3).padding(1),
                Activations.relu(),
                new GlobalAvgPool2d(),
                new Linear(32, images.classes().size()));
        try (Session session = Session.open(backend);
                Model model = Model.create(session, net, 1)) {
            Trainer trainer =
                    Trainer.classifier(model, new Adam(3e-3)).verbose(true).build();
            trainer.fit(train, test, epochs);
            return trainer.evaluate(test).accuracy();
        }
    }
}
