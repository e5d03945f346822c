package org.alborz.cuda;

import java.util.ArrayList;
import java.util.List;
import org.alborz.backend.Backend;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.nn.Layer;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.optim.Optimizer;
import org.alborz.tensor.Session;
import org.alborz.train.Callback;
import org.alborz.train.Trainer;
import org.alborz.type.DType;

/**
 * A short training run on generated images.
 *
 * @param losses the mean loss of all steps so far, after each step
 * @param weights all parameters at the end
 */
record TrainingRun(List<Double> losses, double[] weights) {
    private static final int SEED = 7;

    /** Trains and closes the backend. */
    static TrainingRun of(
            Backend backend, DType dtype, Layer net, Optimizer optimizer, int batch, int steps, boolean graphCapture) {
        return of(backend, dtype, net, optimizer, batch, steps, graphCapture, new Callback() {});
    }

    /** Trains with one more callback, and closes the backend. */
    static TrainingRun of(
            Backend backend,
            DType dtype,
            Layer net,
            Optimizer optimizer,
            int batch,
            int steps,
            boolean graphCapture,
            Callback callback) {
        List<Double> losses = new ArrayList<>();
        try (Session session = Session.of(backend, dtype);
                Model model = Model.create(session, net, SEED)) {
            // The last batch is smaller, so that two sizes are met.
            GeneratedImages images = GeneratedImages.train(SEED, batch * 10 + batch / 2);
            DataLoader loader = DataLoader.of(images, batch).seed(SEED).build();
            Trainer trainer = Trainer.classifier(model, optimizer, Loss.crossEntropy())
                    .seed(SEED)
                    .graphCapture(graphCapture)
                    .callback(callback)
                    .callback(new Callback() {
                        @Override
                        public void onStepEnd(Trainer running) {
                            losses.add(running.metrics().loss());
                            if (running.step() == steps) {
                                running.stop("that will do");
                            }
                        }
                    })
                    .build();
            trainer.fit(loader, Integer.MAX_VALUE);
            return new TrainingRun(losses, model.values().toDoubles());
        }
    }
}
