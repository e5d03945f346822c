package org.alborz.examples;

import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Flatten;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.MaxPool2d;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.alborz.train.Trainer;
import org.alborz.type.Activation;

/**
 * Trains a small CNN on generated images: the README's fifteen lines.
 *
 * <p>Prints one line, {@code accuracy 97.8 %} or a little more or less, after some seconds on two cores.
 */
public final class Quickstart {
    private Quickstart() {}

    /** Trains for three epochs; takes a backend's name, such as {@code cuda}, and {@code auto} without. */
    public static void main(String[] args) {
        System.out.printf("accuracy %.1f %%%n", 100 * train(args.length == 0 ? "auto" : args[0], 4_000, 3));
    }

    /** Returns the accuracy on a thousand images that it was not trained on. */
    static double train(String backend, int images, int epochs) {
        try (Session session = Session.open(backend)) { // "cuda" for the GPU; nothing else changes
            Layer net = new Sequential(
                    new Conv2d(3, 16, 3).padding(1).activation(Activation.RELU),
                    new MaxPool2d(2),
                    new Conv2d(16, 32, 3).padding(1).activation(Activation.RELU),
                    new MaxPool2d(2),
                    new Flatten(),
                    new Linear(32 * 8 * 8, 10));
            DataLoader train = DataLoader.of(GeneratedImages.train(1, images), 64)
                    .shuffle(true)
                    .build();
            DataLoader test = DataLoader.of(GeneratedImages.test(1, 1_000), 64).build();
            try (Model model = Model.create(session, net, 1)) {
                Trainer trainer = Trainer.classifier(model, new Adam(1e-3), Loss.crossEntropy())
                        .build();
                trainer.fit(train, epochs);
                return trainer.evaluate(test).accuracy();
            }
        }
    }
}
