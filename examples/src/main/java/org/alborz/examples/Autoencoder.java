package org.alborz.examples;

import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.nn.Activations;
import org.alborz.nn.Flatten;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.train.Objective;
import org.alborz.train.Trainer;

/**
 * Learns to squeeze images through 32 numbers: the target of an autoencoder is its input, which an objective says in two lines.
 *
 * <p>Prints the mean squared error on images that it was not trained on, before and after: {@code error 0.3 -> 0.02} or about that.
 */
public final class Autoencoder {
    private Autoencoder() {}

    /** Trains for five epochs; takes a backend's name, and {@code auto} without. */
    public static void main(String[] args) {
        double[] errors = train(args.length == 0 ? "auto" : args[0], 2_000, 5);
        System.out.printf("error %.3f -> %.3f%n", errors[0], errors[1]);
    }

    static double[] train(String backend, int images, int epochs) {
        Sequential net = new Sequential(
                new Flatten(),
                new Linear(3 * 32 * 32, 128),
                Activations.relu(),
                new Linear(128, 32),
                new Linear(32, 128),
                Activations.relu(),
                new Linear(128, 3 * 32 * 32));
        DataLoader train = DataLoader.of(GeneratedImages.train(1, images), 64)
                .shuffle(true)
                .build();
        DataLoader test = DataLoader.of(GeneratedImages.test(1, 200), 64).build();
        try (Session session = Session.open(backend);
                Model model = Model.create(session, net, 1)) {
            Objective reconstruction = (batch, pass) -> {
                Tensor image = batch.get("image");
                return Loss.mse().of(model.forward(image, pass), image.reshape(batch.size(), -1));
            };
            Trainer trainer = Trainer.of(model, new Adam(1e-3), reconstruction).build();
            double before = trainer.evaluate(test).loss();
            trainer.fit(train, epochs);
            return new double[] {before, trainer.evaluate(test).loss()};
        }
    }
}
