package org.alborz.train;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.alborz.text.Given;

/**
 * Multiplies the learning rate by a factor where what it monitors has not become better for more than {@code patience} epochs
 * ({@code torch.optim.lr_scheduler.ReduceLROnPlateau} with {@code threshold_mode='abs'}). It does so on top of the trainer's schedule, through all of a
 * run, also where that is stopped and resumed. Keras's {@code factor}, {@code patience}, {@code min_delta}, {@code cooldown} and {@code min_lr} are methods
 * here.
 *
 * <pre>{@code
 * new ReduceLROnPlateau(Monitor.min("val_loss"), 10).factor(0.5).minDelta(1e-4)
 * }</pre>
 */
public final class ReduceLROnPlateau implements Callback {
    private static final String SETTINGS = "settings";
    private static final String BEST = "best";
    private static final String WAITED = "waited";
    private static final String COOLING = "cooling";
    private static final String REDUCED = "reduced";

    private final Monitor monitor;
    private final int patience;
    private final double factor;
    private final double minDelta;
    private final int cooldown;
    private final double least;
    private final double minLr;
    private double best;
    private int waited;
    private int cooling;

    /** What the learning rate is multiplied by now. */
    private double reduced = 1;

    /** Monitors what is named; with a factor of 0.1, a least change and a cooldown of 0, and no lower bound, unless told otherwise. */
    public ReduceLROnPlateau(Monitor monitor, int patience) {
        this(Given.value(monitor, "ReduceLROnPlateau", "a monitor"), patience, 0.1, 0, 0, 0, 0);
    }

    private ReduceLROnPlateau(
            Monitor monitor, int patience, double factor, double minDelta, int cooldown, double least, double minLr) {
        require(patience >= 0, "a patience of at least 0 epochs", patience);
        require(factor > 0 && factor < 1, "a factor above 0 and below 1", factor);
        require(minDelta >= 0 && Double.isFinite(minDelta), "a finite minDelta of at least 0", minDelta);
        require(cooldown >= 0, "a cooldown of at least 0 epochs", cooldown);
        require(least >= 0 && least <= 1, "a least factor from 0 to 1", least);
        require(minLr >= 0 && Double.isFinite(minLr), "a finite minLr of at least 0", minLr);
        this.monitor = monitor;
        this.patience = patience;
        this.factor = factor;
        this.minDelta = minDelta;
        this.cooldown = cooldown;
        this.least = least;
        this.minLr = minLr;
        this.best = monitor.worst();
    }

    private static void require(boolean holds, String expected, Number got) {
        if (!holds) {
            throw new IllegalArgumentException("ReduceLROnPlateau expects " + expected + ", got " + got);
        }
    }

    /** Returns one that multiplies by another factor, above 0 and below 1. */
    public ReduceLROnPlateau factor(double value) {
        return new ReduceLROnPlateau(monitor, patience, value, minDelta, cooldown, least, minLr);
    }

    /** Returns one for which only what is better by more than this counts as better. */
    public ReduceLROnPlateau minDelta(double value) {
        return new ReduceLROnPlateau(monitor, patience, factor, value, cooldown, least, minLr);
    }

    /** Returns one that does not count for so many epochs after it has reduced the learning rate. */
    public ReduceLROnPlateau cooldown(int epochs) {
        return new ReduceLROnPlateau(monitor, patience, factor, minDelta, epochs, least, minLr);
    }

    /** Returns one that never multiplies the scheduled learning rate by less than this in all, from 0 to 1. */
    public ReduceLROnPlateau least(double value) {
        return new ReduceLROnPlateau(monitor, patience, factor, minDelta, cooldown, value, minLr);
    }

    /** Returns one that makes the learning rate no smaller than this, where the schedule does not either; 0 unless set. */
    public ReduceLROnPlateau minLr(double value) {
        return new ReduceLROnPlateau(monitor, patience, factor, minDelta, cooldown, least, value);
    }

    @Override
    public Set<String> monitored() {
        return Set.of(monitor.name());
    }

    @Override
    public double learningRateFactor() {
        return reduced;
    }

    @Override
    public void onEpochEnd(Trainer trainer, EpochResult result) {
        double value = monitor.of(result);
        if (monitor.isBetter(value, best, minDelta)) {
            best = value;
            waited = 0;
        } else {
            waited++;
        }
        if (cooling > 0) {
            cooling--;
            waited = 0;
        }
        if (waited > patience) {
            reduced = Math.max(reduced * factor, Math.max(least, leastBy(trainer)));
            cooling = cooldown;
            waited = 0;
        }
    }

    /** Returns what {@link #minLr} lets the learning rate be multiplied by at least: never more than now. */
    private double leastBy(Trainer trainer) {
        return minLr == 0 ? 0 : Math.min(reduced, reduced * minLr / trainer.learningRate());
    }

    private String settings() {
        return monitor + " patience=" + patience + " factor=" + factor + " min_delta=" + minDelta + " cooldown="
                + cooldown + " least=" + least + (minLr > 0 ? " min_lr=" + minLr : "");
    }

    @Override
    public Map<String, String> state() {
        Map<String, String> state = new LinkedHashMap<>();
        state.put(SETTINGS, settings());
        state.put(BEST, Double.toString(best));
        state.put(WAITED, Integer.toString(waited));
        state.put(COOLING, Integer.toString(cooling));
        state.put(REDUCED, Double.toString(reduced));
        return state;
    }

    @Override
    public void restore(Map<String, String> state) {
        SavedState saved = new SavedState(name(), state);
        saved.requireSame(SETTINGS, settings(), "");
        double savedBest = saved.number(BEST, monitor.worst());
        int savedWaited = saved.count(WAITED);
        int savedCooling = saved.count(COOLING);
        double savedReduced = saved.number(REDUCED, 1);
        if (!(savedReduced >= 0 && savedReduced <= 1)) {
            throw saved.wrong(REDUCED, null);
        }
        best = savedBest;
        waited = savedWaited;
        cooling = savedCooling;
        reduced = savedReduced;
    }
}
