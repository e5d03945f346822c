package org.alborz.train;

import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.data.RandomCrop;
import org.alborz.data.RandomHorizontalFlip;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Dropout;
import org.alborz.nn.Flatten;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.MaxPool2d;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.Optimizer;
import org.alborz.optim.Schedule;
import org.alborz.tensor.Session;
import org.alborz.type.Activation;

/** A small run with everything that has state: batch norm, dropout, shuffling, augmentation, an optimizer and a schedule. */
final class TrainingRuns {
    static final int CLASSES = 10;

    private TrainingRuns() {}

    static Layer smallNet() {
        return new Sequential(
                new Conv2d(3, 6, 3).stride(2).padding(1).bias(false),
                new BatchNorm(6),
                new MaxPool2d(2),
                new Conv2d(6, 8, 3).padding(1).activation(Activation.RELU),
                new MaxPool2d(2),
                new Flatten(),
                new Dropout(0.3),
                new Linear(8 * 4 * 4, CLASSES));
    }

    static DataLoader loader(int samples, int batchSize) {
        return DataLoader.of(GeneratedImages.train(3, samples), batchSize)
                .shuffle(true)
                .seed(5)
                .transform(new RandomHorizontalFlip())
                .transform(new RandomCrop(4))
                .build();
    }

    static Trainer trainer(Session session, Optimizer optimizer, Callback... callbacks) {
        Model model = Model.create(session, smallNet(), 11);
        Trainer.Builder builder = Trainer.classifier(model, optimizer, Loss.crossEntropy(0.1))
                .schedule(Schedule.cosine(100, 3))
                .seed(13);
        for (Callback callback : callbacks) {
            builder.callback(callback);
        }
        return builder.build();
    }

    /** Stops a run after the given number of steps. */
    static Callback stopAfter(long steps) {
        return new Callback() {
            @Override
            public void onStepEnd(Trainer trainer) {
                if (trainer.step() == steps) {
                    trainer.stop("the test asked for " + steps + " steps");
                }
            }
        };
    }
}
