package org.alborz.train;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.alborz.text.Given;
import org.alborz.text.Quoted;

/**
 * Stops when what it monitors has not become better for {@code patience} epochs: the loss, of the validation where there is one, unless
 * told otherwise. It counts through all of a run, also where that is stopped and resumed, until it has stopped the run itself;
 * {@link #reset} lets it start over.
 *
 * <pre>{@code
 * new EarlyStopping(Monitor.max("val_auc"), 5)
 * }</pre>
 */
public final class EarlyStopping implements Callback {
    private static final String MONITOR = "monitor";
    private static final String PATIENCE = "patience";
    private static final String BEST = "best";
    private static final String WAITED = "waited";
    private static final String BEST_OF = "best_of";

    /** Null for the loss, of the validation where there is one. */
    private final Monitor monitor;

    private final int patience;
    private double best;
    private int waited;

    /** The name of what the best is of, which may change where no monitor was named; empty before the first epoch. */
    private String bestOf = "";

    /** Monitors the loss, of the validation where there is one. */
    public EarlyStopping(int patience) {
        this(patience, null);
    }

    /** Monitors what is named. */
    public EarlyStopping(Monitor monitor, int patience) {
        this(patience, Given.value(monitor, "EarlyStopping", "a monitor"));
    }

    private EarlyStopping(int patience, Monitor monitor) {
        if (patience < 1) {
            throw new IllegalArgumentException("EarlyStopping expects a patience of at least 1 epoch, got " + patience);
        }
        this.monitor = monitor;
        this.patience = patience;
        this.best = worst();
    }

    private double worst() {
        return monitor == null ? Double.POSITIVE_INFINITY : monitor.worst();
    }

    /** Starts over, as if there had been no epoch yet. */
    public void reset() {
        best = worst();
        waited = 0;
        bestOf = "";
    }

    @Override
    public Set<String> monitored() {
        return monitor == null ? Set.of() : Set.of(monitor.name());
    }

    @Override
    public void onTrainBegin(Trainer trainer) {
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
        if (watched.isBetter(value, best)) {
            best = value;
            waited = 0;
        } else {
            waited++;
        }
        stopIfDue(trainer);
    }

    private void stopIfDue(Trainer trainer) {
        if (waited >= patience) {
            String what = monitor == null ? "the loss" : monitor.name();
            trainer.stop(String.format(Locale.ROOT, "%s has not improved on %.5g for %d epochs", what, best, waited));
        }
    }

    @Override
    public Map<String, String> state() {
        Map<String, String> state = new TreeMap<>();
        state.put(PATIENCE, Integer.toString(patience));
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
        requireSame(PATIENCE, Integer.toString(patience), state);
        requireSame(MONITOR, monitor == null ? null : monitor.toString(), state);
        double savedBest;
        int savedWaited;
        try {
            savedBest = Double.parseDouble(String.valueOf(state.get(BEST)));
            savedWaited = Integer.parseInt(String.valueOf(state.get(WAITED)));
        } catch (NumberFormatException e) {
            throw wrong(state, e);
        }
        if (Double.isNaN(savedBest) || Double.isInfinite(savedBest) && savedBest != worst() || savedWaited < 0) {
            throw wrong(state, null);
        }
        best = savedBest;
        waited = savedWaited;
        bestOf = state.getOrDefault(BEST_OF, ""); // files of before had none
    }

    private static void requireSame(String name, String own, Map<String, String> state) {
        String saved = state.get(name);
        if (own == null ? saved != null : !own.equals(saved)) {
            throw new IllegalArgumentException("EarlyStopping was saved with another " + name + " than "
                    + (own == null ? "the loss" : own) + ": " + (saved == null ? "the loss" : Quoted.text(saved)));
        }
    }

    private static IllegalArgumentException wrong(Map<String, String> state, Exception cause) {
        return new IllegalArgumentException(
                "EarlyStopping cannot go on from best " + Quoted.text(state.get(BEST)) + ", waited "
                        + Quoted.text(state.get(WAITED)) + ", which are no such numbers",
                cause);
    }
}
