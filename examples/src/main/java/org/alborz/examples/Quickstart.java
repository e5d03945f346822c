package org.alborz.examples;

import java.util.List;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.models.Models;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.alborz.train.EpochResult;
import org.alborz.train.Trainer;

/**
 * Trains a CNN on generated images in the README's fifteen lines.
 *
 * <p>Prints one line, such as {@code accuracy on test images: 88.6 %}, after about half a minute on two cores.
 */
public final class Quickstart {
    private Quickstart() {}

    /** Trains for five epochs; the backend's name may be given, such as {@code cuda}. */
    public static void main(String[] args) {
        double accuracy = train(args.length == 0 ? "auto" : args[0], 2_000, 5);
        System.out.printf("accuracy on test images: %.1f %%%n", 100 * accuracy);
    }

    static double train(String backend, int images, int epochs) {
        DataLoader train =
                DataLoader.of(GeneratedImages.train(1, images), 128).shuffle(true).build();
        DataLoader test = DataLoader.of(GeneratedImages.test(1, 500), 250).build();
        try (Session session = Session.open(backend); // "cuda" for the GPU, and nothing else changes
                Model model = Model.create(session, Models.cifarCnn(10), 1)) {
            Trainer trainer = Trainer.of(model, new Adam(0.001), Loss.crossEntropy()).build();
            List<EpochResult> results = trainer.fit(train, test, epochs);
            return results.get(results.size() - 1).validation().accuracy();
        }
    }
}
