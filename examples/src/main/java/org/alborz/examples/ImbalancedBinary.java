package org.alborz.examples;

import java.util.Random;
import org.alborz.data.ArrayDataset;
import org.alborz.data.DataLoader;
import org.alborz.data.Split;
import org.alborz.metrics.Recall;
import org.alborz.nn.Activations;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.alborz.train.Evaluation;
import org.alborz.train.Trainer;

/**
 * Finds the few positives among many negatives: a weight for positives in the loss, and the area under the ROC curve as measure, since
 * 95 % of the samples are told right by always saying no.
 *
 * <p>Prints {@code AUC 0.95}, or about that, and the recall.
 */
public final class ImbalancedBinary {
    private ImbalancedBinary() {}

    /** Trains for ten epochs; takes a backend's name, and {@code auto} without. */
    public static void main(String[] args) {
        Evaluation evaluation = train(args.length == 0 ? "auto" : args[0], 8_000, 10);
        System.out.printf("AUC %.3f, recall %.3f%n", evaluation.value("auc"), evaluation.value("recall"));
    }

    static Evaluation train(String backend, int samples, int epochs) {
        float[][] x = new float[samples][4];
        float[] y = new float[samples]; // 1 for one sample in twenty
        Random random = new Random(1);
        for (int i = 0; i < samples; i++) {
            y[i] = i % 20 == 0 ? 1 : 0;
            for (int k = 0; k < 4; k++) {
                x[i][k] = (float) (random.nextGaussian() + y[i] * (k % 2 == 0 ? 1.2 : -1.2));
            }
        }
        Split split = Split.fraction(ArrayDataset.of(x, y), 0.75, 1);
        DataLoader train = DataLoader.of(split.first(), 64).shuffle(true).build();
        DataLoader test = DataLoader.of(split.second(), 256).build();
        Sequential net = new Sequential(new Linear(4, 16), Activations.relu(), new Linear(16, 1));
        try (Session session = Session.open(backend);
                Model model = Model.create(session, net, 1)) {
            Trainer trainer = Trainer.binaryClassifier(
                            model, new Adam(3e-3), Loss.binaryCrossEntropy().positiveWeight(19))
                    .evaluationMetrics(new Recall())
                    .build();
            trainer.fit(train, epochs);
            return trainer.evaluate(test);
        }
    }
}
