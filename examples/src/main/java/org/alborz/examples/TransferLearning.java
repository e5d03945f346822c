package org.alborz.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.alborz.checkpoint.LoadOptions;
import org.alborz.checkpoint.Weights;
import org.alborz.data.DataLoader;
import org.alborz.data.Dataset;
import org.alborz.data.GeneratedImages;
import org.alborz.nn.Activations;
import org.alborz.nn.Flatten;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.alborz.train.Trainer;

/**
 * Gives a trained net a new head and trains only that: the layers before are loaded and frozen.
 *
 * <p>Prints the accuracy after four epochs on 500 images: {@code accuracy 90.0 %}, or about that.
 */
public final class TransferLearning {
    /** Trains a net, then a new head; takes a backend's name, and {@code auto} without. */
    public static void main(String[] args) throws IOException {
        System.out.printf("accuracy %.1f %%%n", 100 * train(args.length == 0 ? "auto" : args[0], 4_000));
    }

    static double train(String backend, int images) throws IOException {
        Path weights = Files.createTempFile("trained", ".safetensors");
        try (Session session = Session.open(backend)) {
            try (Model model = Model.create(session, net(), 1)) {
                Trainer.classifier(model, new Adam(1e-3)).build().fit(loader(GeneratedImages.train(1, images)), 3);
                Weights.save(weights, model);
            }
            Sequential net = net();
            net.replace(net.size() - 1, new Linear(64, 10)); // a new head
            try (Model model = Model.create(session, net, 2)) {
                Weights.load(weights, model, LoadOptions.partial().only(path -> path.startsWith("1.")));
                model.freeze(path -> path.startsWith("1."));
                Trainer trainer = Trainer.classifier(model, new Adam(1e-2)).build();
                trainer.fit(loader(GeneratedImages.train(2, 500)), 4);
                return trainer.evaluate(loader(GeneratedImages.test(1, 500))).accuracy();
            }
        } finally {
            Files.delete(weights);
        }
    }

    private static DataLoader loader(Dataset images) {
        return DataLoader.of(images, 32).shuffle(true).build();
    }

    private static Sequential net() {
        return new Sequential(new Flatten(), new Linear(3 * 32 * 32, 64), Activations.relu(), new Linear(64, 10));
    }
}
