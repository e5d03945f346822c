package org.alborz.cli;

import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import me.tongfei.progressbar.ProgressBar;
import org.alborz.train.Callback;
import org.alborz.train.EpochResult;
import org.alborz.train.Trainer;

/** Shows how far an epoch is, by a bar on a terminal and by a line now and then elsewhere, and what it came to. */
final class TrainingProgress implements Callback {
    private static final long FIGURES_NANOS = 250_000_000L;
    private static final long FIRST_LINE_NANOS = 2_000_000_000L;
    private static final long LINE_NANOS = 15_000_000_000L;

    private final Screen screen;
    private final int epochs;
    private final String unit;
    private ProgressBar bar;
    private Pace pace = new Pace(0, 0);
    private Progress validating;
    private long shownAt = System.nanoTime();

    private final long firstLineNanos;

    /** How long no line is printed from {@code shownAt} on. */
    private long quietNanos;

    /**
     * Shows a run.
     *
     * @param unit what samples are called
     */
    TrainingProgress(Screen screen, int epochs, String unit) {
        this(screen, epochs, unit, FIRST_LINE_NANOS);
    }

    TrainingProgress(Screen screen, int epochs, String unit, long firstLineNanos) {
        this.screen = screen;
        this.epochs = epochs;
        this.unit = unit;
        this.firstLineNanos = firstLineNanos;
        this.quietNanos = firstLineNanos;
    }

    @Override
    public boolean rankZeroOnly() {
        return true;
    }

    @Override
    public void onEpochBegin(Trainer trainer) {
        pace = new Pace(trainer.nextBatch(), trainer.loader().batchesPerEpoch());
    }

    @Override
    public void onStepEnd(Trainer trainer) {
        int batch = trainer.nextBatch();
        int batches = trainer.loader().batchesPerEpoch();
        if (screen.isTerminal()) {
            showBar(trainer, batch, batches);
        } else if (System.nanoTime() - shownAt > quietNanos && batch < batches) {
            shownAt = System.nanoTime();
            quietNanos = LINE_NANOS;
            screen.line(
                    "epoch %d/%d  batch %d/%d  %.1f batches/s  %s  %s",
                    trainer.epoch() + 1, epochs, batch, batches, pace.rate(batch), pace.left(batch), figures(trainer));
        }
    }

    private void showBar(Trainer trainer, int batch, int batches) {
        if (bar == null) {
            bar = TerminalBar.start(String.format(Locale.ROOT, "epoch %d/%d", trainer.epoch() + 1, epochs), batches);
        }
        bar.stepTo(batch);
        if (System.nanoTime() - shownAt > FIGURES_NANOS) {
            shownAt = System.nanoTime();
            bar.setExtraMessage(String.format(
                    Locale.ROOT, "  %s  %.1f batches/s  %s", pace.left(batch), pace.rate(batch), figures(trainer)));
        }
        if (trainer.stopReason() != null && batch < batches) {
            closeBar();
        }
    }

    private static String figures(Trainer trainer) {
        return Task.figures(trainer.metrics().loss(), first(trainer.metrics().values()));
    }

    /** Returns the first metric, which says the most, such as the accuracy. */
    private static Map<String, Double> first(Map<String, Double> values) {
        return values.entrySet().stream().limit(1).collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    @Override
    public void onTestBatchEnd(Trainer trainer, int done, int batches) {
        if (validating == null) {
            closeBar();
            validating = Progress.start(screen, "validating", "batches", batches, firstLineNanos);
        }
        validating.to(done);
    }

    @Override
    public void onEpochEnd(Trainer trainer, EpochResult result) {
        closeBar();
        shownAt = System.nanoTime();
        screen.line(
                "epoch %d/%d  %s  validation: %s  %.1f s, %,.0f %s/s",
                result.epoch(),
                epochs,
                Task.figures(result.loss(), first(result.values())),
                Task.figures(result.validation().loss(), result.validation().values()),
                result.seconds(),
                result.samplesPerSecond(),
                unit);
    }

    private void closeBar() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
        if (validating != null) {
            validating.close();
            validating = null;
        }
    }
}
