package org.alborz.gpucheck;

import org.alborz.data.Batch;
import org.alborz.data.BatchIterator;
import org.alborz.data.DataLoader;
import org.alborz.data.Dataset;
import org.alborz.data.GeneratedImages;
import org.alborz.models.Models;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.alborz.train.Trainer;

/** A training of {@code cifar-cnn} with dropout on generated images, the same on every backend but for rounding. */
final class CnnRun implements AutoCloseable {
    private static final int BATCHES = 16;
    private static final long SEED = 7;

    /** Smaller than usual: what rounding differs by grows with it, and losses are to be compared. */
    private static final double LEARNING_RATE = 3e-4;

    private final Model model;
    private final Trainer trainer;
    private final DataLoader loader;
    private BatchIterator batches;
    private int epoch;

    private CnnRun(Model model, Trainer trainer, DataLoader loader) {
        this.model = model;
        this.trainer = trainer;
        this.loader = loader;
        this.batches = loader.epoch(0);
    }

    /** Returns the images that runs of a batch size train on. */
    static Dataset images(int batchSize) {
        return GeneratedImages.train(SEED, BATCHES * batchSize);
    }

    /** Begins a training from the same first weights as every other one. */
    static CnnRun begin(Session session, Dataset images, boolean graphCapture) {
        DataLoader loader = DataLoader.of(images, images.size() / BATCHES)
                .shuffle(true)
                .seed(SEED)
                .build();
        Model model = Model.create(
                session, Models.byName("cifar-cnn", images.classes().size()), SEED);
        Trainer trainer = Trainer.classifier(model, new Adam(LEARNING_RATE), Loss.crossEntropy())
                .seed(SEED)
                .graphCapture(graphCapture)
                .build();
        return new CnnRun(model, trainer, loader);
    }

    /** Trains on the next batch and returns its loss; waits for the device. */
    double step() {
        Batch batch = batches.next();
        if (batch == null) {
            batches.close();
            batches = loader.epoch(++epoch);
            batch = batches.next();
        }
        trainer.step(batch);
        double loss = trainer.metrics().loss();
        trainer.metrics().reset();
        return loss;
    }

    /** Returns every learned number; waits for the device. */
    float[] weights() {
        return model.values().toFloats();
    }

    @Override
    public void close() {
        batches.close();
        model.close();
    }
}
