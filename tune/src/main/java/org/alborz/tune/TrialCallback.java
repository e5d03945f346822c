package org.alborz.tune;

import java.util.Set;
import org.alborz.text.Given;
import org.alborz.train.Callback;
import org.alborz.train.EpochResult;
import org.alborz.train.Monitor;
import org.alborz.train.Trainer;

/**
 * Reports a loss or metric to a trial after each epoch, and stops the training where the study stops the trial.
 *
 * <pre>{@code
 * TrialCallback report = new TrialCallback(run, Monitor.min("val_loss"));
 * trainer = Trainer.classifier(model, optimizer).callback(report).build();
 * trainer.fit(train, validation, epochs);
 * return report.best();
 * }</pre>
 */
public final class TrialCallback implements Callback {
    private final TrialRun run;
    private final Monitor monitor;
    private double best;

    public TrialCallback(TrialRun run, Monitor monitor) {
        this.run = Given.value(run, "TrialCallback", "a trial");
        this.monitor = Given.value(monitor, "TrialCallback", "a monitor");
        best = Double.NaN;
    }

    /** Returns the best value so far; NaN before the first epoch. */
    public double best() {
        return best;
    }

    @Override
    public Set<String> monitored() {
        return Set.of(monitor.name());
    }

    @Override
    public void onEpochEnd(Trainer trainer, EpochResult result) {
        double value = monitor.of(result);
        if (monitor.isBetter(value, Double.isNaN(best) ? monitor.worst() : best)) {
            best = value;
        }
        run.offer(result.epoch(), value).ifPresent(trainer::stop);
    }
}
