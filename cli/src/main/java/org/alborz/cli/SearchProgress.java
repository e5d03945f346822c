package org.alborz.cli;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.alborz.train.Callback;
import org.alborz.train.Trainer;
import org.alborz.tune.Trial;

/** Shows how far a search is, by the samples that its trials have trained on; one that ends early counts as a whole one. Takes calls of several threads. */
final class SearchProgress implements AutoCloseable {
    private final Progress progress;
    private final String monitor;
    private final int trials;

    /** The samples of a trial that runs to its end. */
    private final long samplesEach;

    /** The samples of each trial that is running, by its number. */
    private final Map<Integer, Long> running = new HashMap<>();

    private int ended;

    /**
     * Begins.
     *
     * @param ended trials that were there before
     * @param trials how many there will be in all
     */
    SearchProgress(Screen screen, String monitor, String unit, int ended, int trials, long samplesEach) {
        this.monitor = monitor;
        this.trials = trials;
        this.samplesEach = samplesEach;
        this.ended = ended;
        this.progress = Progress.startFrom(screen, "searching", unit, ended * samplesEach, trials * samplesEach);
    }

    /** Returns what tells of a trial's steps. */
    Callback of(int trial) {
        return new Callback() {
            @Override
            public void onStepEnd(Trainer trainer) {
                long size = trainer.loader().dataset().size();
                step(
                        trial,
                        Math.min(
                                samplesEach,
                                trainer.epoch() * size
                                        + Math.min(
                                                size,
                                                (long) trainer.nextBatch()
                                                        * trainer.loader().batchSize())));
            }
        };
    }

    private synchronized void step(int trial, long samples) {
        running.put(trial, samples);
        progress.to(done());
    }

    private long done() {
        return ended * samplesEach
                + running.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Prints what came of a trial. */
    synchronized void ended(Trial trial) {
        running.remove(trial.number());
        ended++;
        progress.line(
                String.format(
                        Locale.ROOT,
                        "%d/%d  trial %d  %s %s  %s  %.1f s%s",
                        trial.number() + 1,
                        trials,
                        trial.number(),
                        monitor,
                        Double.isNaN(trial.value()) ? "-" : String.format(Locale.ROOT, "%.5g", trial.value()),
                        trial.settings(),
                        trial.seconds(),
                        trial.message().isEmpty() ? "" : "  " + trial.message()),
                done());
    }

    @Override
    public synchronized void close() {
        progress.close();
    }
}
