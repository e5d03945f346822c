package org.alborz.train;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;

/**
 * Stops when what it monitors has not become better for {@code patience} epochs: the loss, of the validation where there is one, unless
 * told otherwise. It counts through all of a run, also where that is stopped and resumed, until it has stopped the run itself;
 * {@link #reset} lets it start over.
 *
 * <pre>{@code
 * new EarlyStopping(Monitor.max("val_auc"), 5).minDelta(0.001).restoreBestWeights()
 * }</pre>
 */
public final class EarlyStopping implements Callback {
    private static final String MONITOR = "monitor";
    private static final String PATIENCE = "patience";
    private static final String MIN_DELTA = "min_delta";
    private static final String BEST = "best";
    private static final String WAITED = "waited";
    private static final String BEST_OF = "best_of";
    private static final String THE_LOSS = "the loss";

    /** Null for the loss, of the validation where there is one. */
    private final Monitor monitor;

    private final int patience;
    private final double minDelta;
    private final boolean restoring;
    private double best;
    private int waited;

    /** The name of what the best is of, which may change where no monitor was named; empty before the first epoch. */
    private String bestOf = "";

    /** What to put back; null where nothing is, or nothing was kept yet. */
    private BestWeights weights;

    /** Monitors the loss, of the validation where there is one. */
    public EarlyStopping(int patience) {
        this(null, patience, 0, false);
    }

    /** Monitors what is named. */
    public EarlyStopping(Monitor monitor, int patience) {
        this(Given.value(monitor, "EarlyStopping", "a monitor"), patience, 0, false);
    }

    private EarlyStopping(Monitor monitor, int patience, double minDelta, boolean restoring) {
        if (patience < 1) {
            throw new IllegalArgumentException("EarlyStopping expects a patience of at least 1 epoch, got " + patience);
        }
        if (!(minDelta >= 0) || Double.isInfinite(minDelta)) {
            throw new IllegalArgumentException(
                    "EarlyStopping expects a finite minDelta of at least 0, got " + minDelta);
        }
        this.monitor = monitor;
        this.patience = patience;
        this.minDelta = minDelta;
        this.restoring = restoring;
        this.best = worst();
    }

    /** Returns one for which only what is better by more than this counts as better; 0 unless set. */
    public EarlyStopping minDelta(double value) {
        return new EarlyStopping(monitor, patience, value, restoring);
    }

    /**
     * Returns one that puts the weights of the best epoch back where the training ends, because it stopped it or because all epochs are done:
     * with their moving average and the model's states, such as running means. It keeps them on the device, and checkpoints save them.
     *
     * <p>A training that ends otherwise keeps its last weights, so that it can go on from there; so do files that are saved before the
     * training ends, as {@link org.alborz.checkpoint.ModelCheckpoint} does.
     */
    public EarlyStopping restoreBestWeights() {
        return new EarlyStopping(monitor, patience, minDelta, true);
    }

    private double worst() {
        return monitor == null ? Double.POSITIVE_INFINITY : monitor.worst();
    }

    /** Starts over, as if there had been no epoch yet. */
    public void reset() {
        best = worst();
        waited = 0;
        bestOf = "";
        dropWeights();
    }

    private void dropWeights() {
        if (weights != null) {
            weights.close();
            weights = null;
        }
    }

    private BestWeights weights(Trainer trainer) {
        if (weights == null) {
            weights = new BestWeights(trainer);
        }
        return weights;
    }

    @Override
    public Set<String> monitored() {
        return monitor == null ? Set.of() : Set.of(monitor.name());
    }

    @Override
    public void onTrainBegin(Trainer trainer) {
        if (weights != null && !weights.isOf(trainer)) {
            reset(); // another training
        }
        stopIfDue(trainer);
    }

    @Override
    public void onEpochEnd(Trainer trainer, EpochResult result) {
        Monitor watched = monitor != null ? monitor : Monitor.min(result.validation() == null ? "loss" : "val_loss");
        double value = watched.of(result);
        if (!bestOf.isEmpty() && !bestOf.equals(watched.name())) {
            reset(); // a loss of other data
        }
        bestOf = watched.name();
        if (watched.isBetter(value, best, minDelta)) {
            best = value;
            waited = 0;
            if (restoring) {
                weights(trainer).keep();
            }
        } else {
            waited++;
        }
        stopIfDue(trainer);
    }

    @Override
    public void onTrainEnd(Trainer trainer) {
        boolean over = waited >= patience || trainer.stopReason() == null && trainer.epoch() >= trainer.epochs();
        if (over && weights != null && best != worst()) {
            weights.putBack(); // and keeps them, as the training may go on to more epochs
        }
    }

    private void stopIfDue(Trainer trainer) {
        if (waited >= patience) {
            String what = monitor == null ? THE_LOSS : monitor.name();
            trainer.stop(String.format(Locale.ROOT, "%s has not improved on %.5g for %d epochs", what, best, waited));
        }
    }

    @Override
    public Map<String, Tensor> tensors(Trainer trainer) {
        return restoring ? weights(trainer).tensors() : Map.of();
    }

    @Override
    public Map<String, String> state() {
        Map<String, String> state = new TreeMap<>();
        state.put(PATIENCE, Integer.toString(patience));
        if (minDelta > 0) {
            state.put(MIN_DELTA, Double.toString(minDelta));
        }
        state.put(BEST, Double.toString(best));
        state.put(WAITED, Integer.toString(waited));
        if (!bestOf.isEmpty()) {
            state.put(BEST_OF, bestOf);
        }
        if (monitor != null) {
            state.put(MONITOR, monitor.toString());
        }
        return state;
    }

    @Override
    public void restore(Map<String, String> state) {
        SavedState saved = new SavedState(name(), state);
        saved.requireSame(PATIENCE, Integer.toString(patience), null);
        saved.requireSame(MIN_DELTA, Double.toString(minDelta), "0.0");
        saved.requireSame(MONITOR, monitor == null ? THE_LOSS : monitor.toString(), THE_LOSS);
        double savedBest = saved.number(BEST, worst());
        int savedWaited = saved.count(WAITED);
        best = savedBest;
        waited = savedWaited;
        bestOf = state.getOrDefault(BEST_OF, ""); // files of before had none
    }
}
