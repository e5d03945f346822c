package org.alborz.train;

import java.util.Map;
import org.alborz.text.Quoted;

/**
 * Stops when the loss, of the validation where there is one, has not become smaller for {@code patience} epochs. It counts through all
 * of a run, also where that is stopped and resumed, until it has stopped the run itself; {@link #reset} lets it start over.
 */
public final class EarlyStopping implements Callback {
    private static final String PATIENCE = "patience";
    private static final String BEST = "best";
    private static final String WAITED = "waited";

    private final int patience;
    private double best = Double.POSITIVE_INFINITY;
    private int waited;

    public EarlyStopping(int patience) {
        if (patience < 1) {
            throw new IllegalArgumentException("EarlyStopping expects a patience of at least 1 epoch, got " + patience);
        }
        this.patience = patience;
    }

    /** Starts over, as if there had been no epoch yet. */
    public void reset() {
        best = Double.POSITIVE_INFINITY;
        waited = 0;
    }

    @Override
    public void onTrainBegin(Trainer trainer) {
        stopIfDue(trainer);
    }

    @Override
    public void onEpochEnd(Trainer trainer, EpochResult result) {
        double loss = result.validation() == null
                ? result.loss()
                : result.validation().loss();
        if (loss < best) {
            best = loss;
            waited = 0;
        } else {
            waited++;
        }
        stopIfDue(trainer);
    }

    private void stopIfDue(Trainer trainer) {
        if (waited >= patience) {
            trainer.stop("the loss has not improved on " + best + " for " + waited + " epochs");
        }
    }

    @Override
    public Map<String, String> state() {
        return Map.of(
                PATIENCE, Integer.toString(patience), BEST, Double.toString(best), WAITED, Integer.toString(waited));
    }

    @Override
    public void restore(Map<String, String> state) {
        if (!Integer.toString(patience).equals(state.get(PATIENCE))) {
            throw new IllegalArgumentException("EarlyStopping was saved with another patience than " + patience + ": "
                    + Quoted.text(state.get(PATIENCE)));
        }
        double savedBest;
        int savedWaited;
        try {
            savedBest = Double.parseDouble(String.valueOf(state.get(BEST)));
            savedWaited = Integer.parseInt(String.valueOf(state.get(WAITED)));
        } catch (NumberFormatException e) {
            throw wrong(state, e);
        }
        if (!(savedBest > Double.NEGATIVE_INFINITY) || savedWaited < 0) {
            throw wrong(state, null);
        }
        best = savedBest;
        waited = savedWaited;
    }

    private static IllegalArgumentException wrong(Map<String, String> state, Exception cause) {
        return new IllegalArgumentException(
                "EarlyStopping cannot go on from best " + Quoted.text(state.get(BEST)) + ", waited "
                        + Quoted.text(state.get(WAITED)) + ", which are no such numbers",
                cause);
    }
}
