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
    private static final long LINE_NANOS = 15_000_000_000L;

    private final Screen screen;
    private final int epochs;
    private ProgressBar bar;
    private long shownAt = System.nanoTime();

    TrainingProgress(Screen screen, int epochs) {
        this.screen = screen;
        this.epochs = epochs;
    }

    @Override
    public void onStepEnd(Trainer trainer) {
        int batch = trainer.nextBatch();
        int batches = trainer.loader().batchesPerEpoch();
        if (screen.isTerminal()) {
            showBar(trainer, batch, batches);
        } else if (System.nanoTime() - shownAt > LINE_NANOS && batch < batches) {
            shownAt = System.nanoTime();
            screen.line("epoch %d/%d  batch %d/%d  %s", trainer.epoch() + 1, epochs, batch, batches, figures(trainer));
        }
    }

    private void showBar(Trainer trainer, int batch, int batches) {
        if (bar == null) {
            bar = TerminalBar.start(String.format(Locale.ROOT, "epoch %d/%d", trainer.epoch() + 1, epochs), batches);
        }
        bar.stepTo(batch);
        if (batch == batches) {
            bar.setExtraMessage("  validating");
            bar.refresh();
        } else if (System.nanoTime() - shownAt > FIGURES_NANOS) {
            shownAt = System.nanoTime();
            bar.setExtraMessage("  " + figures(trainer));
        }
        if (trainer.stopReason() != null && batch < batches) {
            closeBar();
        }
    }

    private static String figures(Trainer trainer) {
        return String.format(
                Locale.ROOT,
                "loss %.4f  accuracy %5.1f %%",
                trainer.metrics().loss(),
                100 * trainer.metrics().accuracy());
    }

    @Override
    public void onEpochEnd(Trainer trainer, EpochResult result) {
        closeBar();
        shownAt = System.nanoTime();
        screen.line(
                "epoch %d/%d  loss %.4f  accuracy %5.1f %%  validation: loss %.4f  accuracy %5.1f %%%s  %.1f s, %,.0f images/s",
                result.epoch(),
                epochs,
                result.loss(),
                100 * result.accuracy(),
                result.validation().loss(),
                100 * result.validation().accuracy(),
                more(result.validation().values()),
                result.seconds(),
                result.samplesPerSecond());
    }

    private static String more(Map<String, Double> values) {
        return values.entrySet().stream()
                .filter(value -> !value.getKey().equals(MetricNames.ACCURACY))
                .map(value -> String.format(Locale.ROOT, "  %s %.4f", value.getKey(), value.getValue()))
                .collect(Collectors.joining());
    }

    private void closeBar() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
