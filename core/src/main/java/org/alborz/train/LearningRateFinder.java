package org.alborz.train;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.alborz.data.Batch;
import org.alborz.data.BatchIterator;
import org.alborz.data.DataLoader;
import org.alborz.nn.Model;
import org.alborz.nn.TrainingStep;
import org.alborz.optim.Optimizer;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;

/**
 * Finds a learning rate by a short training in which it grows from step to step, each by the same factor (Smith 2017): where the loss falls
 * fastest is a good rate to train with, and where it rises again the rate is too large. Afterwards the model and the optimizer have their former
 * state, bit for bit.
 *
 * <pre>{@code
 * LearningRateCurve curve = LearningRateFinder.of(trainer).run(loader);
 * System.out.println(curve.suggestion());
 * curve.writeSvg(Path.of("lr.svg"));
 * }</pre>
 *
 * @param trainer whose model, optimizer, objective, seed and clipping it uses; its schedule, accumulation and callbacks it does not
 * @param start the learning rate of the first step, above 0
 * @param end that of the last, above the first
 * @param steps how many there are, at least 2; each takes one batch
 * @param smoothing the share that the moving average of the loss keeps at a step, from 0 to below 1
 * @param stopFactor it stops where the smoothed loss is more than this times the least, above 1; where the least is not above 0, when the
 *     loss has risen from it by more than this less 1 times the distance from it to 0 or to the first loss, whichever is larger
 */
public record LearningRateFinder(
        Trainer trainer, double start, double end, int steps, double smoothing, double stopFactor) {
    public LearningRateFinder {
        Given.value(trainer, "LearningRateFinder", "a trainer");
        if (!(start > 0 && end > start) || Double.isInfinite(end)) {
            throw new IllegalArgumentException("LearningRateFinder expects a start above 0 and a finite end above it,"
                    + " got " + start + " and " + end);
        }
        if (steps < 2) {
            throw new IllegalArgumentException("LearningRateFinder expects at least 2 steps, got " + steps);
        }
        if (!(smoothing >= 0 && smoothing < 1)) {
            throw new IllegalArgumentException("LearningRateFinder expects smoothing in [0, 1), got " + smoothing);
        }
        if (!(stopFactor > 1)) {
            throw new IllegalArgumentException("LearningRateFinder expects a stop factor above 1, got " + stopFactor);
        }
    }

    /** Returns a finder with the defaults: 100 steps from 1e-7 to 10, smoothing 0.9 and stop factor 4. */
    public static LearningRateFinder of(Trainer trainer) {
        return new LearningRateFinder(trainer, 1e-7, 10, 100, 0.9, 4);
    }

    /** Returns this one with another first and last learning rate. */
    public LearningRateFinder range(double first, double last) {
        return new LearningRateFinder(trainer, first, last, steps, smoothing, stopFactor);
    }

    /** Returns this one with another number of steps. */
    public LearningRateFinder steps(int count) {
        return new LearningRateFinder(trainer, start, end, count, smoothing, stopFactor);
    }

    /** Returns this one with another share that the moving average of the loss keeps at a step. */
    public LearningRateFinder smoothing(double share) {
        return new LearningRateFinder(trainer, start, end, steps, share, stopFactor);
    }

    /** Returns this one with another multiple of the least smoothed loss to stop at; infinity for all steps, as long as the loss is finite. */
    public LearningRateFinder stopFactor(double factor) {
        return new LearningRateFinder(trainer, start, end, steps, smoothing, factor);
    }

    /**
     * Trains and returns the losses. Each step waits for the device.
     *
     * @param loader the training data, from its first epoch on, as often as the steps need
     * @throws IllegalArgumentException before the first step, when the model cannot be trained on these data
     * @throws IllegalStateException when called by a callback of the trainer within fit
     */
    public LearningRateCurve run(DataLoader loader) {
        return run(loader, stepsDone -> {});
    }

    /** Trains likewise, and tells after each step how many are done. */
    public LearningRateCurve run(DataLoader loader, IntConsumer progress) {
        Given.value(progress, "LearningRateFinder", "what to tell of its progress");
        trainer.requireTrainable(Given.value(loader, "LearningRateFinder", "a data loader"));
        Run run = new Run(progress);
        try (TrainingSnapshot snapshot = new TrainingSnapshot(trainer.model(), trainer.optimizer())) {
            try {
                for (int epoch = 0; !run.isOver(); epoch++) {
                    run.epoch(loader, epoch);
                }
            } finally {
                snapshot.putBack();
            }
        }
        return new LearningRateCurve(run.points);
    }

    /** One run. */
    private final class Run {
        private final Model model = trainer.model();
        private final Optimizer optimizer = trainer.optimizer();
        private final TrainerSettings settings = trainer.described();
        private final List<LearningRateCurve.Point> points = new ArrayList<>();
        private double average;
        private double least = Double.POSITIVE_INFINITY;
        private final IntConsumer progress;
        private boolean stopped;

        Run(IntConsumer progress) {
            this.progress = progress;
        }

        boolean isOver() {
            return stopped || points.size() == steps;
        }

        void epoch(DataLoader loader, int number) {
            try (BatchIterator batches = loader.epoch(number)) {
                Batch batch = batches.next();
                while (batch != null && !isOver()) {
                    step(batch);
                    batch = isOver() ? null : batches.next();
                }
            }
        }

        private void step(Batch batch) {
            int done = points.size();
            double rate = start * Math.pow(end / start, done / (steps - 1.0));
            double loss = train(batch, trainer.step() + done + 1, rate);
            average = smoothing * average + (1 - smoothing) * loss;
            double smoothed = average / (1 - Math.pow(smoothing, done + 1.0));
            stopped = !Double.isFinite(smoothed) || smoothed > bound();
            if (Double.isFinite(smoothed)) {
                points.add(new LearningRateCurve.Point(rate, loss, smoothed));
                least = Math.min(least, smoothed);
            }
            progress.accept(done + 1);
        }

        /** Returns the smoothed loss above which it stops. */
        private double bound() {
            if (least > 0) {
                return stopFactor * least;
            }
            double distance = Math.max(-least, points.get(0).smoothedLoss() - least);
            return least + (stopFactor - 1) * distance;
        }

        private double train(Batch batch, long number, double rate) {
            model.updateComputed();
            try (TrainingStep step = model.step(settings.seed(), number)) {
                Tensor loss = Losses.of(settings.objective(), Batches.upload(model.session(), batch), step.pass());
                step.backward(loss);
                double value = loss.item();
                if (!step.isSkipped()) {
                    settings.clipping().apply(step);
                }
                optimizer.step(step, rate);
                return value;
            }
        }
    }
}
