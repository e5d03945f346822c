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
    private static final String BASELINE = "baseline";
    private static final String START = "start_from_epoch";
    private static final String NONE = "none";
    private static final String BEST = "best";
    private static final String WAITED = "waited";
    private static final String BEST_OF = "best_of";
    private static final String THE_LOSS = "the loss";

    /** Null for the loss, of the validation where there is one. */
    private final Monitor monitor;

    private final int patience;
    private final double minDelta;
    private final boolean restoring;

    /** NaN where there is none. */
    private final double baseline;

    private final int startFromEpoch;
    private double best;
    private int waited;

    /** The name of what the best is of, which may change where no monitor was named; empty before the first epoch. */
    private String bestOf = "";

    /** What to put back; null where nothing is, or nothing was kept yet. */
    private BestWeights weights;

    /** Monitors the loss, of the validation where there is one. */
    public EarlyStopping(int patience) {
        this(null, patience, 0, false, Double.NaN, 0);
    }

    /** Monitors what is named. */
    public EarlyStopping(Monitor monitor, int patience) {
        this(Given.value(monitor, "EarlyStopping", "a monitor"), patience, 0, false, Double.NaN, 0);
    }

    private EarlyStopping(
            Monitor monitor, int patience, double minDelta, boolean restoring, double baseline, int startFromEpoch) {
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
        this.baseline = baseline;
        this.startFromEpoch = startFromEpoch;
        this.best = worst();
    }

    /** Returns one for which only what is better by more than this counts as better; 0 unless set. */
    public EarlyStopping minDelta(double value) {
        return new EarlyStopping(monitor, patience, value, restoring, baseline, startFromEpoch);
    }

    /** Returns one for which only what is also better than this, by more than {@link #minDelta}, counts as better; none unless set. */
    public EarlyStopping baseline(double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("EarlyStopping expects a finite baseline, got " + value);
        }
        return new EarlyStopping(monitor, patience, minDelta, restoring, value, startFromEpoch);
    }

    /** Returns one that does not look at so many of the first epochs of the run, in which figures may still jump; 0 unless set. */
    public EarlyStopping startFromEpoch(int epochs) {
        if (epochs < 0) {
            throw new IllegalArgumentException(
                    "EarlyStopping expects to leave out at least 0 epochs, got startFromEpoch " + epochs);
        }
        return new EarlyStopping(monitor, patience, minDelta, restoring, baseline, epochs);
    }

    /**
     * Returns one that puts the weights of the best epoch back where the training ends, because it stopped it or because all epochs are done:
     * with their moving average and the model's states, such as running means. It keeps them on the device, and checkpoints save them.
     *
     * <p>A training that ends otherwise keeps its last weights, so that it can go on from there; so do files that are saved before the
     * training ends, as {@link org.alborz.checkpoint.ModelCheckpoint} does.
     */
    public EarlyStopping restoreBestWeights() {
        return new EarlyStopping(monitor, patience, minDelta, true, baseline, startFromEpoch);
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

    private void forgetOthers(Trainer trainer) {
        if (weights != null && !weights.isOf(trainer)) {
            reset(); // another training
        }
    }

    private BestWeights weights(Trainer trainer) {
        forgetOthers(trainer);
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
        forgetOthers(trainer);
        stopIfDue(trainer);
    }

    @Override
    public void onEpochEnd(Trainer trainer, EpochResult result) {
        Monitor watched = monitor != null ? monitor : Monitor.min(result.validation() == null ? "loss" : "val_loss");
        double value = watched.of(result);
        if (result.epoch() <= startFromEpoch) {
            return;
        }
        if (!bestOf.isEmpty() && !bestOf.equals(watched.name())) {
            reset(); // a loss of other data
        }
        bestOf = watched.name();
        if (watched.isBetter(value, best, minDelta)) {
            best = value;
            waited = Double.isNaN(baseline) || watched.isBetter(value, baseline, minDelta) ? 0 : waited + 1;
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

    private boolean beatsBaseline() {
        return (monitor == null ? Monitor.min(THE_LOSS) : monitor).isBetter(best, baseline, minDelta);
    }

    private void stopIfDue(Trainer trainer) {
        if (waited >= patience) {
            String what = monitor == null ? THE_LOSS : monitor.name();
            boolean below = !Double.isNaN(baseline) && !beatsBaseline();
            trainer.stop(String.format(
                    Locale.ROOT,
                    "%s has not improved on %s%.5g for %d epochs",
                    what,
                    below ? "the baseline " : "",
                    below ? baseline : best,
                    waited));
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
        if (!Double.isNaN(baseline)) {
            state.put(BASELINE, Double.toString(baseline));
        }
        if (startFromEpoch > 0) {
            state.put(START, Integer.toString(startFromEpoch));
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
        saved.requireSame(BASELINE, Double.isNaN(baseline) ? NONE : Double.toString(baseline), NONE);
        saved.requireSame(START, Integer.toString(startFromEpoch), "0");
        double savedBest = saved.number(BEST, worst());
        int savedWaited = saved.count(WAITED);
        if (weights != null && weights.isClosed()) {
            dropWeights(); // else what is restored would be taken for that training's
        }
        best = savedBest;
        waited = savedWaited;
        bestOf = state.getOrDefault(BEST_OF, ""); // files of before had none
    }
}
