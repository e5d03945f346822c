package org.alborz.examples;

import java.util.List;
import java.util.Random;
import org.alborz.data.ArrayDataset;
import org.alborz.data.DataLoader;
import org.alborz.data.Split;
import org.alborz.nn.Activations;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.alborz.train.EarlyStopping;
import org.alborz.train.EpochResult;
import org.alborz.train.Monitor;
import org.alborz.train.Trainer;

/**
 * Predicts a number: R² and early stopping on a part of the data that is not trained on.
 *
 * <p>Prints a line an epoch and in the end {@code R² 0.98 after 40 epochs}, or about that.
 */
public final class Regression {
    private Regression() {}

    /** Trains for at most a hundred epochs; takes a backend's name, and {@code auto} without. */
    public static void main(String[] args) {
        List<EpochResult> epochs = train(args.length == 0 ? "auto" : args[0], 2_000, 100);
        double r2 = epochs.get(epochs.size() - 1).value("val_r2");
        System.out.printf("R² %.3f after %d epochs%n", r2, epochs.size());
    }

    static List<EpochResult> train(String backend, int samples, int epochs) {
        float[][] x = new float[samples][3];
        float[] y = new float[samples];
        Random random = new Random(1);
        for (int i = 0; i < samples; i++) {
            for (int k = 0; k < 3; k++) {
                x[i][k] = random.nextFloat();
            }
            y[i] = (float) (Math.sin(3 * x[i][0]) + x[i][1] * x[i][2] + 0.05 * random.nextGaussian());
        }
        Split split = Split.fraction(ArrayDataset.of(x, y), 0.8, 1);
        DataLoader train = DataLoader.of(split.first(), 32).shuffle(true).build();
        DataLoader validation = DataLoader.of(split.second(), 256).build();
        Sequential net = new Sequential(new Linear(3, 32), Activations.relu(), new Linear(32, 1));
        try (Session session = Session.open(backend);
                Model model = Model.create(session, net, 1)) {
            return Trainer.regression(model, new Adam(3e-3))
                    .callback(new EarlyStopping(Monitor.min("val_loss"), 5))
                    .verbose(true)
                    .build()
                    .fit(train, validation, epochs);
        }
    }
}
